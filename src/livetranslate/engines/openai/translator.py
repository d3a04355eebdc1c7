"""Text to text by a model behind chat completions, which may look at what was on screen."""

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from typing import Any, Self, get_args

from livetranslate.catalog import LANGUAGES
from livetranslate.engines import Context, EngineInfo
from livetranslate.engines.openai.prompts import Style, messages
from livetranslate.engines.upstream import Upstream
from livetranslate.engines.upstream.chat import converse, pictures
from livetranslate.events import Options
from livetranslate.streams import Stream

_THOUGHT, _THOUGHT_END = "<think>", "</think>"


class OpenAITranslator:
    """Translates by any server of chat completions: vLLM, SGLang, llama-server, Ollama, a cloud.

    `style` is how the model is asked: "instruct" for models that follow instructions, "hy-mt2" for Tencent's translators,
    "bare" for those that translate whatever they are sent. `images` is how many frames of what was on screen a request may
    show; 0 for models that do not see. `sampling` passes on what the request says of temperature and the like; `extra` is added
    to each request, such as `{chat_template_kwargs = {enable_thinking = false}}`. `most_tokens` bounds an answer.

    What is left of the settings is the server's: see Upstream.
    """

    def __init__(
        self, *, url: str = "http://127.0.0.1:8000/v1", model: str = "", style: Style = "instruct", images: int = 0,
        languages: Iterable[str] = (), sampling: bool = True, most_tokens: int = 1024, extra: Mapping[str, Any] | None = None,
        licence: str = "", **server: Any,
    ) -> None:  # fmt: skip
        if style not in get_args(Style):
            raise ValueError(style)
        self._upstream = Upstream(url, **server)
        self._model, self._style, self._images = model, style, images
        self._sampling, self._most_tokens, self._extra = sampling, most_tokens, dict(extra or {})
        known = frozenset(languages or LANGUAGES)
        self.info = EngineInfo("openai-translator", model, reads=known, writes=known, licence=licence, sees_images=images > 0,
            takes_glossary=style != "bare",
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        await self._upstream.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._upstream.__aexit__(*exc)

    async def translate(self, text: str, options: Options, context: Context) -> Stream[str]:
        """The translation as the model writes it; what it thinks aloud before is left out."""
        body = {
            "model": self._model,
            "messages": messages(self._style, text, options, context, pictures(context.images, self._images)),
            "max_tokens": min(options.max_tokens, self._most_tokens),
            **(sampled(options) if self._sampling else {}),
            **self._extra,
        }
        thoughts = _Thoughts()
        async with aclosing(converse(self._upstream, body)) as pieces:
            async for piece in pieces:
                if said := thoughts.without(piece.text):
                    yield said
        if said := thoughts.rest():
            yield said


def sampled(options: Options) -> dict[str, Any]:
    """How words are chosen, in the names that all servers know."""
    sampling = options.sampling
    seed = {} if sampling.seed is None else {"seed": sampling.seed}
    return {"temperature": sampling.temperature, "top_p": sampling.top_p, **seed}


class _Thoughts:
    """Leaves out a block of thoughts at the beginning of an answer, wherever its marks are cut."""

    def __init__(self) -> None:
        self._held: str | None = ""
        self._thinking = False

    def without(self, piece: str) -> str:
        """What of the answer can be said."""
        if self._held is None:
            return piece
        self._held += piece
        if not self._thinking:
            start = self._held.lstrip()
            self._thinking = start.startswith(_THOUGHT)
            if not self._thinking:
                return "" if _THOUGHT.startswith(start) else self.rest()
        _, ended, said = self._held.partition(_THOUGHT_END)
        if not ended:
            return ""
        self._held, self._thinking = said, False
        return self._trimmed()

    def _trimmed(self) -> str:
        said = (self._held or "").lstrip()
        self._held = None if said else ""
        return said

    def rest(self) -> str:
        """What is left; unfinished thoughts are not said."""
        held, self._held = self._held, None
        return "" if self._thinking or not held else held
