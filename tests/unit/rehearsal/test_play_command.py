"""``rostra space play`` says in a sentence why nothing was played."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import httpx
import pytest

from harness.deployment import free_ports
from harness.ways_in import make_tone
from rostra.rehearsal import play_command
from rostra.rehearsal.play_command import called

SPACE = "abcdefghjk"


def play(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "rostra", "space", "play", *arguments)
    around = {**os.environ, **(env or {})}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=around)


def test_what_is_no_sound_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no sound")
    for source in (str(tmp_path / "missing.ogg"), str(text)):
        done = play(SPACE, source, "--data", str(tmp_path), "--yes")
        assert done.returncode == 1
        assert "cannot be played" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/ada/Evening news.ogg", "Evening news"),
        ("https://user:secret@radio.example/live/Night%20show.mp3?key=secret", "Night show"),
        ("https://user:secret@radio.example:8000/?key=secret", "radio.example"),
        ("http://[secret", ""),
    ],
)
def test_no_password_of_an_address_is_the_name_on_stage(source: str, name: str) -> None:
    assert called(source) == name


def test_without_a_key_or_a_server_it_says_so(tmp_path: Path) -> None:
    sound = tmp_path / "tone.ogg"
    make_tone(sound, 440, seconds=1)
    keyless = play(SPACE, str(sound), "--data", str(tmp_path))
    assert (keyless.returncode, "--token" in keyless.stderr) == (1, True)
    (port,) = free_ports(1)
    away = play(SPACE, str(sound), "--url", f"http://127.0.0.1:{port}", "--token", "x", "--yes")
    assert (away.returncode, "Nobody answers" in away.stderr) == (3, True)


def test_the_folders_key_goes_to_no_other_address_unasked(tmp_path: Path) -> None:
    sound = tmp_path / "tone.ogg"
    make_tone(sound, 440, seconds=1)
    (tmp_path / "data" / "keys").mkdir(parents=True)
    (tmp_path / "data" / "keys" / "local.token").write_text("an operator's")
    (port,) = free_ports(1)
    elsewhere = ("--url", f"http://127.0.0.1:{port}", "--yes")
    unasked = play(SPACE, str(sound), *elsewhere, env={"ROSTRA_DATA": str(tmp_path / "data")})
    assert (unasked.returncode, "--token" in unasked.stderr) == (1, True)
    asked = play(SPACE, str(sound), *elsewhere, "--data", str(tmp_path / "data"))
    assert (asked.returncode, "Nobody answers" in asked.stderr) == (3, True)


@pytest.mark.parametrize(
    ("given", "of_link", "known"), [("", "Grace", "Grace"), ("News", "Grace", "News"), ("", "", "jingle")]
)
async def test_a_link_is_on_stage_by_its_own_name_unless_another_is_asked_for(
    given: str, of_link: str, known: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            accepted.append(json.loads(request.content)["name"])
            return httpx.Response(200, json={})
        return httpx.Response(
            200, json={"consent": {"id": "c", "text": "You are heard."}, "me": {"name": of_link}}
        )

    async def played(*_: object) -> None:
        pass

    client = partial(httpx.AsyncClient, transport=httpx.MockTransport(answer))
    monkeypatch.setattr(play_command.httpx, "AsyncClient", lambda **_: client())
    monkeypatch.setattr(play_command, "play", played)
    sound = tmp_path / "jingle.ogg"
    make_tone(sound, 440, seconds=1)
    link = f"http://127.0.0.1:1/studio/{SPACE}#k=key"
    await play_command._play(link, str(sound), given, True, lambda: pytest.fail("a link is its own way"))
    assert accepted == [known]
