"""A whole stage on real parts: aiortc speakers, the bus, the worker, a tape that FFmpeg decodes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from rostra.bus.broker import Broker
from rostra.bus.client import BusClient, RemoteError
from rostra.bus.messages import (
    STAGE_END,
    STAGE_ERASE,
    STAGE_LEAVE,
    STAGE_LIVE,
    STAGE_MUTE,
    STAGE_OFFER,
    STAGE_TAKE_OFF,
    Answer,
    AudienceNote,
    Done,
    End,
    Ended,
    Erase,
    GoLive,
    Leave,
    Lifecycle,
    Mute,
    Notice,
    Offer,
    Role,
    SpaceState,
    StageReport,
    TakeOff,
    WentLive,
    audience_note,
    space_state,
    stage_report,
)
from rostra.core.clock import SystemClock
from rostra.core.ids import AccountId, RunId, SpaceId, SpeakerId
from rostra.core.role import RoleContext, bus_path
from rostra.core.samples import QUANTUM, SAMPLE_RATE, TICK
from rostra.core.settings import Settings
from rostra.media import events
from rostra.stage import worker
from rostra.tape import disk
from rostra.tape.reader import TapeReader

SPACE = SpaceId("abcdefghjk")
ADA, BOB, EVE = SpeakerId("adaadaada"), SpeakerId("bobbobbob"), SpeakerId("eveeveeve")
ADA_HZ, BOB_HZ = 440, 1250

Samples = npt.NDArray[np.float32]


class Tone(MediaStreamTrack):
    """A microphone that hums one note, 20 ms at a time, in real time."""

    kind = "audio"

    def __init__(self, hertz: int, amplitude: float = 0.25) -> None:
        super().__init__()
        self._hertz, self._amplitude = hertz, amplitude
        self._pts = 0
        self._began = time.monotonic()

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(max(0, self._began + self._pts / SAMPLE_RATE - time.monotonic()))
        at = (np.arange(TICK) + self._pts) / SAMPLE_RATE
        tone = self._amplitude * np.sin(2 * np.pi * self._hertz * at) * 32767
        piece = av.AudioFrame.from_ndarray(tone.astype(np.int16)[None, :], format="s16", layout="mono")
        piece.sample_rate, piece.pts, piece.time_base = SAMPLE_RATE, self._pts, Fraction(1, SAMPLE_RATE)
        self._pts += TICK
        return piece


class Talker:
    """A person's browser: hums, and keeps what it hears."""

    def __init__(self, speaker: SpeakerId, hertz: int) -> None:
        self.speaker = speaker
        self.heard: list[Samples] = []
        self.answer: Answer | None = None
        self._hertz = hertz
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._listening: asyncio.Task[None] | None = None

    async def offer(self, *, one_way: bool = False) -> Offer:
        direction = "sendonly" if one_way else "sendrecv"
        self._connection.addTransceiver(Tone(self._hertz), direction=direction)
        self._connection.on("track", self._listen)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        sdp = self._connection.localDescription.sdp
        return Offer(space=SPACE, speaker=self.speaker, name="Ada", role=Role.HOST, sdp=sdp, one_way=one_way)

    async def join(self, bus: BusClient, *, one_way: bool = False) -> Answer:
        self.answer = await bus.request(STAGE_OFFER, await self.offer(one_way=one_way), Answer)
        await self._connection.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))
        return self.answer

    @property
    def state(self) -> str:
        return self._connection.connectionState

    def hears(self, hertz: int, *, last_s: float = 0.4) -> bool:
        """Say whether ``hertz`` stands out in the last moments heard."""
        if sum(map(len, self.heard)) < last_s * SAMPLE_RATE:
            return False
        return stands_out(np.concatenate(self.heard)[-int(last_s * SAMPLE_RATE) :], hertz)

    def _listen(self, track: MediaStreamTrack) -> None:
        async def keep() -> None:
            try:
                while True:
                    piece = await track.recv()
                    both = piece.to_ndarray().reshape(-1, piece.layout.nb_channels)
                    self.heard.append(both.mean(axis=1).astype(np.float32) / 32768)
            except MediaStreamError:
                return

        self._listening = asyncio.create_task(keep())

    async def hang_up(self) -> None:
        await self._connection.close()
        if self._listening is not None:
            self._listening.cancel()


