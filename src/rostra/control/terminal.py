"""What all commands that speak to backstage share: where it is, who asks, and how answers are shown.

Exit codes: 0 done, 1 refused or not found, 2 wrong use, 3 nobody answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from rostra.control.client import BackstageClient, Refused
from rostra.core.errors import RostraError, Unavailable
from rostra.core.own_backstage import find_way

Url = Annotated[str, typer.Option(help="Address of backstage; found by the data folder if left out.")]
Data = Annotated[Path | None, typer.Option(help="Data folder of rostra serve, whose key lets one in.")]
Token = Annotated[str, typer.Option(help="API token, instead of the data folder.", envvar="ROSTRA_TOKEN")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def named(typed: str) -> str:
    """Return an id or a handle as it was typed; BadParameter for an empty one, which names nothing."""
    if not typed:
        raise typer.BadParameter("It is empty. Is a variable not set?")
    return typed


SpaceArgument = Annotated[str, typer.Argument(metavar="SPACE", help="Id of the space.", callback=named)]

_OPTIONS = {
    "starts_at": "--at",
    "time_zone": "--zone",
    "recording_policy": "--recording",
    "reason": "--reason",
    "places": "--places",
}
"""Options, by what the API calls what they say."""

_FOLDED = 12
"""Characters that a column which folds keeps, however narrow the terminal."""

out = Console(markup=False, emoji=False)
"""For tables and lines that hold other people's words: they are printed as they were written."""
_errors = Console(stderr=True, markup=False, emoji=False, highlight=False)


@contextmanager
def reach(url: str, data: Path | None, token: str) -> Iterator[BackstageClient]:
    """Speak to backstage inside the block; a refusal ends the program with its sentence."""
    try:
        way = find_way(url=url, data=data, token=token)
        with BackstageClient(way.url, way.token, own=way.own, host=way.host) as backstage:
            yield backstage
    except Unavailable as error:
        _fail(error, 3)
    except RostraError as error:
        _fail(error, 1)


def typed_or_asked(what: str, typed: str | None, *, secret: bool = False) -> str:
    """Return what was typed; else ask for it on standard error, for a secret unseen and twice."""
    if typed is not None:
        return typed
    with redirect_stdout(sys.stderr):
        return str(typer.prompt(what, hide_input=secret, confirmation_prompt=secret))


def make_sure(question: str, *, yes: bool) -> None:
    """Return if it is answered with yes, or was by --yes; else the program ends. Asks on standard error."""
    if not yes:
        with redirect_stdout(sys.stderr):
            typer.confirm(question, abort=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, folding: Container[str]) -> None:
    """Print rows under the names of their columns.

    Those in ``folding`` fold where the terminal is too narrow; all others, ids above all, are never cut.
    """
    table = Table(box=None)
    least = 0
    for number, column in enumerate(columns):
        widest = max(cell_len(line[number]) for line in (columns, *rows))
        folds = column in folding
        table.add_column(column, no_wrap=not folds, overflow="fold")
        least += (min(widest, _FOLDED) if folds else widest) + 2
    for row in rows:
        table.add_row(*row)
    if least > out.width:
        table.width = least
    out.print(table, crop=False)


def moment(stamp: str) -> str:
    """A time of an answer (ISO 8601 with an offset) as people write it, to the minute, in its own zone."""
    return f"{datetime.fromisoformat(stamp):%Y-%m-%d %H:%M %Z}"


def print_json(answer: dict[str, Any]) -> None:
    """Print an answer as it came, on one line."""
    typer.echo(json.dumps(answer, ensure_ascii=False))


def as_typed(error: RostraError) -> str:
    """A refusal for whoever typed options: it begins with the one that it is about."""
    option = _OPTIONS.get(error.field) if isinstance(error, Refused) else None
    return f"{option}: {error.sentence}" if option else error.sentence


def _fail(error: RostraError, code: int) -> NoReturn:
    _errors.print(as_typed(error), style="bold red", soft_wrap=True)
    sys.exit(code)
