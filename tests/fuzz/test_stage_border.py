"""Whatever a speaker's program sends, in words or by UDP: an answer or one refusal, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import random
import socket

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.core.clock import SystemClock
from rostra.core.errors import BadSessionDescription, RostraError
from rostra.stage.fragment import Credentials, Fragment, read_fragment
from rostra.stage.ice import Network
from rostra.stage.peer import Peer

LOOPBACK = Network("127.0.0.1")
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendonly\r\na=rtpmap:96 VP8/90000\r\n"


async def _offer() -> tuple[str, RTCPeerConnection]:
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTrack(AudioStreamTrack())
    await browser.setLocalDescription(await browser.createOffer())
    return browser.localDescription.sdp, browser


async def _good() -> str:
    sdp, browser = await _offer()
    await browser.close()
    return sdp.replace("BUNDLE 0", "BUNDLE 0 1") + VIDEO


GOOD = asyncio.run(_good())
ODD = ["", "0", "-1", "65536", "99999999999999999999", "é", "\x00", "a" * 300, "opus/0/0", "::", "/", " "]


def mangled(draw: random.Random) -> str:
    """A good offer with some of its lines lost, doubled, moved, or with a word put in another's place."""
    lines = GOOD.split("\r\n")
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(lines))
        match draw.randrange(5):
            case 0:
                del lines[at]
            case 1:
                lines.insert(draw.randrange(len(lines)), lines[at])
            case 2:
                words = lines[at].split(" ")
                words[draw.randrange(len(words))] = draw.choice(ODD)
                lines[at] = " ".join(words)
            case 3:
                name, colon, _ = lines[at].partition(":")
                lines[at] = name + colon + draw.choice(ODD)
            case _:
                lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
    return "\r\n".join(lines)


async def _answered(sdp: str, *, one_way: bool) -> None:
    before = len(asyncio.all_tasks())
    try:
        peer = await Peer.answer(sdp, one_way=one_way, network=LOOPBACK, stun_servers=[], clock=SystemClock())
    except BadSessionDescription:
        pass
    else:
        assert peer.answer_sdp.startswith("v=0")
        running = asyncio.create_task(peer.run())
        await asyncio.sleep(0)
        peer.hang_up()
        await running
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.005)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.booleans())
def test_a_mangled_offer_is_answered_or_refused_and_leaves_no_session(
    draw: random.Random, one_way: bool
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(_answered(mangled(draw), one_way=one_way))
    assert len(os.listdir("/proc/self/fd")) <= before


FRAGMENT = Fragment(
    Credentials("abcd", "abcdabcdabcdabcdabcdab"),
    ("0",),
    (
        "candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host",
        "candidate:2 1 tcp 1 ::1 9 typ host tcptype active",
    ),
).sdp()


async def _patched(texts: list[str], if_match: str) -> None:
    peer = await Peer.answer(GOOD, one_way=True, network=LOOPBACK, stun_servers=[], clock=SystemClock())
    running = asyncio.create_task(peer.run())
    refusals: list[int] = []
    for text in texts:
        try:
            await peer.patch(read_fragment(text), peer.etag if if_match == "etag" else if_match)
        except RostraError as error:
            refusals.append(error.status)
    assert all(400 <= status < 500 for status in refusals)
    await asyncio.sleep(0.03)
    assert not running.done()
    peer.hang_up()
    await running


def damaged(parts: list[str]) -> str:
    return FRAGMENT if not parts else FRAGMENT.replace(parts[0], parts[-1])


WORDS = st.sampled_from([*FRAGMENT.replace("\r\n", " ").split(), "5000", ":", *ODD[1:]])


@settings(max_examples=60)
@given(
    st.lists(st.lists(WORDS, max_size=2).map(damaged), min_size=1, max_size=4),
    st.sampled_from(["*", "etag", '"x"', ""]),
)
def test_mangled_fragments_never_end_a_session(texts: list[str], if_match: str) -> None:
    asyncio.run(_patched(texts, if_match))


async def test_junk_by_udp_neither_ends_a_session_nor_piles_up() -> None:
    sdp, browser = await _offer()
    troubles: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    peer = await Peer.answer(sdp, one_way=True, network=LOOPBACK, stun_servers=[], clock=SystemClock())
    running = asyncio.create_task(peer.run())
    port = peer._ice.local_candidates[0].port
    draw = random.Random(7)
    binding = bytes.fromhex("000100502112a442") + bytes(12)
    stun = [binding[:20] + draw.randbytes(draw.randrange(84)) for _ in range(200)]
    short = [_stun(type_, draw.randbytes(length)) for type_ in range(0x40) for length in (0, 1, 3, 5)]
    media = [bytes([draw.randrange(20, 192)]) + draw.randbytes(draw.randrange(1400)) for _ in range(2000)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in (*stun, *short, *media):
            stranger.sendto(datagram, ("127.0.0.1", port))
            await asyncio.sleep(0)
    await browser.setRemoteDescription(RTCSessionDescription(peer.answer_sdp, "answer"))
    async with asyncio.timeout(8):
        while not peer.connected:
            await asyncio.sleep(0.02)
    assert peer._ice.junk > 1500
    assert peer._ice._queue.qsize() < 20
    assert troubles == []
    await browser.close()
    await running


def _stun(type_: int, value: bytes) -> bytes:
    """A binding request with one attribute, as long as it says."""
    attribute = type_.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
    return b"\x00\x01" + len(attribute).to_bytes(2, "big") + bytes.fromhex("2112a442") + bytes(12) + attribute
