"""The ``moov`` of a rendition: bare for players of a live space, with tables for a finished tape.

Fragments follow the first kind (``mvex``); the second describes chunks that lie in one ``mdat``.
No edit lists: presentation time is decode time, as every frame decodes to exactly its own
samples (docs/decisions/0002). Sources: ISO/IEC 14496-12, -14, -3; ISO/IEC 23000-19 (CMAF);
"Encapsulation of Opus in ISO Base Media File Format" 0.8.1.
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from rostra.core.samples import QUANTUM, SAMPLE_RATE, frames_in
from rostra.media.boxes import box, full_box
from rostra.media.track import AAC, MP3, OPUS, Track

OPUS_PRE_SKIP = 0
"""The stage's encoder is warmed: its first packet kept decodes to programme samples 0 to 959."""
SYNC_SAMPLE = 0x02000000
"""Sample flags: depends on no other; true of every audio frame."""

LEAST_INIT_BYTES = 1024
"""Chunks in a recording lie behind an init segment, and GStreamer reads what begins in the first kilobyte of
a file from the file's beginning.
"""
_BOX_HEAD_BYTES = 8
_TRACK_ID = 1
_ENABLED_IN_MOVIE = 3
_SELF_CONTAINED = 1
_BRANDS = (b"iso6", b"cmfc", b"isom", b"mp42")
_UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4
"""ISO 639-2 ``und``, packed."""
_AAC_OBJECT, _MP3_OBJECT = b"\x40", b"\x6b"
_TIMES = struct.Struct(">QQ")
_EMPTY_TABLE = bytes(4)


def file_type() -> bytes:
    """Return the ``ftyp`` box that opens every file of a tape."""
    return box(b"ftyp", _BRANDS[0], bytes(4), *_BRANDS)


def init_segment(track: Track) -> bytes:
    """Return ``ftyp`` and a ``moov`` without samples: what players fetch first.

    Between them is a ``free`` box (ISO/IEC 14496-12 section 8.1.2), so that it has at least
    :data:`LEAST_INIT_BYTES`.
    """
    kind, movie = file_type(), _fragmented_movie(track)
    lacks = LEAST_INIT_BYTES - len(kind) - len(movie)
    return kind + box(b"free", bytes(max(0, lacks - _BOX_HEAD_BYTES))) + movie


def _fragmented_movie(track: Track) -> bytes:
    """Return the ``moov`` that announces fragments (``mvex``)."""
    defaults = struct.pack(">5I", _TRACK_ID, 1, track.frame_samples, 0, SYNC_SAMPLE)
    tables = (
        full_box(b"stts", 0, 0, _EMPTY_TABLE),
        full_box(b"stsc", 0, 0, _EMPTY_TABLE),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, _EMPTY_TABLE),
    )
    extends = box(b"mvex", full_box(b"trex", 0, 0, defaults))
    return box(b"moov", _movie_header(0), _track(track, 0, tables), extends)


def finished_movie(track: Track, sizes: npt.NDArray[np.uint32], offsets: npt.NDArray[np.uint64]) -> bytes:
    """Return the ``moov`` of a whole recording.

    ``sizes`` holds the bytes of every frame, ``offsets`` where each chunk's first frame lies in the
    file; chunk *n* holds the frames that begin in quantum *n*.
    """
    duration = len(sizes) * track.frame_samples
    tables = (
        full_box(b"stts", 0, 0, struct.pack(">3I", 1, len(sizes), track.frame_samples)),
        _frames_per_chunk(track, len(offsets)),
        full_box(b"stsz", 0, 0, struct.pack(">2I", 0, len(sizes)), sizes.astype(">u4").tobytes()),
        _chunk_offsets(offsets),
    )
    return box(b"moov", _movie_header(duration), _track(track, duration, tables))


