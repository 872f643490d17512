"""People on a stage: who hears whom, who may enter, what is told of them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from harness.hall import (
    ADA,
    ADA_HZ,
    BOB,
    BOB_HZ,
    EVE,
    SPACE,
    Hall,
    Talker,
    decode,
    open_hall,
    stands_out,
    until,
)
from rostra.bus.client import RemoteError
from rostra.bus.messages import (
    SPACES_KNOWN,
    STAGE_LEAVE,
    STAGE_MONITOR,
    STAGE_MUTE,
    STAGE_OFFER,
    STAGE_PATCH,
    STAGE_TAKE_OFF,
    STAGE_WHO_MONITORS,
    Answer,
    Done,
    Leave,
    Lifecycle,
    Monitor,
    Monitoring,
    Mute,
    Off,
    Offer,
    Patch,
    Patched,
    Role,
    SpacesKnown,
    TakeOff,
    WhoMonitors,
)
from rostra.core.ids import SessionId, SpeakerId
from rostra.core.samples import QUANTUM, SAMPLE_RATE, TICK
from rostra.tape import TapeReader


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path) as hall:
        yield hall


async def test_tones_spoken_are_the_tones_on_the_tape_in_both_renditions(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    bob = await hall.talker(BOB, BOB_HZ)
    await until(lambda: ada.hears(BOB_HZ) and bob.hears(ADA_HZ))
    live = await hall.go_live()
    reader, chunk_s = TapeReader.open(hall.folder(live.run)), QUANTUM / SAMPLE_RATE

    def passed_s() -> float:
        return time.time() - live.anchor_utc_ns / 1e9

    def written_s() -> float:
        return reader.next_sample / SAMPLE_RATE

    on_time = 1.5 * chunk_s  # a chunk, the encoder's lag, and a little
    await until(lambda: written_s() > 2.5 and passed_s() - written_s() < on_time, timeout_s=60)
    asked_s = passed_s()
    recording = (await hall.end(live.run)).recording
    assert asked_s - chunk_s <= recording.duration_samples / SAMPLE_RATE <= passed_s() + chunk_s
    for rendition in live.renditions:
        file = hall.folder(live.run) / f"{rendition.name}.mp4"
        sound = decode(file)
        assert abs(len(sound) - recording.duration_samples) <= 1024
        middle = sound[SAMPLE_RATE // 2 : -SAMPLE_RATE // 2]
        assert stands_out(middle, ADA_HZ)
        assert stands_out(middle, BOB_HZ)
        assert not stands_out(middle, 800)
    assert (hall.folder(live.run) / "aac64.mp4").stat().st_size == recording.size_bytes


async def test_a_thread_that_works_on_a_tape_hands_the_interpreter_over_within_half_a_millisecond(
    hall: Hall,
) -> None:
    assert sys.getswitchinterval() <= 0.000_5


async def test_a_speaker_hears_the_other_and_never_themselves(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    bob = await hall.talker(BOB, BOB_HZ)
    await until(lambda: ada.hears(BOB_HZ) and bob.hears(ADA_HZ))
    assert not ada.hears(ADA_HZ)
    assert not bob.hears(BOB_HZ)


async def test_eight_people_get_two_ticks_in_a_packet_seven_one_and_all_hear_each_other(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    bob = await hall.talker(BOB, BOB_HZ)
    on_their_way = [Talker(SpeakerId(f"guest{number}"), 3000) for number in range(6)]
    answers = [
        await hall.bus.request(STAGE_OFFER, await each.offer(one_way=True), Answer) for each in on_their_way
    ]

    def hear_packets_of(ticks: int) -> bool:
        lately = {len(piece) for piece in bob.heard[-20:]}
        return bob.hears(ADA_HZ) and ada.hears(BOB_HZ) and lately == {ticks * TICK}

    live = await hall.go_live()
    await until(lambda: hear_packets_of(2))
    assert not ada.hears(ADA_HZ)
    await hall.bus.request(STAGE_LEAVE, Leave(space=SPACE, session=answers[0].session), Done)
    await until(lambda: hear_packets_of(1))
    for each in on_their_way:
        await each.hang_up()
    await hall.end(live.run)
    sound = decode(hall.folder(live.run) / "aac64.mp4")[-SAMPLE_RATE:]
    assert stands_out(sound, ADA_HZ)
    assert stands_out(sound, BOB_HZ)


async def test_a_muted_speaker_is_heard_by_nobody_until_unmuted_even_after_joining_again(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    bob = await hall.talker(BOB, BOB_HZ)
    await until(lambda: bob.hears(ADA_HZ))
    await hall.bus.request(STAGE_MUTE, Mute(space=SPACE, speaker=ADA, muted=True), Done)
    await until(lambda: not bob.hears(ADA_HZ))
    await until(lambda: hall.report is not None and any(s.muted for s in hall.report.speakers))
    again = await hall.talker(ADA, ADA_HZ, muted=True)
    await until(lambda: ada.state == "closed" and again.hears(BOB_HZ))
    assert not bob.hears(ADA_HZ)
    await hall.bus.request(STAGE_MUTE, Mute(space=SPACE, speaker=ADA, muted=False), Done)
    await until(lambda: bob.hears(ADA_HZ))


async def test_the_report_tells_who_is_on_stage_and_speaks_and_that_they_left(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)

    def seen() -> bool:
        speakers = hall.report.speakers if hall.report else ()
        return any(s.connected and s.speaking and -20 < s.level_dbov < -9 for s in speakers)

    await until(seen)
    assert ada.answer is not None
    await hall.bus.request(STAGE_LEAVE, Leave(space=SPACE, session=ada.answer.session), Done)
    await until(lambda: hall.report is not None and not hall.report.speakers)
    await until(lambda: ada.state == "closed")


async def test_nobody_but_whoever_made_a_connection_changes_or_ends_it(hall: Hall) -> None:
    ada = Talker(ADA, ADA_HZ)
    offer = msgspec.structs.replace(await ada.offer(), label="link:ada")
    answer = await hall.bus.request(STAGE_OFFER, offer, Answer)
    news = Patch(
        space=SPACE, session=answer.session, fragment="a=mid:0\r\n", label="link:bob", if_match=answer.etag
    )
    leave = Leave(space=SPACE, session=answer.session, label="link:bob")
    for subject, asked, reply in ((STAGE_PATCH, news, Patched), (STAGE_LEAVE, leave, Done)):
        with pytest.raises(RemoteError) as refused:
            await hall.bus.request(subject, asked, reply)
        assert (refused.value.code, refused.value.status) == ("not_allowed", 403)
    await until(lambda: hall.report is not None and len(hall.report.speakers) == 1)
    await hall.bus.request(STAGE_PATCH, msgspec.structs.replace(news, label="link:ada"), Patched)
    await hall.bus.request(STAGE_LEAVE, msgspec.structs.replace(leave, label="link:ada"), Done)
    await until(lambda: hall.report is not None and not hall.report.speakers)
    await ada.hang_up()


async def test_whoever_listens_in_is_hung_up_on_once_backstage_is_another(hall: Hall) -> None:
    await hall.talker(ADA, ADA_HZ)
    hall.bus.publish(SPACES_KNOWN, SpacesKnown(by="first"), retain=True)
    ear = Talker(EVE, 0)
    listens = Monitor(space=SPACE, sdp=(await ear.offer()).sdp)
    session = (await hall.bus.request(STAGE_MONITOR, listens, Answer)).session
    news = Patch(space=SPACE, session=session, fragment="a=mid:0\r\n", label="", if_match="*")
    for again in ("first", "first"):
        hall.bus.publish(SPACES_KNOWN, SpacesKnown(by=again), retain=True)
    await asyncio.sleep(0.2)
    await hall.bus.request(STAGE_PATCH, news, Patched)
    hall.bus.publish(SPACES_KNOWN, SpacesKnown(by="second"), retain=True)

    async def gone() -> bool:
        try:
            await hall.bus.request(STAGE_PATCH, news, Patched)
        except RemoteError as error:
            return error.code == "not_found"
        return False

    async with asyncio.timeout(5):
        while not await gone():
            await asyncio.sleep(0.05)
    assert hall.report is not None
    assert [each.speaker for each in hall.report.speakers] == [ADA], "speakers stay"
    await ear.hang_up()


async def test_a_stage_tells_who_listens_in_until_they_have_gone(hall: Hall) -> None:
    await hall.talker(ADA, ADA_HZ)

    async def present() -> tuple[SessionId, ...]:
        return (await hall.bus.request(STAGE_WHO_MONITORS, WhoMonitors(), Monitoring)).sessions

    assert await present() == ()
    ears = [Talker(EVE, 0) for _ in range(2)]
    sessions = [await ear.listen_in(hall.bus) for ear in ears]
    assert set(await present()) == set(sessions)
    await until(lambda: {ear.state for ear in ears} == {"connected"})
    await ears[0].hang_up()
    async with asyncio.timeout(5):
        while await present() != (sessions[1],):
            await asyncio.sleep(0.05)
    await ears[1].hang_up()


async def test_a_closed_browser_leaves_the_stage_at_once(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    await until(lambda: hall.report is not None and any(s.connected for s in hall.report.speakers))
    await ada.hang_up()
    await until(lambda: hall.report is not None and not hall.report.speakers, timeout_s=3)


async def test_a_broken_or_huge_description_is_a_400_and_takes_no_place(tmp_path: Path) -> None:
    async with open_hall(tmp_path, max_speakers=1) as hall:
        talker = Talker(ADA, ADA_HZ)
        good = await talker.offer()
        broken = [
            "",
            "nonsense",
            "v=0\r\n",
            good.sdp.replace("a=ice-ufrag", "a=x"),
            "v=0\r\n" + "a=x\r\n" * 20_000,
        ]
        for sdp in broken:
            offer = Offer(space=SPACE, speaker=ADA, name="Ada", role=Role.HOST, sdp=sdp)
            with pytest.raises(RemoteError) as refused:
                await hall.bus.request(STAGE_OFFER, offer, Answer)
            assert (refused.value.code, refused.value.status) == ("bad_sdp", 400)
        await talker.hang_up()
        await hall.talker(BOB, BOB_HZ)


async def test_a_full_house_refuses_the_next_but_not_one_who_returns(tmp_path: Path) -> None:
    async with open_hall(tmp_path, max_speakers=2) as hall:
        await hall.talker(ADA, ADA_HZ)
        await hall.talker(BOB, BOB_HZ)
        with pytest.raises(RemoteError) as refused:
            await hall.talker(EVE, 700)
        assert (refused.value.code, refused.value.status) == ("stage_full", 503)
        again = await hall.talker(ADA, ADA_HZ)
        await until(lambda: again.hears(BOB_HZ))


async def test_a_one_way_source_is_heard_and_is_sent_nothing(hall: Hall) -> None:
    bob = await hall.talker(BOB, BOB_HZ)
    source = await hall.talker(ADA, ADA_HZ, one_way=True)
    await until(lambda: bob.hears(ADA_HZ))
    assert source.answer is not None
    assert "a=recvonly" in source.answer.sdp
    assert not source.heard


async def test_a_source_of_two_microphones_is_refused_and_takes_no_place(tmp_path: Path) -> None:
    async with open_hall(tmp_path, max_speakers=1) as hall:
        talker = Talker(ADA, ADA_HZ)
        await talker.offer(one_way=True)
        both = await talker.offer(one_way=True)
        assert both.sdp.count("m=audio") == 2
        with pytest.raises(RemoteError) as refused:
            await hall.bus.request(STAGE_OFFER, both, Answer)
        assert (refused.value.code, refused.value.status) == ("not_whole", 422)
        await talker.hang_up()
        await hall.talker(BOB, BOB_HZ, one_way=True)


async def test_ports_and_address_are_those_of_the_settings(tmp_path: Path) -> None:
    knobs = {"rtc_address": "127.0.0.1", "rtc_port_min": 41300, "rtc_port_max": 41301}
    async with open_hall(tmp_path, **knobs) as hall:
        ada = await hall.talker(ADA, ADA_HZ)
        bob = await hall.talker(BOB, BOB_HZ)
        for talker in (ada, bob):
            assert talker.answer is not None
            lines = [line for line in talker.answer.sdp.splitlines() if line.startswith("a=candidate")]
            assert [line.split()[4] for line in lines] == ["127.0.0.1"]
            assert all(line.split()[5] in ("41300", "41301") for line in lines)
        with pytest.raises(RemoteError) as refused:
            await hall.talker(EVE, 700)
        assert refused.value.code == "no_free_port"


async def test_an_address_that_no_name_server_knows_is_told_and_keeps_no_tape_waiting(tmp_path: Path) -> None:
    async with open_hall(tmp_path, rtc_address="no-such-host.invalid") as hall:
        with pytest.raises(RemoteError, match="ROSTRA_RTC_ADDRESS") as refused:
            await hall.talker(ADA, ADA_HZ)
        assert (refused.value.code, refused.value.status) == ("address_unknown", 503)
        assert "no-such-host.invalid" in refused.value.sentence
        live = await hall.go_live()
        await hall.end(live.run)


async def test_an_ended_space_sends_everybody_home_and_takes_nobody(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    await until(lambda: ada.state == "connected")
    hall.tell(Lifecycle.CANCELLED)
    await until(lambda: ada.state == "closed")
    with pytest.raises(RemoteError) as refused:
        await hall.talker(BOB, BOB_HZ)
    assert (refused.value.code, refused.value.status) == ("space_over", 409)


async def test_somebody_taken_off_is_hung_up_on_at_once_and_the_conversation_goes_on(hall: Hall) -> None:
    ada, bob = await hall.talker(ADA, ADA_HZ), await hall.talker(BOB, BOB_HZ)
    await until(lambda: ada.state == bob.state == "connected")
    live = await hall.go_live()
    off = TakeOff(speakers=(BOB, EVE), why=Off.SUSPENDED)
    began = time.monotonic()
    await hall.bus.request(STAGE_TAKE_OFF, off, Done)
    await until(lambda: bob.state == "closed")
    assert time.monotonic() - began < 2
    with pytest.raises(RemoteError, match="suspended") as refused:
        await hall.talker(BOB, BOB_HZ)
    assert (refused.value.status, refused.value.code) == (403, "taken_off")
    assert ada.state == "connected"
    await until(lambda: hall.report is not None and len(hall.report.speakers) == 1 and hall.report.live)
    await hall.end(live.run)
