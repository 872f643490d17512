"""Other people's players open every address of a live space, and its recording afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harness.deployment import ROSTRA, Deployment
from harness.evening import Evening
from harness.sound import LOW_HZ, clearness_db, decode, holds, run
from harness.voices import speaking
from rostra.core.samples import SAMPLE_RATE, SEGMENT
from rostra.rehearsal.sound import Tone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

LIVE_SEGMENTS = 2
"""Players that know no parts need whole segments to begin with."""
GSTREAMER_FRAMES = 150
"""Of AAC, 3.2 s; of Opus, which has 20 ms in each, 3 s."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with Deployment(tmp_path_factory.mktemp("players")) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live(site: Deployment) -> AsyncIterator[Evening]:
    """A space in which somebody says 440 Hz, live long enough for any player."""
    async with Evening(site) as evening:
        async with speaking(evening, Tone(LOW_HZ)):
            await evening.go_live()
            await evening.until_recorded(LIVE_SEGMENTS * SEGMENT, within_s=20)
            yield evening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recording(live: Evening) -> dict[str, Any]:
    """The same space after its end: addresses and length as the door tells them."""
    await live.end()
    return await live.replay()


async def probe(address: str) -> dict[str, Any]:
    """What ffprobe says of the first audio stream and its container."""
    found = json.loads(
        await run(
            *("ffprobe", "-hide_banner", "-loglevel", "error", "-of", "json"),
            *("-show_streams", "-show_format", "-select_streams", "a:0", address),
        )
    )
    assert found["streams"], f"ffprobe finds no audio at {address}"
    return {**found["format"], **found["streams"][0]}


async def play_in_mpv(address: str, folder: Path, *, seconds: float) -> Path:
    """Let mpv play; return what came out of it as a WAV file."""
    heard = folder / "mpv.wav"
    await run(
        *("mpv", "--no-config", "--no-video", "--ao=pcm", f"--ao-pcm-file={heard}"),
        *(f"--length={seconds}", "--network-timeout=10", address),
    )
    return heard


async def play_in_gstreamer(address: str, folder: Path) -> Path:
    """Let GStreamer play a while, as its own programs do; return what came out of it as a WAV file."""
    heard = folder / f"{address.rpartition('/')[2]}.wav"
    sink = f"audioconvert ! identity eos-after={GSTREAMER_FRAMES} ! wavenc ! filesink location={heard}"
    await run("gst-launch-1.0", "--quiet", "playbin3", f"uri={address}", "flags=audio", f"audio-sink={sink}")
    return heard


async def assert_heard(address: str, folder: Path, *, seconds: float = 4.0) -> None:
    """FFmpeg and mpv both hear the tone at an address."""
    decoded, played = await asyncio.gather(
        decode(address, seconds=seconds), play_in_mpv(address, folder, seconds=seconds)
    )
    for name, sound in (("ffmpeg", decoded), ("mpv", await decode(played))):
        assert len(sound) > (seconds - 0.5) * SAMPLE_RATE, f"{name} hears {len(sound)} samples only"
        assert holds(sound, LOW_HZ), f"{name}: the tone stands out by {clearness_db(sound, LOW_HZ):.0f} dB"


async def test_players_hear_a_live_space_over_hls(live: Evening, tmp_path: Path) -> None:
    address = f"{live.site.door}/s/{live.space}/live.m3u8"
    found = await probe(address)
    assert (found["codec_name"], found["sample_rate"]) == ("aac", "48000")
    await assert_heard(address, tmp_path)


async def test_players_hear_over_hls_what_has_only_just_begun(site: Deployment, tmp_path: Path) -> None:
    """As everybody comes who waited for it: there is no whole segment yet."""
    async with Evening(site) as evening, speaking(evening, Tone(LOW_HZ)):
        await evening.go_live()
        await assert_heard(f"{site.door}/s/{evening.space}/live.m3u8", tmp_path)


async def test_radios_hear_the_endless_stream(live: Evening, tmp_path: Path) -> None:
    address = f"{live.site.door}/s/{live.space}/radio.aac"
    found = await probe(address)
    assert (found["codec_name"], found["format_name"]) == ("aac", "aac")
    await assert_heard(address, tmp_path)


