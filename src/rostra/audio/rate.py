"""Keep an encoder that overshoots to the bit rate that players are told, by asking it for less. Pure.

A leaky bucket (ITU-T I.371, annex A): what a frame takes beyond its share flows in, what the next leave of
theirs flows out, and the fuller it is the fewer bits are asked for. FFmpeg's fast coder needs it: it settles
on its rate over some frames, and where sound comes out of silence again and again, as applause does, never.
"""

from __future__ import annotations

from typing import Final

_SPARE: Final = 1.02
"""Of a frame's share, what flows out with it: rounding is no debt."""
_FREE_FRAMES: Final = 4
"""Frames' shares that may be in the bucket before less is asked for: an onset needs its bits."""
_SPAN_FRAMES: Final = 30
"""Frames' shares beyond those at which nothing would be asked for."""
_LEAST: Final = 0.35
"""Of the bit rate, what is asked for at least: below, voices come apart."""


class RateKeeper:
    """Of one encoder, whose frames are ``frame_s`` seconds long."""

    def __init__(self, bit_rate: int, frame_s: float) -> None:
        self._bit_rate = bit_rate
        self._share_bytes = bit_rate * frame_s / 8
        self._bucket_bytes = 0.0

    def after(self, frame_bytes: int) -> int:
        """Count a frame; return the bits per second to ask for from now on."""
        share = self._share_bytes
        self._bucket_bytes = max(0.0, self._bucket_bytes + frame_bytes - _SPARE * share)
        debt_frames = self._bucket_bytes / share - _FREE_FRAMES
        if debt_frames <= 0:
            return self._bit_rate
        return int(self._bit_rate * max(_LEAST, 1 - debt_frames / _SPAN_FRAMES))
