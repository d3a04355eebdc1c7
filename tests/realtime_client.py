"""A client that believes nothing: it checks that the events of a realtime session are what its dialect allows, one by one."""

import base64
from typing import Any

HEARD = "conversation.item.input_audio_transcription"
_ENDS = ("output_item.added", "content_part.added", "words.done", "content_part.done", "output_item.done", "done")


class RealtimeClient:
    """What has come so far. `see` raises `AssertionError` at the first event that may not come now."""

    def __init__(self, model: str) -> None:
        self.flat = "translate" in model and "livetranslate" not in model
        self.grows = self.flat or "3.8" in model
        self.announces = not self.flat and not model.startswith("qwen3-")
        self.last = "session.closed" if self.flat else "session.finished"
        self.kinds: list[str] = []
        self.ids: set[str] = set()
        self.items: dict[str, str | None] = {}
        self.open: dict[str, Any] | None = None
        self.responses: set[str] = set()
        self.heard: dict[str, str] = {}
        self.completed: set[str] = set()
        self.speaking = 0
        self.over = False

    def see(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            assert not self.over, f"{event['type']} after {self.last}"
            assert event["event_id"] not in self.ids
            self.ids.add(event["event_id"])
            self.kinds.append(event["type"])
            self._take(event["type"], event)

    def closed(self) -> None:
        """Nothing may be left open."""
        assert self.over
        assert self.open is None
        assert self.speaking == 0

    def _take(self, kind: str, event: dict[str, Any]) -> None:
        if kind in ("session.created", "session.updated", "error"):
            assert kind != "error" or event["error"]["message"]
        elif kind == self.last:
            self.over = True
        elif self.flat:
            assert kind in ("session.input_transcript.delta", "session.output_transcript.delta", "session.output_audio.delta")
            assert event["delta"]
            assert event["elapsed_ms"] % 200 == 0
        elif kind.startswith("input_audio_buffer."):
            self._buffer(kind, event)
        elif kind == "conversation.item.created":
            self._item(event)
        elif kind.startswith(HEARD):
            self._transcript(kind, event)
        else:
            assert kind.startswith("response."), kind
            self._response(kind, event)

    def _buffer(self, kind: str, event: dict[str, Any]) -> None:
        if kind.endswith(("started", "stopped")):
            assert self.announces
            self.speaking += 1 if kind.endswith("started") else -1
            assert self.speaking in (0, 1)
            assert event["audio_start_ms" if kind.endswith("started") else "audio_end_ms"] >= 0
        else:
            assert kind in ("input_audio_buffer.committed", "input_audio_buffer.cleared")

    def _item(self, event: dict[str, Any]) -> None:
        item = event["item"]["id"]
        assert item not in self.items
        self.items[item] = event.get("previous_item_id")
        if self.open and item == self.open["item"]:
            assert event["previous_item_id"] in self.items
            assert self.open["place"] == "output_item.added"

    def _transcript(self, kind: str, event: dict[str, Any]) -> None:
        item = event["item_id"]
        assert item not in self.completed, "a transcript goes on after its end"
        before = self.heard.get(item, "")
        if kind.endswith(".delta"):
            assert self.grows
            assert event["delta"]
            self.heard[item] = before + event["delta"]
        elif kind.endswith(".text"):
            assert not self.grows
            assert event["text"].startswith(before)
            self.heard[item] = event["text"]
        else:
            if kind.endswith(".completed"):
                assert event["transcript"] == before
            self.completed.add(item)

    def _response(self, kind: str, event: dict[str, Any]) -> None:
        if kind == "response.created":
            assert self.open is None, "two responses at once"
            response = event["response"]
            assert response["id"] not in self.responses
            self.responses.add(response["id"])
            spoken = "audio" in response["modalities"]
            self.open = {"id": response["id"], "place": "created", "said": "", "spoken": spoken, "pcm": 0, "silent": False}
            return
        assert self.open is not None, f"{kind} outside of a response"
        assert event.get("response_id", event.get("response", {}).get("id")) == self.open["id"]
        if "item_id" in event:
            assert event["item_id"] == self.open["item"]
        words = "response.audio_transcript" if self.open["spoken"] else "response.text"
        if kind in (f"{words}.text", f"{words}.delta"):
            self._words(event)
        elif kind in ("response.audio.delta", "response.audio.done"):
            assert self.open["spoken"]
            assert not self.open["silent"]
            if kind.endswith("delta"):
                assert len(base64.b64decode(event["delta"], validate=True)) % 2 == 0
                self.open["pcm"] += len(base64.b64decode(event["delta"]))
            else:
                self.open["silent"] = True
        else:
            self._end(kind.removeprefix("response.") if not kind.startswith(words) else "words.done", event)

    def _words(self, event: dict[str, Any]) -> None:
        assert self.open is not None
        assert self.open["place"] == "content_part.added"
        if self.grows:
            assert event["delta"]
            self.open["said"] += event["delta"]
        else:
            assert event["text"].startswith(self.open["said"])
            self.open["said"] = event["text"]

    def _end(self, name: str, event: dict[str, Any]) -> None:
        assert self.open is not None
        order = ("created", *_ENDS)
        assert order.index(name) == order.index(self.open["place"]) + 1, f"{name} after {self.open['place']}"
        self.open["place"] = name
        said = self.open["said"]
        if name == "output_item.added":
            self.open["item"] = event["item"]["id"]
            assert self.open["item"] not in self.items
        elif name == "words.done":
            assert event["transcript" if self.open["spoken"] else "text"] == said
        elif name == "content_part.done":
            assert event["part"]["text"] == said
            assert self.open["silent"] == self.open["spoken"]
        elif name == "output_item.done":
            assert event["item"]["content"][0]["text"] == said
        elif name == "done":
            self._done(event["response"])

    def _done(self, response: dict[str, Any]) -> None:
        assert self.open is not None
        assert response["status"] in ("completed", "incomplete", "failed")
        (output,) = response["output"]
        assert output["id"] == self.open["item"]
        assert self.open["said"] in output["content"][0].values()
        usage = response["usage"]
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        for side in ("input", "output"):
            assert usage[f"{side}_tokens"] == sum(usage[f"{side}_tokens_details"].values())
        tokens = usage["output_tokens_details"].get("audio_tokens", 0)
        assert bool(tokens) == bool(self.open["pcm"])
        self.open = None
