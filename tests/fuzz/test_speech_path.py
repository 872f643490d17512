"""Whatever a speaker's program encrypts and sends: no crash, no growth, and speech after it is heard."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.call import packets_of, tone
from harness.clock import ManualClock
from rostra.audio.rtp import MOST_BYTES
from rostra.core.samples import TICK
from rostra.stage.microphone import MOST_SOURCES, Microphone, TooManySources

OPUS = 111
SPEECH = packets_of(tone(440, 3))


def rtp(
    payload: bytes,
    sequence: int = 0,
    timestamp: int = 0,
    *,
    source: int = 7,
    flags: int = 0x80,
    kind: int = OPUS,
) -> bytes:
    return struct.pack("!BBHII", flags, kind, sequence % 2**16, timestamp % 2**32, source) + payload


ANYTHING = st.one_of(
    st.binary(max_size=MOST_BYTES + 20),
    st.builds(
        rtp,
        st.one_of(st.binary(max_size=300), st.sampled_from(SPEECH)),
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**32 - 1),
        source=st.integers(0, 9),
        flags=st.integers(0, 255),
        kind=st.integers(0, 255),
    ),
)


def heard(microphone: Microphone, clock: ManualClock) -> float:
    """Say three seconds properly; return how loud the last of them is."""
    row = np.empty(TICK, np.float32)
    for number, payload in enumerate(SPEECH):
        microphone.take(rtp(payload, number + 40_000, number * TICK + 77))
        clock.advance(ms=20)
        microphone.pop_into(row)
    return float(np.abs(row).max())


@settings(deadline=None)
@given(st.lists(st.tuples(ANYTHING, st.integers(0, 300)), max_size=60))
def test_speech_is_heard_after_any_bytes(datagrams: list[tuple[bytes, int]]) -> None:
    clock = ManualClock()
    microphone = Microphone(clock)
    microphone.formats = frozenset({OPUS})
    row = np.empty(TICK, np.float32)
    for data, pause_ms in datagrams:
        microphone.take(data)
        clock.advance(ms=pause_ms)
        microphone.pop_into(row)
        assert np.isfinite(row).all()
        assert np.abs(row).max() <= 1
        microphone.report()
        microphone.measures()
    assert len(microphone.sources) <= MOST_SOURCES
    assert heard(microphone, clock) > 0.2


def test_a_new_source_for_every_packet_is_too_many() -> None:
    microphone = Microphone(ManualClock())
    for source in range(MOST_SOURCES):
        microphone.take(rtp(b"", source=source))
    with pytest.raises(TooManySources):
        microphone.take(rtp(b"", source=MOST_SOURCES))
    microphone.take(rtp(b"", source=3))
    assert len(microphone.sources) == MOST_SOURCES
