"""A speaker on a network that loses packets and delays others: real WebRTC through a network of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness.call import longest_gap_ms, packets_of, purity, tone
from harness.mixing_ear import MixingEar
from rostra.audio.measures import Measures
from rostra.core.clock import SystemClock
from rostra.rehearsal.rough_network import NoRoughNetwork, Roughness, RoughNetwork, rough_network
from rostra.stage.ice import Network
from rostra.stage.peer import Peer

HZ = 440
CLEAN = Roughness(delay_ms=60, jitter_ms=0, loss=0)
ROUGH = Roughness(delay_ms=60, jitter_ms=50, loss=0.05)
MOST_GAP_MS = 60
TRIES = 6
TALKER = Path(__file__).parents[1] / "harness" / "far_talker.py"


@asynccontextmanager
async def far_speaker(folder: Path, network: RoughNetwork) -> AsyncIterator[MixingEar]:
    said = folder / "packets"
    said.write_text("\n".join(packet.hex() for packet in packets_of(tone(HZ, 10))[-50:]))
    python = network.wrapped(sys.executable, folder)
    program = await asyncio.create_subprocess_exec(
        python, TALKER, said, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdin is not None
    assert program.stdout is not None
    peer: Peer | None = None
    try:
        async with asyncio.timeout(30):
            offer = json.loads(await program.stdout.readline())
            peer = await Peer.answer(
                offer, one_way=True, network=Network(network.server), stun_servers=[], clock=SystemClock()
            )
            program.stdin.write(json.dumps(peer.answer_sdp).encode() + b"\n")
            assert await program.stdout.readline() == b"connected\n"
        yield MixingEar(peer)
        program.stdin.write(b"\n")
    finally:
        if peer is not None:
            await peer.close()
        if program.returncode is None:
            program.kill()
        await program.wait()


async def heard_whole(ear: MixingEar, seconds: float) -> Measures:
    """Listen until so many seconds are whole; return the measures before them.

    More than once, because a machine that is busy elsewhere makes gaps that no network made.
    """
    for _ in range(TRIES):
        before = ear.peer.measures()
        heard = await ear.listen(seconds)
        if longest_gap_ms(heard) <= MOST_GAP_MS and purity(heard, HZ) > 0.95:
            return before
    raise AssertionError(
        f"each of {TRIES} times {longest_gap_ms(heard)} ms were missing: {ear.peer.measures()}"
    )


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seconds", [5, pytest.param(60, marks=pytest.mark.long)])
async def test_loss_and_jitter_leave_no_gap_and_the_delay_comes_back_down(
    tmp_path: Path, seconds: int
) -> None:
    try:
        with rough_network(CLEAN) as network:
            async with far_speaker(tmp_path, network) as ear:
                await heard_whole(ear, 2)
                network.roughness = ROUGH
                await ear.listen(1)
                before = await heard_whole(ear, seconds)
                rough = ear.peer.measures()
                assert rough.packets_lost - before.packets_lost > 0.02 * seconds * 50
                assert rough.jitter_ms >= 60
                network.roughness = CLEAN
                async with asyncio.timeout(90):
                    while ear.peer.measures().delay_ms > rough.delay_ms - 50:
                        await ear.listen(1)
                await heard_whole(ear, 2)
    except NoRoughNetwork:
        pytest.skip("needs root, and a kernel with network namespaces and TUN")
