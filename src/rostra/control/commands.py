"""``rostra space``: spaces from the terminal, through the HTTP API.

Exit codes: 0 done, 1 refused or not found, 2 wrong use, 3 nobody answers. With ``--json`` the API's
answer is printed as it came, on one line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rostra.bus.messages import Lifecycle, RecordingPolicy, Visibility, Why
from rostra.control.door_commands import ladder
from rostra.control.link_commands import link, links, unlink
from rostra.control.notice_template import Template
from rostra.control.terminal import (
    Data,
    Json,
    SpaceArgument,
    Token,
    Url,
    make_sure,
    moment,
    named,
    out,
    print_json,
    print_table,
    reach,
    typed_or_asked,
)
from rostra.core import words

space_app = typer.Typer(help="Schedule, run and look at spaces.", no_args_is_help=True)
for _command in (ladder, link, links, unlink):
    space_app.command()(_command)

_TEMPLATES = ", ".join(Template)
_POLICIES = {
    RecordingPolicy.PUBLISH: "to be published at the end",
    RecordingPolicy.HOLD: "to be held at the end, until it is released",
    RecordingPolicy.DELETE: "to be deleted at the end",
}


@space_app.command()
def create(
    title: Annotated[str, typer.Argument(help="What it is called.")],
    description: Annotated[str, typer.Option(help="What it is about.")] = "",
    starts_at: Annotated[str, typer.Option("--at", help="2030-01-31T20:00:00+01:00, or now.")] = "now",
    time_zone: Annotated[str, typer.Option("--zone", help="Zone to show the start in.")] = "UTC",
    host: Annotated[str, typer.Option(help="Handle of the host; by default oneself.")] = "",
    visibility: Annotated[Visibility, typer.Option(help="Who may know of it.")] = Visibility.PUBLIC,
    passphrase: Annotated[str, typer.Option(help="Opens a private space to whoever knows it.")] = "",
    recording: Annotated[
        RecordingPolicy, typer.Option(help="What becomes of the recording at the end.")
    ] = RecordingPolicy.PUBLISH,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Schedule a space."""
    body = {"title": title, "description": description, "starts_at": starts_at, "time_zone": time_zone}
    body |= {"visibility": visibility, "passphrase": passphrase, "recording_policy": recording}
    if host:
        body["host"] = host
    with reach(url, data, token) as backstage:
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
    with reach(url, data, token) as backstage:
        answer = backstage.ask("GET", "/spaces", **query)
    if as_json:
        print_json(answer)
        return
    print_table(
        ("Space", "State", "Starts", "Title", "Host"),
        [
            (each["id"], each["state"], moment(each["starts_at"]), each["title"], _host(each))
            for each in answer["spaces"]
        ],
        folding=("Title", "Host"),
    )
    if answer["next"]:
        out.print(f"More: --after {answer['next']}", highlight=False)


