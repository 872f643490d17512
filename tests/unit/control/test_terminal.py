"""Tables on a terminal: ids are never cut, titles fold."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from rostra.control import terminal

ID = "abcdefghjk"
STARTS = "2030-01-31T19:00:00Z"
TITLE = "A town hall on the river bridge, and on whoever has to cross it twice a day, in two parts"


def printed(monkeypatch: pytest.MonkeyPatch, width: int, *rows: tuple[str, ...]) -> str:
    """What is printed on a terminal so many characters wide."""
    paper = io.StringIO()
    monkeypatch.setattr(terminal, "out", Console(file=paper, width=width))
    terminal.print_table(("Space", "State", "Starts", "Title", "Host"), rows, folding=("Title", "Host"))
    return paper.getvalue()


@pytest.mark.parametrize(
    ("stamp", "read"),
    [
        ("2030-01-31T19:00:00Z", "2030-01-31 19:00 UTC"),
        ("2030-01-31T20:00:00+01:00", "2030-01-31 20:00 UTC+01:00"),
        ("2030-01-31T19:00:00.250000+00:00", "2030-01-31 19:00 UTC"),
    ],
)
def test_a_time_is_read_as_people_write_it(stamp: str, read: str) -> None:
    assert terminal.moment(stamp) == read


@pytest.mark.parametrize("width", [20, 60, 80])
def test_an_id_is_whole_and_a_title_folds_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    text = printed(monkeypatch, width, (ID, "scheduled", STARTS, TITLE, "Ada Lovelace, Countess"))
    assert f" {ID}  scheduled  {STARTS} " in text
    words = " ".join(text.split())
    assert all(word in words for word in ("Countess", "twice", "parts"))
    assert "…" not in text


def test_a_wide_terminal_has_a_line_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(monkeypatch, 200, (ID, "live", STARTS, TITLE, "Ada"))
    assert [len(line.split("  ")) > 1 for line in text.splitlines()] == [True, True]
    assert TITLE in text


def test_without_rows_the_columns_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(monkeypatch, 80).split() == ["Space", "State", "Starts", "Title", "Host"]
