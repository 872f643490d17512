"""What was mistyped at the command line is told in a sentence, never by a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.forms import every_fourth
from harness.ways_in import make_tone

EVENT_PAGE = "Give the address of an event page"
NOBODY = "Nobody answers at"
PORT = "ROSTRA_DOOR_PORT is 'abc'"
TOKEN = "This token holds characters that no token has."
LATIN_1 = "Caf\udce9"
"""As Python hands on an argument that is not UTF-8: é in one byte."""
NOT_UTF8 = r"“Caf\xe9” is not UTF-8."
LIST = ("space", "list", "--token", "t")


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> str:
    sound = tmp_path_factory.mktemp("tone") / "tone.ogg"
    make_tone(sound, 440, seconds=1)
    return str(sound)


@pytest.mark.parametrize(
    ("typed", "variables", "code", "said"),
    every_fourth(
        [
            (("listen", "http://[x/s/abcdefgh23"), {}, 1, EVENT_PAGE),
            (("listen", "http://localhost:abc/s/abcdefgh23"), {}, 1, EVENT_PAGE),
            (("listen", "http://localhost:99999/s/abcdefgh23"), {}, 1, EVENT_PAGE),
            (("listen", "http://xn--a/s/abcdefgh23"), {}, 1, NOBODY),
            (LIST, {"ROSTRA_DOOR_PORT": "abc"}, 1, PORT),
            ((*LIST, "--url", "http://localhost:abc"), {}, 3, NOBODY),
            ((*LIST, "--url", "http://xn--a"), {}, 3, NOBODY),
            (("space", "list", "--token", "é"), {}, 1, TOKEN),
            (("space", "create", LATIN_1, "--token", "t"), {}, 2, NOT_UTF8),
            ((*LIST, "--after", LATIN_1), {}, 2, NOT_UTF8),
            (("space", "play", LATIN_1, "TONE", "--token", "t"), {}, 2, NOT_UTF8),
            (("listen", LATIN_1), {}, 2, NOT_UTF8),
            (("serve", "--data", LATIN_1), {}, 2, NOT_UTF8),
            (("space", "play", "x", "TONE", "--token", "t"), {"ROSTRA_DOOR_PORT": "abc"}, 1, PORT),
            (("space", "play", "x", "TONE", "--token", "é"), {}, 1, TOKEN),
            (("space", "play", "x", "TONE", "--token", "t", "--url", "http://localhost:abc"), {}, 3, NOBODY),
            (("space", "play", "http://[x/studio/abcdefgh23#k=t", "TONE"), {}, 1, "A studio link looks like"),
            (("space", "play", "http://localhost:9/studio/abcdefgh23#k=é", "TONE"), {}, 1, TOKEN),
        ]
    ),
)
def test_a_mistyped_command_is_refused_in_a_sentence(
    typed: tuple[str, ...], variables: dict[str, str], code: int, said: str, tone: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rostra", *(tone if word == "TONE" else word for word in typed)],
        env=os.environ | variables,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