@space_app.command()
def show(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Show one space."""
    with reach(url, data, token) as backstage:
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
    with reach(url, data, token) as backstage:
        _show(backstage.ask("PATCH", f"/spaces/{space}", body), as_json)


@space_app.command()
def edit(
    space: SpaceArgument,
    title: Annotated[str | None, typer.Option(help="What it is called.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    visibility: Annotated[Visibility | None, typer.Option(help="Who may know of it.")] = None,
    passphrase: Annotated[
        str | None, typer.Option(help="Opens a private space to whoever knows it; empty takes it away.")
    ] = None,
    recording: Annotated[
        RecordingPolicy | None, typer.Option(help="What becomes of the recording, until it is live.")
    ] = None,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Change what a space is called, what it is about, and who may know of it."""
    wished = {"title": title, "description": description, "visibility": visibility}
    wished |= {"passphrase": passphrase, "recording_policy": recording}
    body = {field: value for field, value in wished.items() if value is not None}
    if not body:
        raise typer.BadParameter("Say what is to change: --title, --description, --visibility …")
    with reach(url, data, token) as backstage:
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
    space: SpaceArgument,
    reason: Annotated[
        str, typer.Option(help="Needed of operators, for somebody else's space: why; the audience reads it.")
    ] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """End a live space; its recording stands at once."""
    with reach(url, data, token) as backstage:
        _show(backstage.ask("POST", f"/spaces/{space}/end", {"reason": reason}), as_json)


@space_app.command()
def release(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Publish a held recording."""
    _act(space, "recording/release", url, data, token, as_json)


@space_app.command()
def move(
    space: SpaceArgument,
    to: Annotated[
        str, typer.Argument(metavar="TO", help="Id of the space where it goes on.", callback=named)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Take everybody who listens or waits along to another space."""
    make_sure("A move cannot be undone. Move everyone?", yes=yes)
    with reach(url, data, token) as backstage:
        _show(backstage.ask("POST", f"/spaces/{space}/move", {"to": to}), as_json)


@space_app.command()
def hide(
    space: SpaceArgument,
    reason: Annotated[
        str | None, typer.Option(help="Why; it stands on its page. Asked for if left out.")
    ] = None,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Hide a space from everybody; a live one is ended. For operators and moderators."""
    body = {"reason": typed_or_asked("Reason", reason)}
    with reach(url, data, token) as backstage:
        backstage.ask("PUT", f"/spaces/{space}/hidden", body)
        _show(backstage.ask("GET", f"/spaces/{space}"), as_json)


@space_app.command()
def unhide(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """Show a hidden space again."""
    with reach(url, data, token) as backstage:
        backstage.ask("DELETE", f"/spaces/{space}/hidden")
        _show(backstage.ask("GET", f"/spaces/{space}"), as_json)


@space_app.command("delete-recording")
def delete_recording(
    space: SpaceArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Delete a recording for good."""
    make_sure("The recording cannot be brought back. Delete it?", yes=yes)
    _act(space, "recording", url, data, token, as_json, method="DELETE")


@space_app.command()
def notice(
    space: SpaceArgument,
    text: Annotated[str, typer.Argument(help="One line; empty with --template for its words.")] = "",
    template: Annotated[str, typer.Option(help=f"{_TEMPLATES}: words that are ready.")] = "",
    link: Annotated[str, typer.Option(help="An address to offer with it.")] = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Tell the audience one line, on its page and on the tape."""
    body = {"text": text, "link": link} | ({"template": template} if template else {})
    with reach(url, data, token) as backstage:
        answer = backstage.ask("POST", f"/spaces/{space}/notices", body)
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{answer['url']}  {answer['text']}")


@space_app.command()
def invite(
    space: SpaceArgument,
    handle: Annotated[str, typer.Argument(help="Whom to let in.", callback=named)],
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Let an account into a private space."""
    _act(space, f"invited/{handle}", url, data, token, as_json, method="PUT")


@space_app.command()
def uninvite(
    space: SpaceArgument,
    handle: Annotated[str, typer.Argument(help="Whom to let in no longer.", callback=named)],
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Take an invitation back."""
    _act(space, f"invited/{handle}", url, data, token, as_json, method="DELETE")


@space_app.command("end-passes")
def end_passes(
    space: SpaceArgument, url: Url = "", data: Data = None, token: Token = "", as_json: Json = False
) -> None:
    """End every pass to a private space; who may still enter gets a new one."""
    _act(space, "passes", url, data, token, as_json, method="DELETE")


def _act(
    space: str, act: str, url: str, data: Path | None, token: str, as_json: bool, *, method: str = "POST"
) -> None:
    with reach(url, data, token) as backstage:
        _show(backstage.ask(method, f"/spaces/{space}/{act}"), as_json)


def _show(space: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(space)
        return
    typer.echo(f"{space['id']}  {space['state']}  {space['title']}")
    rows = {
        "about": space["description"],
        "starts": f"{moment(space['starts_at'])} ({space['time_zone']})",
        "live at": moment(space["live_at"]) if space["live_at"] else "",
        "host": _host(space),
        "visible": space["visibility"] + (", with a passphrase" if space["has_passphrase"] else ""),
        "invited": ", ".join(guest["handle"] for guest in space["invited"] or ()),
        "page": space["event_url"],
        "studio": space["studio_url"],
        "ended": _ended(space["ended_reason"]),
        "recording": _recording(space),
        "moved to": space["moved_to"],
        "hidden": space["hidden_reason"],
    }
    for name, value in rows.items():
        if value:
            typer.echo(f"{name:>10}  {value}")


def _host(space: dict[str, Any]) -> str:
    return str(space["host_name"]) or words.say(words.ENGLISH, "event.former_member")


def _ended(told: str) -> str:
    word, _, reason = told.partition(": ")
    if word not in set(Why):
        return told
    said = words.say(words.ENGLISH, f"why.{word}")
    return f"{said} {words.say(words.ENGLISH, 'console.reason', reason=reason)}" if reason else said


def _recording(space: dict[str, Any]) -> str:
    recording = space["recording"]
    if recording is not None:
        return recording["mp4"] or f"{space['state']}; listen at {space['pass_url']}"
    if space["state"] == Lifecycle.ENDED:
        return "none: it was lost to a fault"
    return "deleted" if space["state"] == Lifecycle.DELETED else _POLICIES[space["recording_policy"]]
