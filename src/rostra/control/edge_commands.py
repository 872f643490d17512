"""``rostra edge``: how listeners are written to, from the terminal, through the HTTP API.

Exit codes: 0 done, 1 refused, 2 wrong use, 3 nobody answers.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rostra.control.terminal import Data, Json, Token, Url, out, print_json, reach
from rostra.core.samples import QUANTUM, SAMPLE_RATE

edge_app = typer.Typer(help="Look at the edge, and pace it.", no_args_is_help=True)


@edge_app.callback()
def edge() -> None:
    """Look at the edge, and pace it."""


@edge_app.command()
def pace(
    cadence: Annotated[
        int, typer.Option(help="Quanta of 0.32 s in one write: 1, 2, 3, 4, 6 or 12; 0 changes nothing.")
    ] = 0,
    cohorts: Annotated[int, typer.Option(help="Groups of listeners written to in turn.")] = 1,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Say how much audio one write to a listener carries, or change it while live."""
    with reach(url, data, token) as backstage:
        if cadence:
            answer = backstage.ask("PUT", "/edge/pace", {"cadence": cadence, "cohorts": cohorts})
        else:
            answer = backstage.ask("GET", "/edge/pace")
    if as_json:
        print_json(answer)
    else:
        out.print(_told(answer))


def _told(answer: dict[str, Any]) -> str:
    seconds = answer["cadence"] * QUANTUM / SAMPLE_RATE
    since = f" from {answer['holds_from']}" if answer["holds_from"] else ""
    return f"One write carries {seconds:.2f} s of audio; cohorts: {answer['cohorts']}{since}."
