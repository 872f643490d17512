"""Append a programme to a tape, one quantum at a time. One writer per tape; never reads, never encodes.

A quantum's bytes go to the renditions' files first, then all its records to the index in one write.
Calls are short and synchronous; they are made from one thread, except :meth:`TapeWriter.sync`,
which may run in another.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import structlog

from rostra.core.clock import Clock
from rostra.core.errors import Conflict, DiskFull
from rostra.core.folders import make_private
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, first_frame_at, frames_in
from rostra.media import cmaf
from rostra.tape import disk, lock
from rostra.tape.genesis import END, GENESIS, INDEX, EndDocument, Genesis, encode_genesis
from rostra.tape.record import NO_HASH, RECORD_BYTES, Flag, Kind, Record
from rostra.tape.recovery import Recovered, TapeEnded, recover
from rostra.tape.rendition import Piece, RenditionFile
from rostra.tape.salvage import TORN_QUANTA, salvages

log = structlog.get_logger()

_SLACK_BYTES = 256 * 1024
"""Kept free beyond what sealing needs: quanta until the next look, end document, end record."""
_SPACE_CHECK_NS = 1_000_000_000
_GAP_BATCH = TORN_QUANTA
"""Quanta of silence committed at once."""
_GAP_SYNC = 4 * _GAP_BATCH
"""Quanta of silence made durable at once: a machine that dies loses fewer than a resume may cut."""


class TapeExists(Conflict):
    """There is already a tape of this run."""

    code = "tape_exists"


@dataclass(frozen=True, slots=True)
class _Quantum:
    kind: Kind
    start_sample: int
    pieces: tuple[Piece, ...]
    """One per rendition, in the order of genesis."""
    flags: Flag


class TapeWriter:
    """The one writer of a tape. Made by :meth:`create` or :meth:`resume`."""

    def __init__(
        self, folder: Path, recovered: Recovered, *, lock: int, clock: Clock, min_free_bytes: int
    ) -> None:
        self.folder = folder
        self.genesis = recovered.genesis
        self._files = recovered.files
        self._index = recovered.index
        self._quanta = recovered.quanta
        self._gaps = recovered.gaps
        self._chain = recovered.chain
        self._lock = lock
        self._clock = clock
        self._min_free_bytes = min_free_bytes
        self._space_known_until_ns = clock.monotonic_ns()
        self._end: EndDocument | None = None
        self._open = True
        self._closing = threading.Lock()

    @classmethod
    def create(
        cls, folder: Path, genesis: Genesis, *, clock: Clock, min_free_bytes: int = 0, room_bytes: int = 0
    ) -> TapeWriter:
        """Begin a tape in ``folder``, which appears with its genesis whole or not at all.

        Raises TapeExists (a Conflict), DiskFull also where ``room_bytes`` beyond ``min_free_bytes`` are not
        free, ValueError for renditions no tape can hold.
        """
        genesis.check()
        if folder.exists():
            raise TapeExists
        fresh = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        with disk.full_disk_named(), ExitStack() as undo:
            undo.callback(shutil.rmtree, fresh, ignore_errors=True)
            make_private(fresh)
            held = lock.take(fresh)
            undo.callback(os.close, held)
            if disk.free_bytes(held) < min_free_bytes + room_bytes:
                raise DiskFull
            begun = _begin(fresh, genesis, undo)
            fresh.rename(folder)
            disk.sync_folder(folder.parent)
            undo.pop_all()
        log.info("tape_begun", space=genesis.space, run=genesis.run)
        return cls(folder, begun, lock=held, clock=clock, min_free_bytes=min_free_bytes)

    @classmethod
    def resume(cls, folder: Path, *, clock: Clock, min_free_bytes: int = 0) -> TapeWriter:
        """Go on with an interrupted tape, after cutting its torn tail; a damaged index is rebuilt.

        Raises UnknownTape, TapeLocked, TapeEnded (a Conflict), DiskFull, TapeDamaged.
        """
        with ExitStack() as undo:
            held = lock.take(folder)
            undo.callback(os.close, held)
            recovered = recover(folder, undo)
            undo.pop_all()
        log.info("tape_resumed", run=recovered.genesis.run, quanta=recovered.quanta)
        return cls(folder, recovered, lock=held, clock=clock, min_free_bytes=min_free_bytes)

    @property
    def next_sample(self) -> int:
        """Where the next quantum begins; all before it is on the tape."""
        return self._quanta * QUANTUM

    def append(self, frames: Mapping[str, Sequence[bytes]], *, events: bytes = b"") -> None:
        """Add one quantum: for every rendition, by name, the frames that begin within its 15,360 samples.

        ``events`` are whole ``emsg`` boxes; they go into every rendition's chunk. When this returns,
        readers have the quantum and a dead process keeps it; :meth:`sync` makes it outlive the machine.
        Raises DiskFull, after which the tape is as before and may still be finished; ValueError for
        frames that do not make a quantum; TapeEnded.
        """
        self._must_be_open()
        self._commit([self._quantum(Kind.CHUNK, self._quanta, frames, events)])

    def fill_gap(
        self,
        until_sample: int,
        silence: Mapping[str, Sequence[bytes]],
        *,
        events: bytes = b"",
        snapshot: Callable[[int], bytes] | None = None,
    ) -> int:
        """Add silent quanta, typed as a gap, as many as fit before ``until_sample``; return how many.

        ``silence`` is one quantum for every rendition, the longest there is. ``events`` go into the first of
        them; ``snapshot`` is asked for the events of each later one that opens a segment, with its sample.
        Raises as :meth:`append`; what was filled before a DiskFull stays. A long gap is made
        durable as it grows.
        """
        self._must_be_open()
        first, end = self._quanta, max(self._quanta, until_sample // QUANTUM)
        for start in range(first, end, _GAP_BATCH):
            batch = []
            for number in range(start, min(start + _GAP_BATCH, end)):
                opens = snapshot is not None and number % CHUNKS_PER_SEGMENT == 0
                later = snapshot(number * QUANTUM) if snapshot and opens else b""
                frames = self._as_many_as_fit(number, silence)
                batch.append(self._quantum(Kind.GAP, number, frames, events if number == first else later))
            self._commit(batch)
            if (start + len(batch) - first) % _GAP_SYNC == 0:
                with disk.full_disk_named():
                    self.sync()
        if end > first:
            log.warning("tape_gap_filled", run=self.genesis.run, quanta=end - first)
        return end - first

    def sync(self) -> None:
        """Make all that was appended before the call outlive the machine. Does nothing once closed."""
        with self._closing:
            if self._open:
                for file in self._files:
                    file.sync()
                os.fdatasync(self._index)

    def finish(self, *, reason: str = "") -> EndDocument:
        """End the tape: seal the files, write the end document, then the end record; close.

        Called again it answers the same. Raises DiskFull, after which the tape is as before; a crash at
        any point leaves a tape that :meth:`resume` opens and this finishes.
        """
        if self._end is None:
            self._must_be_open()
            with disk.full_disk_named():
                try:
                    self._end = self._finish(reason)
                except OSError:
                    self._take_back()
                    raise
            log.info("tape_ended", run=self.genesis.run, quanta=self._quanta, gaps=self._gaps, reason=reason)
            self.close()
        return self._end

    def close(self) -> None:
        """Free the tape. Not ended, it can be resumed."""
        with self._closing:
            if self._open:
                self._open = False
                for descriptor in (self._index, self._lock):
                    os.close(descriptor)
                for file in self._files:
                    file.close()

    def _must_be_open(self) -> None:
        if not self._open:
            raise TapeEnded

    def _check_space(self, batch: Sequence[_Quantum]) -> None:
        """Raise DiskFull unless there is room for the batch and the seal; for one, look each second."""
        now = self._clock.monotonic_ns()
        if len(batch) == 1 and now < self._space_known_until_ns:
            return
        needed = sum(len(piece.data) for quantum in batch for piece in quantum.pieces)
        needed += sum(file.seal_bytes() for file in self._files) + _SLACK_BYTES
        if disk.free_bytes(self._index) < self._min_free_bytes + needed:
            self._space_known_until_ns = now
            raise DiskFull
        self._space_known_until_ns = now + _SPACE_CHECK_NS

    def _as_many_as_fit(
        self, number: int, silence: Mapping[str, Sequence[bytes]]
    ) -> dict[str, Sequence[bytes]]:
        """The silence of one quantum, which may hold a frame less than the longest."""
        lengths = {file.track.name: file.track.frame_samples for file in self._files}
        return {name: frames[: frames_in(number, lengths.get(name, 1))] for name, frames in silence.items()}

    def _quantum(
        self, kind: Kind, number: int, frames: Mapping[str, Sequence[bytes]], events: bytes
    ) -> _Quantum:
        """Make the chunks of quantum ``number``. Raises ValueError."""
        if len(frames) != len(self._files):
            raise ValueError("a quantum has frames for every rendition")
        start = number * QUANTUM
        flags = Flag.NONE if number % CHUNKS_PER_SEGMENT else Flag.SEGMENT_START
        flags |= Flag.of_events(events)
        pieces = []
        for file in self._files:
            mine = frames.get(file.track.name, ())
            if len(mine) != frames_in(number, file.track.frame_samples):
                raise ValueError(f"{len(mine)} frames of {file.track.name} are not a quantum")
            decoded_from = first_frame_at(number, file.track.frame_samples)
            data = cmaf.chunk(
                file.track, sequence=number + 1, start_sample=decoded_from, frames=mine, events=events
            )
            pieces.append(Piece(data, tuple(map(len, mine))))
        return _Quantum(kind, start, tuple(pieces), flags)

    def _commit(self, batch: Sequence[_Quantum]) -> None:
        """Write bytes, then records; on failure leave everything as it was. Raises DiskFull."""
        self._check_space(batch)
        lines, chain = self._records(batch)
        each_file = [[quantum.pieces[at] for quantum in batch] for at in range(len(self._files))]
        with disk.full_disk_named():
            try:
                for file, pieces in zip(self._files, each_file, strict=True):
                    file.write(pieces)
                disk.write_at(self._index, lines, self._records_written * RECORD_BYTES)
            except OSError:
                self._take_back()
                raise
        for file, pieces in zip(self._files, each_file, strict=True):
            file.accept(pieces)
        self._quanta += len(batch)
        self._gaps += sum(quantum.kind == Kind.GAP for quantum in batch)
        self._chain = chain

    @property
    def _records_written(self) -> int:
        return 1 + self._quanta * len(self._files)

    def _records(self, batch: Sequence[_Quantum]) -> tuple[bytes, bytes]:
        """The records of a batch, and the hash of the last."""
        chain, number, lines = self._chain, self._records_written, []
        ends = [file.end for file in self._files]
        for quantum in batch:
            for rendition, piece in enumerate(quantum.pieces):
                line = Record(
                    kind=quantum.kind,
                    rendition=rendition,
                    flags=quantum.flags,
                    number=number,
                    start_sample=quantum.start_sample,
                    offset=ends[rendition],
                    length=len(piece.data),
                    samples=QUANTUM,
                    sha256=sha256(piece.data).digest(),
                    previous=chain,
                ).pack()
                lines.append(line)
                chain = sha256(line).digest()
                ends[rendition] += len(piece.data)
                number += 1
        return b"".join(lines), chain

    def _take_back(self) -> None:
        """Leave nothing of a commit or a finish that failed."""
        os.ftruncate(self._index, self._records_written * RECORD_BYTES)
        (self.folder / END).unlink(missing_ok=True)
        for file in self._files:
            file.unseal()

    def _finish(self, reason: str) -> EndDocument:
        self.sync()
        end = EndDocument(
            duration_samples=self.next_sample,
            chunks=self._quanta,
            gaps=self._gaps,
            sizes={file.track.name: file.seal() for file in self._files},
            salvages=salvages(self.folder),
            reason=reason,
        )
        document = msgspec.json.format(msgspec.json.encode(end), indent=2)
        disk.write_document(self.folder, END, document)
        record = _document_record(
            Kind.END,
            document,
            number=self._records_written,
            start_sample=self.next_sample,
            previous=self._chain,
        )
        disk.write_at(self._index, record.pack(), self._records_written * RECORD_BYTES)
        os.fdatasync(self._index)
        return end


def _document_record(
    kind: Kind, document: bytes, *, number: int, start_sample: int, previous: bytes
) -> Record:
    return Record(
        kind=kind,
        rendition=0,
        flags=Flag.NONE,
        number=number,
        start_sample=start_sample,
        offset=0,
        length=len(document),
        samples=0,
        sha256=sha256(document).digest(),
        previous=previous,
    )


def _begin(folder: Path, genesis: Genesis, undo: ExitStack) -> Recovered:
    """Write the files of an empty tape; ``undo`` learns how to close them."""
    files = []
    for track in genesis.tracks:
        files.append(RenditionFile.create(folder, track))
        undo.callback(files[-1].close)
    document = encode_genesis(genesis)
    disk.write_document(folder, GENESIS, document)
    line = _document_record(Kind.GENESIS, document, number=0, start_sample=0, previous=NO_HASH).pack()
    index = os.open(folder / INDEX, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    undo.callback(os.close, index)
    disk.write_at(index, line, 0)
    for file in files:
        file.sync()
    os.fsync(index)
    return Recovered(
        genesis=genesis, files=tuple(files), index=index, quanta=0, gaps=0, chain=sha256(line).digest()
    )
