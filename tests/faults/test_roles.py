"""What a speaker and a listener notice when parts of the server die: as little as can be.

The speaker and the listener here are programs; ``tests/browser`` has them in Chromium.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.deployment import Deployment, is_role
from harness.evening import Evening
from harness.listening import assert_whole, listening, now_sample, until_audible
from harness.small_disk import fill, make_room
from harness.sound import LOW_HZ
from harness.voices import speaking
from harness.waiting import until
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.rehearsal.sound import Tone
from rostra.rehearsal.speakers import Speaker

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@pytest.mark.parametrize(
    "seat", ["edge-0", *(pytest.param(seat, marks=pytest.mark.long) for seat in ("gateway-0", "control-0"))]
)
async def test_a_role_dies_and_the_listener_misses_nothing(tmp_path: Path, seat: str) -> None:
    async with Deployment(tmp_path, stage_first=True) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)) as speaker:
            await evening.go_live()
            async with listening(evening) as listener:
                died_at = await now_sample(evening)
                await site.replaced(seat, await site.kill(seat))
                await until_audible(listener, after=died_at + SAMPLE_RATE, within_s=15)
                assert listener.hearing.gaps == 0
                assert speaker.sessions == 1, "the speaker was not disturbed"
                await until(site.is_ready, what="the role answers again", within_s=10)
            await evening.end()
        run = (await evening.status())["run"]
        await assert_whole(evening, run)
        assert evening.end_document(run)["gaps"] == 0


async def test_the_stage_dies_and_the_tape_goes_on_with_a_recorded_gap(tmp_path: Path) -> None:
    async with Deployment(tmp_path, stage_first=True) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)) as speaker:
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                await site.replaced("stage-0", await site.kill("stage-0"))
                await until(lambda: has_come_back(speaker), what="the speaker came back", within_s=30)
                await until_audible(listener, after=await now_sample(evening), within_s=20)
                assert speaker.sessions == 2, "once"
                assert (await evening.status())["run"] == run, "it is the same tape"
            await evening.end()
        await assert_whole(evening, run)
        gaps = evening.end_document(run)["gaps"]
        assert 1 <= gaps <= 10 * SAMPLE_RATE // QUANTUM, f"{gaps} chunks of outage"


@pytest.mark.long
async def test_whom_the_host_muted_is_still_muted_after_stage_and_backstage_die(tmp_path: Path) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ), role="speaker") as speaker:
            await evening.go_live()

            async def on_stage(*, muted: bool) -> str:
                """The one who is on stage, once they are as said."""
                seen = (await evening.call("GET", f"/spaces/{evening.space}/stage"))["speakers"]
                return seen[0]["speaker"] if seen and seen[0]["muted"] is muted else ""

            them = await until(lambda: on_stage(muted=False), what="they are on stage", within_s=10)
            await evening.call("POST", f"/spaces/{evening.space}/stage/speakers/{them}/mute", {"muted": True})
            await until(lambda: on_stage(muted=True), what="they are muted", within_s=5)
            killed = [(seat, await site.kill(seat)) for seat in ("stage-0", "control-0")]
            for seat, before in killed:
                await site.replaced(seat, before)
            await until(lambda: has_come_back(speaker), what="they came back", within_s=20)
            await until(lambda: on_stage(muted=True), what="they are still muted", within_s=10)
            assert all(person["muted"] for person in (await evening.status())["speakers"])
            await evening.end()


async def has_come_back(speaker: Speaker) -> bool:
    return speaker.sessions > 1 and speaker.connected.is_set()


@pytest.mark.parametrize("how", ["killed", pytest.param("asked to stop", marks=pytest.mark.long)])
async def test_a_live_space_goes_on_after_a_restart_of_everything(tmp_path: Path, how: str) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)) as speaker:
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                if how == "killed":
                    site.kill_supervisor()
                else:
                    assert site.terminate() == 0
                await site.start()
                status = await evening.until_state("live")
                assert status["run"] == run, "it is the same tape"
                await until(lambda: has_come_back(speaker), what="the speaker came back", within_s=30)
                await until_audible(listener, after=await now_sample(evening), within_s=30)
            await evening.end()
        await assert_whole(evening, run)


@pytest.mark.long
async def test_a_live_space_goes_on_after_a_restart_in_which_backstage_cannot_start(tmp_path: Path) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                await evening.until_recorded(3 * SAMPLE_RATE, within_s=10)
                before = site.pids()
                site.kill_supervisor()
                await until(lambda: has_left(before["control-0"]), what="backstage has left", within_s=10)
                database = site.data / "rostra.db"
                whole = database.rename(database.with_suffix(".whole"))
                database.write_text("This is no database.")
                site.launch()
                await until(lambda: said(site, "role_died"), what="backstage cannot start", within_s=60)
                status = await evening.until_state("live", within_s=60)
                assert status["run"] == run, "it is the same tape"
                back_at = await now_sample(evening)

                async def heard() -> bool:
                    return (listener.hearing.next_sample or 0) > back_at + 2 * SAMPLE_RATE

                await until(heard, what="the listener gets what is on the tape since", within_s=60)
                whole.rename(database)
                await until(site.is_ready, what="backstage is back", within_s=60)
            await evening.end()
        await assert_whole(evening, run, ends_in_sound=False)


async def test_a_full_disk_ends_the_space_cleanly_and_keeps_the_recording(small_disk: Path) -> None:
    async with Deployment(small_disk, min_free_bytes=8 * 1024 * 1024) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            run = (await evening.status())["run"]
            await evening.until_recorded(3 * SAMPLE_RATE, within_s=10)
            fill(small_disk, leaving=4 * 1024 * 1024)
            status = await evening.until_state("published", within_s=15)
        assert "disk" in status["reason"].lower(), status
        await assert_whole(evening, run)
        found = await evening.call("GET", f"/spaces/{evening.space}")
        assert "disk" in str(found).lower(), "the host is told"


@pytest.mark.long
async def test_a_role_that_dies_on_a_full_disk_is_started_again_and_the_others_go_on(
    small_disk: Path,
) -> None:
    async with Deployment(small_disk) as site:
        before = site.pids()
        doomed = [before[seat] for seat in ("gateway-0", "edge-0")]
        for pid in doomed:
            (site.data / "run" / "pids" / str(pid)).write_text("")  # leaves no byte to its successor
        fill(small_disk)
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        await until(lambda: said(site, "role_not_noted"), what="the full disk is noticed", within_s=30)
        await until(site.is_ready, what="those who died answer again", within_s=60)
        assert all(is_role(before[seat]) for seat in ("control-0", "stage-0"))
        make_room(small_disk)


@pytest.mark.long
async def test_who_waits_at_the_start_on_a_full_disk_keeps_the_place_though_the_door_is_killed(
    small_disk: Path,
) -> None:
    starts = datetime.now(UTC) + timedelta(seconds=25)
    async with Deployment(small_disk, min_free_bytes=0) as site:
        async with Evening(site, starts_at=starts.isoformat()) as evening:
            places = [(await asked(evening))["place"] for _ in range(12)]
            fill(small_disk)
            with (site.data / "door" / evening.space / "journal").open("ab", buffering=0) as journal:
                with suppress(OSError):
                    while journal.write(b"?" * 33):  # Says nothing, and leaves no byte.
                        pass
            before = site.pids()["gateway-0"]

            async def begun() -> bool:
                return datetime.now(UTC) > starts + timedelta(seconds=2)

            await until(begun, what="it should have been drawn", within_s=40)
            assert is_role(before), "the door lives"
            await site.kill("gateway-0")

            async def kept() -> bool:
                answers = [await asked(evening, place) for place in places]
                return [(each["place"], each["number"]) for each in answers] == [
                    (place, None) for place in places
                ]

            await until(kept, what="all are in the draw still", within_s=30)
            make_room(small_disk)

            async def dealt() -> bool:
                numbers = [(await asked(evening, place))["number"] for place in places]
                return sorted(number for number in numbers if number is not None) == list(range(12))

            await until(dealt, what="everybody has a number", within_s=10)


async def asked(evening: Evening, place: str = "") -> dict[str, Any]:
    """What the door answers to somebody who comes, with a place or for one."""
    try:
        answer = await evening.http.post(f"{evening.site.door}/s/{evening.space}/join", json={"place": place})
    except httpx.TransportError as error:
        raise AssertionError(str(error)) from error
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def has_left(pid: int) -> bool:
    """Whether a process is gone, and with it what it had open."""
    return not is_role(pid)


async def said(site: Deployment, event: str) -> bool:
    """Whether the log has an event."""
    return event in site.log.read_text()


@pytest.mark.long
async def test_a_disk_without_a_byte_left_interrupts_an_evening_until_there_is_room(small_disk: Path) -> None:
    async with Deployment(small_disk, min_free_bytes=0) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                fill(small_disk, leaving=0)
                await until(lambda: said(site, "stage_tape_failed"), what="the stage notices", within_s=15)
                make_room(small_disk)
                await until_audible(listener, after=await now_sample(evening), within_s=20)
            await evening.end()
        await assert_whole(evening, run)
        assert evening.end_document(run)["gaps"] >= 1


@pytest.mark.long
async def test_a_disk_without_a_byte_left_is_told_to_host_and_audience_and_mended_though_nobody_comes_back(
    small_disk: Path,
) -> None:
    async with Deployment(small_disk, min_free_bytes=0) as site, Evening(site) as evening:
        await evening.go_live()
        fill(small_disk, leaving=0)

        async def told() -> bool:
            seen = await evening.call("GET", f"/spaces/{evening.space}/stage")
            return "disk_full" in seen["trouble"] + seen["ended_reason"]

        await until(told, what="the host is told", within_s=15)
        assert "disk_full" in (await evening.status())["reason"]
        make_room(small_disk)

        async def untroubled() -> bool:
            return not (await evening.call("GET", f"/spaces/{evening.space}/stage"))["trouble"]

        await until(untroubled, what="it goes on, or has its end", within_s=20)
        await evening.end()
        status = await evening.until_state("published", within_s=10)
        assert status["replay"]["seconds"] > 1
