"""A stream goes on over what is no sound; what is nothing but that ends."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import av
import pytest

from rostra.media.frames import MOST_BROKEN, Frames


def packet(frames: list[str] | None) -> Any:
    def decode() -> list[str]:
        if frames is None:
            raise av.InvalidDataError(1, "no sound")
        return frames

    return SimpleNamespace(decode=decode)


def frames_of(*packets: Iterable[Any]) -> Frames:
    return Frames(each for some in packets for each in some)


SOUND, JUNK = packet(["a", "b"]), packet(None)


def test_what_is_no_sound_is_left_out_and_counted() -> None:
    frames = frames_of([SOUND], [JUNK] * MOST_BROKEN, [SOUND], [JUNK] * MOST_BROKEN, [packet([])])
    assert ("".join(map(str, frames)), frames.broken) == ("abab", 2 * MOST_BROKEN)


def test_nothing_but_junk_is_given_up() -> None:
    with pytest.raises(av.InvalidDataError):
        list(frames_of([SOUND], [JUNK] * (MOST_BROKEN + 1)))
