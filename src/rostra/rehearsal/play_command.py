"""``rostra space play``: a file or a stream from the terminal as a speaker on a stage.

Exit codes as of all ``rostra space``: 0 done, 1 refused or not playable, 3 nobody answers.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit

import httpx
import structlog
import typer

from rostra.core.errors import BadRequest, RostraError
from rostra.core.own_backstage import Way, find_way
from rostra.rehearsal.backstage import Backstage, StudioLink
from rostra.rehearsal.outcome import run
from rostra.rehearsal.played import Played
from rostra.rehearsal.replies import Unreachable
from rostra.rehearsal.speakers import StageGone
from rostra.rehearsal.whip import play

_LONGEST_NAME: Final = 40


def play_command(
    space: Annotated[str, typer.Argument(help="Id of the space, or a speaker's link.")],
    source: Annotated[str, typer.Argument(help="A sound file, or the address of one or of a stream.")],
    name: Annotated[
        str,
        typer.Option(help="What the audience calls it; by default as the link says, else the file or host."),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Accept the sentence without being asked.")] = False,
    url: Annotated[str, typer.Option(help="Address of backstage.")] = "",
    data: Annotated[Path | None, typer.Option(help="Data folder of rostra serve.")] = None,
    token: Annotated[str, typer.Option(help="API token.", envvar="ROSTRA_TOKEN")] = "",
) -> None:
    """Play a file or a stream as a speaker on a stage, by WHIP, to its end."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        way = partial(find_way, url=url, data=data, token=token)
        run(_until_interrupted(_play(space, source, name, yes, way)))
    except RostraError as error:
        typer.secho(error.sentence, fg="red", err=True)
        sys.exit(3 if isinstance(error, Unreachable | StageGone) else 1)


def called(source: str) -> str:
    """Return what the audience calls it by itself: the file's name, else the host's; never a password."""
    if "://" not in source:
        return Path(source).stem[:_LONGEST_NAME]
    try:
        address = urlsplit(source)
    except ValueError:
        return ""
    return (Path(unquote(address.path)).stem or address.hostname or "")[:_LONGEST_NAME]


async def _until_interrupted(work: Coroutine[None, None, None]) -> None:
    """Play; Ctrl-C takes leave of the stage."""
    playing = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, playing.cancel)
    await asyncio.wait({playing})
    if not playing.cancelled():
        playing.result()


async def _play(space: str, source: str, name: str, yes: bool, find: Callable[[], Way]) -> None:
    """``find`` is asked for the way to backstage where ``space`` is no link, which is one itself."""
    sound = await asyncio.to_thread(Played, source)
    way = None if space.startswith(("http://", "https://")) else find()
    async with httpx.AsyncClient(timeout=20.0, trust_env=False, verify=way is None or not way.own) as http:
        link_id = ""
        if way is not None:
            host = Backstage.of_operator(http, way.url, way.token)
            made = await host.create_link(space, role="speaker", name=name or called(source))
            link, link_id = StudioLink(way.url, space, made.token), made.id
        else:
            link = StudioLink.parse(space)
        try:
            speaker = Backstage.of_speaker(http, link)
            stage = await speaker.stage(link.space)
            typer.echo(sentence := stage.consent.text)
            if not (yes or await asyncio.to_thread(typer.confirm, "Do you accept that?")):
                raise BadRequest(f"Nothing was played: {sentence}")
            known = name or stage.me.name or called(source)
            await speaker.consent(link.space, known)
            typer.echo(f"Playing {source} as “{known}”. Ctrl-C ends it.")
            await play(http, link, sound)
        finally:
            sound.stop()
            if link_id:
                await host.take_back(space, link_id)
