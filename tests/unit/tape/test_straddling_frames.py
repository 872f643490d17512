"""MP3's frames straddle quanta: its recording lies on the same clock as all others, gaps included."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import av
import numpy as np
import pytest

from harness import programme
from harness.clock import ManualClock
from rostra.audio.encoder import QuantumEncoder, silent_quantum
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.media.track import Track
from rostra.tape import TapeWriter, salvage, verify_chain
from rostra.tape.finished import FinishedTape
from rostra.tape.genesis import INDEX

CUT, AGAIN, END = 7, 11, 30
"""Quanta: a stage dies, another goes on, the end."""
MILLISECOND = SAMPLE_RATE // 1000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished tape of all renditions, with an outage in it."""
    folder = tmp_path_factory.mktemp("straddling") / "run23456"
    genesis = dataclasses.replace(programme.genesis(), tracks=programme.tracks(programme.FULL))
    writer = TapeWriter.create(folder, genesis, clock=ManualClock())
    for frames in programme.quanta(programme.FULL)[:CUT]:
        writer.append(frames)
    writer.close()
    writer = TapeWriter.resume(folder, clock=ManualClock())
    writer.fill_gap(AGAIN * QUANTUM, silent_quantum(programme.FULL))
    encoder = QuantumEncoder(programme.FULL, first_quantum=AGAIN)
    rest = programme.mix()[AGAIN * QUANTUM : END * QUANTUM]
    for frames in [*encoder.push(rest), *encoder.drain(partial=True)]:
        writer.append(frames)
    writer.finish()
    return folder


@pytest.mark.parametrize("track", programme.tracks(programme.FULL), ids=lambda track: track.name)
def test_before_and_after_an_outage_every_rendition_is_on_the_clock(folder: Path, track: Track) -> None:
    heard = np.zeros(END * QUANTUM + 1152, np.float32)
    with av.open(str(FinishedTape.open(folder).media_path(track.name))) as media:
        for frame in media.decode(audio=0):
            heard[frame.pts : frame.pts + frame.samples] = frame.to_ndarray()[0]
    for part in (slice(0, CUT * QUANTUM), slice(AGAIN * QUANTUM, END * QUANTUM)):
        assert abs(programme.shift(heard[part], programme.mix()[part])) <= MILLISECOND
    assert np.abs(heard[(CUT + 1) * QUANTUM : (AGAIN - 1) * QUANTUM]).max() < 0.01


def test_a_tape_whose_chunks_straddle_quanta_holds_and_can_be_salvaged(folder: Path) -> None:
    assert verify_chain(folder).sound
    tape = FinishedTape.open(folder)
    offsets = tuple(int(tape.chunks(track.name)[0]["offset"]) for track in tape.genesis.tracks)
    raw = (folder / INDEX).read_bytes()
    document = (folder / "genesis.json").read_bytes()
    assert salvage.rebuild(folder, tape.genesis, document, raw, offsets)[:-128] == raw[:-128]
