"""One speaker heard through all that networks do: whole, in time, and soon near again."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.call import MS, Call, Encoder, longest_gap_ms, packets_of, purity, rough, syllables, tone
from rostra.audio.frame import Sound
from rostra.audio.playout import Playout
from rostra.audio.rtp import Rtp
from rostra.audio.shelf import CAPACITY
from rostra.core.samples import SAMPLE_RATE, TICK

HZ = 440
MOST_BETWEEN = 1.95
"""What sixteen taps make of full samples at most: the sum of their weights. A limiter follows."""
START = SAMPLE_RATE // 2
"""Samples after which a call has surely begun."""


def delays_ms(call: Call, *, last_s: float = 1.0) -> tuple[float, float]:
    """The least and the most that sound waited lately."""
    lately = call.delays[-round(last_s * 50) :]
    return min(lately) / MS, max(lately) / MS


def seams(sound: Sound, hertz: float, amplitude: float = 0.25) -> float:
    """The steepest step, as a multiple of the steepest that a tone has."""
    return float(np.abs(np.diff(sound)).max() / (amplitude * 2 * np.pi * hertz / SAMPLE_RATE))


def test_on_a_clean_network_sound_waits_one_tick_to_two_and_passes_as_it_is() -> None:
    call = Call()
    heard = call.talk(packets_of(tone(HZ, 4)))
    least, most = delays_ms(call, last_s=3)
    assert 20 <= least <= most <= 40
    assert purity(heard[START:], HZ) > 0.999
    measures = call.playout.measures()
    assert (measures.packets_lost, measures.concealed_ms, measures.packets_late) == (0, 0, 0)


@pytest.mark.parametrize("phase_ms", [1, 5, 10, 19])
@pytest.mark.parametrize("samples", [480, TICK, 2 * TICK, 3 * TICK])
def test_whatever_the_packets_length_and_the_mixers_phase_nothing_is_missing(
    samples: int, phase_ms: int
) -> None:
    call = Call(network=lambda _: 40 * MS + phase_ms * MS, samples=samples)
    heard = call.talk(packets_of(tone(HZ, 4), samples=samples))
    assert longest_gap_ms(heard[START:]) <= 10
    assert seams(heard[START:], HZ) < 1.3
    assert call.playout.measures().concealed_ms == 0
    assert delays_ms(call)[1] <= 40 + samples / MS


@pytest.mark.parametrize("phase_ms", [1, 19])
@pytest.mark.parametrize("ppm", [-300, 0, 300])
def test_a_mixer_that_takes_two_ticks_at_a_time_finds_both_and_waits_no_longer(
    ppm: float, phase_ms: int
) -> None:
    calls = [Call(network=lambda _: (40 + phase_ms) * MS, ppm=ppm, in_pairs=each) for each in (False, True)]
    singly, in_pairs = (call.talk(PACKETS[:800]) for call in calls)
    assert longest_gap_ms(in_pairs[START:]) <= 10
    assert purity(in_pairs[START:], HZ) > 0.999
    assert abs(len(in_pairs) - len(singly)) <= TICK
    assert delays_ms(calls[1], last_s=5)[1] <= delays_ms(calls[0], last_s=5)[1] + 1
    measures = calls[1].playout.measures()
    assert (measures.concealed_ms, measures.packets_late) == (0, 0)


@pytest.mark.parametrize("in_pairs", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_loss_and_jitter_leave_no_gap_and_the_tone_is_the_tone(seed: int, in_pairs: bool) -> None:
    call = Call(network=rough(seed, loss=0.05, jitter_ms=50), in_pairs=in_pairs)
    heard = call.talk(PACKETS[:500])
    assert longest_gap_ms(heard[START:]) <= 60
    assert purity(heard[START:], HZ) > 0.98
    assert call.playout.missed == 0


def test_a_speaker_who_begins_with_half_a_second_of_backlog_is_soon_as_near_as_others() -> None:
    call = Call()
    held_until = call.now + SAMPLE_RATE // 2
    call.network = lambda at: 40 * MS + max(0, held_until - at)
    call.talk(PACKETS[:150])
    assert delays_ms(call)[1] <= 48


@pytest.mark.parametrize("burst", [1, 2, 3, 5])
def test_packets_lost_in_a_row_are_no_hole(burst: int) -> None:
    numbers = itertools.count()
    call = Call(network=lambda _: None if 200 <= next(numbers) < 200 + burst else 40 * MS)
    heard = call.talk(PACKETS[:600])
    assert call.playout.measures().packets_lost == burst
    assert longest_gap_ms(heard[START:]) <= 10
    assert seams(heard[START:], HZ) < 2
    assert delays_ms(call)[1] <= 48


def test_speech_that_was_lost_comes_back_from_the_copies() -> None:
    call = Call(network=rough(3, loss=0.05, jitter_ms=50))
    call.talk(packets_of(syllables(20)))
    measures = call.playout.measures()
    assert measures.packets_lost >= 20
    assert measures.recovered_ms > 2 * measures.concealed_ms


@pytest.mark.parametrize("hertz", [110, 440, 1250])
def test_delay_grows_at_once_and_comes_back_down_without_a_seam(hertz: int) -> None:
    bad = rough(4, loss=0, jitter_ms=50)
    call = Call()
    packets = packets_of(tone(hertz, 36))
    call.talk(packets[:200])
    call.network = bad
    call.talk(packets[200:250])
    assert delays_ms(call, last_s=0.1)[0] > 80
    heard = call.talk(packets[250:800])
    assert longest_gap_ms(heard) <= 60
    call.network = lambda _: 40 * MS
    heard = call.talk(packets[800:])
    assert delays_ms(call)[1] <= 45
    assert longest_gap_ms(heard) <= 20
    assert seams(heard, hertz) < 1.4
    assert purity(heard, hertz) > 0.98


def test_a_network_that_stalls_is_waited_for_but_not_for_ever() -> None:
    call = Call()
    packets = packets_of(tone(HZ, 20))
    call.talk(packets[:100])
    stall_ends = call.sent_until + 40 * MS + SAMPLE_RATE * 3 // 10
    call.network = lambda at: max(40 * MS, stall_ends - at)
    heard = call.talk(packets[100:200])
    assert longest_gap_ms(heard) <= 250
    call.talk(packets[200:])
    assert delays_ms(call)[1] <= 45


@pytest.mark.parametrize("later_ms", [600, 1000, 2900])
def test_a_speaker_whose_way_becomes_far_longer_is_heard_again_within_a_second(later_ms: int) -> None:
    call = Call()
    call.talk(PACKETS[:200])
    call.network = lambda _: (40 + later_ms) * MS
    heard = call.talk(PACKETS[200:450])
    assert longest_gap_ms(heard) <= later_ms + 1000
    assert longest_gap_ms(heard[-SAMPLE_RATE:]) == 0
    assert delays_ms(call)[1] <= 48


def test_silence_that_is_not_sent_costs_no_concealment_and_speech_after_it_is_whole() -> None:
    encoder = Encoder(dtx=True)
    quiet = np.zeros(3 * SAMPLE_RATE, np.float32)
    sound = np.concatenate((syllables(2), quiet, syllables(2), quiet, syllables(1)))
    payloads: list[bytes | None] = []
    for packet in packets_of(sound, encoder):
        pausing = len(packet) <= 2
        payloads.append(None if pausing and payloads and payloads[-1] in (None, packet) else packet)
    assert payloads.count(None) > 100
    call = Call()
    heard = call.talk(payloads)
    measures = call.playout.measures()
    assert (measures.packets_lost, measures.concealed_ms, call.playout.missed) == (0, 0, 0)
    assert np.sum(heard**2) == pytest.approx(np.sum(sound**2), rel=0.15)
    assert delays_ms(call)[1] <= 40


def test_another_source_and_another_clock_are_taken_up_within_a_moment() -> None:
    call = Call()
    packets = packets_of(tone(HZ, 12))
    call.talk(packets[:200])
    call.source, call.sequence, call.timestamp = 9, 17, 123_456
    assert longest_gap_ms(call.talk(packets[200:400])) <= 160
    call.timestamp += 50 * SAMPLE_RATE
    assert longest_gap_ms(call.talk(packets[400:])) <= 160
    assert delays_ms(call)[1] <= 40
    assert purity(np.concatenate(call.heard[-100:]), HZ) > 0.999


def test_duplicates_are_heard_once() -> None:
    call = Call()
    packets = packets_of(tone(HZ, 3))
    for number, packet in enumerate(packets):
        call.say(packet)
        call.playout.push(
            Rtp(111, (65_500 + number) % 2**16, (call.timestamp + number * TICK) % 2**32, 1, packet),
            call.now + 1,
        )
        call.tick()
    assert purity(np.concatenate(call.heard[25:]), HZ) > 0.999


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 120), st.booleans()), min_size=60, max_size=200),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
)
def test_after_any_trouble_a_clean_second_is_heard_whole(
    trouble: list[tuple[int, bool]], sequence: int, timestamp: int
) -> None:
    ways = iter(trouble)

    def network(_: int) -> float | None:
        takes_ms, lost = next(ways, (40, False))
        return None if lost else takes_ms * MS

    call = Call(network=network, sequence=sequence, timestamp=timestamp)
    packets = PACKETS
    call.talk(packets[: len(trouble)])
    call.talk(packets[len(trouble) : len(trouble) + 550])
    heard = call.talk(packets[len(trouble) + 550 : len(trouble) + 600])
    assert longest_gap_ms(heard) <= 10
    assert delays_ms(call)[1] <= 53
    assert purity(heard, HZ) > 0.99


PACKETS = packets_of(tone(HZ, 17))


def stand_still(call: Call, ticks: int, packets: list[bytes]) -> list[Sound]:
    """The process stops for so many ticks; then it reads what came, and catches up."""
    began = call.now
    for packet in packets:
        call.say(packet)
    now = began + ticks * TICK
    while call._on_the_way and call._on_the_way[0][0] <= now:
        _, _, rtp = call._on_the_way.pop(0)
        call.playout.push(rtp, now + TICK // 2)
    caught_up = []
    for _ in range(ticks):
        row = np.empty(TICK, np.float32)
        call.playout.pop_into(row, now + TICK // 2, catching_up=True)
        caught_up.append(row)
    call.now = now
    return caught_up


@pytest.mark.parametrize("ticks", [10, 45, 95])
def test_a_mixer_that_stood_still_finds_all_that_was_said_and_the_delay_it_had(ticks: int) -> None:
    call = Call(network=lambda _: 40 * MS)
    packets = PACKETS
    call.talk(packets[:200])
    caught_up = np.concatenate(stand_still(call, ticks, packets[200 : 200 + ticks]))
    assert longest_gap_ms(caught_up) <= 10
    heard = call.talk(packets[200 + ticks :])
    assert longest_gap_ms(heard) <= 10
    assert purity(np.concatenate((caught_up, heard)), HZ) > 0.999
    assert delays_ms(call, last_s=3)[1] <= 40
    assert call.playout.measures().jitter_ms <= 1


def test_a_grid_of_ticks_that_moves_is_found_again() -> None:
    call = Call()
    call.talk(PACKETS[:100])
    call.now += 15 * MS
    call.talk(PACKETS)
    assert call.playout._time is not None
    assert call.now - call.playout._time <= MS
    assert delays_ms(call)[1] <= 48


def test_after_a_gap_only_the_newest_is_heard() -> None:
    call = Call()
    call.talk(PACKETS[:200])
    now = call.now
    for packet in PACKETS[200:350]:
        call.say(packet)
    call.now += 150 * TICK
    while call._on_the_way and call._on_the_way[0][0] <= call.now:
        call.playout.push(call._on_the_way.pop(0)[2], call.now)
    assert now < call.now
    call.playout.trim()
    call.talk(PACKETS[350:500])
    assert delays_ms(call)[1] <= 45


def test_a_speaker_who_speaks_runs_dry_when_the_next_packet_is_on_its_way_and_only_then() -> None:
    call = Call()
    assert not call.playout.runs_dry
    call.talk(PACKETS[:50])
    assert not call.playout.runs_dry
    row = np.empty(TICK, np.float32)
    for _ in range(3):
        call.playout.pop_into(row, call.now, catching_up=True)
    assert call.playout.runs_dry
    for _ in range(20):
        call.playout.pop_into(row, call.now, catching_up=True)
    assert not call.playout.runs_dry


STRANGE = st.builds(
    Rtp,
    st.just(111),
    st.integers(0, 2**16 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2),
    st.one_of(st.binary(max_size=200), st.sampled_from(PACKETS[:20])),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(STRANGE, max_size=120), st.integers(0, 3000))
def test_nonsense_is_survived_within_bounds(packets: list[Rtp], step: int) -> None:
    playout = Playout()
    row = np.empty(TICK, np.float32)
    now = 0
    for packet in packets:
        now += step
        playout.push(packet, now)
        playout.pop_into(row, now)
        assert np.isfinite(row).all()
        assert np.abs(row).max() <= MOST_BETWEEN
        assert len(playout._shelf) <= CAPACITY
        assert len(playout._line) <= 3 * 5760


def test_a_flood_of_packets_that_nobody_plays_is_bounded() -> None:
    playout = Playout()
    chance = random.Random(1)
    for number in range(3000):
        timestamp = (chance.randrange(2 * SAMPLE_RATE)) % 2**32
        playout.push(Rtp(111, number % 2**16, timestamp, 1, PACKETS[0]), number * 10)
    assert len(playout._shelf) <= CAPACITY
