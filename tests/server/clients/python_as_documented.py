"""The way that the model's guide reads a stream with the OpenAI SDK for Python before 3.23: audio as an extra of the delta."""

# The newest SDK has other types.
# mypy: ignore-errors

import base64
import json
import os
import sys

from openai import OpenAI

client = OpenAI(api_key=os.environ["API_KEY"], base_url=os.environ["BASE_URL"])
completion = client.chat.completions.create(
    model="qwen3-livetranslate-flash",
    messages=[
        {
            "role": "user",
            "content": [{"type": "input_audio", "input_audio": {"data": sys.stdin.read(), "format": "wav"}}],
        }
    ],
    modalities=["text", "audio"],
    audio={"voice": "Cherry", "format": "wav"},
    stream=True,
    stream_options={"include_usage": True},
    extra_body={"translation_options": {"source_lang": "en", "target_lang": "es"}},
)
audio_string, text, usage = "", "", None
for chunk in completion:
    if chunk.choices:
        if hasattr(chunk.choices[0].delta, "audio"):
            audio_string += chunk.choices[0].delta.audio["data"]
        else:
            text += chunk.choices[0].delta.content
    else:
        usage = chunk.usage
print(json.dumps({"text": text, "bytes": len(base64.b64decode(audio_string)), "usage": usage and usage.total_tokens}))