async def test_a_playlist_file_leads_a_player_to_the_radio(live: Evening, tmp_path: Path) -> None:
    address = f"{live.site.door}/s/{live.space}/listen.m3u"
    heard = await decode(await play_in_mpv(address, tmp_path, seconds=2))
    assert holds(heard, LOW_HZ)


async def test_gstreamer_hears_a_live_space_by_every_address(live: Evening, tmp_path: Path) -> None:
    door = f"{live.site.door}/s/{live.space}"
    addresses = [f"{door}/{name}" for name in ("live.m3u8", "live.mpd", "radio.aac", "radio.opus")]
    for heard in await asyncio.gather(*(play_in_gstreamer(each, tmp_path) for each in addresses)):
        sound = await decode(heard)
        assert len(sound) / SAMPLE_RATE > 2.5, heard.name
        assert holds(sound, LOW_HZ), heard.name


async def test_ffprobe_reads_the_dash_manifest_of_a_live_space(live: Evening) -> None:
    found = await probe(f"{live.site.door}/s/{live.space}/live.mpd")
    assert found["format_name"] == "dash"
    assert found["sample_rate"] == "48000"


async def test_ffmpeg_hears_a_live_space_over_dash_and_everything_once(live: Evening) -> None:
    """Whoever reads a young programme's manifest must not take what is now for what is long past."""
    heard = await decode(f"{live.site.door}/s/{live.space}/live.mpd", seconds=6)
    assert len(heard) / SAMPLE_RATE == pytest.approx(6, abs=0.5)
    assert holds(heard, LOW_HZ)


async def test_the_headless_listener_hears_a_live_space(live: Evening, tmp_path: Path) -> None:
    saved = tmp_path / "heard.mp4"
    out = await run(
        *(*ROSTRA, "listen", f"{live.site.door}/s/{live.space}"),
        *("--seconds", "4", "--json", "--save", str(saved)),
    )
    report = json.loads(out.decode().strip().splitlines()[-1])
    assert report["gaps"] == 0
    assert report["decode_errors"] == 0
    assert report["seconds"] > 2.5
    assert report["level_dbfs"] > -40
    assert report["first_audio_ms"] is not None
    assert holds(await decode(saved), LOW_HZ)


async def test_players_open_the_finished_mp4(
    live: Evening, recording: dict[str, Any], tmp_path: Path
) -> None:
    found = await probe(recording["mp4"])
    assert found["codec_name"] == "aac"
    assert float(found["duration"]) == pytest.approx(recording["seconds"], abs=0.1)
    await assert_heard(recording["mp4"], tmp_path)


async def test_players_open_the_finished_hls(
    live: Evening, recording: dict[str, Any], tmp_path: Path
) -> None:
    found = await probe(recording["hls"])
    assert float(found["duration"]) == pytest.approx(recording["seconds"], abs=0.1)
    await assert_heard(recording["hls"], tmp_path)


async def test_players_open_the_finished_dash(
    live: Evening, recording: dict[str, Any], tmp_path: Path
) -> None:
    assert (await probe(recording["dash"]))["format_name"] == "dash"
    heard = await decode(recording["dash"])
    assert len(heard) / SAMPLE_RATE == pytest.approx(recording["seconds"], abs=0.1)
    await assert_heard(recording["dash"], tmp_path)


async def test_gstreamer_plays_the_recording_by_every_address(
    live: Evening, recording: dict[str, Any], tmp_path: Path
) -> None:
    for address in (recording["hls"], recording["dash"], recording["mp4"]):
        sound = await decode(await play_in_gstreamer(address, tmp_path))
        assert len(sound) / SAMPLE_RATE > 2.5, address
        assert holds(sound, LOW_HZ), address


async def test_a_player_seeks_in_the_finished_mp4(recording: dict[str, Any], tmp_path: Path) -> None:
    heard = tmp_path / "end.wav"
    start = recording["seconds"] - 2
    await run(
        *("mpv", "--no-config", "--no-video", "--ao=pcm", f"--ao-pcm-file={heard}"),
        *(f"--start={start}", recording["mp4"]),
    )
    sound = await decode(heard)
    assert len(sound) / SAMPLE_RATE == pytest.approx(2, abs=0.3)
    assert holds(sound, LOW_HZ)
