"""Who asked is told once, and what stands in somebody's way stands in nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from harness.post_office import PostOffice, post_office
from harness.reminder_desk import MINUTE_MS, ReminderDesk, reminder_desk
from rostra.bus.messages import Lifecycle, RemindBy
from rostra.control.push_sender import Fate, Outcome


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[ReminderDesk]:
    async with reminder_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as office:
        yield office


async def test_one_whose_mail_is_refused_once_it_was_read_keeps_nobody_else_from_theirs(
    tmp_path: Path, office: PostOffice
) -> None:
    async with reminder_desk(tmp_path, mail_url=office.url) as desk:
        space = await desk.space("The evening", in_minutes=8)
        for name in ("eve", "lea", "tom"):
            await desk.ask(space, RemindBy.MAIL, f"{name}@example.org")
        await desk.confirm_all()
        await desk.spots("eve@example.org", "lea@example.org", "tom@example.org")
        office.will_not_take["eve@example.org"] = b"550 5.7.1 not this one"
        await desk.turns(1)
        assert [letter["To"] for letter in office.letters] == ["lea@example.org", "tom@example.org"]
        assert {row.address: row.failures for row in await desk.rows(space)}["eve@example.org"] == 1


async def test_on_a_full_disk_everybody_is_told_and_nobody_twice(desk: ReminderDesk) -> None:
    spaces = [await desk.space(title, in_minutes=8) for title in ("One", "Two")]
    for space in spaces:
        await desk.push(space, f"phone-{desk.states[space].title}")
    await desk.round.count()
    desk.database.full = True
    await desk.turns(3)
    told = [("phone-One", "Soon: One"), ("phone-Two", "Soon: Two")]
    assert sorted(desk.pushes.shown) == told
    desk.database.full = False
    await desk.turns(3)
    assert sorted(desk.pushes.shown) == told
    assert [(await desk.rows(space))[0].told_soon for space in spaces] == [
        desk.states[space].starts_at for space in spaces
    ]


async def test_while_nothing_can_be_written_only_so_many_are_handed_on(
    desk: ReminderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostra.control.reminder_notes.MOST_UNWRITTEN", 3)
    space = await desk.space("The evening", in_minutes=8)
    for number in range(5):
        await desk.push(space, f"phone-{number}")
    await desk.round.count()
    desk.database.full = True
    await desk.turns(3)
    assert len(desk.pushes.shown) == 3
    desk.database.full = False
    await desk.turns(2)
    assert len(set(desk.pushes.shown)) == len(desk.pushes.shown) == 5


@pytest.mark.parametrize("over", [Lifecycle.CANCELLED, Lifecycle.ENDED])
async def test_of_a_move_everybody_hears_though_the_first_conversation_is_over_before_their_turn(
    desk: ReminderDesk, over: Lifecycle
) -> None:
    first, second = await desk.space("Here"), await desk.space("There")
    for name in ("lea", "tom"):
        await desk.push(first, name)
    await desk.spots("lea", "tom")
    await desk.change(first, moved_to=second)
    await desk.turns(1)
    assert desk.pushes.shown == [("lea", "Moved: Here")]
    await desk.change(first, lifecycle=over)
    await desk.turns(2)
    assert desk.pushes.shown == [("lea", "Moved: Here"), ("tom", "Moved: Here")]
    assert len(await desk.rows(second)) == 2
    desk.clock.advance(ms=52 * MINUTE_MS)
    await desk.turns(2)
    assert sorted(desk.pushes.shown[2:]) == [("lea", "Soon: There"), ("tom", "Soon: There")]


async def test_who_asks_where_it_has_moved_from_is_reminded_of_where_it_goes_on(desk: ReminderDesk) -> None:
    first, second = await desk.space("Here"), await desk.space("There")
    await desk.change(first, moved_to=second)
    await desk.push(first, "lea")
    await desk.turns(2)
    assert desk.pushes.shown == [("lea", "Moved: Here")]
    assert len(await desk.rows(second)) == 1


async def test_a_crowd_s_reminders_keep_a_few_people_s_from_nobody(tmp_path: Path) -> None:
    async with reminder_desk(tmp_path, rate=4) as desk:
        crowd = await desk.space("For many", in_minutes=8)
        for number in range(30):
            await desk.push(crowd, f"phone-{number}")
        few = await desk.space("For few", in_minutes=8)
        for name in ("lea", "tom"):
            await desk.push(few, name)
        await desk.turns(1)
        assert len(desk.pushes.shown) == 4
        assert {("lea", "Soon: For few"), ("tom", "Soon: For few")} < set(desk.pushes.shown)
        await desk.turns(10)
        assert len(set(desk.pushes.shown)) == len(desk.pushes.shown) == 32


async def test_another_start_is_told_to_all_at_once_where_the_old_one_is_near(desk: ReminderDesk) -> None:
    near, far = await desk.space("Near", in_minutes=4), await desk.space("Far", in_minutes=240)
    for space in (near, far):
        for name in ("lea", "tom"):
            await desk.push(space, f"{name}-{desk.states[space].title}")
    await desk.spots("lea-Near", "lea-Far", "nobody", "tom-Near", "tom-Far")
    for space in (near, far):
        later = desk.states[space].starts_at + 600 * MINUTE_MS
        await desk.change(space, starts_at=later)
    await desk.turns(2)
    assert {name for name, _ in desk.pushes.shown} == {"lea-Near", "tom-Near", "lea-Far"}
    assert ("tom-Near", "Another time: Near") in desk.pushes.shown
    await desk.turns(3)
    assert len(set(desk.pushes.shown)) == len(desk.pushes.shown) == 4


async def test_whoever_was_not_reminded_before_it_went_live_hears_once_that_it_has_begun(
    desk: ReminderDesk,
) -> None:
    space = await desk.space("The evening", in_minutes=8)
    await desk.push(space, "lea")
    await desk.turns(2)
    for name, begun in (("tom", True), ("ida", False)):
        desk.pushes.fates[name] = Outcome(Fate.LATER)
        await desk.push(space, name, begun=begun)
    await desk.turns(2)
    desk.clock.advance(ms=8 * MINUTE_MS)
    desk.pushes.fates.clear()
    await desk.change(space, lifecycle=Lifecycle.LIVE)
    await desk.push(space, "max")  # who came while it was live knows
    await desk.turns(8)
    assert sorted(desk.pushes.shown) == [
        ("ida", "It has begun: The evening"),
        ("lea", "Soon: The evening"),
        ("tom", "It has begun: The evening"),
    ]


async def test_those_whom_no_reminder_reached_in_time_are_counted_in_the_log(desk: ReminderDesk) -> None:
    space = await desk.space("The evening", in_minutes=8)
    for name in ("lea", "tom"):
        await desk.push(space, name)
    desk.pushes.fates["tom"] = Outcome(Fate.LATER)
    await desk.turns(2)
    desk.clock.advance(ms=24 * MINUTE_MS)
    with capture_logs() as logs:
        await desk.turns(2)
    told = [line for line in logs if line["event"] == "not_reminded"]
    assert [(line["space"], line["people"]) for line in told] == [(space, 1)]
