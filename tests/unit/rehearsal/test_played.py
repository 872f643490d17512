"""A file is played to its end, at its own pace; where it breaks off before, that is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from aiortc.mediastreams import MediaStreamError

from harness.files_in_a_row import TAG, tone_file
from rostra.core.samples import SAMPLE_RATE
from rostra.rehearsal.played import Played

SHORT = tone_file("mp3", "libmp3lame", seconds=0.3)


async def played_s(sound: Played) -> float:
    """Play it; return how much there was."""
    samples = 0
    with suppress(MediaStreamError):
        while True:
            samples += (await sound.recv()).samples
    return samples / SAMPLE_RATE


async def test_what_lies_between_two_files_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "show.mp3").write_bytes(SHORT + TAG + SHORT)
    sound = Played(str(tmp_path / "show.mp3"))
    ended = asyncio.Event()
    sound.on("ended", ended.set)
    began_s = asyncio.get_running_loop().time()
    assert await played_s(sound) == pytest.approx(0.6, abs=0.15)
    assert asyncio.get_running_loop().time() - began_s > 0.4
    assert (ended.is_set(), sound.problem) == (True, "")


async def test_what_breaks_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rostra.media.frames.MOST_BROKEN", 0)
    (tmp_path / "show.mp3").write_bytes(SHORT + TAG + SHORT)
    sound = Played(str(tmp_path / "show.mp3"))
    assert await played_s(sound) < 0.5
    assert "broke off" in sound.problem
