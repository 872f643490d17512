"""What control said last of the site and of live spaces, on disk: ``run/said`` (mode 600).

With it a broker that starts anew tells stage, edges and door of a live space at once, though control
should not come up: the tape goes on and is heard. Control stays the owner of it all: it publishes every
space again when it starts, and takes back those that it does not know. Never decides anything.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from rostra.bus.client import BusClient
from rostra.bus.messages import SITE_STATE, Lifecycle, Removed, SiteState, SpaceState, Value

log = structlog.get_logger()

SAVE_EVERY_S = 0.5
MAX_BYTES = 16 * 1024 * 1024
"""A file larger than this is not ours."""


class Memory:
    """``load()`` for the broker, then ``await follow(bus)`` until cancelled."""

    def __init__(self, data: Path) -> None:
        self._path = data / "run" / "said"
        self._said: dict[str, bytes] = {}
        self._changed = asyncio.Event()
        self._complained = False

    def load(self) -> dict[str, bytes]:
        """Return retained values by subject; none where nothing was said, or it cannot be read."""
        try:
            with self._path.open("rb") as file:
                self._said = msgspec.msgpack.decode(file.read(MAX_BYTES), type=dict[str, bytes])
        except FileNotFoundError:
            self._said = {}
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("memory_unreadable", reason=str(error))
            self._said = {}
        return dict(self._said)

    async def follow(self, bus: BusClient) -> None:
        """Note what is said of site and live spaces; a disk that refuses it is complained of once."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_site(bus))
            group.create_task(self._follow_spaces(bus))
            group.create_task(self._keep_saved())

    async def _follow_site(self, bus: BusClient) -> None:
        async with bus.subscribe(SITE_STATE, SiteState) as values:
            async for subject, site in values:
                self._note(subject, site)

    async def _follow_spaces(self, bus: BusClient) -> None:
        async with bus.subscribe("space.*.state", SpaceState, Removed) as values:
            async for subject, state in values:
                live = isinstance(state, SpaceState) and state.lifecycle is Lifecycle.LIVE
                self._note(subject, state if live else None)

    def _note(self, subject: str, value: Value | None) -> None:
        raw = None if value is None else msgspec.msgpack.encode(value)
        if raw == self._said.get(subject):
            return
        self._said.pop(subject, None)
        if raw is not None:
            self._said[subject] = raw
        self._changed.set()

    async def _keep_saved(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await asyncio.to_thread(self._save, msgspec.msgpack.encode(self._said))
            await asyncio.sleep(SAVE_EVERY_S)

    def _save(self, raw: bytes) -> None:
        draft = self._path.with_suffix(".new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(raw)
            draft.rename(self._path)
        except OSError as error:
            if not self._complained:
                log.warning("memory_not_saved", reason=str(error))
            self._complained = True
            # An older word may tell everybody of a space that is private by now: none is better.
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        else:
            self._complained = False
