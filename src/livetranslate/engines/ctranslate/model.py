"""One translation model on CTranslate2: loaded, and asked for many sentences at once, whose words come as they are decided."""

from pathlib import Path
from typing import Any

from livetranslate.engines.batches import Job
from livetranslate.engines.ctranslate.families import Asked, Family, asked, is_word
from livetranslate.errors import EngineError

_SPACE = "▁"
_BROKEN = "\ufffd"
_SOURCES = ("source.spm", "sentencepiece.bpe.model", "spiece.model", "sentencepiece.model")


class Model:
    """A folder with `model.bin` and a SentencePiece model; `how` goes to the library.

    A `beam` of 1 gives words as they are decided, more of them better sentences at their end.
    """

    def __init__(self, folder: Path, family: Family, *, beam: int, most_tokens: int, how: dict[str, Any]) -> None:
        self._folder, self._family = folder, family
        self._beam, self._most_tokens, self._how = beam, most_tokens, how
        self._translator: Any = None
        self._source: Any = None
        self._target: Any = None

    def load(self) -> None:
        """Loads the weights; raises `EngineError` in one sentence for what is not there."""
        source = next((self._folder / name for name in _SOURCES if (self._folder / name).is_file()), None)
        if source is None or not (self._folder / "model.bin").is_file():
            raise EngineError("The engine 'ctranslate' has no model.bin or no SentencePiece model in its folder.")
        import ctranslate2
        from sentencepiece import SentencePieceProcessor

        target = self._folder / "target.spm"
        try:
            self._translator = ctranslate2.Translator(str(self._folder), inter_threads=1, **self._how)
            self._source = SentencePieceProcessor(model_file=str(source))
            self._target = SentencePieceProcessor(model_file=str(target)) if target.is_file() else self._source
        except Exception:  # the libraries raise their own and plain ones for files that are not what they should be
            raise EngineError("The engine 'ctranslate' cannot load its model.") from None

    def free(self) -> None:
        """Gives the memory back."""
        self._translator = self._source = self._target = None

    def asked(self, sentence: str, source: str, target: str) -> Asked:
        """A sentence in the model's tokens."""
        return asked(self._family, self._source.encode(sentence, out_type=str), source, target)

    def translate(self, jobs: list[Job[Asked, str]]) -> None:
        """One batch, in a thread: words are put as soon as the next one begins. Several languages may be in it."""
        tellers = [_Teller(job, self._target) for job in jobs]

        def step(result: Any) -> bool:
            left: bool = tellers[result.batch_id].token(str(result.token))
            return left

        results = self._translator.translate_batch(
            [job.item.tokens for job in jobs],
            target_prefix=[job.item.prefix or None for job in jobs] if any(job.item.prefix for job in jobs) else None,
            beam_size=self._beam,
            max_decoding_length=self._most_tokens,
            callback=step if self._beam == 1 else None,
        )
        for teller, result in zip(tellers, results, strict=True):
            teller.whole(result.hypotheses[0])


class _Teller:
    """Puts one sentence's words together."""

    def __init__(self, job: Job[Asked, str], pieces: Any) -> None:
        self._job, self._pieces = job, pieces
        self._tokens: list[str] = []
        self._told = ""

    def token(self, token: str) -> bool:
        """One more token; whether to stop."""
        if is_word(token):
            if self._tokens and token.startswith(_SPACE):
                self._tell()
            self._tokens.append(token)
        return bool(self._job.left)

    def whole(self, tokens: list[str]) -> None:
        """The whole sentence, after which nothing comes."""
        self._tokens = [token for token in tokens if is_word(token)]
        self._tell()

    def _tell(self) -> None:
        text = self._pieces.decode(self._tokens)
        if text.startswith(self._told) and not text.endswith(_BROKEN) and len(text) > len(self._told):
            self._job.put(text[len(self._told) :])
            self._told = text
