"""Icecast sources at a stage's own listener: the real programs, and what is refused."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from harness.deployment import free_ports
from harness.hall import BOB, BOB_HZ, EVE, SPACE, Hall, Talker, open_hall, until
from harness.ways_in import make_tone, running
from rostra.bus.messages import (
    CONTROL_WHO,
    STAGE_MUTE,
    STAGE_TAKE_OFF,
    Done,
    Known,
    Mute,
    Role,
    TakeOff,
    WhoIs,
)
from rostra.core.errors import ConsentNeeded, NotAllowed, RostraError, SignInNeeded, Unavailable

OGG_HZ, MP3_HZ, AAC_HZ, EZ_HZ, FAST_HZ = 700, 1000, 1700, 2100, 2500


@dataclass
class Studio:
    """A stage that takes sources, and Bob on it, who hears them."""

    hall: Hall
    bob: Talker
    listen: str

    def address(self, token: str = "secret") -> str:
        return f"icecast://source:{token}@{self.listen}/{SPACE}"

    async def ask(self, raw: bytes) -> bytes:
        host, port = self.listen.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(raw)
        try:
            async with asyncio.timeout(5):
                return await reader.read()
        finally:
            writer.close()

    @property
    def people(self) -> set[str]:
        return {one.speaker for one in self.hall.report.speakers} if self.hall.report else set()


async def who(_: Hall, asked: WhoIs) -> Known:
    """Backstage, which knows one token."""
    if asked.token == "early":
        raise ConsentNeeded
    if asked.token != "secret":
        raise SignInNeeded
    return Known(speaker=EVE, name="Studio 1", role=Role.SPEAKER)


Who = Callable[[Hall, WhoIs], Awaitable[Known]]


def put(token: str, kind: str = "audio/mpeg") -> bytes:
    """The head of a source."""
    key = base64.b64encode(f"source:{token}".encode()).decode()
    lines = (f"PUT /{SPACE} HTTP/1.1", f"Authorization: Basic {key}", f"Content-Type: {kind}", "", "")
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def studio(folder: Path, who: Who = who, **knobs: object) -> AsyncIterator[Studio]:
    listen = f"127.0.0.1:{free_ports(1)[0]}"
    async with open_hall(folder, rtc_address="127.0.0.1", source_listen=listen, **knobs) as hall:
        async with hall.bus.serve(CONTROL_WHO, WhoIs, partial(who, hall)):
            yield Studio(hall, await hall.talker(BOB, BOB_HZ), listen)


async def test_ffmpegs_ogg_mp3_and_aac_are_heard_one_after_the_other_on_the_same_place(
    tmp_path: Path,
) -> None:
    async with studio(tmp_path / "data", max_speakers=2) as at:
        for name, hz, options in (
            ("ogg", OGG_HZ, ("-c:a", "libopus", "-content_type", "audio/ogg", "-f", "ogg")),
            ("mp3", MP3_HZ, ("-c:a", "libmp3lame", "-legacy_icecast", "1", "-f", "mp3")),
            ("aac", AAC_HZ, ("-c:a", "aac", "-content_type", "audio/aac", "-f", "adts")),
        ):
            command = ("ffmpeg", "-re", "-f", "lavfi", "-i", f"sine={hz}", *options, at.address())
            with running(tmp_path, f"ffmpeg-{name}", *command):
                await until(lambda hz=hz: at.bob.hears(hz), timeout_s=30)  # type: ignore[misc]  # a default binds it
        await until(lambda: at.people == {BOB}, timeout_s=15)


async def test_a_file_sent_as_fast_as_it_can_go_is_heard_at_its_own_pace(tmp_path: Path) -> None:
    sound = tmp_path / "tone.mp3"
    make_tone(sound, FAST_HZ, seconds=120)
    async with studio(tmp_path / "data") as at:
        with running(
            tmp_path, "ffmpeg", "ffmpeg", "-i", str(sound), "-c", "copy", "-f", "mp3", at.address()
        ) as sent:
            await until(lambda: at.bob.hears(FAST_HZ), timeout_s=30)
            await until(lambda: sent.poll() is not None, timeout_s=30)
            await asyncio.sleep(5)
            assert at.bob.hears(FAST_HZ), "what was not taken in five seconds was lost"


async def test_ezstream_is_heard_and_ends_when_the_host_takes_it_off(tmp_path: Path) -> None:
    sound, config = tmp_path / "tone.mp3", tmp_path / "ezstream.xml"
    make_tone(sound, EZ_HZ, seconds=60)
    async with studio(tmp_path / "data") as at:
        host, port = at.listen.split(":")
        config.write_text(
            f"""<?xml version="1.0" encoding="UTF-8"?>
            <ezstream>
              <servers><server>
                <hostname>{host}</hostname><port>{port}</port><password>secret</password>
                <reconnect_attempts>1</reconnect_attempts>
              </server></servers>
              <streams><stream><mountpoint>/{SPACE}.mp3</mountpoint><format>MP3</format></stream></streams>
              <intakes><intake><type>file</type><filename>{sound}</filename></intake></intakes>
            </ezstream>"""
        )
        config.chmod(0o600)
        with running(tmp_path, "ezstream", "ezstream", "-v", "-c", str(config)):
            await until(lambda: at.bob.hears(EZ_HZ), timeout_s=30)
            await at.hall.bus.request(STAGE_TAKE_OFF, TakeOff(speakers=(EVE,), space=SPACE), Done)
            await until(lambda: not at.bob.hears(EZ_HZ) and at.people == {BOB})


async def test_strangers_and_other_requests_are_told_what_is_wrong(tmp_path: Path) -> None:
    async with studio(tmp_path, max_speakers=1) as at:
        assert (await at.ask(put("wrong"))).startswith(b"HTTP/1.1 401 ")
        assert (await at.ask(put("early"))).startswith(b"HTTP/1.1 403 ")
        assert (await at.ask(put("secret", "video/mp4"))).startswith(b"HTTP/1.1 415 ")
        assert (await at.ask(put("secret"))).startswith(b"HTTP/1.1 503 "), "the stage is full"
        assert (await at.ask(f"GET /{SPACE} HTTP/1.1\r\n\r\n".encode())).startswith(b"HTTP/1.1 405 ")
        assert (await at.ask(b"junk\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
        assert (await at.ask(b"A" * 20_000)).startswith(b"HTTP/1.1 400 ")
        assert b"Allow: PUT, SOURCE" in await at.ask(b"OPTIONS * HTTP/1.1\r\n\r\n")


async def test_whom_the_host_mutes_while_they_are_being_seated_is_muted_once_they_sit(tmp_path: Path) -> None:
    mute = Mute(space=SPACE, speaker=EVE, muted=True, by_host=True)

    async def muting(hall: Hall, asked: WhoIs) -> Known:
        known = await who(hall, asked)
        if asked.seated is None:
            with pytest.raises(RostraError) as nobody:
                await hall.bus.request(STAGE_MUTE, mute, Done)
            assert nobody.value.code == "not_found"
        else:
            assert asked.seated == known
            await hall.bus.request(STAGE_MUTE, mute, Done)
        return known

    async with studio(tmp_path, muting) as at:
        host, port = at.listen.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(put("secret"))
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        await until(lambda: at.people == {BOB, EVE})
        assert at.hall.report is not None
        assert [one.muted_by_host for one in at.hall.report.speakers if one.speaker == EVE] == [True]
        writer.close()


@pytest.mark.parametrize(
    ("error", "status"), [(NotAllowed, b"403"), (Unavailable, b"200")], ids=["blocked", "backstage away"]
)
async def test_whoever_may_not_stay_by_the_time_they_sit_is_refused_and_a_silent_backstage_refuses_nobody(
    tmp_path: Path, error: type[RostraError], status: bytes
) -> None:
    async def refusing(hall: Hall, asked: WhoIs) -> Known:
        if asked.seated is not None:
            raise error
        return await who(hall, asked)

    async with studio(tmp_path, refusing) as at:
        host, port = at.listen.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(put("secret"))
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 " + status)
        await until(lambda: at.people == ({BOB, EVE} if status == b"200" else {BOB}))
        writer.close()


@pytest.mark.parametrize(
    "junk", [b"RIFF" + bytes(4000), b"OggS" + bytes(40_000), b"\xff\xfb" + b"\x55" * 200_000]
)
async def test_what_is_no_sound_ends_its_own_connection_and_nothing_else(tmp_path: Path, junk: bytes) -> None:
    async with studio(tmp_path) as at:
        key = base64.b64encode(b"source:secret").decode()
        head = f"SOURCE /{SPACE} HTTP/1.0\r\nAuthorization: Basic {key}\r\n\r\n".encode()
        try:
            said = await at.ask(head + junk)
        except (ConnectionError, TimeoutError):
            said = b"HTTP/1.1 200 "
        assert said.startswith(b"HTTP/1.1 200 ")
        await until(lambda: at.people == {BOB}, timeout_s=15)
