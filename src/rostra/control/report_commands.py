"""``rostra report``: what the audience reported, from the terminal, through the HTTP API.

With ``--json`` the API's answer is printed as it came, on one line.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rostra.control.terminal import (
    Data,
    Json,
    Token,
    Url,
    named,
    out,
    print_json,
    print_table,
    reach,
    typed_or_asked,
)
from rostra.control.verdicts import Verdict

report_app = typer.Typer(help="What the audience reported.", no_args_is_help=True)


@report_app.command("list")
def list_reports(
    handled: Annotated[bool, typer.Option("--handled", help="Those that were handled.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    before: Annotated[str, typer.Option(help="The “next” of the page before.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List reports: those that wait, oldest first, or those that were handled."""
    query: dict[str, Any] = {"open": not handled, "limit": limit} | ({"before": before} if before else {})
    with reach(url, data, token) as backstage:
        answer = backstage.ask("GET", "/reports", **query)
    if as_json:
        print_json(answer)
        return
    rows = [
        (
            each["id"],
            f"{each['subject']}: {each['about']}",
            each["grounds"],
            str(each["at_s"]),
            each["space"]["id"],
            each["state"],
        )
        for each in answer["reports"]
    ]
    print_table(("Report", "About", "Why", "Second", "Space", "State"), rows, folding=("About",))
    if answer["next"]:
        out.print(f"More: --before {answer['next']}", highlight=False)


@report_app.command()
def decide(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="Id of the report.", callback=named)],
    verdict: Annotated[Verdict, typer.Argument(help="What is to come of it.")],
    note: Annotated[
        str | None, typer.Option(help="What the person who reported it is told; asked for if left out.")
    ] = None,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Close a report; what the verdict says is done at once."""
    body = {"verdict": verdict, "note": typed_or_asked("Note", note)}
    with reach(url, data, token) as backstage:
        answer = backstage.ask("POST", f"/reports/{report}/verdict", body)
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{answer['id']}  {answer['state']}  {answer['note']}")
