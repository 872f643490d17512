"""``rostra space play``: a file or a stream from the terminal as a speaker on a stage.

Exit codes as of all ``rostra space``: 0 done, 1 refused or not playable, 3 nobody answers.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import structlog
import typer

from rostra.core.errors import BadRequest, NotAllowed, RostraError
from rostra.core.role import backstage_address_path
from rostra.core.settings import read_settings
from rostra.rehearsal.backstage import Backstage, StudioLink
from rostra.rehearsal.outcome import run
from rostra.rehearsal.replies import Unreachable
from rostra.rehearsal.speakers import StageGone
from rostra.rehearsal.whip import open_sound, play


def play_command(
    space: Annotated[str, typer.Argument(help="Id of the space, or a speaker's link.")],
    source: Annotated[str, typer.Argument(help="A sound file, or the address of one or of a stream.")],
    name: Annotated[str, typer.Option(help="What the audience calls it; by default the file's name.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Accept the sentence without being asked.")] = False,
    url: Annotated[str, typer.Option(help="Address of backstage.")] = "",
    data: Annotated[Path | None, typer.Option(help="Data folder of rostra serve.")] = None,
    token: Annotated[str, typer.Option(help="API token.", envvar="ROSTRA_TOKEN")] = "",
) -> None:
    """Play a file or a stream as a speaker on a stage, by WHIP, to its end."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        place = _Place.of(url, data, token)
        run(_until_interrupted(space, source, name or Path(source).stem[:40], yes, place))
    except RostraError as error:
        typer.secho(error.sentence, fg="red", err=True)
        sys.exit(3 if isinstance(error, Unreachable | StageGone) else 1)


class _Place(msgspec.Struct, frozen=True):
    """Where backstage is, and who asks."""

    url: str
    token: str
    own: bool
    """On this machine: its certificate, if it has one, is for the public name."""

    @classmethod
    def of(cls, url: str, data: Path | None, token: str) -> _Place:
        settings = read_settings()
        folder = data or settings.data
        told = ""
        with suppress(OSError, UnicodeError):
            told = backstage_address_path(folder).read_text(encoding="ascii").strip()
        here = told or f"{settings.scheme}://127.0.0.1:{settings.control_port}"
        if not token:
            if data is None and url.rstrip("/") not in ("", here):
                raise NotAllowed(
                    "Give a --token for this address, or --data too: its key is sent there then."
                )
            with suppress(OSError, UnicodeError):
                token = (folder / "keys" / "local.token").read_text(encoding="ascii").strip()
        return cls((url or here).rstrip("/"), token, own=not url)


async def _until_interrupted(space: str, source: str, name: str, yes: bool, place: _Place) -> None:
    """Play; Ctrl-C takes leave of the stage."""
    playing = asyncio.ensure_future(_play(space, source, name, yes, place))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, playing.cancel)
    await asyncio.wait({playing})
    if not playing.cancelled():
        playing.result()


async def _play(space: str, source: str, name: str, yes: bool, place: _Place) -> None:
    own = not space.startswith(("http://", "https://"))
    sound = await asyncio.to_thread(open_sound, source)
    async with httpx.AsyncClient(timeout=20.0, trust_env=False, verify=not (own and place.own)) as http:
        link_id = ""
        if own:
            if not place.token:
                raise NotAllowed("Give --data with the folder that rostra serve uses, or a --token.")
            host = Backstage.of_operator(http, place.url, place.token)
            made = await host.create_link(space, role="speaker", name=name)
            link, link_id = StudioLink(place.url, space, made.token), made.id
        else:
            link = StudioLink.parse(space)
        try:
            speaker = Backstage.of_speaker(http, link)
            typer.echo(sentence := await speaker.sentence(link.space))
            if not (yes or await asyncio.to_thread(typer.confirm, "Do you accept that?")):
                raise BadRequest(f"Nothing was played: {sentence}")
            await speaker.consent(link.space, name)
            typer.echo(f"Playing {source} as “{name}”. Ctrl-C ends it.")
            await play(http, link, sound)
        finally:
            sound.stop()
            if own and link_id:
                await host.take_back(space, link_id)
