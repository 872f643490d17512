"""Ogg Opus pages, as FFmpeg and a reader written from RFC 3533 understand them."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import pytest

from harness import programme
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.media import ogg


def pages(data: bytes) -> list[tuple[int, int, int, list[int]]]:
    """Flags, sequence, granule and packet sizes of each page."""
    found = []
    while data:
        magic, version, flags, granule, _, sequence, _, count = struct.unpack_from("<4sBBqIIIB", data)
        assert (magic, version) == (b"OggS", 0)
        lacing = data[27 : 27 + count]
        sizes, size = [], 0
        for value in lacing:
            size += value
            if value < 255:
                sizes.append(size)
                size = 0
        assert size == 0, "a packet goes on beyond its page"
        found.append((flags, sequence, granule, sizes))
        data = data[27 + count + sum(lacing) :]
    return found


def stream(first: int, last: int) -> bytes:
    """What a listener gets who comes at quantum ``first`` and stays until the end at ``last``."""
    made = ogg.Pages(7)
    audio = [made.audio(quantum["opus32"], samples=QUANTUM) for quantum in programme.quanta()[:last]]
    return made.opening({"TITLE": "Ein Abend – Ada"}) + b"".join(audio[first:]) + made.closing()


def test_granule_positions_count_every_sample_so_far_with_the_pre_skip() -> None:
    """RFC 7845 section 4."""
    found = pages(stream(3, 6))
    assert [flags for flags, *_ in found] == [ogg.FIRST, 0, 0, 0, 0, ogg.LAST]
    assert [granule for _, _, granule, _ in found[:2]] == [0, 0]
    assert [granule for _, _, granule, _ in found[2:]] == [
        ogg.PRE_SKIP + count * QUANTUM for count in (4, 5, 6, 6)
    ]
    assert [sequence for _, sequence, *_ in found] == [0, 1, 5, 6, 7, 8]
    assert [len(sizes) for *_, sizes in found] == [1, 1, 16, 16, 16, 0]


def test_headers_are_alone_on_their_pages_and_say_what_follows() -> None:
    """RFC 7845 sections 3 and 5."""
    head = ogg.opus_head()
    assert head[:10] == b"OpusHead\x01\x01"
    assert struct.unpack_from("<HI", head, 10) == (3840, SAMPLE_RATE)
    tags = ogg.opus_tags({"TITLE": "é"})
    assert tags == b"OpusTags" + b"\6\0\0\0rostra" + b"\1\0\0\0" + b"\10\0\0\0TITLE=" + "é".encode()


@pytest.mark.parametrize("first", [0, 9])
def test_a_decoder_hears_what_was_spoken_from_wherever_it_joins(first: int) -> None:
    last = 30
    with av.open(io.BytesIO(stream(first, last))) as container:
        assert container.streams.audio[0].metadata["TITLE"] == "Ein Abend – Ada"
        heard = np.concatenate([each.to_ndarray()[0] for each in container.decode(audio=0)])
    spoken = programme.mix()[first * QUANTUM + ogg.PRE_SKIP : last * QUANTUM]
    assert abs(programme.shift(heard, spoken)) <= SAMPLE_RATE // 1000


def test_a_page_has_the_checksum_of_the_specification() -> None:
    """RFC 3533 section 6: an Ogg reader throws a page with another one away. This one is FFmpeg's."""
    data = io.BytesIO()
    with av.open(data, "w", format="ogg") as container:
        opus = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), format="flt", layout="mono")
        silence.sample_rate = SAMPLE_RATE
        container.mux(opus.encode(silence))
        container.mux(opus.encode(None))
    first = data.getvalue()[: 27 + 1 + 19]
    serial, sequence = struct.unpack_from("<II", first, 14)
    assert ogg.page([first[28:]], serial=serial, sequence=sequence, granule=0, flags=ogg.FIRST) == first


def test_a_packet_of_255_bytes_ends_with_a_zero_and_too_many_are_refused() -> None:
    assert pages(ogg.page([b"x" * 255, b"y"], serial=1, sequence=0, granule=0))[0][3] == [255, 1]
    with pytest.raises(ValueError, match="255"):
        ogg.page([b"x" * 60_000] * 2, serial=1, sequence=0, granule=0)
