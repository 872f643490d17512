"""What happens beside the voices, end to end: reactions, a pinned link, captions, music when all are gone."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import HIGH_HZ, LOW_HZ, RATE, Sound, decode, holds, level_dbfs, write_wav
from harness.voices import speaking
from harness.waiting import until
from rostra.audio.music import CHORDS
from rostra.rehearsal.sound import Tone

END_S = 7
"""After so long an empty stage ends its conversation."""
SLIDES = {"link": "https://example.org/slides", "label": "The slides"}


@pytest.mark.long
async def test_all_of_it_is_in_status_tape_and_recording(tmp_path: Path) -> None:
    async with Deployment(tmp_path, hold_end_s=END_S) as site, Evening(site) as evening:
        captioner = await evening.link("captioner", "Cai")
        assert "/captions/" in captioner.url
        async with speaking(evening, Tone(LOW_HZ)):
            early = await caption(evening, captioner.token, text="Too early.")
            assert (early.status_code, early.json()["error"]["code"]) == (409, "conflict")
            await evening.go_live()
            await pinned_for_all(evening)
            await pressed_by_listeners(evening)
            await captioned(evening, captioner.token)
        await until(partial(plays_music, evening, True), what="music plays when all are gone", within_s=20)
        await asyncio.sleep(2)
        async with speaking(evening, Tone(LOW_HZ)):
            await until(partial(plays_music, evening, False), what="it stops when one is back", within_s=10)
            await asyncio.sleep(1)
            await own_music(evening, tmp_path)
        status = await evening.until_state("published", within_s=END_S + 25)
        assert status["reason"] == "ended_nobody"
        await check_recording(evening, status)


async def pinned_for_all(evening: Evening) -> None:
    path = f"/spaces/{evening.space}/pinned"
    for link in ("javascript:alert(1)", "ftp://example.org", "https://"):
        assert (await evening.request("PUT", path, {"link": link, "label": "x"})).status_code == 400
    await evening.call("PUT", path, SLIDES)

    async def told() -> bool:
        return bool((await evening.status())["pinned"] == SLIDES)

    await until(told, what="the status has the pinned link", within_s=5)


async def pressed_by_listeners(evening: Evening) -> None:
    """Two listeners; one presses more often than anybody may."""
    address = f"{evening.site.door}/s/{evening.space}"
    tickets = [(await evening.http.post(f"{address}/join")).json()["ticket"] for _ in range(2)]
    assert "clap" in (await evening.status())["reactions"]
    answers = []
    for ticket, kind in [(tickets[0], "heart"), *[(tickets[1], "clap")] * 8]:
        answers.append(
            (await evening.http.post(f"{address}/react", json={"ticket": ticket, "kind": kind})).status_code
        )
    assert answers[:6] == [204] * 6
    assert answers[-1] == 429
    forged = await evening.http.post(f"{address}/react", json={"ticket": "A" * 64, "kind": "clap"})
    assert forged.status_code == 403


async def captioned(evening: Evening, token: str) -> None:
    """By the captioner's link and by a program, in two languages; not by a speaker."""
    speaker = await evening.link("speaker", "Sol")
    assert (await caption(evening, speaker.token, text="Not mine to write.")).status_code == 403
    stage = await evening.request("GET", f"/spaces/{evening.space}/stage", token=f"Speaker {token}")
    assert stage.status_code == 403, "whoever writes captions has no business on stage"
    await asyncio.sleep(2)
    first = await caption(evening, token, text="Good evening & <welcome>.", ago_ms=1_000, duration_ms=1_500)
    assert first.status_code == 201, first.text
    assert first.json()["samples"] == 72_000
    await evening.call(
        "POST", f"/spaces/{evening.space}/captions", {"text": "Buenas noches.", "language": "es"}
    )
    second = await caption(evening, token, text="We begin.")
    assert second.json()["at"] > first.json()["at"]
    for body in (
        {"text": "x" * 301},
        {"text": ""},
        {"text": "x", "language": "no tag"},
        {"text": "x", "ago_ms": -1},
    ):
        assert (await caption(evening, token, **body)).status_code in (400, 422), body


async def caption(evening: Evening, token: str, **body: Any) -> httpx.Response:
    return await evening.request("POST", f"/spaces/{evening.space}/captions", body, token=f"Bearer {token}")


