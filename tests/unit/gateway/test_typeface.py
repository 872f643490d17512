"""What of a text can be drawn, and that its words stand in the order of its readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import features

from rostra.gateway import typeface as module
from rostra.gateway.bidi import turned
from rostra.gateway.typeface import Typeface, our_face, typeface

FACES = [typeface(), Typeface((our_face(),))]
EVENING = "حوار مباشر عن الجسر (2031) – part two!"


@dataclass
class Paper:
    """Keeps what was written on it, and where."""

    written: list[tuple[float, str]] = field(default_factory=list)

    def text(self, at: tuple[float, float], text: str, **_: Any) -> None:
        self.written.append((at[0], text))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("👩‍👩‍👧‍👦🎙️ Family night 🏳️‍🌈 —", "Family night —"),
        ("🎙️ Live", "Live"),
        ("🎙️\u200f Live", "\u200fLive"),
        ("a 🎙️\u200e b", "a \u200eb"),
        ("a\ufe0f 🎙\u0301\u200d", "a"),
        ("\u0301a\u00ad\u2060b", "ab"),
        ("🎙️", ""),
    ],
)
def test_an_emoji_leaves_nothing_of_itself(face: Typeface, title: str, left: str) -> None:
    assert face.readable(title) == left


def test_letters_keep_what_joins_or_parts_them() -> None:
    text = "می\u200cخواهم ه\u200d"
    alone = Typeface((_Everything(our_face().path),))
    assert alone.readable(text) == text


class _Everything(module.Face):
    def has(self, char: str) -> bool:
        return True


@pytest.mark.parametrize(
    "shapes",
    [
        pytest.param(True, marks=pytest.mark.skipif(not features.check("raqm"), reason="no FriBiDi here")),
        False,
    ],
)
@pytest.mark.parametrize(
    ("line", "right_to_left", "runs"),
    [
        (EVENING, None, ["<!", "part two", "<) – ", "2031", "<حوار مباشر عن الجسر ("]),
        ("part two!", True, ["<!", "part two"]),
        ("part two!", None, ["part two!"]),
        ("The word حوار مباشر, live", None, ["The word ", "<حوار مباشر", ", live"]),
    ],
)
def test_words_that_run_to_the_left_are_drawn_so(
    monkeypatch: pytest.MonkeyPatch, shapes: bool, line: str, right_to_left: bool | None, runs: list[str]
) -> None:
    monkeypatch.setattr(module, "_SHAPES", shapes)
    paper, face = Paper(), Typeface((our_face(),))
    face.draw(paper, (0, 0), line, 32, "#fff", right_to_left=right_to_left)  # type: ignore[arg-type]  # takes text
    backwards = [run[1:] if shapes else turned(run[1:]) for run in runs if run[0] == "<"]
    forwards = [run for run in runs if run[0] != "<"]
    from_left = [text for _, text in sorted(paper.written)]
    assert from_left == [backwards.pop(0) if run[0] == "<" else forwards.pop(0) for run in runs]


def test_an_accent_is_drawn_in_the_face_of_its_letter() -> None:
    first, second = our_face(), _Everything(our_face().path)
    faces = list(Typeface((first, second))._faces_of("ש\u0301 a"))
    assert faces == [second, second, second, first]
