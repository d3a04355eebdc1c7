"""Sound to cepstra, as the acoustic model that ships with pocketsphinx was trained on them, a whole utterance at a time.

The library's own front end gives the same numbers, but hides them. Having them here, an utterance is normalized over its whole
length before the search begins, which then goes piece by piece; and it is seen on several scales of frequency, so that the one
that suits the speaker can be chosen.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from livetranslate.media import HEARING_RATE

Array = npt.NDArray[np.float64]

# What the model's feat.params says, and the library's defaults for what it leaves out.
CEPSTRA = 13
FRAME_RATE = 100
_STEP = HEARING_RATE // FRAME_RATE
_FRAME = 410
_FFT = 512
_FILTERS = 25
_LOWEST, _HIGHEST = 130.0, 6800.0
_LIFTER = 22
_EMPHASIS = 0.97
_FLOOR = 1e-4

_DITHER = 2.0
"""Noise of so many steps of 16 bits is added: digital silence has no spectrum, and its logarithm would drown the mean."""


def _mel(hertz: Array | float) -> Array:
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hertz) / 700.0))


def _hertz(mel: Array) -> Array:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))


SCALES = tuple(round(1.0 + 0.04 * step, 2) for step in range(-4, 5))
"""How the frequencies between the outermost filters are stretched; 1 is the model's own scale."""


def _bank(scale: float) -> Array:
    """Triangular filters of equal area on the mel scale; a row for each, a column for each line of the spectrum."""
    line = HEARING_RATE / _FFT
    corners = _hertz(np.linspace(_mel(_LOWEST * scale), _mel(_HIGHEST * scale), _FILTERS + 2)) / scale
    if scale == 1.0:  # the model's own corners are lines of the spectrum
        corners = np.floor(corners / line + 0.5) * line
    lines = np.arange(_FFT // 2 + 1) * line
    low, middle, high = (corners[i : i + _FILTERS, None] for i in range(3))
    slopes = np.minimum((lines - low) / (middle - low), (high - lines) / (high - middle))
    return np.asarray(np.clip(slopes, 0.0, None) * 2.0 / (high - low))


@cache
def _banks() -> Array:
    """The filters of all scales side by side, a column for each."""
    return np.concatenate([_bank(scale) for scale in SCALES]).T


@cache
def _cosines() -> Array:
    """The orthonormal cosine transform with the lifter in it."""
    order = np.arange(CEPSTRA)[:, None]
    table = np.cos(np.pi / _FILTERS * order * (np.arange(_FILTERS) + 0.5)) * np.sqrt(2.0 / _FILTERS)
    table[0] /= np.sqrt(2.0)
    return np.asarray(table * (1.0 + _LIFTER / 2.0 * np.sin(order * np.pi / _LIFTER)))


def _spectra(samples: Array) -> Array:
    """The power by frame, scale and filter; the last frame is filled up with silence."""
    sharp = samples.copy()
    sharp[1:] -= _EMPHASIS * samples[:-1]
    count = 1 + max(0, -(-(len(sharp) - _FRAME) // _STEP))
    sharp = np.pad(sharp, (0, max(0, (count - 1) * _STEP + _FRAME - len(sharp))))
    frames = np.lib.stride_tricks.sliding_window_view(sharp, _FRAME)[::_STEP][:count]
    window = 0.54 - 0.46 * np.cos(2.0 * np.pi * np.arange(_FRAME) / (_FRAME - 1))
    spectrum = np.fft.rfft(frames * window, _FFT)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) @ _banks()).reshape(count, len(SCALES), _FILTERS)


_SMOOTHING = 0.7  # of the power over time
_RISE, _FALL = 0.995, 0.5  # how slowly a floor follows power above and below it
_MASK, _MASKED = 0.85, 0.2  # how long a peak hides what comes after it, and what is left of that
_DEEPEST = 20.0  # nothing is turned down by more
_NEIGHBOURS = 4  # filters on each side that share a gain


def _follow(floor: Array, power: Array) -> Array:
    pace = np.where(power >= floor, _RISE, _FALL)
    return np.asarray(pace * floor + (1.0 - pace) * power)


def _without_noise(spectra: Array) -> Array:
    """Turns down what is steady (minimum tracking) and what a peak just hid; the model was trained on such sound."""
    gains = np.empty_like(spectra)
    power = spectra[0]
    noise = floor = power / _DEEPEST
    peak = np.zeros_like(power)
    for row, now in zip(gains, spectra, strict=True):
        power = _SMOOTHING * power + (1.0 - _SMOOTHING) * now
        noise = _follow(noise, power)
        signal = np.maximum(power - noise, 1.0)
        floor = _follow(floor, signal)
        peak = peak * _MASK
        heard = np.where(signal < _MASK * peak, peak * _MASKED, signal)
        peak = np.maximum(peak, signal)
        row[:] = np.clip(np.maximum(heard, floor) / power, 1.0 / _DEEPEST, _DEEPEST)
    return spectra * _shared(gains)


def _shared(gains: Array) -> Array:
    """Each filter's gain averaged with its neighbours'."""
    sums = np.cumsum(np.pad(gains, ((0, 0), (0, 0), (1, 0))), axis=-1)
    filters = np.arange(_FILTERS)
    first = np.maximum(filters - _NEIGHBOURS, 0)
    last = np.minimum(filters + _NEIGHBOURS + 1, _FILTERS)
    return np.asarray((sums[..., last] - sums[..., first]) / (last - first))


def cepstra(pcm: bytes) -> Array:
    """The cepstra of an utterance by frame (a hundredth of a second) and scale, less their mean over the utterance."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    if not len(samples):
        return np.zeros((0, len(SCALES), CEPSTRA))
    samples += np.random.default_rng(len(samples)).uniform(-_DITHER, _DITHER, len(samples))
    found = np.log(np.maximum(_without_noise(_spectra(samples)), _FLOOR)) @ _cosines().T
    return np.asarray(found - found.mean(axis=0))
