"""Programs as speakers, each the real one: what they say is heard by whoever listens in."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from harness.deployment import ROSTRA, Deployment, free_ports
from harness.waiting import until
from harness.ways_in import Ear, make_tone, running, speaker_token

WHIP_HZ, OGG_HZ, FILE_HZ = 440, 700, 2100


@pytest.mark.long
async def test_whip_icecast_and_a_played_file_are_heard(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    source_listen = f"127.0.0.1:{port}"
    async with Deployment(tmp_path / "site", source_listen=source_listen, max_monitors=1) as site:
        headers = {"authorization": f"Bearer {site.token}"}
        async with httpx.AsyncClient(
            base_url=site.control, headers=headers, trust_env=False, timeout=20
        ) as http:
            space = (await http.post("/api/v1/spaces", json={"title": "Talk"})).json()["id"]
            await _all_are_heard(site, http, space, source_listen, tmp_path)


async def _all_are_heard(
    site: Deployment, http: httpx.AsyncClient, space: str, source_listen: str, folder: Path
) -> None:
    token = await speaker_token(site, space, "Desk")
    ear = Ear()
    assert (await ear.join(http, space)).status_code == 404, "nobody is on this stage"
    await ear.close()
    with running(folder, "whip-client", *_whip_client(site, space, token)):
        ear = await _listens_in(http, space)
        await _is_heard(ear, WHIP_HZ, "simple-whip-client")
        full = Ear()
        refused = await full.join(http, space)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        await full.close()
        key = await speaker_token(site, space, "Studio 1")
        options = ("-c:a", "libopus", "-content_type", "audio/ogg", "-f", "ogg")
        address = f"icecast://source:{key}@{source_listen}/{space}"
        command = ("ffmpeg", "-re", "-f", "lavfi", "-i", f"sine={OGG_HZ}", *options, address)
        with running(folder, "ffmpeg", *command):
            await _is_heard(ear, OGG_HZ, "FFmpeg by icecast://")
        await _a_file_is_played(site, ear, space, folder)
        assert (await http.delete(ear.location)).status_code == 200
        assert (await http.delete(ear.location)).status_code == 404
        await ear.close()


async def _listens_in(http: httpx.AsyncClient, space: str) -> Ear:
    """An ear, once somebody is on the stage."""

    async def joined() -> Ear | None:
        ear = Ear()
        if (await ear.join(http, space)).status_code == 201:
            return ear
        await ear.close()
        return None

    return await until(joined, what="the stage can be listened in to", within_s=30, poll_s=0.3)


async def _is_heard(ear: Ear, hz: int, who: str) -> None:
    async def heard() -> bool:
        return ear.hears(hz)

    await until(heard, what=f"{who} is heard", within_s=40, poll_s=0.1)


def _whip_client(site: Deployment, space: str, token: str) -> tuple[str, ...]:
    """Debian's program, with a picture that nobody will see."""
    audio = (
        f"audiotestsrc is-live=true volume=0.125 freq={WHIP_HZ} ! audioconvert ! audioresample ! queue !"
        " opusenc ! rtpopuspay pt=100 ssrc=1 ! queue !"
        " application/x-rtp,media=audio,encoding-name=OPUS,payload=100"
    )
    video = (
        "videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=5/1 ! videoconvert ! queue !"
        " vp8enc deadline=1 ! rtpvp8pay pt=96 ssrc=2 ! queue !"
        " application/x-rtp,media=video,encoding-name=VP8,payload=96"
    )
    url = f"{site.control}/whip/{space}"
    return ("whip-client", "-u", url, "-t", token, "-A", audio, "-V", video, "-f", "-l", "7")


async def _a_file_is_played(site: Deployment, ear: Ear, space: str, folder: Path) -> None:
    sound = folder / "jingle.ogg"
    make_tone(sound, FILE_HZ, seconds=4)
    command = (*ROSTRA, "space", "play", space, str(sound), "--yes", "--data", str(site.data))
    with running(folder, "space-play", *command) as playing:
        await _is_heard(ear, FILE_HZ, "rostra space play")
        assert await asyncio.to_thread(playing.wait, 30) == 0
    assert "jingle" in (folder / "space-play.log").read_text()
