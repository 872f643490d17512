"""A speaker on a network that loses packets and delays others: real WebRTC to a whole stage, and its tape."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.call import longest_gap_ms, packets_of, purity, tone
from harness.hall import ADA, SPACE, Hall, decode, open_hall, until
from harness.own_namespaces import cannot, goes_on_there
from harness.stalls import Stalls
from rostra.audio.frame import Sound
from rostra.bus.messages import STAGE_OFFER, Answer, Offer, Reception, Role, WentLive
from rostra.core.samples import SAMPLE_RATE
from rostra.rehearsal.rough_link import NoRoughNetwork
from rostra.rehearsal.rough_network import RoughNetwork, rough_network
from rostra.rehearsal.roughness import Roughness
from rostra.rehearsal.tun_link import TunLink

HZ = 440
CLEAN = Roughness(delay_ms=60, jitter_ms=0, loss=0)
ROUGH = Roughness(delay_ms=60, jitter_ms=50, loss=0.05)
MOST_GAP_MS = 60
WINDOW_S, STEP_S = 1.0, 0.5
LONG_S = 60
"""Of the full form, which fails where no rough network can be made."""
MOST_EXCUSED = 1 / 3
"""Share of windows that may be broken while the machine stood still: once for 2 s in the short form."""
SETTLING_S = 2.0
"""For the buffer to learn how rough the network has become."""
TALKER = Path(__file__).parents[1] / "harness" / "far_talker.py"


@asynccontextmanager
async def far_speaker(folder: Path, network: RoughNetwork, hall: Hall, stalls: Stalls) -> AsyncIterator[None]:
    """Somebody on stage who hums behind the rough network; what was late on their side is noted."""
    said = folder / "packets"
    said.write_text("\n".join(packet.hex() for packet in packets_of(tone(HZ, 10))[-50:]))
    python = network.wrapped(sys.executable, folder)
    program = await asyncio.create_subprocess_exec(
        python, TALKER, said, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**20
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        async with asyncio.timeout(30):
            sdp = json.loads(await program.stdout.readline())
            offer = Offer(space=SPACE, speaker=ADA, name="Ada", role=Role.HOST, sdp=sdp, one_way=True)
            answer = await hall.bus.request(STAGE_OFFER, offer, Answer)
            program.stdin.write(json.dumps(answer.sdp).encode() + b"\n")
            assert await program.stdout.readline() == b"connected\n"
        yield
        program.stdin.write(b"\n")
        async with asyncio.timeout(30):
            stalls.note(json.loads(await program.stdout.readline()))
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


@dataclass
class Programme:
    """What is on a tape, by monotonic seconds."""

    sound: Sound
    zero_s: float

    @classmethod
    async def read(cls, hall: Hall, live: WentLive) -> Programme:
        """End the programme and decode what listeners got."""
        await hall.end(live.run)
        zero_s = live.anchor_utc_ns / 1e9 - time.time() + time.monotonic()
        return cls(await asyncio.to_thread(decode, hall.folder(live.run) / "opus32.mp4"), zero_s)

    def windows(self, begins_s: float, ends_s: float) -> Iterator[tuple[float, Sound]]:
        """Windows of a second, each half a second after the one before."""
        while begins_s + WINDOW_S <= ends_s:
            start = round((begins_s - self.zero_s) * SAMPLE_RATE)
            yield begins_s, self.sound[start : start + round(WINDOW_S * SAMPLE_RATE)]
            begins_s += STEP_S


def check(programme: Programme, stalls: Stalls, *stretches: tuple[float, float]) -> str:
    """Every window is whole but where the machine itself stood still, and those are few; return how few."""
    windows = [each for stretch in stretches for each in programme.windows(*stretch)]
    broken = [
        (at_s, longest_gap_ms(sound), purity(sound, HZ))
        for at_s, sound in windows
        if longest_gap_ms(sound) > MOST_GAP_MS or purity(sound, HZ) <= 0.95
    ]
    unexplained = [each for each in broken if not stalls.explain(each[0], each[0] + WINDOW_S)]
    assert not unexplained, f"of {len(windows)} windows: when, longest gap in ms, purity: {unexplained}"
    assert len(broken) <= MOST_EXCUSED * len(windows), "this machine is too busy to tell"
    return f"{len(broken)} of {len(windows)}"


def reception(hall: Hall) -> Reception:
    assert hall.report is not None
    return hall.report.speakers[0].reception


async def receptions(hall: Hall, seconds: float) -> list[Reception]:
    """What the stage tells of how the speaker arrives, again and again for so long."""
    told = [reception(hall)]
    for _ in range(round(2 * seconds)):
        await asyncio.sleep(0.5)
        told.append(reception(hall))
    return told


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seconds", [8, pytest.param(LONG_S, marks=pytest.mark.long)])
async def test_loss_and_jitter_leave_no_gap_in_the_programme_and_the_delay_comes_back_down(
    tmp_path: Path,
    seconds: int,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    needed = seconds == LONG_S
    if goes_on_there(request, needed=needed):
        return
    stalls = Stalls()
    try:
        with rough_network(CLEAN) as network:
            record_property("rough_link", "TUN" if isinstance(network.link, TunLink) else "netem")
            async with (
                open_hall(tmp_path / "hall", rtc_address=network.server) as hall,
                far_speaker(tmp_path, network, hall, stalls),
                stalls.watched(),
            ):
                await until(lambda: hall.report and any(one.speaking for one in hall.report.speakers))
                live = await hall.go_live()
                network.link.roughen(ROUGH)
                await asyncio.sleep(SETTLING_S)
                rough_s = time.monotonic()
                told = await receptions(hall, seconds)
                clean_s = time.monotonic()
                network.link.roughen(CLEAN)
                assert told[-1].packets_lost - told[0].packets_lost > 0.02 * (seconds - SETTLING_S) * 50
                assert max(each.jitter_ms for each in told) >= 60
                delay_ms = max(each.delay_ms for each in told)
                await until(lambda: reception(hall).delay_ms <= delay_ms - 50, timeout_s=90)
                down_s = time.monotonic()
                await asyncio.sleep(2 * WINDOW_S)
                heard_s = time.monotonic()
                programme = await Programme.read(hall, live)
            if isinstance(network.link, TunLink):
                stalls.note(network.link.late)
    except NoRoughNetwork:
        cannot("needs root, and a kernel with network namespaces and netem or TUN", needed=needed)
    excused = check(programme, stalls, (rough_s, clean_s), (down_s, heard_s))
    record_property("windows_excused", excused)
