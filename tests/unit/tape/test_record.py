from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.errors import TapeDamaged
from rostra.tape.index import COLUMNS
from rostra.tape.record import KIND_AT, RECORD_BYTES, Flag, Kind, Record

u64 = st.integers(0, 2**64 - 1)
u32 = st.integers(0, 2**32 - 1)
digests = st.binary(min_size=32, max_size=32)
records = st.builds(
    Record,
    kind=st.sampled_from(Kind),
    rendition=st.integers(0, 255),
    flags=st.sampled_from([Flag.NONE, Flag.EVENTS, Flag.SEGMENT_START | Flag.EVENTS]),
    number=u64,
    start_sample=u64,
    offset=u64,
    length=u32,
    samples=u32,
    sha256=digests,
    previous=digests,
)


@given(records)
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    assert Record.parse(record.pack()) == record


@given(records)
def test_columns_read_what_records_say(record: Record) -> None:
    raw = record.pack()
    row = np.frombuffer(raw, COLUMNS)[0]
    for name in ("kind", "rendition", "flags", "number", "start_sample", "offset", "length", "samples"):
        assert int(row[name]) == getattr(record, name)
    assert row["sha256"].tobytes() == record.sha256
    assert row["previous"].tobytes() == record.previous
    assert raw[KIND_AT] == record.kind
    assert COLUMNS.itemsize == RECORD_BYTES


@given(records, st.integers(0, 8 * RECORD_BYTES - 1))
def test_a_flipped_bit_is_noticed(record: Record, bit: int) -> None:
    raw = bytearray(record.pack())
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(TapeDamaged):
        Record.parse(bytes(raw))


@given(st.binary(max_size=2 * RECORD_BYTES))
def test_any_bytes_are_refused_as_a_record(raw: bytes) -> None:
    with pytest.raises(TapeDamaged):
        Record.parse(raw)
