"""``rostra account token``: one's own API tokens from the terminal, through the HTTP API.

With ``--json`` the API's answer is printed as it came, on one line.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rostra.control.client import BackstageClient
from rostra.control.terminal import Data, Json, Token, Url, moment, named, print_json, print_table, reach

token_app = typer.Typer(
    help="API tokens, with which programs act as you: with the data folder's key, as the first operator.",
    no_args_is_help=True,
)


@token_app.command()
def create(
    name: Annotated[str, typer.Argument(help="Which program it is for.")],
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make an API token. It is shown this once only; no API token makes another."""
    with reach(url, data, token) as backstage:
        answer = backstage.ask("POST", "/tokens", {"name": name})
    if as_json:
        print_json(answer)
    else:
        typer.echo(answer["token"])


@token_app.command("list")
def list_tokens(url: Url = "", data: Data = None, token: Token = "", as_json: Json = False) -> None:
    """List your API tokens, oldest first, without what makes them work."""
    with reach(url, data, token) as backstage:
        _show(_held(backstage), as_json)


@token_app.command()
def remove(
    held: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the token, as list shows it.", callback=named)
    ],
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Remove a token: it opens nothing from now on; list those that are left."""
    with reach(url, data, token) as backstage:
        backstage.ask("DELETE", f"/tokens/{held}")
        _show(_held(backstage), as_json)


def _held(backstage: BackstageClient) -> dict[str, Any]:
    return backstage.ask("GET", "/tokens")


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    rows = [(each["id"], each["name"], moment(each["created_at"])) for each in answer["tokens"]]
    print_table(("Token", "For", "Made"), rows, folding={"For"})
