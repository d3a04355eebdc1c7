"""The billing rules, against the seed's figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.tokens import audio_tokens, samples_within, text_tokens, text_within


@pytest.mark.parametrize(
    ("seconds", "tokens"), [(0, 0), (0.001, 13), (0.6, 13), (1, 13), (10, 125), (15.28, 191), (33.2, 415), (3932.16, 49152)]
)
def test_audio(seconds: float, tokens: int) -> None:
    assert audio_tokens(round(seconds * 16_000), 16_000) == tokens


@given(tokens=st.integers(0, 60_000), rate=st.sampled_from([8_000, 16_000, 24_000, 44_100]))
def test_samples_within_is_the_inverse(tokens: int, rate: int) -> None:
    samples = samples_within(tokens, rate)
    assert audio_tokens(samples, rate) <= tokens
    assert audio_tokens(samples + 1, rate) > tokens


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("Hello world.", 3), ("你好", 2), ("internationalization", 4), ("42 cats", 3), ("a_b", 3)]
)
def test_text(text: str, tokens: int) -> None:
    assert text_tokens(text) == tokens


@given(text=st.text(max_size=40), more=st.text(max_size=10))
def test_text_tokens_never_fall(text: str, more: str) -> None:
    assert text_tokens(text + more) >= text_tokens(text)


@given(text=st.text(alphabet="ab 你1.,é", max_size=60), tokens=st.integers(0, 40))
def test_text_within_is_the_longest_that_fits(text: str, tokens: int) -> None:
    part = text_within(text, tokens)
    assert text.startswith(part)
    assert text_tokens(part) <= tokens
    if part != text:
        assert text_tokens(text[: len(part) + 1]) > tokens
