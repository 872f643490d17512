"""When whoever asked is told what, and that a crowd is not told at one time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.bus.messages import Lifecycle, Recording, SpaceState
from rostra.control.reminder_policy import (
    AHEAD_MS,
    FEW,
    GAP_MS,
    KEPT_MS,
    LATE_MS,
    LEAD_MS,
    MOST_FAILURES,
    MOST_SPREAD_MS,
    SPOTS,
    Occasion,
    Sending,
    due_spot,
    ends_of_soon,
    is_over,
    portions,
    reached_spot,
    retry_at,
    seconds_good,
    sendings,
    spread_ms,
)
from rostra.control.reminders import is_mail_address
from rostra.core.ids import AccountId, SpaceId
from rostra.gateway import stored

START = 1_700_000_000_000
MINUTE = 60_000


def space(lifecycle: Lifecycle = Lifecycle.SCHEDULED, **changes: Any) -> SpaceState:
    fields: dict[str, Any] = {
        "space": SpaceId("abcdefghjk"),
        "revision": 1,
        "lifecycle": lifecycle,
        "title": "Talk",
        "description": "",
        "host": AccountId("host"),
        "host_name": "Ada",
        "starts_at": START,
        "time_zone": "UTC",
    }
    return SpaceState(**(fields | changes))


def told(state: SpaceState, now_ms: int, spread: int = GAP_MS * FEW) -> dict[Occasion, Sending]:
    begins_ms = state.starts_at - LEAD_MS - spread
    return {each.occasion: each for each in sendings(state, now_ms, begins_ms=begins_ms)}


def test_the_reminder_of_everybody_is_done_ten_minutes_before_the_start() -> None:
    spread = 5 * MINUTE
    begins = START - LEAD_MS - spread
    assert Occasion.SOON not in told(space(), begins - 1, spread)
    soon = told(space(), begins, spread)[Occasion.SOON]
    assert (soon.column, soon.value, soon.begins_ms) == ("told_soon", START, begins)
    assert reached_spot(begins, START - LEAD_MS, spread_ms=spread) == SPOTS
    assert Occasion.SOON in told(space(Lifecycle.LOBBY), START - 1, spread)
    assert Occasion.SOON in told(space(), START + LATE_MS - 1, spread)  # of a host who is late
    assert Occasion.SOON not in told(space(), START + LATE_MS, spread)


def test_another_start_is_told_to_who_knows_the_old_one_and_reminded_of_anew() -> None:
    later = space(starts_at=START + 30 * MINUTE, starts_before=START)
    now = START - LEAD_MS
    assert set(told(later, now)) == {Occasion.RESCHEDULED}
    assert told(later, now)[Occasion.RESCHEDULED].value == START + 30 * MINUTE
    assert told(later, START + 20 * MINUTE - 1)[Occasion.SOON].value == START + 30 * MINUTE


def test_the_beginning_the_move_the_recording_and_the_end_have_their_words() -> None:
    assert set(told(space(Lifecycle.LIVE), START)) == {Occasion.BEGUN}
    target = SpaceId("zzzzzzzzzz")
    for lifecycle in (Lifecycle.SCHEDULED, Lifecycle.LIVE):
        moved = told(space(lifecycle, moved_to=target), START - LEAD_MS)
        assert {occasion: each.value for occasion, each in moved.items()} == {Occasion.MOVED: target}
    recording = Recording(duration_samples=48_000, size_bytes=1)
    assert set(told(space(Lifecycle.PUBLISHED, recording=recording), START)) == {Occasion.RECORDING}
    assert set(told(space(Lifecycle.CANCELLED), START)) == {Occasion.CANCELLED}


@pytest.mark.parametrize("lifecycle", Lifecycle)
def test_while_it_goes_on_elsewhere_that_is_told_whatever_became_of_the_first(lifecycle: Lifecycle) -> None:
    target = space(Lifecycle.LIVE, space=SpaceId("zzzzzzzzzz"))
    moved = space(lifecycle, moved_to=target.space, recording=Recording(duration_samples=1, size_bytes=1))
    there = {each.occasion for each in sendings(moved, START, begins_ms=START, target=target)}
    assert there == {Occasion.MOVED}


def test_what_went_on_elsewhere_and_is_over_there_is_told_of_as_it_ended() -> None:
    target = space(Lifecycle.PUBLISHED, space=SpaceId("zzzzzzzzzz"))
    moved = space(Lifecycle.CANCELLED, moved_to=target.space)
    told_now = {each.occasion for each in sendings(moved, START, begins_ms=START, target=target)}
    assert told_now == {Occasion.CANCELLED}


@pytest.mark.parametrize(
    "lifecycle", [Lifecycle.ENDED, Lifecycle.HELD, Lifecycle.DELETED, Lifecycle.PUBLISHED]
)
def test_nothing_is_said_of_a_recording_that_nobody_can_hear(lifecycle: Lifecycle) -> None:
    assert told(space(lifecycle), START) == {}


@given(people=st.integers(2, 10_000_000), rate=st.integers(1, 1_000))
def test_no_sending_is_a_burst(people: int, rate: int) -> None:
    spread = spread_ms(people, rate=rate)
    assert spread >= GAP_MS * min(people, FEW)
    assert people / (spread / 1000) <= rate


def test_a_hundred_thousand_are_all_reminded_before_the_start_though_another_begins_with_it() -> None:
    people, rate, starts = 100_000, 20, {SpaceId("one"): START, SpaceId("two"): START}
    ends = ends_of_soon([(each, start, people) for each, start in starts.items()], rate=rate)
    spread = spread_ms(people, rate=rate)
    begins = {each: end - spread for each, end in ends.items()}
    assert max(ends.values()) == START - LEAD_MS
    for now in range(min(begins.values()), START - LEAD_MS + 1, MINUTE):
        due = sum(people * reached_spot(begin, now, spread_ms=spread) // SPOTS for begin in begins.values())
        assert due <= rate * ((now - min(begins.values())) / 1000 + 1)
    for begin in begins.values():
        assert reached_spot(begin, START - LEAD_MS, spread_ms=spread) == SPOTS


def test_who_begins_much_later_or_earlier_takes_no_time_from_others() -> None:
    starts = [START - 60 * MINUTE, START, START + 60 * MINUTE]
    spaces = [(SpaceId(str(start)), start, 100) for start in starts]
    ends = ends_of_soon(spaces, rate=20)
    assert [ends[space] for space, _, _ in spaces] == [start - LEAD_MS for start in starts]


def test_what_is_told_at_once_to_a_crowd_is_due_to_all_within_half_an_hour() -> None:
    begun = Sending(Occasion.BEGUN, "told_begun", 1)
    spread = spread_ms(100_000, rate=20)
    assert due_spot(begun, START, START + MOST_SPREAD_MS, spread_ms=spread) == SPOTS


@given(
    left=st.integers(-60 * MINUTE, 3 * 24 * 60 * MINUTE),
    later=st.integers(-30 * MINUTE, 24 * 60 * MINUTE),
    people=st.integers(1, 100_000),
    passed=st.integers(0, 40 * MINUTE),
)
def test_another_start_is_due_to_all_before_the_one_they_expect_and_no_later_than_other_news(
    left: int, later: int, people: int, passed: int
) -> None:
    seen, spread = START - left, spread_ms(people, rate=20)
    state = space(starts_at=START + later, starts_before=START)
    (sending,) = (
        each
        for each in sendings(state, seen, begins_ms=state.starts_at, expected_ms=START)
        if each.occasion is Occasion.RESCHEDULED
    )
    ends = min(START, state.starts_at) - AHEAD_MS
    assert sending.ends_ms == ends
    assert due_spot(sending, seen, max(ends, seen + 1), spread_ms=spread) == SPOTS
    at_once = Sending(Occasion.RESCHEDULED, "told_start", state.starts_at)
    now = seen + passed
    assert due_spot(sending, seen, now, spread_ms=spread) >= due_spot(at_once, seen, now, spread_ms=spread)
    if ends - seen >= MOST_SPREAD_MS:
        assert due_spot(sending, seen, now, spread_ms=spread) == due_spot(
            at_once, seen, now, spread_ms=spread
        )


def test_whoever_was_not_reminded_by_the_start_hears_that_it_has_begun() -> None:
    live = space(Lifecycle.LIVE, live_at=START)
    late = list(sendings(live, START + LATE_MS - 1, begins_ms=START - 60 * MINUTE))
    assert {each.column for each in late if each.occasion is Occasion.BEGUN} == {"told_begun", "told_soon"}
    much_later = sendings(live, START + LATE_MS, begins_ms=START - 60 * MINUTE)
    assert [each.column for each in much_later] == ["told_begun"]


TIMED = Sending(Occasion.SOON, "told_soon", START, START)
AT_ONCE = Sending(Occasion.RECORDING, "told_over", 1)
ANOTHER_START = Sending(Occasion.RESCHEDULED, "told_start", START, ends_ms=START)


@pytest.mark.parametrize(
    ("wanted", "parts"),
    [
        ([(AT_ONCE, 20), (AT_ONCE, 20)], [10, 10]),
        ([(AT_ONCE, 20), (AT_ONCE, 3)], [17, 3]),
        ([(TIMED, 20), (AT_ONCE, 20)], [16, 4]),
        ([(ANOTHER_START, 20), (AT_ONCE, 20)], [16, 4]),
        ([(TIMED, 20), (ANOTHER_START, 20)], [10, 10]),
        ([(TIMED, 20), (AT_ONCE, 0)], [20, 0]),
        ([(TIMED, 5), (AT_ONCE, 20)], [5, 15]),
        ([(TIMED, 20), (TIMED, 20), (AT_ONCE, 2)], [9, 9, 2]),
        ([], []),
    ],
)
def test_spaces_share_the_rate_and_what_has_a_time_comes_first(
    wanted: list[tuple[Sending, int]], parts: list[int]
) -> None:
    assert portions(wanted, 20) == parts


@given(counts=st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=40), most=st.integers(0, 50))
def test_no_room_is_left_while_somebody_waits(counts: list[tuple[bool, int]], most: int) -> None:
    wanted = [(TIMED if timed else AT_ONCE, count) for timed, count in counts]
    parts = portions(wanted, most)
    assert sum(parts) == min(most, sum(count for _, count in counts))
    assert all(0 <= part <= count for part, (_, count) in zip(parts, counts, strict=True))


@given(passed=st.integers(-10_000, 10_000_000), more=st.integers(0, 100_000))
def test_a_sending_goes_on_steadily_and_reaches_everybody(passed: int, more: int) -> None:
    spread = 5 * MINUTE
    now, later = (reached_spot(0, at, spread_ms=spread) for at in (passed, passed + more))
    assert 0 <= now <= later <= SPOTS
    assert later - now <= (more + 1) * SPOTS // spread + 1
    if passed >= spread:
        assert now == SPOTS


def test_failures_are_tried_again_ever_later_and_not_for_ever() -> None:
    waits = [retry_at(failures, 0) or 0 for failures in range(1, MOST_FAILURES)]
    assert waits == sorted(waits)
    assert waits[0] > 0
    assert retry_at(MOST_FAILURES, 0) is None


def test_a_reminder_that_comes_after_the_start_is_of_no_use() -> None:
    soon = Sending(Occasion.SOON, "told_soon", START)
    assert seconds_good(soon, space(), START - 600_000) == 1_500
    assert seconds_good(soon, space(), START) >= 60
    assert seconds_good(Sending(Occasion.RECORDING, "told_over", 1), space(), START) == 86_400


def test_a_reminder_is_kept_no_longer_than_the_privacy_page_says() -> None:
    assert KEPT_MS == stored.REMINDER_DAYS * 86_400_000
    assert not is_over(space(), 0, START + KEPT_MS - 1)
    assert is_over(space(), 0, START + KEPT_MS)
    assert not is_over(space(ended_at=START + 1), 0, START + KEPT_MS)
    assert is_over(None, START, START + KEPT_MS)


@pytest.mark.parametrize("address", ["ada@example.org", "a.b+c@sub.example.org", "a'b@example.org"])
def test_mail_addresses(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "ada", "@example.org", "ada@", "ada@localhost", "a@b@c.org", "a b@c.org", "a@c.org\nBcc: x@y.org",
     "a,b@c.org", "<a@c.org>", "é@c.org", "a" * 250 + "@c.org"],
)  # fmt: skip
def test_what_is_no_mail_address_is_asked_nothing(address: str) -> None:
    assert not is_mail_address(address)
