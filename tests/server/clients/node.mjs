// The OpenAI SDK for Node, used as the model's guide does: the Base64 of all chunks joined, then decoded once.
import OpenAI from "openai";
import { readFileSync } from "node:fs";

const client = new OpenAI({ apiKey: process.env.API_KEY, baseURL: process.env.BASE_URL });
const completion = await client.chat.completions.create({
  model: "qwen3-livetranslate-flash",
  messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: readFileSync(0, "utf8"), format: "wav" } }] }],
  modalities: ["text", "audio"],
  audio: { voice: "Cherry", format: "wav" },
  stream: true,
  stream_options: { include_usage: true },
  translation_options: { source_lang: "en", target_lang: "es" },
});
let audio = "", text = "", usage = null;
for await (const chunk of completion) {
  if (chunk.choices && chunk.choices.length > 0) {
    const delta = chunk.choices[0].delta;
    if (delta.audio?.data) audio += delta.audio.data;
    if (delta.content) text += delta.content;
  } else {
    usage = chunk.usage;
  }
}
console.log(JSON.stringify({ text, bytes: Buffer.from(audio, "base64").length, usage: usage?.total_tokens ?? null }));
