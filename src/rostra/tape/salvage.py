"""Rebuild a damaged index from the chunks themselves. Writes the index only; never a chunk.

Every chunk says which quantum it is and how long. What the old index still says soundly (hashes,
which chunks are gaps) is kept; a record that is lost is made anew, and when the record behind it
survives, its hash tells whether the new one is exactly the old. The damaged index stays beside the
new one. The caller holds the tape's lock.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import structlog

from rostra.core.errors import TapeDamaged
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, first_frame_at
from rostra.media import cmaf
from rostra.media.boxes import HEADER_BYTES, MalformedMedia
from rostra.media.cmaf import Track
from rostra.tape import disk
from rostra.tape.genesis import INDEX, Genesis
from rostra.tape.record import NO_HASH, RECORD_BYTES, Flag, Kind, Record
from rostra.tape.rendition import media_name

log = structlog.get_logger()

DAMAGED = f"{INDEX}.damaged"
"""What a damaged index is kept as; later ones have a number behind."""
TORN_QUANTA = 64
"""What a dying writer may leave undone: the largest batch committed at once (20 s). More is damage."""

_BOX = struct.Struct(">I4s")


@dataclass(frozen=True, slots=True)
class _Place:
    """A whole chunk found in a rendition's file."""

    offset: int
    length: int
    told: Flag
    """By the events in it."""
    sha256: bytes


def is_damaged(folder: Path, genesis: Genesis, raw: bytes, sound: int) -> bool:
    """Whether an index, of which the first ``sound`` records hold, is worse than torn at its end."""
    count = len(genesis.tracks)
    whole = len(raw) // RECORD_BYTES
    if sound == 0 or whole - sound > TORN_QUANTA * count:
        return True
    if any(_surviving(raw, number) for number in range(sound + 1, whole)):
        return True
    last = Record.parse(raw[(sound - 1) * RECORD_BYTES : sound * RECORD_BYTES])
    if last.kind not in (Kind.CHUNK, Kind.GAP):
        return False
    track = genesis.tracks[last.rendition]
    start, quantum = last.offset + last.length, last.start_sample // QUANTUM + 1
    return sum(1 for _ in _places(folder, track, start, quantum)) > TORN_QUANTA


def rebuild(
    folder: Path, genesis: Genesis, document: bytes, old: bytes, first_offsets: tuple[int, ...]
) -> bytes:
    """Put a sound index in the place of ``old`` and return it.

    Raises TapeDamaged, with nothing changed, when the chunks hold far less than ``old`` spoke of.
    """
    places = [
        list(_places(folder, track, offset, 0))
        for track, offset in zip(genesis.tracks, first_offsets, strict=True)
    ]
    quanta = min(map(len, places))
    present = (len(old) // RECORD_BYTES - 1) // len(places)
    if present - quanta > TORN_QUANTA:
        raise TapeDamaged
    lines = [_genesis_line(document, old)]
    for number in range(1, 1 + quanta * len(places)):
        quantum, rendition = divmod(number - 1, len(places))
        previous = sha256(lines[-1]).digest()
        lines.append(_line(old, number, rendition, quantum, places[rendition][quantum], previous))
    lines += _end_line(old, lines)
    kept_as = _put_in_place(folder, b"".join(lines), old)
    log.error("tape_salvaged", space=genesis.space, run=genesis.run, quanta=quanta, kept_as=kept_as)
    return b"".join(lines)


def salvages(folder: Path) -> int:
    """How often this tape's index was rebuilt."""
    return sum(1 for _ in folder.glob(f"{DAMAGED}*"))


def _places(folder: Path, track: Track, start: int, quantum: int) -> Iterator[_Place]:
    """The whole chunks at ``start``, the first of which is ``quantum``; ends at what is none of them."""
    with (folder / media_name(track)).open("rb") as file:
        if os.fstat(file.fileno()).st_size <= start:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            while (end := _chunk_end(view, start)) is not None:
                try:
                    head = cmaf.head(view, start, end)
                except MalformedMedia:
                    return
                expected = first_frame_at(quantum, track.frame_samples)
                if (head.sequence, head.start_sample) != (quantum + 1, expected):
                    return
                told = Flag.of_events(view[start : head.moof_at])
                yield _Place(start, end - start, told, sha256(view[start:end]).digest())
                start, quantum = end, quantum + 1


def _chunk_end(view: mmap.mmap, start: int) -> int | None:
    """Where the chunk at ``start`` ends: behind its ``mdat``. None when it is not whole."""
    limit = min(len(view), start + cmaf.MAX_CHUNK_BYTES)
    while start + HEADER_BYTES <= limit:
        size, kind = _BOX.unpack_from(view, start)
        start += size
        if size < HEADER_BYTES or start > limit:
            return None
        if kind == b"mdat":
            return start
    return None


def _surviving(old: bytes, number: int) -> Record | None:
    """The old record of that number, if it came through."""
    try:
        record = Record.parse(old[number * RECORD_BYTES : (number + 1) * RECORD_BYTES])
    except TapeDamaged:
        return None
    return record if record.number == number else None


def _genesis_line(document: bytes, old: bytes) -> bytes:
    line = Record(
        kind=Kind.GENESIS,
        rendition=0,
        flags=Flag.NONE,
        number=0,
        start_sample=0,
        offset=0,
        length=len(document),
        samples=0,
        sha256=sha256(document).digest(),
        previous=NO_HASH,
    ).pack()
    after = _surviving(old, 1)
    if after is not None and after.previous != sha256(line).digest():
        raise TapeDamaged("The beginning of this tape was changed.")
    return line


def _line(old: bytes, number: int, rendition: int, quantum: int, place: _Place, previous: bytes) -> bytes:
    """The record of a chunk: the old one, chained anew if need be; else one made from the chunk."""
    known = _surviving(old, number)
    if known is not None and (known.offset, known.length) == (place.offset, place.length):
        return replace(known, previous=previous).pack()
    flags = Flag.NONE if quantum % CHUNKS_PER_SEGMENT else Flag.SEGMENT_START
    made = Record(
        kind=Kind.CHUNK,
        rendition=rendition,
        flags=flags | place.told,
        number=number,
        start_sample=quantum * QUANTUM,
        offset=place.offset,
        length=place.length,
        samples=QUANTUM,
        sha256=place.sha256,
        previous=previous,
    )
    after = _surviving(old, number + 1)
    gap = replace(made, kind=Kind.GAP)
    return gap.pack() if after is not None and after.previous == gap.chain_hash() else made.pack()


def _end_line(old: bytes, lines: list[bytes]) -> list[bytes]:
    """The end record, when the tape has one that holds."""
    end = _surviving(old, len(lines))
    if end is not None and end.kind == Kind.END and end.previous == sha256(lines[-1]).digest():
        return [end.pack()]
    return []


def _put_in_place(folder: Path, index: bytes, old: bytes) -> str:
    """Keep ``old`` beside, then overwrite it: readers have the file open and must not lose it."""
    count = salvages(folder)
    kept_as = f"{DAMAGED}.{count + 1}" if count else DAMAGED
    with disk.full_disk_named():
        disk.write_document(folder, kept_as, old)
        descriptor = os.open(folder / INDEX, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            disk.write_at(descriptor, index, 0)
            os.ftruncate(descriptor, len(index))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return kept_as
