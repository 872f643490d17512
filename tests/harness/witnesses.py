"""Who can tell what happened when a test fails: servers their logs, pages their consoles."""

from __future__ import annotations

from collections.abc import Callable

_kept: dict[str, str] = {}
_witnesses: dict[str, Callable[[], str]] = {}


def call(name: str, statement: Callable[[], str]) -> None:
    """Ask ``statement`` if the present test fails."""
    _witnesses[name] = statement


def dismiss(name: str, last_words: str) -> None:
    """A witness leaves; what it said last still counts for the present test."""
    _witnesses.pop(name, None)
    _kept[name] = last_words


def forget() -> None:
    """A new test begins."""
    _kept.clear()


def statements() -> list[tuple[str, str]]:
    """What everybody saw, as titled sections of a report."""
    present = {name: statement() for name, statement in _witnesses.items()}
    return list((_kept | present).items())
