"""An offer is cut to its microphone, everything else is refused, and junk is a 400."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core.errors import BadSessionDescription
from rostra.core.sdp import MAX_SDP_BYTES
from rostra.stage.errors import NotWhole
from rostra.stage.offer import MAX_CANDIDATES, read_offer

SESSION = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"
LONE = SESSION.replace("a=group:BUNDLE 0 1 2\r\n", "")
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendrecv\r\na=rtcp-mux\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdab\r\na=fingerprint:sha-256 AA\r\na=setup:actpass\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
)
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\na=sendrecv\r\n"
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n"


ANSWER = (
    "v=0\r\ns=-\r\na=group:BUNDLE 1\r\nm=audio 5000 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=sendrecv\r\n"
    "a=ice-ufrag:ours\r\na=setup:active\r\n"
)


def test_only_the_microphone_is_left() -> None:
    sdp = read_offer(SESSION.replace("BUNDLE 0 1 2", "BUNDLE 1 0 2") + AUDIO + VIDEO + DATA).sdp()
    assert sdp.count("m=") == 1
    assert "a=group:BUNDLE 1\r\n" in sdp
    assert "opus/48000/2" in sdp


def test_the_answer_refuses_the_rest_at_its_place() -> None:
    offer = read_offer(SESSION.replace("BUNDLE 0 1 2", "BUNDLE 1 0 2") + VIDEO + AUDIO + DATA)
    lines = offer.answer(ANSWER).splitlines()
    assert [line for line in lines if line.startswith("m=")] == [
        "m=video 0 UDP/TLS/RTP/SAVPF 96 97",
        "m=audio 5000 UDP/TLS/RTP/SAVPF 111",
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    ]
    assert [line for line in lines if line.startswith("a=mid:")] == ["a=mid:0", "a=mid:1", "a=mid:2"]
    assert "a=group:BUNDLE 1" in lines


def test_video_that_carries_the_bundles_transport_is_kept_idle() -> None:
    video = VIDEO + "a=rtpmap:96 VP8/90000\r\na=ice-ufrag:carr\r\na=fingerprint:sha-256 BB\r\n"
    offer = read_offer(SESSION + video + AUDIO)
    assert "a=ice-ufrag:carr" in offer.sdp()
    assert "a=ice-ufrag:abcd" not in offer.sdp()
    answer = offer.answer(ANSWER)
    idle = answer[answer.index("m=video") : answer.index("m=audio")]
    assert idle.startswith("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n")
    assert "a=inactive\r\n" in idle
    assert "a=ice-ufrag:ours\r\n" in idle
    assert "a=group:BUNDLE 0 1\r\n" in answer


def test_a_second_microphone_is_refused() -> None:
    second = AUDIO.replace("a=mid:1", "a=mid:3")
    answer = read_offer(SESSION + AUDIO + second).answer(
        "v=0\r\nm=audio 7 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\n"
    )
    assert "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:3\r\n" in answer


@pytest.mark.parametrize("direction", ["recvonly", "inactive"])
def test_an_offer_that_sends_nothing_is_refused(direction: str) -> None:
    with pytest.raises(BadSessionDescription, match="no audio"):
        read_offer(SESSION + AUDIO.replace("sendrecv", direction))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0\r\n",
        SESSION + VIDEO,
        AUDIO,
        LONE + AUDIO.replace("a=fingerprint", "a=x"),
        SESSION + AUDIO + "m=video\r\n",
        SESSION + AUDIO + DATA * 40,
        SESSION + AUDIO + "a=x\r\n" * MAX_SDP_BYTES,
        SESSION + AUDIO + "a=" + "é" * (MAX_SDP_BYTES // 2),
    ],
)
def test_broken_and_oversized_offers_are_refused(text: str) -> None:
    with pytest.raises(BadSessionDescription):
        read_offer(text)


def test_an_offer_cannot_make_the_stage_knock_at_many_doors() -> None:
    candidates = "".join(f"a=candidate:1 1 udp 1 10.0.0.{n} 1000 typ host\r\n" for n in range(200))
    sdp = read_offer(SESSION + AUDIO + candidates).sdp()
    assert sdp.count("a=candidate:") == MAX_CANDIDATES


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, SESSION + text, SESSION + AUDIO + text, SESSION + text + AUDIO):
        try:
            offer = read_offer(candidate)
        except BadSessionDescription:
            continue
        offer.answer(offer.sdp())


@given(st.data())
def test_a_damaged_offer_is_read_or_refused(data: st.DataObject) -> None:
    whole = SESSION + VIDEO + AUDIO + DATA
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.text(max_size=5)) + whole[at + data.draw(st.integers(0, 60)) :]
    try:
        offer = read_offer(damaged)
    except BadSessionDescription:
        return
    assert offer.sdp().count("\nm=") == 1


def test_video_of_a_source_is_taken_in_the_same_bundle_and_asked_to_be_small() -> None:
    video = VIDEO.replace("sendrecv", "sendonly") + "a=rtpmap:96 VP8/90000\r\na=ice-ufrag:carr\r\n"
    offer = read_offer(SESSION + video + "a=fingerprint:sha-256 BB\r\n" + AUDIO + DATA)
    answer = offer.answer(ANSWER, discards=True)
    taken = answer[answer.index("m=video") : answer.index("m=audio")]
    assert taken.startswith("m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\nb=AS:30\r\n")
    assert "a=recvonly\r\n" in taken
    assert "a=ice-ufrag:ours\r\n" in taken
    assert "a=group:BUNDLE 0 1\r\n" in answer
    assert "m=application 0 " in answer


BUNDLED = SESSION.replace("BUNDLE 0 1 2", "BUNDLE 1 0 2")
SENT = VIDEO.replace("sendrecv", "sendonly")
TAKEN_BACK = "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:3\r\n"


@pytest.mark.parametrize(
    "offered",
    [
        LONE + AUDIO,
        BUNDLED + SENT + AUDIO,
        BUNDLED + AUDIO + SENT.replace("m=video 9", "m=video 0") + "a=bundle-only\r\n",
        BUNDLED + AUDIO + SENT + TAKEN_BACK,
    ],
)
def test_a_source_is_taken_whole(offered: str) -> None:
    offer = read_offer(offered)
    offer.need_whole()
    answer = offer.answer(ANSWER, discards=True)
    assert answer.count(" 0 UDP") == offered.count(TAKEN_BACK), "only what the source took back itself"


@pytest.mark.parametrize(
    "offered",
    [
        BUNDLED + AUDIO + AUDIO.replace("a=mid:1", "a=mid:3"),
        SESSION.replace("0 1 2", "1 3") + AUDIO + AUDIO.replace("a=mid:1", "a=mid:3"),
        LONE + AUDIO + SENT,
        BUNDLED + AUDIO + DATA,
        BUNDLED + AUDIO + VIDEO.replace("sendrecv", "recvonly"),
    ],
)
def test_a_source_that_could_be_taken_in_part_only_is_not_taken(offered: str) -> None:
    with pytest.raises(NotWhole) as refused:
        read_offer(offered).need_whole()
    assert refused.value.status == 422


def test_somebody_who_only_listens_must_be_ready_to_receive() -> None:
    listening = LONE + AUDIO.replace("a=sendrecv", "a=recvonly")
    assert read_offer(listening, listens=True).audio == 0
    with pytest.raises(BadSessionDescription):
        read_offer(listening)
    with pytest.raises(BadSessionDescription):
        read_offer(LONE + AUDIO.replace("a=sendrecv", "a=sendonly"), listens=True)
