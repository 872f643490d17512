"""``rostra space link``, ``links`` and ``unlink``: links to a stage from the terminal, through the HTTP API.

With ``--json`` the API's answer is printed as it came, on one line.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rostra.bus.messages import Role
from rostra.control.client import BackstageClient
from rostra.control.terminal import (
    Data,
    Json,
    SpaceArgument,
    Token,
    Url,
    moment,
    named,
    print_json,
    print_table,
    reach,
)


def link(
    space: SpaceArgument,
    role: Annotated[Role, typer.Option(help="What they are on the stage.")] = Role.SPEAKER,
    name: Annotated[str, typer.Option(help="Whom the link is for.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make a link that brings one person to the stage. It is shown this once only."""
    with reach(url, data, token) as backstage:
        answer = backstage.ask("POST", f"/spaces/{space}/links", {"role": role.value, "name": name})
    if as_json:
        print_json(answer)
    else:
        typer.echo(answer["url"])


def links(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """List the links to a stage, oldest first, without what makes them work."""
    with reach(url, data, token) as backstage:
        _show(_held(backstage, space), as_json)


def unlink(
    space: SpaceArgument,
    held: Annotated[
        str, typer.Argument(metavar="LINK", help="Id of the link, as links shows it.", callback=named)
    ],
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Take a link back, and whoever is on stage by it off; list those that are left."""
    with reach(url, data, token) as backstage:
        backstage.ask("DELETE", f"/spaces/{space}/links/{held}")
        _show(_held(backstage, space), as_json)


def _held(backstage: BackstageClient, space: str) -> dict[str, Any]:
    return backstage.ask("GET", f"/spaces/{space}/links")


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    rows = [
        (each["id"], each["role"], each["name"], moment(each["created_at"]), "used" if each["used"] else "")
        for each in answer["links"]
    ]
    print_table(("Link", "Role", "For", "Made", ""), rows, folding=("For",))
