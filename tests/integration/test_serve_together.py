"""Everything at once on one machine: several spaces, several edges, requests that cross a death."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.listening import assert_whole, listening, now_sample, until_audible
from harness.sound import HIGH_HZ, LOW_HZ, decode, holds
from harness.voices import speaking
from harness.waiting import until
from rostra.core.samples import SAMPLE_RATE, SEGMENT
from rostra.rehearsal.sound import Tone


async def heard_at(evening: Evening) -> set[int]:
    """Which tones FFmpeg hears at a live space's player address."""
    sound = await decode(f"{evening.site.door}/s/{evening.space}/live.m3u8", seconds=3)
    return {hz for hz in (LOW_HZ, HIGH_HZ) if holds(sound, hz)}


@pytest.mark.long
async def test_two_spaces_live_at_once_are_heard_apart(tmp_path: Path) -> None:
    async with (
        Deployment(tmp_path) as site,
        Evening(site, title="Low") as low,
        Evening(site, title="High") as high,
        speaking(low, Tone(LOW_HZ)),
        speaking(high, Tone(HIGH_HZ)),
    ):
        await low.go_live()
        await high.go_live()
        await high.until_recorded(SEGMENT + SAMPLE_RATE, within_s=15)
        assert await heard_at(low) == {LOW_HZ}
        assert await heard_at(high) == {HIGH_HZ}
        await low.end()
        assert (await low.until_state("published"))["replay"] is not None
        assert (await high.status())["state"] == "live", "the other goes on"


@pytest.mark.long
async def test_an_evening_ends_whatever_dies_at_that_moment(tmp_path: Path) -> None:
    async with Deployment(tmp_path) as site:
        for seat in ("stage-0", "control-0"):
            async with Evening(site) as evening, speaking(evening, Tone(LOW_HZ)):
                await evening.go_live()
                run = (await evening.status())["run"]
                await evening.until_recorded(2 * SAMPLE_RATE, within_s=10)
                asking = asyncio.create_task(evening.request("POST", f"/spaces/{evening.space}/end"))
                await site.replaced(seat, await site.kill(seat))
                with contextlib.suppress(httpx.TransportError):
                    answer = await asking
                    assert answer.status_code in (200, 503), answer.text
                await until(lambda e=evening: ended(e), what=f"it is ended though {seat} died", within_s=20)
                await evening.until_state("published")
                await assert_whole(evening, run, ends_in_sound=seat != "stage-0")


async def ended(evening: Evening) -> bool:
    """Ask for the end, as a person presses again who was told to."""
    try:
        answer = await evening.request("POST", f"/spaces/{evening.space}/end")
    except httpx.TransportError as error:
        raise AssertionError(str(error)) from error
    return answer.is_success


@pytest.mark.long
async def test_listeners_at_several_edges_are_counted_together_and_outlive_one(tmp_path: Path) -> None:
    async with Deployment(tmp_path, edge_workers=2) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            async with contextlib.AsyncExitStack() as crowd:
                listeners = [await crowd.enter_async_context(listening(evening)) for _ in range(4)]
                await until(lambda: counted(evening, 4), what="four are counted", within_s=10)
                died_at = await now_sample(evening)
                await site.replaced("edge-1", await site.kill("edge-1"))
                await asyncio.gather(
                    *(until_audible(listener, after=died_at, within_s=20) for listener in listeners)
                )
                assert [listener.hearing.gaps for listener in listeners] == [0] * 4
                await until(lambda: counted(evening, 4), what="four are counted again", within_s=15)


async def counted(evening: Evening, listeners: int) -> bool:
    found = (await evening.status())["listeners"]
    assert found == listeners, f"{found} are counted"
    return True


@pytest.mark.long
async def test_an_empty_stage_goes_on_in_silence_and_whoever_returns_is_heard(tmp_path: Path) -> None:
    async with Deployment(tmp_path, stage_first=True) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            await evening.until_recorded(2 * SAMPLE_RATE, within_s=10)
        alone_at = await now_sample(evening)
        await evening.until_recorded(alone_at + 2 * SAMPLE_RATE, within_s=10)
        assert (await evening.status())["state"] == "live"
        async with speaking(evening, Tone(HIGH_HZ)):
            back_at = await now_sample(evening)
            await evening.until_recorded(back_at + 2 * SAMPLE_RATE, within_s=10)
            await evening.end()
        run = (await evening.status())["run"]
        assert evening.end_document(run)["gaps"] == 0
        sound = await decode((await evening.replay())["mp4"])
        assert holds(sound[: 2 * SAMPLE_RATE], LOW_HZ)
        assert abs(sound[alone_at + SAMPLE_RATE : alone_at + 2 * SAMPLE_RATE]).max() < 0.01
        assert holds(sound[-SAMPLE_RATE:], HIGH_HZ)
