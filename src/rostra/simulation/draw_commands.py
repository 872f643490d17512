"""``rostra draw verify``: checks a published draw offline, and says what that proves and what it cannot.

Exit codes: 0 the draw holds (and the receipt, where one is given), 1 it does not, 2 wrong use.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from rostra.admission.draw import PROVES, PROVES_NOT, DrawNotAsPublished
from rostra.admission.drawn import ENTRY_BYTES, MOST_DOCUMENT_BYTES, MOST_ENTRIES, Document, check
from rostra.core.errors import RostraError

draw_app = typer.Typer(help="Check the draw among those who were there before the start.")


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    space: str
    entries: int
    root: str
    opened_at: int
    closed_at: int
    number: int | None
    """Of the entry that was asked for, in its line, from 0."""
    proves: tuple[str, ...] = PROVES
    proves_not: tuple[str, ...] = PROVES_NOT


class NoSuchFile(RostraError):
    """The file cannot be read."""

    code = "no_such_file"
    status = 400


@draw_app.callback()
def _group() -> None:
    pass


@draw_app.command("verify")
def verify_command(
    file: Annotated[Path, typer.Argument(help="draw.json, as the door of the space publishes it.")],
    log: Annotated[Path | None, typer.Option(help="draw.log; by default the one beside FILE.")] = None,
    entry: Annotated[str, typer.Option("--id", help="Your entry, from the receipt your page got.")] = "",
    number: Annotated[int | None, typer.Option(min=0, help="The number your page showed, from 0.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line and nothing else.")] = False,
) -> None:
    """Check FILE and its log: who was drawn, by what seed, into which order."""
    if number is not None and not entry:
        raise typer.BadParameter("goes with --id", param_hint="--number")
    try:
        found = verified(file, log or file.with_suffix(".log"), entry, number)
    except RostraError as error:
        Console(stderr=True).print(error.sentence, style="bold red", markup=False, soft_wrap=True)
        sys.exit(1)
    if as_json:
        print(msgspec.json.encode(found).decode(), flush=True)
    else:
        _show(found)


def verified(file: Path, log: Path, entry: str, number: int | None) -> Verified:
    """Check both files and the receipt. DrawNotAsPublished, NoSuchFile."""
    document, ids, numbers = check(_read(file, MOST_DOCUMENT_BYTES), _read(log, MOST_ENTRIES * ENTRY_BYTES))
    dealt = None
    if entry:
        try:
            dealt = int(numbers[ids.index(bytes.fromhex(entry))])
        except ValueError as error:
            raise DrawNotAsPublished("Your entry is not in the log.") from error
        if number is not None and number != dealt:
            raise DrawNotAsPublished(f"Your entry was dealt the number {dealt}, not {number}.")
    return _of(document, dealt)


def _of(document: Document, number: int | None) -> Verified:
    return Verified(
        space=document.space,
        entries=document.entries,
        root=document.root,
        opened_at=document.opened_at,
        closed_at=document.closed_at,
        number=number,
    )


def _read(file: Path, most: int) -> bytes:
    """Read a file, and one byte beyond its limit at most."""
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise NoSuchFile(f"{file} cannot be read: {error.strerror}.") from error


def _show(found: Verified) -> None:
    out = Console(highlight=False, soft_wrap=True)
    times = [
        datetime.fromtimestamp(at // 1000, UTC).isoformat(" ") for at in (found.opened_at, found.closed_at)
    ]
    out.print(f"The draw holds: {found.entries:,} entries from {times[0]} to {times[1]}.", markup=False)
    if found.number is not None:
        out.print(f"Your entry is in the log; it was dealt the number {found.number}.", markup=False)
    for heading, sentences in (("It proves:", found.proves), ("It cannot prove:", found.proves_not)):
        out.print(heading, style="bold")
        for sentence in sentences:
            out.print(f"  {sentence}", markup=False)
