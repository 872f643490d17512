import contextlib
import itertools
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.samples import QUANTUM
from rostra.media import cmaf
from rostra.media.track import AAC, OPUS, Track
from rostra.rehearsal.chunks import MAX_BOX_BYTES, BrokenMedia, ChunkStream, Defaults, read_init


class Tape(Protocol):
    init: bytes
    chunks: tuple[bytes, ...]


TRACK = Track("opus32", OPUS, 40_000, 960)
CHUNK = cmaf.chunk(TRACK, sequence=1, start_sample=0, frames=[bytes([n]) * 20 for n in range(1, 17)])


def test_the_init_segment_tells_how_long_a_frame_is(tape: Tape) -> None:
    assert read_init(tape.init).frame_samples == 1024


def test_what_the_server_writes_is_read_by_this_second_reader(tape: Tape) -> None:
    found = ChunkStream(read_init(tape.init)).feed(b"".join(tape.chunks))
    assert [chunk.start_sample for chunk in found] == [n * QUANTUM for n in range(len(tape.chunks))]
    assert all(chunk.samples == QUANTUM for chunk in found)
    assert [chunk.data for chunk in found] == list(tape.chunks)
    assert list(found[0].frames) == cmaf.frames(tape.chunks[0])


@given(cuts=st.lists(st.integers(0, 3 * len(CHUNK)), max_size=20))
def test_chunks_come_out_alike_however_the_network_cuts_them(cuts: list[int]) -> None:
    whole = CHUNK * 3
    edges = [0, *sorted(cuts), len(whole)]
    stream = ChunkStream(Defaults())
    found = [chunk for a, b in itertools.pairwise(edges) for chunk in stream.feed(whole[a:b])]
    assert [chunk.data for chunk in found] == [CHUNK] * 3
    assert not stream.torn


def test_a_stream_that_stops_inside_a_chunk_is_torn() -> None:
    stream = ChunkStream(Defaults())
    assert stream.feed(CHUNK[:-1]) == []
    assert stream.torn


@given(
    start=st.integers(0, 2**50),
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=16),
)
def test_any_chunk_that_can_be_written_is_read_back(start: int, sizes: list[int]) -> None:
    frames = [bytes([size % 256]) * size for size in sizes]
    data = cmaf.chunk(Track("aac64", AAC, 1, 1024), sequence=1, start_sample=start, frames=frames)
    (chunk,) = ChunkStream(Defaults()).feed(data)
    assert chunk.start_sample == start
    assert list(chunk.frames) == frames
    assert chunk.end_sample == start + 1024 * len(sizes)


@given(st.binary(max_size=400))
def test_noise_is_refused_and_never_crashes(noise: bytes) -> None:
    with contextlib.suppress(BrokenMedia):
        ChunkStream(Defaults()).feed(noise)
    with contextlib.suppress(BrokenMedia):
        read_init(noise)


@given(at=st.integers(0, len(CHUNK) - 1), value=st.integers(0, 255))
def test_one_wrong_byte_is_refused_or_harmless(at: int, value: int) -> None:
    wrong = CHUNK[:at] + bytes([value]) + CHUNK[at + 1 :]
    with contextlib.suppress(BrokenMedia):
        for chunk in ChunkStream(Defaults()).feed(wrong):
            assert sum(map(len, chunk.frames)) <= len(wrong)


def test_a_box_that_claims_a_megabyte_is_refused_before_it_is_kept() -> None:
    with pytest.raises(BrokenMedia):
        ChunkStream(Defaults()).feed((MAX_BOX_BYTES + 1).to_bytes(4, "big") + b"mdat")
