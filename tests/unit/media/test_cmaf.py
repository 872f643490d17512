from __future__ import annotations

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import programme
from rostra.core.samples import QUANTUM
from rostra.media import cmaf, events
from rostra.media.boxes import MalformedMedia, box, walk
from rostra.media.cmaf import AAC, OPUS, ChunkSplitter, Track

TRACK = Track("aac64", AAC, 82_000, 1024, b"\x11\x88")
EVENT = events.snapshot(at=QUANTUM, listeners=3)

some_frames = st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=cmaf.MAX_FRAMES)
some_events = st.lists(st.sampled_from([EVENT, box(b"emsg", b"another's")]), max_size=3)


def a_chunk(start: int = QUANTUM, event: bytes = EVENT) -> bytes:
    return cmaf.chunk(TRACK, sequence=2, start_sample=start, frames=[b"abc", b"d", b"efgh"], events=event)


@given(
    frames=some_frames,
    carried=some_events,
    sequence=st.integers(1, 2**32 - 1),
    start=st.integers(0, 2**63),
)
def test_a_chunk_is_read_as_it_was_written(
    frames: list[bytes], carried: list[bytes], sequence: int, start: int
) -> None:
    data = cmaf.chunk(TRACK, sequence=sequence, start_sample=start, frames=frames, events=b"".join(carried))
    assert cmaf.parse(data) == cmaf.Chunk(sequence, start, 1024, tuple(frames), tuple(carried))
    assert cmaf.frames(data) == frames


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_as_a_chunk(data: bytes) -> None:
    with pytest.raises(MalformedMedia):
        cmaf.parse(data)


@given(st.integers(0, len(a_chunk()) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_only_values(at: int, flip: int) -> None:
    data = bytearray(a_chunk())
    data[at] ^= flip
    try:
        found = cmaf.parse(bytes(data))
    except MalformedMedia:
        return
    assert sum(map(len, found.frames)) == 8
    assert len(found.frames) == 3


@given(st.integers(0, len(a_chunk()) - 1))
def test_a_chunk_cut_short_is_refused(length: int) -> None:
    with pytest.raises(MalformedMedia):
        cmaf.parse(a_chunk()[:length])


def test_a_chunk_over_its_limit_is_refused_unread() -> None:
    with pytest.raises(MalformedMedia):
        cmaf.parse(box(b"emsg", bytes(cmaf.MAX_CHUNK_BYTES)) + a_chunk())


@pytest.mark.parametrize(
    "frames",
    [[], [b""], [b"a", b""], [b"a"] * 65, [bytes(8185)]],
    ids=["none", "empty", "one", "many", "big"],
)
def test_frames_no_chunk_can_hold_are_refused(frames: list[bytes]) -> None:
    with pytest.raises(ValueError, match="a chunk holds"):
        cmaf.chunk(TRACK, sequence=1, start_sample=0, frames=frames)


@given(cuts=st.lists(st.integers(0, 3 * len(a_chunk())), max_size=12))
def test_a_stream_is_split_into_the_same_chunks_however_it_arrives(cuts: list[int]) -> None:
    chunks = [a_chunk(0), a_chunk(QUANTUM, b""), a_chunk(2 * QUANTUM)]
    stream = b"".join(chunks)
    splitter, found, position = ChunkSplitter(), [], 0
    for cut in [*sorted(cuts), len(stream)]:
        found += splitter.feed(stream[position:cut])
        position = max(position, cut)
    assert found == chunks
    assert splitter.pending_bytes == 0


@given(st.lists(st.binary(max_size=64), max_size=20))
def test_a_splitter_refuses_or_waits_for_more(pieces: list[bytes]) -> None:
    splitter = ChunkSplitter()
    try:
        for piece in pieces:
            splitter.feed(piece)
    except MalformedMedia:
        return
    assert splitter.pending_bytes <= sum(map(len, pieces))


def test_a_splitter_never_holds_a_chunk_over_the_limit() -> None:
    with pytest.raises(MalformedMedia):
        ChunkSplitter().feed((cmaf.MAX_CHUNK_BYTES + 1).to_bytes(4, "big") + b"mdat")


def test_an_init_segment_is_a_type_and_a_movie_without_samples() -> None:
    for track in programme.tracks():
        init = cmaf.init_segment(track)
        assert [each.kind for each in walk(init)] == [b"ftyp", b"free", b"moov"]
        assert b"elst" not in init


def test_no_chunk_begins_in_the_first_kilobyte_of_a_recording() -> None:
    """GStreamer 1.26 reads such a one from the file's beginning."""
    assert all(len(cmaf.init_segment(track)) >= 1024 for track in programme.tracks())


def test_a_codec_nobody_knows_has_no_init_segment() -> None:
    with pytest.raises(ValueError, match="mp3"):
        cmaf.init_segment(Track("mp3", "mp3", 64_000, 1152))


@pytest.mark.parametrize("track", programme.tracks(), ids=lambda track: track.name)
def test_a_listener_who_joins_late_decodes_at_programme_time(track: Track) -> None:
    late = range(12, 24)
    chunks = [
        cmaf.chunk(track, sequence=n + 1, start_sample=n * QUANTUM, frames=programme.quanta()[n][track.name])
        for n in late
    ]
    with av.open(io.BytesIO(cmaf.init_segment(track) + b"".join(chunks))) as media:
        decoded = list(media.decode(audio=0))
        assert media.streams.audio[0].codec_context.name == ("opus" if track.codec == OPUS else "aac")
    assert decoded[0].pts == late.start * QUANTUM
    assert sum(frame.samples for frame in decoded) == len(late) * QUANTUM
