"""What a speaker and a listener notice when parts of the server die: as little as can be.

The speaker and the listener here are programs; ``tests/browser`` has them in Chromium.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import LOW_HZ, decode, holds
from harness.voices import speaking
from harness.waiting import until
from rostra.core.clock import SystemClock
from rostra.core.samples import QUANTUM, SAMPLE_RATE
from rostra.rehearsal.listeners import Listener
from rostra.rehearsal.sound import Tone
from rostra.tape.verify import verify_chain

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

AUDIBLE_DBFS = -30.0


@asynccontextmanager
async def listening(evening: Evening) -> AsyncIterator[Listener]:
    """A listener who heals by themselves, as the page's player does."""
    async with httpx.AsyncClient(timeout=10.0, trust_env=False) as http:
        listener = Listener(http, f"{evening.site.door}/s/{evening.space}", clock=SystemClock())
        task = asyncio.create_task(listener.listen())
        try:
            await until_audible(listener, after=0, within_s=10)
            yield listener
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def until_audible(listener: Listener, *, after: int, within_s: float) -> None:
    """Wait until the listener has had a second of sound that was spoken after a sample."""
    await _until_sound(listener, after=after, within_s=within_s)
    await _until_sound(listener, after=(listener.hearing.next_sample or 0) + SAMPLE_RATE, within_s=10)


async def _until_sound(listener: Listener, *, after: int, within_s: float) -> None:

    async def audible() -> bool:
        assert (listener.hearing.next_sample or 0) > after, f"heard until {listener.hearing.next_sample}"
        assert listener.level_dbfs > AUDIBLE_DBFS, f"{listener.level_dbfs} dBFS"
        return True

    await until(audible, what=f"the listener hears what was spoken after sample {after}", within_s=within_s)


async def now_sample(evening: Evening) -> int:
    """The programme's present position by the wall clock."""
    anchor = (await evening.status())["anchor_utc_ns"]
    return (SystemClock().utc_ns() - anchor) * SAMPLE_RATE // 1_000_000_000


async def assert_whole(evening: Evening, run: str) -> None:
    """The recording verifies, plays to its end, and is as long as the space was live."""
    verdict = await asyncio.to_thread(verify_chain, evening.tape(run))
    assert verdict.sound, verdict
    assert verdict.ended
    end = evening.end_document(run)
    replay = await evening.replay()
    decoded = await decode(replay["mp4"])
    assert len(decoded) == pytest.approx(end["duration_samples"], abs=QUANTUM)
    assert holds(decoded[SAMPLE_RATE // 4 : SAMPLE_RATE], LOW_HZ), "it holds how it began"
    assert holds(decoded[-SAMPLE_RATE // 2 :], LOW_HZ), "it holds how it ended"


@pytest.mark.parametrize("seat", ["edge-0", "gateway-0", "control-0"])
async def test_a_role_dies_and_the_listener_misses_nothing(tmp_path: Path, seat: str) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
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
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)) as speaker:
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                died_at = await now_sample(evening)
                await site.replaced("stage-0", await site.kill("stage-0"))
                await until_audible(listener, after=died_at + SAMPLE_RATE, within_s=20)
                assert speaker.sessions == 2, "the speaker came back by themselves"
                assert (await evening.status())["run"] == run, "it is the same tape"
            await evening.end()
        await assert_whole(evening, run)
        gaps = evening.end_document(run)["gaps"]
        assert 1 <= gaps <= 10 * SAMPLE_RATE // QUANTUM, f"{gaps} chunks of outage"


@pytest.mark.parametrize("how", ["killed", "asked to stop"])
async def test_a_live_space_goes_on_after_a_restart_of_everything(tmp_path: Path, how: str) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                died_at = await now_sample(evening)
                if how == "killed":
                    site.kill_supervisor()
                else:
                    assert site.terminate() == 0
                await site.start()
                status = await evening.until_state("live")
                assert status["run"] == run, "it is the same tape"
                await until_audible(listener, after=died_at + 2 * SAMPLE_RATE, within_s=30)
            await evening.end()
        await assert_whole(evening, run)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 MB; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this machine lets nobody mount: {mounted.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


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


async def test_a_disk_without_a_byte_left_interrupts_an_evening_until_there_is_room(small_disk: Path) -> None:
    async with Deployment(small_disk, min_free_bytes=0) as site, Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            run = (await evening.status())["run"]
            async with listening(evening) as listener:
                fill(small_disk, leaving=0)
                await until(lambda: tape_failed(site), what="the stage notices", within_s=15)
                (small_disk / "filler").unlink()
                await until_audible(listener, after=await now_sample(evening), within_s=20)
            await evening.end()
        await assert_whole(evening, run)
        assert evening.end_document(run)["gaps"] >= 1


async def tape_failed(site: Deployment) -> bool:
    """Whether the stage has noticed."""
    return "stage_tape_failed" in site.log.read_text()


def fill(folder: Path, *, leaving: int) -> None:
    """Take the disk's room, but for so many bytes."""
    state = os.statvfs(folder)
    with (folder / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, state.f_bavail * state.f_frsize - leaving)
