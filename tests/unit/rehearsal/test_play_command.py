"""``rostra space play`` says in a sentence why nothing was played."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.deployment import free_ports
from harness.ways_in import make_tone

SPACE = "abcdefghjk"


def play(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "rostra", "space", "play", *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_what_is_no_sound_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no sound")
    for source in (str(tmp_path / "missing.ogg"), str(text)):
        done = play(SPACE, source, "--data", str(tmp_path), "--yes")
        assert done.returncode == 1
        assert "cannot be played" in done.stderr
        assert "Traceback" not in done.stderr


def test_without_a_key_or_a_server_it_says_so(tmp_path: Path) -> None:
    sound = tmp_path / "tone.ogg"
    make_tone(sound, 440, seconds=1)
    keyless = play(SPACE, str(sound), "--data", str(tmp_path))
    assert (keyless.returncode, "--token" in keyless.stderr) == (1, True)
    (port,) = free_ports(1)
    away = play(SPACE, str(sound), "--url", f"http://127.0.0.1:{port}", "--token", "x", "--yes")
    assert (away.returncode, "Nobody answers" in away.stderr) == (3, True)
