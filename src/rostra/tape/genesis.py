"""The two documents of a tape: genesis, written first, and end, written last.

Owns their JSON and its limits. Their hashes stand in the index's first and last record, so the
bytes on disk are what counts: they are written once and read as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from rostra.core.errors import NotFound, TapeDamaged
from rostra.core.ids import RunId, SpaceId
from rostra.core.samples import SAMPLE_RATE, SEGMENT
from rostra.media.cmaf import Track, init_segment
from rostra.media.track import AAC, MP3, OPUS

GENESIS = "genesis.json"
END = "end.json"
INDEX = "index"
LOCK = "lock"

MAX_DOCUMENT_BYTES = 64 * 1024
MAX_TRACKS = 8
_VERSION = 1
_TRACK_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")


class UnknownTape(NotFound):
    """There is no tape at this address."""

    code = "unknown_tape"


@dataclass(frozen=True, slots=True)
class Genesis:
    """What is fixed when a tape begins."""

    space: SpaceId
    run: RunId
    title: str
    anchor_utc_ns: int
    """UTC of sample 0."""
    tracks: tuple[Track, ...]
    """The renditions, in the order of their numbers in the index."""
    mix: dict[str, str | int | float]
    """How the programme was made, for whoever examines it later."""

    def track(self, name: str) -> Track:
        """Return the rendition of that name. Raises UnknownTape."""
        return self.tracks[self.number_of(name)]

    def number_of(self, name: str) -> int:
        """Return the number that stands for a rendition in the index. Raises UnknownTape."""
        for number, track in enumerate(self.tracks):
            if track.name == name:
                return number
        raise UnknownTape

    def check(self) -> None:
        """Raise ValueError unless the renditions are ones a tape can hold."""
        names = [track.name for track in self.tracks]
        if not 0 < len(names) <= MAX_TRACKS or len(set(names)) != len(names):
            raise ValueError("a tape has 1 to 8 renditions, each with its own name")
        for track in self.tracks:
            if not _TRACK_NAME.fullmatch(track.name) or track.codec not in (AAC, OPUS, MP3):
                raise ValueError(f"{track.name!r} with codec {track.codec!r} cannot be a rendition")
            if track.frame_samples <= 0 or SEGMENT % track.frame_samples:
                raise ValueError(f"a segment is not a whole number of {track.name} frames")


class EndDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What is known once a tape has ended."""

    duration_samples: int
    chunks: int
    """Of one rendition, gaps included."""
    gaps: int
    """Chunks of one rendition in which nothing was recorded."""
    sizes: dict[str, int]
    """Bytes of each rendition's finished ``.mp4``."""
    salvages: int = 0
    """How often a damaged index had to be rebuilt from the chunks."""
    reason: str = ""
    """Why the tape ended by itself; empty when it was asked to."""
    v: int = _VERSION


class _Rendition(msgspec.Struct, frozen=True):
    name: str
    codec: str
    bandwidth: int
    timescale: int
    frame_samples: int
    config: bytes
    init_sha256: str
    average_bandwidth: int = 0
    bit_rate: int = 0


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    v: int
    space: str
    run: str
    title: str
    anchor_utc_ns: int
    renditions: tuple[_Rendition, ...]
    mix: dict[str, str | int | float]


def encode_genesis(genesis: Genesis) -> bytes:
    """Return ``genesis.json``: the genesis, and the SHA-256 of each rendition's init segment."""
    renditions = tuple(
        _Rendition(
            track.name,
            track.codec,
            track.bandwidth,
            SAMPLE_RATE,
            track.frame_samples,
            track.config,
            sha256(init_segment(track)).hexdigest(),
            track.average_bandwidth,
            track.bit_rate,
        )
        for track in genesis.tracks
    )
    document = _Document(
        v=_VERSION,
        space=genesis.space,
        run=genesis.run,
        title=genesis.title,
        anchor_utc_ns=genesis.anchor_utc_ns,
        renditions=renditions,
        mix=genesis.mix,
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def decode_genesis(raw: bytes) -> Genesis:
    """Read ``genesis.json``. TapeDamaged when it is no genesis of a version known here."""
    document = _decode_document(raw)
    tracks = tuple(
        Track(
            each.name,
            each.codec,
            each.bandwidth,
            each.frame_samples,
            each.config,
            each.average_bandwidth,
            each.bit_rate,
        )
        for each in document.renditions
    )
    genesis = Genesis(
        space=SpaceId(document.space),
        run=RunId(document.run),
        title=document.title,
        anchor_utc_ns=document.anchor_utc_ns,
        tracks=tracks,
        mix=document.mix,
    )
    try:
        genesis.check()
    except ValueError as error:
        raise TapeDamaged from error
    return genesis


def init_hashes(raw: bytes) -> dict[str, bytes]:
    """Return the SHA-256 that ``genesis.json`` states for each rendition's init. Raises TapeDamaged."""
    try:
        return {each.name: bytes.fromhex(each.init_sha256) for each in _decode_document(raw).renditions}
    except ValueError as error:
        raise TapeDamaged from error


def _decode_document(raw: bytes) -> _Document:
    try:
        document = msgspec.json.decode(raw, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TapeDamaged from error
    if document.v != _VERSION or any(each.timescale != SAMPLE_RATE for each in document.renditions):
        raise TapeDamaged
    return document


def decode_end(raw: bytes) -> EndDocument:
    """Read ``end.json``. Raises TapeDamaged."""
    try:
        return msgspec.json.decode(raw, type=EndDocument)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TapeDamaged from error


def read_document(folder: Path, name: str) -> bytes:
    """Read a document of a tape. UnknownTape when it is not there, TapeDamaged over its limit."""
    try:
        with (folder / name).open("rb") as file:
            raw = file.read(MAX_DOCUMENT_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnknownTape from error
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise TapeDamaged
    return raw
