"""Checkpoints in the true formats, made in a moment and without any training library: small models with known answers."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np

_LANGUAGES = """ en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi
ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo
ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue
"""
WHISPER_LANGUAGES = _LANGUAGES.split()
_WIDTH, _MELS = 64, 80


def _fill(spec: Any, shapes: dict[str, tuple[int, ...]], random: np.random.Generator) -> None:
    """Gives every weight of a part that has none yet: norms are the identity, the rest is small noise."""
    for name, shape in shapes.items():
        kind = name.rpartition(".")[2]
        part = spec
        for step in name.split(".")[:-1]:
            part = part[int(step)] if step.isdigit() else getattr(part, step)
        value = (
            np.ones(shape) if kind == "gamma" else np.zeros(shape) if kind in ("beta", "bias") else random.normal(0, 0.02, shape)
        )
        setattr(part, kind, value.astype(np.float32))


def _layer(prefix: str, width: int, inner: int, *, cross: bool) -> dict[str, tuple[int, ...]]:
    def norm(name: str) -> dict[str, tuple[int, ...]]:
        return {f"{prefix}.{name}.gamma": (width,), f"{prefix}.{name}.beta": (width,)}

    def linear(name: str, out: int, into: int) -> dict[str, tuple[int, ...]]:
        return {f"{prefix}.{name}.weight": (out, into), f"{prefix}.{name}.bias": (out,)}

    shapes = {
        **norm("self_attention.layer_norm"),
        **linear("self_attention.linear.0", 3 * width, width),
        **linear("self_attention.linear.1", width, width),
        **norm("ffn.layer_norm"),
        **linear("ffn.linear_0", inner, width),
        **linear("ffn.linear_1", width, inner),
    }
    if cross:
        shapes |= {
            **norm("attention.layer_norm"),
            **linear("attention.linear.0", width, width),
            **linear("attention.linear.1", 2 * width, width),
            **linear("attention.linear.2", width, width),
        }
    return shapes


def _tokens(corpus: list[str]) -> Any:
    """Whisper's tokenizer with a small vocabulary: the empty token before the special ones marks it as multilingual."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=400, initial_alphabet=letters, show_progress=False))
    whole = json.loads(tokenizer.to_str())
    vocabulary = whole["model"]["vocab"]
    for number in range(len(vocabulary), 511):
        vocabulary[f"<unused{number}>"] = number
    vocabulary[""] = 511
    tokenizer = Tokenizer.from_str(json.dumps(whole))
    special = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in WHISPER_LANGUAGES), "<|translate|>"]
    special += ["<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    tokenizer.add_special_tokens([AddedToken(each, special=True, normalized=False) for each in special])
    tokenizer.add_tokens([AddedToken(f"<|{step * 0.02:.2f}|>", special=False, normalized=False) for step in range(1501)])
    return tokenizer


def make_whisper(folder: Path, text: str, language: str = "en") -> Path:
    """A Whisper for CTranslate2 that says `text` in `language`, whatever it hears: its decoder is a table of positions."""
    from ctranslate2.specs.whisper_spec import WhisperSpec

    random = np.random.default_rng(0)
    tokenizer = _tokens([text])
    size = tokenizer.get_vocab_size()
    token = tokenizer.token_to_id
    spec = WhisperSpec(1, 4, 1, 4)
    _fill(spec, {
        "encoder.conv1.weight": (_WIDTH, _MELS, 3), "encoder.conv1.bias": (_WIDTH,), "encoder.conv2.weight": (_WIDTH, _WIDTH, 3),
        "encoder.conv2.bias": (_WIDTH,), "encoder.position_encodings.encodings": (1500, _WIDTH),
        "encoder.layer_norm.gamma": (_WIDTH,), "encoder.layer_norm.beta": (_WIDTH,),
        **_layer("encoder.layer.0", _WIDTH, 128, cross=False),
        "decoder.layer_norm.gamma": (_WIDTH,), "decoder.layer_norm.beta": (_WIDTH,),
        **_layer("decoder.layer.0", _WIDTH, 128, cross=True),
    }, random)  # fmt: skip
    layer = spec.decoder.layer[0]
    for part in (layer.self_attention.linear[1], layer.attention.linear[2], layer.ffn.linear_1):
        part.weight[:] = 0.0  # what the layers would add; the table alone speaks
    embeddings = random.normal(0, 1, (size, _WIDTH)).astype(np.float32)
    embeddings *= 8 / np.linalg.norm(embeddings, axis=1, keepdims=True)
    # Positions of the prompt: start, language, task, no timestamps; each says what comes next.
    says = [token(f"<|{language}|>"), token("<|transcribe|>"), token("<|notimestamps|>")]
    says += [*tokenizer.encode(text, add_special_tokens=False).ids]
    table = [4 * embeddings[each] for each in says] + [4 * embeddings[token("<|endoftext|>")]] * (448 - len(says))
    spec.decoder.embeddings.weight = embeddings
    spec.decoder.projection.weight = embeddings
    spec.decoder.projection.bias = np.zeros(size, np.float32)
    spec.decoder.position_encodings.encodings = np.stack(table).astype(np.float32)
    words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    spec.register_vocabulary([word for word, _ in words])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [token("<|endoftext|>")]
    spec.config.lang_ids = [token(f"<|{code}|>") for code in WHISPER_LANGUAGES]
    spec.config.alignment_heads = [(0, head) for head in range(4)]
    folder.mkdir(parents=True, exist_ok=True)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"feature_size": _MELS, "sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def make_translator(folder: Path, phrases: dict[str, str], marks: dict[str, str]) -> Path:
    """A translator for CTranslate2 that answers the mark of a language with that language's phrase, word after word.

    Each word of a phrase leads to the next, so no word may stand in two phrases or twice in one. The mark is the first token of
    the answer (M2M100, NLLB), or there is one phrase alone, under the mark `</s>`, which every answer follows (MADLAD, Marian).
    """
    import io

    from ctranslate2.specs import transformer_spec
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    sentences = [*phrases.values(), "some other words to read"]
    words = sorted({word for sentence in sentences for word in sentence.split()})
    SentencePieceTrainer.train(
        sentence_iterator=iter(sentences * 10), model_writer=model, model_type="word", vocab_size=len(words) + 3, minloglevel=2
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sentencepiece.bpe.model").write_bytes(model.getvalue())
    follows: dict[str, str] = {}
    for code, phrase in phrases.items():
        chain = [marks[code], *(f"▁{word}" for word in phrase.split()), "</s>"]
        for token, after in itertools.pairwise(chain):
            assert token not in follows, f"{token} stands in two places"
            follows[token] = after
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *(f"▁{word}" for word in words)]
    vocabulary += [mark for mark in marks.values() if mark not in vocabulary]
    random, size, width = np.random.default_rng(0), len(vocabulary), 256
    spec = transformer_spec.TransformerSpec.from_config(1, 4)
    _fill(spec, {
        **_layer("encoder.layer.0", width, 64, cross=False), **_layer("decoder.layer.0", width, 64, cross=True),
        **{f"{side}.layer_norm.{part}": (width,) for side in ("encoder", "decoder") for part in ("gamma", "beta")},
        "encoder.embeddings.0.weight": (size, width),
    }, random)  # fmt: skip
    layer = spec.decoder.layer[0]
    for part in (layer.self_attention.linear[1], layer.attention.linear[2], layer.ffn.linear_1):
        part.weight[:] = 0.0
    embeddings, _ = np.linalg.qr(random.normal(0, 1, (width, size)))
    embeddings = embeddings.T.astype(np.float32)
    spec.decoder.embeddings.weight = embeddings
    projection = np.zeros((size, width), np.float32)
    for token, after in follows.items():
        projection[vocabulary.index(after)] += 20 * embeddings[vocabulary.index(token)]
    spec.decoder.projection.weight = projection
    spec.decoder.projection.bias = np.zeros(size, np.float32)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = np.zeros((512, width), np.float32)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.decoder_start_token = "</s>"
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    return folder


def make_random_translator(folder: Path, *, layers: int, width: int, heads: int, inner: int, vocabulary: int) -> Path:
    """A translator for CTranslate2 of a true shape with random weights, which says nothing sensible: for measuring speed."""
    import io

    from ctranslate2.specs import transformer_spec
    from sentencepiece import SentencePieceTrainer

    model, letters = io.BytesIO(), "the quick brown fox jumps over a lazy dog and runs away"
    SentencePieceTrainer.train(
        sentence_iterator=iter([letters] * 20), model_writer=model, model_type="word", vocab_size=15, minloglevel=2
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sentencepiece.bpe.model").write_bytes(model.getvalue())
    words = ["<s>", "<pad>", "</s>", "<unk>", *(f"▁{word}" for word in letters.split())]
    words += [f"▁w{number}" for number in range(vocabulary - len(words))]
    random = np.random.default_rng(0)
    spec = transformer_spec.TransformerSpec.from_config(layers, heads)
    shapes: dict[str, tuple[int, ...]] = {"encoder.embeddings.0.weight": (vocabulary, width)}
    for side in ("encoder", "decoder"):
        shapes |= {f"{side}.layer_norm.{part}": (width,) for part in ("gamma", "beta")}
        for number in range(layers):
            shapes |= _layer(f"{side}.layer.{number}", width, inner, cross=side == "decoder")
    _fill(spec, shapes, random)
    shared = spec.encoder.embeddings[0].weight
    spec.decoder.embeddings.weight = spec.decoder.projection.weight = shared
    spec.decoder.projection.bias = np.zeros(vocabulary, np.float32)
    spec.decoder.projection.bias[words.index("</s>")] = -1e4  # every answer goes to its limit
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = random.normal(0, 0.02, (512, width)).astype(np.float32)
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.config.decoder_start_token = "</s>"
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    return folder
