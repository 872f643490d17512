"""``rostra draw verify``: checks a published draw offline, and says what that proves and what it cannot.

Exit codes: 0 the draw holds (and the receipt, where one is given), 1 it does not, 2 wrong use.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console

from rostra.admission.draw import (
    PROVES,
    PROVES_NOT,
    DrawNotAsPublished,
    NonceUnusable,
    Receipt,
    check_receipt,
)
from rostra.admission.drawn import ENTRY_BYTES, MOST_DOCUMENT_BYTES, MOST_ENTRIES, check
from rostra.core.errors import RostraError

draw_app = typer.Typer(help="Check the draw among those who were there before the start.")

SEED: Final = "The seed was fixed before you noted its fingerprint: it is the one that was promised."
ROOT: Final = "The list is the one whose fingerprint you noted: nobody was added to it or left out since."
ENTRY: Final = "Your entry is yours alone: it is made of your nonce and one that follows from the seed."
LINE: Final = "Your entry stood in the line that you noted, and the fingerprint of the list says so."
NO_SEED: Final = "That the seed was fixed beforehand: for that give --commitment of your page."
NO_ROOT: Final = "That the list was closed before the seed was told: for that give --root of your page."
NO_ENTRY: Final = "That an entry is yours alone and was not picked for you: for that give --id and --nonces."
NO_LINE: Final = "That an entry stood in the line that its owner was told: for that give --id and --line."


@dataclass(frozen=True, slots=True)
class Noted:
    """What somebody's page noted; hexadecimal, empty where they bring none."""

    commitment: str = ""
    root: str = ""
    entry: str = ""
    nonces: tuple[str, str] = ("", "")
    """Theirs and the door's, base64url."""
    line: int | None = None
    number: int | None = None


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON line."""

    space: str
    entries: int
    root: str
    opened_at: int
    closed_at: int
    index: int | None
    """Of the entry that was asked for, in the log."""
    line: int | None
    """That it stood in: 0 first, 1 second."""
    number: int | None
    """Of that entry, in its line, from 0."""
    proves: tuple[str, ...]
    proves_not: tuple[str, ...]


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
    commitment: Annotated[str, typer.Option(help="The seed's fingerprint, as your page noted it.")] = "",
    root: Annotated[str, typer.Option(help="The list's fingerprint, as your page noted it.")] = "",
    entry: Annotated[str, typer.Option("--id", help="Your entry, from the receipt your page got.")] = "",
    nonces: Annotated[
        tuple[str, str], typer.Option(metavar="YOURS OURS", help="The two nonces of your receipt.")
    ] = ("", ""),
    line: Annotated[int | None, typer.Option(min=0, max=1, help="Your line: 0 first, 1 second.")] = None,
    number: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="As the command on your page has it: from 0, one less than is shown.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line and nothing else.")] = False,
) -> None:
    """Check FILE and its log: who was drawn, by what seed, into which order."""
    of_entry = ((line is not None, "--line"), (number is not None, "--number"), (any(nonces), "--nonces"))
    for given, option in of_entry:
        if given and not entry:
            raise typer.BadParameter("goes with --id", param_hint=option)
    noted = Noted(commitment, root, entry, nonces, line, number)
    try:
        found = verified(file, log or file.with_suffix(".log"), noted)
    except RostraError as error:
        Console(stderr=True).print(error.sentence, style="bold red", markup=False, soft_wrap=True)
        sys.exit(1)
    if as_json:
        print(msgspec.json.encode(found).decode(), flush=True)
    else:
        _show(found)


def verified(file: Path, log: Path, noted: Noted) -> Verified:
    """Check both files, and what somebody noted. DrawNotAsPublished, NonceUnusable, NoSuchFile."""
    document, published, numbers = check(
        _read(file, MOST_DOCUMENT_BYTES), _read(log, MOST_ENTRIES * ENTRY_BYTES)
    )
    if noted.commitment and noted.commitment.lower() != document.commitment.lower():
        raise DrawNotAsPublished("The seed is not the one that was promised when you noted its fingerprint.")
    if noted.root and noted.root.lower() != document.root.lower():
        raise DrawNotAsPublished("The log is not the one whose fingerprint you noted.")
    index = line = number = None
    if noted.entry:
        index = _index(published.log, noted.entry)
        line, number = published.lines[index], int(numbers[index])
        if noted.line is not None and noted.line != line:
            raise DrawNotAsPublished(f"Your entry stands in line {line} of the log, not {noted.line}.")
        if noted.number is not None and noted.number != number:
            raise DrawNotAsPublished(f"Your entry was dealt the number {number}, not {noted.number}.")
        if any(noted.nonces):
            yours, ours = map(_nonce, noted.nonces)
            check_receipt(bytes.fromhex(document.seed), index, Receipt(published.log[index], yours, ours))
    return Verified(
        space=document.space,
        entries=document.entries,
        root=document.root,
        opened_at=document.opened_at,
        closed_at=document.closed_at,
        index=index,
        line=line,
        number=number,
        proves=(PROVES, *_each(noted, SEED, ROOT, ENTRY, LINE, given=True)),
        proves_not=(*_each(noted, NO_SEED, NO_ROOT, NO_ENTRY, NO_LINE, given=False), *PROVES_NOT),
    )


def _each(noted: Noted, *sentences: str, given: bool) -> list[str]:
    """Of sentences on seed, list, entry and line, those on what was noted, or on what was not."""
    had = (noted.commitment, noted.root, any(noted.nonces), noted.line is not None)
    return [sentence for sentence, has in zip(sentences, had, strict=True) if bool(has) is given]


def _index(ids: Sequence[bytes], entry: str) -> int:
    try:
        return ids.index(bytes.fromhex(entry))
    except ValueError as error:
        raise DrawNotAsPublished("Your entry is not in the log.") from error


def _nonce(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise NonceUnusable from error


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
    out.print(
        f"The draw holds: {found.entries:,} entries, by its own word from {times[0]} to {times[1]}.",
        markup=False,
    )
    if found.number is not None:
        line = "second" if found.line else "first"
        out.print(f"Your entry is in the {line} line; it was dealt the number {found.number}.", markup=False)
    for heading, sentences in (("It proves:", found.proves), ("It cannot prove:", found.proves_not)):
        out.print(heading, style="bold")
        for sentence in sentences:
            out.print(f"  {sentence}", markup=False)
