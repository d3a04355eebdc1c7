"""A realtime session with the DashScope SDK for Python, whose address, model and settings come by environment."""

# The SDK is not among the project's own packages.
# mypy: ignore-errors

import base64
import json
import os
import sys
import time

from dashscope.audio.qwen_omni import MultiModality, OmniRealtimeCallback, OmniRealtimeConversation
from dashscope.audio.qwen_omni.omni_realtime import TranslationParams


class Heard(OmniRealtimeCallback):
    """Keeps every event."""

    def __init__(self):
        self.events = []

    def on_event(self, message):
        self.events.append(message)


heard = Heard()
conversation = OmniRealtimeConversation(
    model=os.environ["MODEL"],
    callback=heard,
    url=os.environ["BASE_URL"].replace("http", "ws").replace("/compatible-mode/v1", "/api-ws/v1/realtime"),
    api_key=os.environ["API_KEY"],
    workspace="ws-1",
)
conversation.connect()
manual = os.environ["MANUAL"] == "yes"
conversation.update_session(
    output_modalities=[MultiModality.TEXT, MultiModality.AUDIO],
    enable_turn_detection=not manual,
    translation_params=TranslationParams(language="es", corpus=TranslationParams.Corpus(phrases={"bread": "pan"})),
)
pcm = base64.b64decode(sys.stdin.read().partition(",")[2])[44:]
for start in range(0, len(pcm), 3200):
    conversation.append_audio(base64.b64encode(pcm[start : start + 3200]).decode())
if manual:
    conversation.commit()
    while not any(event["type"] == "response.done" for event in heard.events):
        time.sleep(0.05)
conversation.end_session(timeout=30)
conversation.close()
done = [event["response"] for event in heard.events if event["type"] == "response.done"]
print(
    json.dumps(
        {
            "kinds": [event["type"] for event in heard.events],
            "said": [part["transcript"] for response in done for part in response["output"][0]["content"]],
            "tokens": sum(response["usage"]["total_tokens"] for response in done),
            "session": conversation.get_session_id(),
            "response": conversation.get_last_response_id(),
            "first_audio": conversation.get_last_first_audio_delay(),
        }
    )
)
