"""How long a sound is by its packets, none of them decoded."""

import re
from typing import Any

# Names of FFmpeg's. A stream in any other codec is not even tried.
CODECS = (
    "aac", "aac_latm", "ac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "adpcm_swf", "adpcm_yamaha", "alac", "amrnb",
    "amrwb", "ape", "dca", "eac3", "flac", "g722", "g726", "gsm", "gsm_ms", "libopencore_amrnb", "libopus", "mp1",
    "mp1float", "mp2", "mp2float", "mp3", "mp3float", "nellymoser", "opus", "pcm_alaw", "pcm_f32be", "pcm_f32le",
    "pcm_f64be", "pcm_f64le", "pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le",
    "pcm_s8", "pcm_u8", "speex", "tta", "vorbis", "wavpack", "wmalossless", "wmapro", "wmav1", "wmav2", "wmavoice",
)  # fmt: skip

_LONGEST_PACKET_SECONDS = 10.0
"""A packet that says it is longer is not believed; some files of Vorbis end with one."""
_SAMPLE_BYTES = {
    name: int(bits[0]) // 8 if (bits := re.search("[0-9]+", name)) else 1 for name in CODECS if name.startswith("pcm_")
}


class Tally:
    """Counts packets: their bytes if those are plain samples, their number if each holds as many samples, else their times.

    Of number and times the shorter counts, too: a stream's rate may be told for twice the samples that a packet is said to hold.
    """

    def __init__(self, stream: Any) -> None:
        context = stream.codec_context
        self._rate = context.sample_rate
        self._base = float(stream.time_base)
        self._frame_size = context.frame_size
        self._sample_bytes = context.channels * _SAMPLE_BYTES.get(context.name, 0)
        self._bytes = self._packets = self._stamped = self._lengths = self._end = 0
        self._start: int | None = None

    def add(self, packet: Any) -> None:
        size, length, pts = packet.size, packet.duration or 0, packet.pts
        if not size:
            return
        if not 0 <= length * self._base <= _LONGEST_PACKET_SECONDS:
            length = 0
        self._bytes += size
        self._packets += 1
        self._lengths += length
        if pts is not None:
            self._stamped += 1
            if self._start is None:
                self._start = self._end = pts
            self._end = max(self._end, pts + length)

    @property
    def seconds(self) -> float:
        if self._sample_bytes:
            return float(self._bytes / self._sample_bytes / self._rate)
        times = self._times()
        if not self._frame_size:
            return times
        number = float(self._packets * self._frame_size / self._rate)
        return times if 0 < times * 1.5 < number else number

    def _times(self) -> float:
        lengths, span = self._lengths * self._base, (self._end - (self._start or 0)) * self._base
        if not lengths and self._stamped > 1:
            return span / (self._stamped - 1) * self._packets  # the last packet has a length too
        if not lengths or not span:
            return max(lengths, span)
        return span if span / 2 < lengths < span * 2 else min(lengths, span)