async def plays_music(evening: Evening, wanted: bool) -> bool:
    return bool((await evening.status())["hold"] is wanted)


async def own_music(evening: Evening, folder: Path) -> None:
    """A tone for music; what is no audio, or too much of it, is refused and changes nothing."""
    address = f"{evening.site.control}/api/v1/spaces/{evening.space}/hold-music"
    tone = 0.2 * np.sin(2 * np.pi * HIGH_HZ * np.arange(4 * RATE) / RATE)
    file = write_wav(folder / "tone.wav", tone).read_bytes()
    headers = {"authorization": f"Bearer {evening.site.token}"}
    for body, status in ((file, 200), (b"no audio at all " * 5_000, 400), (bytes(1_000_000), 413)):
        answer = await evening.http.put(address, content=body, headers=headers, timeout=40)
        assert answer.status_code == status, answer.text
        if status == 200:
            assert answer.json() == {"seconds": 4.0}


async def check_recording(evening: Evening, status: dict[str, Any]) -> None:
    folder = status["replay"]["hls"].removesuffix("index.m3u8")
    told = (await evening.http.get(f"{folder}events.json")).json()["events"]
    counts: dict[str, int] = {}
    for event in told:
        for kind, count in (event.get("reactions") or {}).items():
            counts[kind] = counts.get(kind, 0) + count
    assert counts["heart"] == 1
    assert 5 <= counts["clap"] < 8
    assert SLIDES in [event.get("pinned") for event in told]
    await check_captions(evening, folder, told)
    await check_sound(status["replay"]["mp4"], told)


async def check_captions(evening: Evening, folder: str, told: list[dict[str, Any]]) -> None:
    lines = [line for event in told for line in event.get("captions") or ()]
    assert [line["text"] for line in lines] == ["Good evening & <welcome>.", "Buenas noches.", "We begin."]
    listed = (await evening.http.get(f"{folder}captions.json")).json()["captions"]
    assert [each["language"] for each in listed] == ["en", "es"]
    vtt = await evening.http.get(f"{folder}captions.vtt")
    assert vtt.headers["content-type"].startswith("text/vtt")
    assert vtt.headers["access-control-allow-origin"] == "*"
    assert f"{_time(lines[0]['at'])} --> " in vtt.text
    assert "Good evening &amp; &lt;welcome&gt;." in vtt.text
    assert "Buenas" in (await evening.http.get(f"{folder}captions.es.vtt")).text
    playlist = (await evening.http.get(f"{folder}index.m3u8")).text
    assert 'URI="captions.es.m3u8"' in playlist
    assert "captions.es.vtt" in (await evening.http.get(f"{folder}captions.es.m3u8")).text


async def check_sound(mp4: str, told: list[dict[str, Any]]) -> None:
    """The voice, the built-in music, the voice again, the music of the host's own: each where it is told."""
    sound = await decode(mp4)
    changes = [(event["at"] / RATE, event["hold"]) for event in told if event.get("hold") is not None]
    begins = [
        at
        for (at, hold), (_, before) in zip(changes, [(0, False), *changes], strict=False)
        if hold and not before
    ]
    ends = [at for (at, hold), (_, before) in zip(changes[1:], changes, strict=False) if before and not hold]
    assert len(begins) == 2, changes
    assert ends, changes
    assert holds(between(sound, 1, begins[0] - 4), LOW_HZ)
    music = between(sound, begins[0] + 1, ends[0])
    assert (
        max(level_dbfs(music, chord[0]) for chord in CHORDS) > -45
    )  # The lowest note of each is its loudest.
    assert not holds(music, LOW_HZ)
    assert holds(between(sound, ends[0] + 0.4, ends[0] + 1), LOW_HZ)
    own = between(sound, begins[1] + 2, len(sound) / RATE)
    assert holds(own, HIGH_HZ)
    away_s = len(sound) / RATE - begins[1] + 3  # Music begins three seconds after the last one left.
    assert END_S - 1 < away_s < END_S + 2


def between(sound: Sound, from_s: float, to_s: float) -> Sound:
    return sound[round(from_s * RATE) : round(to_s * RATE)]


def _time(sample: int) -> str:
    ms = sample * 1000 // RATE
    return f"00:00:{ms // 1000:02}.{ms % 1000:03}"
