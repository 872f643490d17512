"""The command line. Names every command, and loads only the one that is asked for.

So the supervisor holds no WebRTC and ``rostra space`` no media libraries.
"""

from __future__ import annotations

import pkgutil
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from rostra import __version__

_COMMANDS = {
    "serve": "rostra.serve.commands:serve_command",
    "demo": "rostra.rehearsal.commands:demo_command",
    "listen": "rostra.rehearsal.commands:listen_command",
    "space": "rostra.control.commands:space_app",
    "account": "rostra.control.account_commands:account_app",
    "draw": "rostra.simulation.draw_commands:draw_app",
    "simulate": "rostra.simulation.commands:simulate_command",
    "edge": "rostra.control.edge_commands:edge_app",
    "door": "rostra.control.door_commands:door_app",
    "report": "rostra.control.report_commands:report_app",
}


_JOINED = {"space": {"play": "rostra.rehearsal.play_command:play_command"}}
"""Commands of a group whose code is another part's."""


class _Joined(TyperGroup):
    """A group, and what joins it from elsewhere, loaded when it is named."""

    def __init__(self, group: TyperGroup, late: dict[str, str]) -> None:
        super().__init__(
            name=group.name,
            commands=dict(group.commands),
            help=group.help,
            no_args_is_help=True,
            rich_markup_mode=group.rich_markup_mode,
        )
        self._late = late

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *self._late]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self._late:
            return super().get_command(ctx, cmd_name)
        return _alone(cmd_name, pkgutil.resolve_name(self._late[cmd_name]))


class _Late(TyperGroup):
    """Loads a command when it is named, and all of them to list them. Takes arguments in UTF-8 alone."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for word in args:
            # Bytes that are not UTF-8 stand in an argument as lone surrogates (PEP 383).
            shown = word.encode(errors="surrogateescape").decode(errors="backslashreplace")
            if shown != word:
                sentence = f"“{shown}” is not UTF-8. Type it in a terminal that is set to UTF-8."
                typer.secho(sentence, fg="red", err=True)
                ctx.exit(2)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        return [*_COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        found = pkgutil.resolve_name(_COMMANDS[cmd_name])
        if isinstance(found, typer.Typer):
            group = get_command(found)
            group.name = cmd_name
            late = _JOINED.get(cmd_name)
            return _Joined(group, late) if late and isinstance(group, TyperGroup) else group
        return _alone(cmd_name, found)


def _alone(name: str, found: Any) -> Any:
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)


app = typer.Typer(
    cls=_Late,
    help="Scheduled live conversations for a crowd, on your own machines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    """Scheduled live conversations for a crowd, on your own machines."""
