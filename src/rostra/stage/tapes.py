"""Where the tapes of spaces lie, and how the stage begins, finds, resumes and ends them.

All functions touch the disk and are for another thread than the loop's.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from rostra.audio.encoder import QuantumEncoder
from rostra.audio.encoding import AAC_64, ENCODINGS, Encoding
from rostra.audio.made import MIX
from rostra.bus.messages import Recording, Rendition, WentLive, Why
from rostra.core.clock import Clock
from rostra.core.errors import TapeDamaged
from rostra.core.ids import RunId, SpaceId, is_id, new_run_id
from rostra.core.samples import QUANTUM
from rostra.media.track import AAC, Track
from rostra.stage.programme import Programme
from rostra.tape import lock
from rostra.tape.disk import sync_folder
from rostra.tape.genesis import END, EndDocument, Genesis, UnknownTape, decode_end, read_document
from rostra.tape.recovery import TapeEnded
from rostra.tape.writer import TapeWriter

log = structlog.get_logger()

ROOM_S = 300
"""A tape is begun only where this much programme has room: it would end before anything was said."""


@dataclass(frozen=True, slots=True)
class Tapes:
    """The folder of all tapes."""

    folder: Path
    clock: Clock
    min_free_bytes: int
    encodings: tuple[Encoding, ...] = ENCODINGS
    """Of new tapes."""

    def begin(self, space: SpaceId, title: str, anchor_utc_ns: int) -> Programme:
        """Begin a new tape. Raises DiskFull, also where there is no room for :data:`ROOM_S` of it."""
        run = new_run_id()
        genesis = Genesis(space, run, title, anchor_utc_ns, _tracks(self.encodings), MIX)
        tape = TapeWriter.create(
            self._path(space, run),
            genesis,
            clock=self.clock,
            min_free_bytes=self.min_free_bytes,
            room_bytes=ROOM_S * sum(each.bandwidth for each in self.encodings) // 8,
        )
        return Programme(tape)

    def resume(self, space: SpaceId, run: RunId) -> Programme:
        """Go on with a tape. Raises UnknownTape, TapeLocked, TapeEnded, TapeDamaged."""
        path = self._path(space, run)
        return Programme(TapeWriter.resume(path, clock=self.clock, min_free_bytes=self.min_free_bytes))

    def resume_unfinished(self, space: SpaceId) -> Programme | None:
        """Resume the tape that was begun before anybody heard of it, if a stage died just then."""
        folder = self.folder / space
        runs = [RunId(path.name) for path in folder.iterdir() if is_id(path.name)] if folder.is_dir() else []
        for run in runs:
            if not (folder / run / END).exists():
                try:
                    return self.resume(space, run)
                except TapeDamaged:
                    log.exception("stage_tape_lost", space=space, run=run)
        return None

    def end(self, space: SpaceId, run: RunId) -> EndDocument:
        """End a tape that nobody runs; ended already, tell of it again. Raises as :meth:`resume`."""
        try:
            programme = self.resume(space, run)
        except TapeEnded:
            return self.ended(space, run)
        return end_and_free(programme)

    def ended(self, space: SpaceId, run: RunId) -> EndDocument:
        """Tell of an ended tape. Raises UnknownTape."""
        return decode_end(read_document(self._path(space, run), END))

    def erase(self, space: SpaceId, run: RunId) -> None:
        """Delete a tape's folder; one that is gone already is fine. Raises TapeLocked, UnknownTape.

        It gets another name first: from then on nobody finds it, and a death midway is made up for
        by asking again.
        """
        path = self._path(space, run)
        dying = path.with_name(f"erasing-{run}")
        if path.is_dir():
            holding = lock.take(path)
            try:
                path.rename(dying)
            finally:
                os.close(holding)
        if dying.is_dir():
            shutil.rmtree(dying)
            sync_folder(path.parent)
        with suppress(OSError):
            path.parent.rmdir()

    def _path(self, space: SpaceId, run: RunId) -> Path:
        if not (is_id(space) and is_id(run)):
            raise UnknownTape
        return self.folder / space / run


def end_and_free(programme: Programme, *, why: Why | None = None) -> EndDocument:
    """End a resumed programme. Whether or not the end can be written, the tape is free afterwards."""
    try:
        return programme.finish(None, reason=why or "")
    finally:
        programme.close()


def recording(end: EndDocument) -> Recording:
    """Return what pages tell of an ended tape."""
    return Recording(duration_samples=end.duration_samples, size_bytes=end.sizes.get(AAC_64.name, 0))


def went_live(genesis: Genesis) -> WentLive:
    """Return what control is told of a tape."""
    renditions = tuple(
        Rendition(name=track.name, codec=track.codec, bandwidth=track.bandwidth) for track in genesis.tracks
    )
    return WentLive(run=genesis.run, anchor_utc_ns=genesis.anchor_utc_ns, renditions=renditions)


def quantum_after(sample: int) -> int:
    """The first quantum that begins at ``sample`` or later."""
    return -(-sample // QUANTUM) * QUANTUM


def _tracks(encodings: tuple[Encoding, ...]) -> tuple[Track, ...]:
    configs = QuantumEncoder(encodings).configs()
    return tuple(
        Track(
            each.name,
            each.codec,
            each.bandwidth,
            each.frame_samples,
            configs[each.name] if each.codec == AAC else b"",
            each.average_bandwidth,
            each.bit_rate,
        )
        for each in encodings
    )
