"""Hosts' own music: decoded apart from the stage, bounded, kept until the space is over."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.loudness import meter, music
from harness.sound import RATE, write_wav
from rostra.audio.bed import BED_LUFS
from rostra.audio.peaks import CEILING_DBTP
from rostra.core.ids import SpaceId
from rostra.core.samples import SAMPLE_RATE
from rostra.stage.behind import NICE
from rostra.stage.decoding import LONGEST_S
from rostra.stage.hold_files import HoldFiles, NoMusic

SPACE = SpaceId("abcdefghjk")
TONE = 0.2 * np.sin(2 * np.pi * 1000 * np.arange(3 * RATE) / RATE)


def encoded(folder: Path, name: str, *options: str) -> bytes:
    """The tone as another program's file."""
    wav = write_wav(folder / "tone.wav", TONE)
    made = folder / name
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(wav), *options, str(made)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=30)
    return made.read_bytes()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tone.opus", ("-c:a", "libopus", "-ac", "2")),
        ("tone.mp3", ("-ar", "44100")),
        ("tone.m4a", ("-c:a", "aac")),
        ("tone.flac", ()),
        ("tone.wav.wav", ("-ar", "22050")),
    ],
)
async def test_what_hosts_have_is_played_and_found_again_after_a_restart(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    folder = tmp_path / "hold"
    kept = await HoldFiles(folder).keep(SPACE, encoded(tmp_path, name, *options))
    assert abs(kept / SAMPLE_RATE - 3) < 0.1
    files = HoldFiles(folder)
    found = files.load(SPACE)
    assert found is not None
    assert len(found) == kept
    assert int(np.argmax(np.abs(np.fft.rfft(found[:SAMPLE_RATE])))) == 1000
    files.forget(SPACE)
    assert files.load(SPACE) is None
    assert os.listdir(folder) == []


@pytest.mark.parametrize("lufs", [-8, -45])
async def test_music_of_any_loudness_is_kept_at_that_of_a_bed(tmp_path: Path, lufs: int) -> None:
    made = write_wav(tmp_path / "made.wav", music(10, lufs=lufs).clip(-1, 1)).read_bytes()
    files = HoldFiles(tmp_path / "hold")
    await files.keep(SPACE, made)
    found = files.load(SPACE)
    assert found is not None
    kept = meter(found)
    assert kept.lufs == pytest.approx(BED_LUFS, abs=0.5)
    assert kept.dbtp <= CEILING_DBTP


async def test_what_is_no_music_is_refused_and_leaves_what_there_was(tmp_path: Path) -> None:
    files = HoldFiles(tmp_path / "hold")
    await files.keep(SPACE, encoded(tmp_path, "tone.opus", "-c:a", "libopus"))
    good = files.load(SPACE)
    assert good is not None
    whole = encoded(tmp_path, "tone.mp3")
    noise = random.Random(3).randbytes(50_000)
    for bad in (
        b"x",
        noise,
        b"#EXTM3U\n/etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        whole[:2_000],
    ):
        with pytest.raises(NoMusic):
            await files.keep(SPACE, bad)
    found = files.load(SPACE)
    assert found is not None
    assert np.array_equal(found, good)


def as_the_stage() -> None:
    """Take the policy of a stage; where that is not allowed, another that is not the ordinary one."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


async def test_a_file_is_decoded_behind_the_stage_whose_priority_its_process_inherits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def inherits(*command: str, **options: Any) -> asyncio.subprocess.Process:
        started.append(await start(*command, **options, preexec_fn=as_the_stage))
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", inherits)
    sent = write_wav(tmp_path / "tone.wav", TONE).read_bytes()
    keeping = asyncio.create_task(HoldFiles(tmp_path / "hold").keep(SPACE, sent))
    seen: list[tuple[int, bool]] = []
    while not keeping.done():
        if started:
            process = started[0].pid
            with suppress(ProcessLookupError):  # it has ended
                niced = os.getpriority(os.PRIO_PROCESS, process) >= NICE
                seen.append((os.sched_getscheduler(process), niced))
        await asyncio.sleep(0.005)
    assert await keeping > 0
    assert seen[-1] == (os.SCHED_OTHER, True)


@pytest.mark.long
async def test_a_long_file_is_cut(tmp_path: Path) -> None:
    silence = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "600"),
            *("-c:a", "libopus", "-b:a", "8k", "-f", "ogg", "-"),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    kept = await HoldFiles(tmp_path / "hold").keep(SPACE, silence)
    assert kept == LONGEST_S * SAMPLE_RATE