def stands_out(sound: Samples, hertz: int) -> bool:
    """Say whether a tone of ``hertz`` carries at least 5 % of the sound's power, and is audible."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    bin_ = round(hertz * len(sound) / SAMPLE_RATE)
    near = spectrum[max(0, bin_ - 3) : bin_ + 4].sum()
    return bool(near > 0.05 * spectrum.sum() and np.abs(sound).max() > 0.02)


class Hall:
    """A running stage with a bus, as control and the audience see it."""

    def __init__(self, settings: Settings, bus: BusClient) -> None:
        self.settings = settings
        self.bus = bus
        self.report: StageReport | None = None
        self.reports = 0
        self._stopping = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._talkers: list[Talker] = []

    def start(self) -> None:
        self._stopping.clear()
        context = RoleContext(self.settings, SystemClock(), 0, (), self._stopping)
        self._worker = asyncio.create_task(worker.run(context))

    async def stop(self) -> None:
        assert self._worker is not None
        self._stopping.set()
        await asyncio.wait_for(self._worker, 5)

    async def talker(self, speaker: SpeakerId, hertz: int, *, one_way: bool = False) -> Talker:
        talker = Talker(speaker, hertz)
        self._talkers.append(talker)
        await talker.join(self.bus, one_way=one_way)
        return talker

    async def go_live(self) -> WentLive:
        return await self.bus.request(STAGE_LIVE, GoLive(space=SPACE, title="An evening"), WentLive)

    async def end(self, run: RunId) -> Ended:
        return await self.bus.request(STAGE_END, End(space=SPACE, run=run), Ended)

    def tell(self, lifecycle: Lifecycle, live: WentLive | None = None, *notices: Notice) -> None:
        state = SpaceState(
            space=SPACE,
            revision=1,
            lifecycle=lifecycle,
            title="An evening",
            description="",
            host=AccountId("hosthost"),
            host_name="Ada",
            starts_at=0,
            time_zone="UTC",
            run=live.run if live else None,
            notices=notices,
        )
        self.bus.publish(space_state(SPACE), state, retain=True)

    def folder(self, run: RunId) -> Path:
        return self.settings.data / "tapes" / SPACE / run

    async def follow(self) -> None:
        async with self.bus.subscribe(stage_report(SPACE), StageReport) as reports:
            async for _, report in reports:
                self.report = report
                self.reports += 1

    async def hang_up(self) -> None:
        for talker in self._talkers:
            await talker.hang_up()


async def until(condition: Callable[[], object], *, timeout_s: float = 8) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def open_hall(folder: Path, **knobs: object) -> AsyncIterator[Hall]:
    settings = Settings.model_validate({"data": folder, "min_free_bytes": 0, **knobs})
    async with Broker(bus_path(folder)), BusClient(bus_path(folder), name="control") as bus:
        hall = Hall(settings, bus)
        following = asyncio.create_task(hall.follow())
        hall.start()
        await until(lambda: bus.connected)
        await _answered(bus)
        try:
            yield hall
        finally:
            await hall.stop()
            await hall.hang_up()
            following.cancel()


async def _answered(bus: BusClient) -> None:
    """Wait until the stage serves requests."""
    async with asyncio.timeout(5):
        while True:
            try:
                await bus.request(STAGE_LEAVE, Leave(space=SPACE, session="nobody"), Done)  # type: ignore[arg-type]
            except Exception:
                await asyncio.sleep(0.02)
            else:
                return


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path) as hall:
        yield hall


def decode(file: Path) -> Samples:
    """Return a finished recording as FFmpeg decodes it."""
    with av.open(str(file)) as container:
        return np.concatenate([piece.to_ndarray()[0] for piece in container.decode(audio=0)])


async def test_tones_spoken_are_the_tones_on_the_tape_in_both_renditions(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    bob = await hall.talker(BOB, BOB_HZ)
    await until(lambda: ada.hears(BOB_HZ) and bob.hears(ADA_HZ))
    live = await hall.go_live()
    began = time.monotonic()
    await asyncio.sleep(2.5)
    recording = (await hall.end(live.run)).recording
    elapsed = time.monotonic() - began
    assert abs(recording.duration_samples / SAMPLE_RATE - elapsed) <= QUANTUM / SAMPLE_RATE + 0.1
    for rendition in live.renditions:
        file = hall.folder(live.run) / f"{rendition.name}.mp4"
        sound = decode(file)
        assert abs(len(sound) - recording.duration_samples) <= 1024
        middle = sound[SAMPLE_RATE // 2 : -SAMPLE_RATE // 2]
        assert stands_out(middle, ADA_HZ)
        assert stands_out(middle, BOB_HZ)
        assert not stands_out(middle, 800)
    assert (hall.folder(live.run) / "aac64.mp4").stat().st_size == recording.size_bytes


async def test_a_speaker_hears_the_other_and_never_themselves(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    bob = await hall.talker(BOB, BOB_HZ)
    await until(lambda: ada.hears(BOB_HZ) and bob.hears(ADA_HZ))
    assert not ada.hears(ADA_HZ)
    assert not bob.hears(BOB_HZ)


async def test_a_muted_speaker_is_heard_by_nobody_until_unmuted_even_after_joining_again(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    bob = await hall.talker(BOB, BOB_HZ)
    await until(lambda: bob.hears(ADA_HZ))
    await hall.bus.request(STAGE_MUTE, Mute(space=SPACE, speaker=ADA, muted=True), Done)
    await until(lambda: not bob.hears(ADA_HZ))
    await until(lambda: hall.report is not None and any(s.muted for s in hall.report.speakers))
    again = await hall.talker(ADA, ADA_HZ)
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


async def test_a_closed_browser_leaves_the_stage_at_once(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    await until(lambda: hall.report is not None and any(s.connected for s in hall.report.speakers))
    await ada.hang_up()
    await until(lambda: hall.report is not None and not hall.report.speakers, timeout_s=3)


async def test_going_live_twice_and_ending_twice_answer_the_same(hall: Hall) -> None:
    live = await hall.go_live()
    assert await hall.go_live() == live
    await asyncio.sleep(0.5)
    ended = await hall.end(live.run)
    assert await hall.end(live.run) == ended
    await until(lambda: hall.report is not None and hall.report.finished == ended.recording)
    with pytest.raises(RemoteError) as refused:
        await hall.end(RunId("zzzzzzzz"))
    assert refused.value.status == 404


async def test_silence_flows_and_is_no_news_when_nobody_speaks(hall: Hall) -> None:
    live = await hall.go_live()
    await until(lambda: hall.report is not None and hall.report.live)
    before = hall.reports
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 5)
    assert hall.reports - before <= 1


async def test_events_on_the_tape_tell_who_speaks_and_how_many_listen(hall: Hall) -> None:
    await hall.talker(ADA, ADA_HZ)
    await until(lambda: hall.report is not None and any(s.speaking for s in hall.report.speakers))
    live = await hall.go_live()
    hall.bus.publish(audience_note(SPACE), AudienceNote(space=SPACE, listeners=77))
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 4)
    chunks = [reader.read(record) for record in reader.records()[1:] if record.rendition == 0]
    seen = events.seen_at(chunks, QUANTUM * len(chunks))
    assert seen is not None
    assert [(person.id, person.role) for person in seen.speakers] == [(ADA, "host")]
    assert seen.speaking == (ADA,)
    assert seen.listeners == 77


async def test_after_a_restart_the_tape_goes_on_with_a_gap_at_the_present_position(hall: Hall) -> None:
    live = await hall.go_live()
    hall.tell(Lifecycle.LIVE, live)
    await asyncio.sleep(1)
    await hall.stop()
    parked = len(TapeReader.open(hall.folder(live.run)).records())
    await asyncio.sleep(1)
    hall.start()
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= parked + 2 * 8)
    behind_s = time.time() - (
        live.anchor_utc_ns / 1e9 + (len(reader.records()) - 1) / 2 * QUANTUM / SAMPLE_RATE
    )
    assert -0.1 < behind_s < 1
    ended = await hall.end(live.run)
    kinds = [record.kind.name for record in reader.records() if record.rendition == 0]
    assert "GAP" in kinds
    assert kinds[-2] == "CHUNK"
    assert len(decode(hall.folder(live.run) / "opus32.mp4")) == ended.recording.duration_samples


async def test_a_tape_that_ended_while_control_looked_away_is_reported(hall: Hall) -> None:
    live = await hall.go_live()
    await asyncio.sleep(0.5)
    ended = await hall.end(live.run)
    await hall.stop()
    hall.report = None
    hall.tell(Lifecycle.LIVE, live)
    hall.start()
    await until(lambda: hall.report is not None and hall.report.finished == ended.recording)


async def test_a_full_disk_ends_the_tape_cleanly_sends_people_home_and_says_so(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    live = await hall.go_live()
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 2)
    monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
    await until(lambda: hall.report is not None and hall.report.finished is not None)
    assert hall.report is not None
    assert hall.report.finished is not None
    assert "disk is full" in hall.report.reason
    assert len(decode(hall.folder(live.run) / "opus32.mp4")) == hall.report.finished.duration_samples
    await until(lambda: ada.state == "closed")
    assert (await hall.end(live.run)).recording == hall.report.finished


async def test_a_stage_that_returns_to_a_full_disk_ends_the_tape_where_it_was(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await hall.go_live()
    hall.tell(Lifecycle.LIVE, live)
    await asyncio.sleep(0.6)
    await hall.stop()
    monkeypatch.setattr(disk, "free_bytes", lambda _: 0)
    hall.start()
    await until(lambda: hall.report is not None and hall.report.finished is not None)
    assert hall.report is not None
    assert "disk is full" in hall.report.reason


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


async def test_an_ended_space_sends_everybody_home_and_takes_nobody(hall: Hall) -> None:
    ada = await hall.talker(ADA, ADA_HZ)
    await until(lambda: ada.state == "connected")
    hall.tell(Lifecycle.CANCELLED)
    await until(lambda: ada.state == "closed")
    with pytest.raises(RemoteError) as refused:
        await hall.talker(BOB, BOB_HZ)
    assert refused.value.status == 409


async def test_somebody_taken_off_is_hung_up_on_at_once_and_the_conversation_goes_on(hall: Hall) -> None:
    ada, bob = await hall.talker(ADA, ADA_HZ), await hall.talker(BOB, BOB_HZ)
    await until(lambda: ada.state == bob.state == "connected")
    live = await hall.go_live()
    off = TakeOff(speakers=(BOB, EVE), sentence="This account is suspended.")
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


async def test_a_recording_is_erased_once_it_has_ended_and_asked_again_the_answer_is_the_same(
    hall: Hall,
) -> None:
    live = await hall.go_live()
    erase = Erase(space=SPACE, run=live.run)
    with pytest.raises(RemoteError) as refused:
        await hall.bus.request(STAGE_ERASE, erase, Done)
    assert refused.value.code == "tape_running"
    await hall.end(live.run)
    assert hall.folder(live.run).is_dir()
    for _ in range(2):
        await hall.bus.request(STAGE_ERASE, erase, Done)
        assert not hall.folder(live.run).parent.exists()


async def test_a_notice_is_on_the_tape_within_two_seconds(hall: Hall) -> None:
    live = await hall.go_live()
    reader = TapeReader.open(hall.folder(live.run))
    await until(lambda: len(reader.records()) >= 1 + 2 * 2)
    said = time.time_ns() // 1_000_000
    hall.tell(Lifecycle.LIVE, live, Notice(notice="nnnnnnnn", text="We begin soon.", at=said, author="Ada"))

    def told() -> bool:
        chunks = [reader.read(record) for record in reader.records()[1:] if record.rendition == 0]
        seen = events.seen_at(chunks, QUANTUM * len(chunks))
        return seen is not None and seen.notice is not None and seen.notice.text == "We begin soon."

    await until(told, timeout_s=2)