def _frames_per_chunk(track: Track, chunks: int) -> bytes:
    """Runs of chunks with equally many frames; one run unless frames straddle quanta."""
    alike = QUANTUM % track.frame_samples == 0
    quanta = range(1 if alike else max(1, chunks))
    counts = np.array([frames_in(quantum, track.frame_samples) for quantum in quanta])
    starts = np.flatnonzero(np.diff(counts, prepend=0))
    runs = np.stack((starts + 1, counts[starts], np.ones_like(starts)), axis=1)
    return full_box(b"stsc", 0, 0, struct.pack(">I", len(runs)), runs.astype(">u4").tobytes())


def _chunk_offsets(offsets: npt.NDArray[np.uint64]) -> bytes:
    count = struct.pack(">I", len(offsets))
    if len(offsets) and int(offsets[-1]) > 0xFFFFFFFF:
        return full_box(b"co64", 0, 0, count, offsets.astype(">u8").tobytes())
    return full_box(b"stco", 0, 0, count, offsets.astype(">u4").tobytes())


def _movie_header(duration: int) -> bytes:
    rate_and_volume = struct.pack(">IHHII", 0x10000, 0x0100, 0, 0, 0)
    return full_box(
        b"mvhd",
        1,
        0,
        _TIMES.pack(0, 0),
        struct.pack(">IQ", SAMPLE_RATE, duration),
        rate_and_volume,
        _UNITY_MATRIX,
        bytes(24),
        struct.pack(">I", _TRACK_ID + 1),
    )


def _track(track: Track, duration: int, tables: tuple[bytes, ...]) -> bytes:
    header = full_box(
        b"tkhd",
        1,
        _ENABLED_IN_MOVIE,
        _TIMES.pack(0, 0),
        struct.pack(">IIQQ", _TRACK_ID, 0, duration, 0),
        struct.pack(">4H", 0, 0, 0x0100, 0),
        _UNITY_MATRIX,
        bytes(8),
    )
    return box(b"trak", header, _media(track, duration, tables))


def _media(track: Track, duration: int, tables: tuple[bytes, ...]) -> bytes:
    header = full_box(
        b"mdhd", 1, 0, _TIMES.pack(0, 0), struct.pack(">IQHH", SAMPLE_RATE, duration, _UNDETERMINED, 0)
    )
    handler = full_box(b"hdlr", 0, 0, bytes(4), b"soun", bytes(12), b"Programme\0")
    return box(b"mdia", header, handler, _media_information(track, tables))


def _media_information(track: Track, tables: tuple[bytes, ...]) -> bytes:
    here = full_box(b"url ", 0, _SELF_CONTAINED)
    references = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), here))
    descriptions = full_box(b"stsd", 0, 0, struct.pack(">I", 1), _sample_entry(track))
    return box(b"minf", full_box(b"smhd", 0, 0, bytes(4)), references, box(b"stbl", descriptions, *tables))


def _sample_entry(track: Track) -> bytes:
    entry = struct.pack(">6xH8xHHHHI", 1, 1, 16, 0, 0, SAMPLE_RATE << 16)
    if track.codec in {AAC, MP3}:
        return box(b"mp4a", entry, full_box(b"esds", 0, 0, _elementary_stream(track)))
    if track.codec == OPUS:
        specific = struct.pack(">BBHIhB", 0, 1, OPUS_PRE_SKIP, SAMPLE_RATE, 0, 0)
        return box(b"Opus", entry, box(b"dOps", specific))
    raise ValueError(f"no sample entry is known for codec {track.codec!r}")


def _elementary_stream(track: Track) -> bytes:
    """ES_Descriptor of ISO/IEC 14496-1: audio (stream type 5) in MPEG-4 AAC or MPEG-1 layer 3."""
    rates = struct.pack(">II", track.bandwidth, track.bandwidth)
    kind, setup = (_MP3_OBJECT, b"") if track.codec == MP3 else (_AAC_OBJECT, _descriptor(5, track.config))
    decoder = _descriptor(4, kind + b"\x15" + bytes(3) + rates + setup)
    return _descriptor(3, b"\x00\x01\x00" + decoder + _descriptor(6, b"\x02"))


def _descriptor(tag: int, body: bytes) -> bytes:
    if len(body) > 127:
        raise ValueError("a descriptor of ours fits into one length byte")
    return bytes((tag, len(body))) + body
