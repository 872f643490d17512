"""``rostra account``: people who sign in, from the terminal, through the HTTP API.

With ``--json`` the API's answer is printed as it came, on one line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rostra.control.terminal import (
    Data,
    Json,
    Token,
    Url,
    make_sure,
    named,
    print_json,
    print_table,
    reach,
    typed_or_asked,
)
from rostra.control.token_commands import token_app
from rostra.core.errors import RostraError

account_app = typer.Typer(help="People who sign in.", no_args_is_help=True)
account_app.add_typer(token_app, name="token")

Handle = Annotated[str, typer.Argument(metavar="HANDLE", help="Whose account.", callback=named)]
Password = Annotated[str | None, typer.Option(help="At least 10 characters; asked for, unseen, if left out.")]


class NotWritten(RostraError):
    """The file cannot be written."""

    code = "not_written"


@account_app.command()
def create(
    handle: Annotated[str, typer.Argument(help="Small letters, digits, - and _.")],
    password: Password = None,
    name: Annotated[str, typer.Option(help="As others see it; by default the handle.")] = "",
    role: Annotated[
        str, typer.Option(help="operator, moderator or member; the first account is an operator.")
    ] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make an account."""
    body = {"handle": handle, "name": name or handle}
    body["password"] = typed_or_asked("Password", password, secret=True)
    with reach(url, data, token) as backstage:
        first = backstage.ask("GET", "/site")["setup_needed"]
        body["role"] = role or ("operator" if first else "member")
        _show(backstage.ask("POST", "/accounts", body), as_json)


@account_app.command("list")
def list_accounts(
    search: Annotated[str, typer.Argument(help="Part of a handle or a name.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List everyone who can sign in."""
    accounts: list[dict[str, Any]] = []
    after: str | None = ""
    with reach(url, data, token) as backstage:
        while after is not None:
            answer = backstage.ask("GET", "/accounts", search=search, limit=200, after=after)
            accounts += answer["accounts"]
            after = answer["next"]
    if as_json:
        print_json({"accounts": accounts})
        return
    print_table(
        ("Handle", "Name", "Role", ""),
        [(each["handle"], each["name"], each["role"], _marks(each)) for each in accounts],
        folding=("Name", ""),
    )


@account_app.command()
def invite(
    role: Annotated[str, typer.Option(help="operator, moderator or member.")] = "member",
    email: Annotated[str, typer.Option(help="Where to mail the link, if mail is set up.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make a one-time link with which somebody makes an account."""
    with reach(url, data, token) as backstage:
        answer = backstage.ask("POST", "/accounts/invitations", {"role": role, "email": email})
    _show_link(answer, as_json)


@account_app.command()
def reset(handle: Handle, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False) -> None:
    """Make a one-time link for a new password."""
    with reach(url, data, token) as backstage:
        answer = backstage.ask("POST", f"/accounts/{handle}/reset")
    _show_link(answer, as_json)


@account_app.command()
def password(
    handle: Handle,
    password: Password = None,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Set a new password; that account is signed out everywhere, and its passkeys and API tokens end."""
    body = {"password": typed_or_asked("Password", password, secret=True)}
    _do("PUT", f"/accounts/{handle}/password", body, url, data, token, as_json)


@account_app.command()
def suspend(
    handle: Handle,
    reason: Annotated[str, typer.Option(help="Why; for operators and moderators only.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Suspend: off every stage, own live spaces end, those to come are hidden."""
    _do("POST", f"/accounts/{handle}/suspend", {"reason": reason}, url, data, token, as_json)


@account_app.command()
def reinstate(
    handle: Handle, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Undo a suspension."""
    _do("POST", f"/accounts/{handle}/reinstate", None, url, data, token, as_json)


@account_app.command()
def verify(
    handle: Handle, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Give the verified mark: this is who they say they are."""
    _do("POST", f"/accounts/{handle}/verify", None, url, data, token, as_json)


@account_app.command()
def unverify(
    handle: Handle, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Take the verified mark away."""
    _do("POST", f"/accounts/{handle}/unverify", None, url, data, token, as_json)


@account_app.command()
def role(
    handle: Handle,
    role: Annotated[str, typer.Argument(help="operator, moderator or member.")],
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Make somebody an operator, moderator or member."""
    _do("PATCH", f"/accounts/{handle}", {"role": role}, url, data, token, as_json)


@account_app.command()
def delete(
    handle: Handle,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = "",
    data: Data = None,
    token: Token = "",
) -> None:
    """Delete an account for good; its recordings stay, hosted by a former member."""
    make_sure(f"Delete the account of {handle} for good?", yes=yes)
    with reach(url, data, token) as backstage:
        backstage.ask("DELETE", f"/accounts/{handle}")


@account_app.command()
def export(
    handle: Handle,
    file: Annotated[Path | None, typer.Option(help="Write here instead of the terminal.")] = None,
    url: Url = "",
    data: Data = None,
    token: Token = "",
) -> None:
    """Everything that is stored about somebody, as JSON."""
    with reach(url, data, token) as backstage:
        document = backstage.ask("GET", f"/accounts/{handle}/export")
        text = json.dumps(document, ensure_ascii=False, indent=2)
        if file is None:
            typer.echo(text)
        else:
            _write(file, text + "\n")


def _write(file: Path, text: str) -> None:
    try:
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotWritten(f"{file} cannot be written: {error.strerror}.") from error


def _do(
    method: str,
    path: str,
    body: dict[str, Any] | None,
    url: str,
    data: Path | None,
    token: str,
    as_json: bool,
) -> None:
    with reach(url, data, token) as backstage:
        _show(backstage.ask(method, path, body), as_json)


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    account = answer["account"]
    typer.echo(
        "  ".join(filter(None, (account["handle"], account["role"], account["name"], _marks(account))))
    )


def _show_link(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        typer.echo(answer["url"] or "The link was mailed.")


def _marks(account: Mapping[str, Any]) -> str:
    return ", ".join(mark for mark in ("verified", "suspended") if account[mark])
