"""``rostra space`` and ``rostra account``: backstage from the terminal, through its HTTP API.

Exit codes: 0 done, 1 refused or not found, 2 wrong use, 3 nobody answers. With ``--json`` the API's
answer is printed as it came, on one line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from rostra.bus.messages import Lifecycle, Role
from rostra.control.client import BackstageClient, read_local_token
from rostra.core.errors import RostraError, Unavailable
from rostra.core.settings import Settings

space_app = typer.Typer(help="Schedule, run and look at spaces.", no_args_is_help=True)
account_app = typer.Typer(help="People who sign in.", no_args_is_help=True)

_errors = Console(stderr=True)
_out = Console()

Url = Annotated[str, typer.Option(help="Address of backstage; by default this machine's.")]
Data = Annotated[Path | None, typer.Option(help="Data folder of rostra serve, whose key lets one in.")]
Token = Annotated[str, typer.Option(help="API token, instead of the data folder.", envvar="ROSTRA_TOKEN")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
SpaceArgument = Annotated[str, typer.Argument(metavar="SPACE", help="Id of the space.")]
Password = Annotated[
    str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="At least 10 characters.")
]


@space_app.command()
def create(
    title: Annotated[str, typer.Argument(help="What it is called.")],
    description: Annotated[str, typer.Option(help="What it is about.")] = "",
    starts_at: Annotated[str, typer.Option("--at", help="2030-01-31T20:00:00+01:00, or now.")] = "now",
    time_zone: Annotated[str, typer.Option("--zone", help="Zone to show the start in.")] = "UTC",
    host: Annotated[str, typer.Option(help="Handle of the host; by default oneself.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Schedule a space."""
    body = {"title": title, "description": description, "starts_at": starts_at, "time_zone": time_zone}
    if host:
        body["host"] = host
    with _backstage(url, data, token) as backstage:
        _show(backstage.ask("POST", "/spaces", body), as_json)


@space_app.command("list")
def list_spaces(
    state: Annotated[list[Lifecycle] | None, typer.Option(help="Only these states.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    after: Annotated[str, typer.Option(help="The “next” of the page before.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List spaces, latest start first."""
    query: dict[str, Any] = {"limit": limit, "state": [each.value for each in state or []]}
    if after:
        query["after"] = after
    with _backstage(url, data, token) as backstage:
        answer = backstage.ask("GET", "/spaces", **query)
    if as_json:
        _print_json(answer)
        return
    table = Table("Space", "State", "Starts", "Title", "Host", box=None)
    for space in answer["spaces"]:
        table.add_row(space["id"], space["state"], space["starts_at"], space["title"], space["host_name"])
    _out.print(table)
    if answer["next"]:
        _out.print(f"More: --after {answer['next']}", highlight=False)


@space_app.command()
def show(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Show one space."""
    with _backstage(url, data, token) as backstage:
        _show(backstage.ask("GET", f"/spaces/{space}"), as_json)


@space_app.command()
def reschedule(
    space: SpaceArgument,
    starts_at: Annotated[str, typer.Option("--at", help="2030-01-31T20:00:00+01:00, or now.")],
    time_zone: Annotated[str, typer.Option("--zone", help="Zone to show the start in.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Move the start of a space that is not live yet."""
    body = {"starts_at": starts_at} | ({"time_zone": time_zone} if time_zone else {})
    with _backstage(url, data, token) as backstage:
        _show(backstage.ask("PATCH", f"/spaces/{space}", body), as_json)


@space_app.command()
def cancel(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Call a space off before it is live."""
    _act(space, "cancel", url, data, token, as_json)


@space_app.command()
def live(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Go live."""
    _act(space, "live", url, data, token, as_json)


@space_app.command()
def end(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """End a live space; its recording stands at once."""
    _act(space, "end", url, data, token, as_json)


@space_app.command()
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
    with _backstage(url, data, token) as backstage:
        answer = backstage.ask("POST", f"/spaces/{space}/links", {"role": role.value, "name": name})
    if as_json:
        _print_json(answer)
    else:
        typer.echo(answer["url"])


@account_app.command("create")
def create_account(
    handle: Annotated[str, typer.Argument(help="Small letters, digits, - and _.")],
    password: Password,
    name: Annotated[str, typer.Option(help="As others see it; by default the handle.")] = "",
    role: Annotated[str, typer.Option(help="operator or host; the first account is the operator.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make an account."""
    body = {"handle": handle, "name": name or handle, "password": password}
    with _backstage(url, data, token) as backstage:
        first = backstage.ask("GET", "/site")["setup_needed"]
        body["role"] = role or ("operator" if first else "host")
        _show_account(backstage.ask("POST", "/accounts", body), as_json)


@account_app.command("password")
def reset_password(
    handle: Annotated[str, typer.Argument(help="Whose password.")],
    password: Password,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Set a new password; that account is signed out everywhere."""
    with _backstage(url, data, token) as backstage:
        answer = backstage.ask("PUT", f"/accounts/{handle}/password", {"password": password})
    _show_account(answer, as_json)


@account_app.command("list")
def list_accounts(url: Url = "", data: Data = None, token: Token = "", as_json: Json = False) -> None:
    """List everyone who can sign in."""
    with _backstage(url, data, token) as backstage:
        answer = backstage.ask("GET", "/accounts")
    if as_json:
        _print_json(answer)
        return
    table = Table("Handle", "Name", "Role", box=None)
    for account in answer["accounts"]:
        table.add_row(account["handle"], account["name"], account["role"])
    _out.print(table)


@contextmanager
def _backstage(url: str, data: Path | None, token: str) -> Iterator[BackstageClient]:
    try:
        settings = Settings()
        token = token or read_local_token(data or settings.data)
        with BackstageClient(url or f"http://127.0.0.1:{settings.control_port}", token) as backstage:
            yield backstage
    except Unavailable as error:
        _fail(error, 3)
    except RostraError as error:
        _fail(error, 1)


def _fail(error: RostraError, code: int) -> NoReturn:
    _errors.print(error.sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(code)


def _act(space: str, act: str, url: str, data: Path | None, token: str, as_json: bool) -> None:
    with _backstage(url, data, token) as backstage:
        _show(backstage.ask("POST", f"/spaces/{space}/{act}"), as_json)


def _show(space: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(space)
        return
    typer.echo(f"{space['id']}  {space['state']}  {space['title']}")
    rows = {
        "starts": f"{space['starts_at']} ({space['time_zone']})",
        "host": space["host_name"],
        "page": space["event_url"],
        "studio": space["studio_url"],
        "ended": space["ended_reason"],
        "recording": space["recording"] and space["recording"]["mp4"],
    }
    for name, value in rows.items():
        if value:
            typer.echo(f"{name:>10}  {value}")


def _show_account(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(answer)
    else:
        typer.echo(f"{answer['account']['handle']}  {answer['account']['role']}  {answer['account']['name']}")


def _print_json(answer: dict[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False))
