"""The recordings that are open, and those on their way: opened in a thread, once for all who ask.

Bounded, whoever reads: beyond the most, one that nobody reads is closed, else the one asked for
least lately, and its readers are broken off (players ask again for the rest). Knows nothing of
spaces' states; whoever asks has decided that the recording may be heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog

from rostra.core.errors import NotFound, RostraError, Unavailable
from rostra.edge import answers
from rostra.edge.recording import Document, Recording, events_document
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, Headers

log = structlog.get_logger()

T = TypeVar("T")
_What = tuple[Path, str]
"""A tape's folder, and the document that is made of it; none: the whole recording."""
MOST_OPEN = 64
MOST_EVENTS = 16
MOST_ON_THE_WAY = 256
"""Requests that wait for a recording to be opened; further ones are refused."""
READ_THREADS = 4
"""How many reads wait for the disk at a time; further ones wait for these."""
EVENTS = "events.json"


class Shelf:
    """All recordings of one worker. ``group`` runs its short tasks."""

    def __init__(
        self,
        tapes: Path,
        *,
        group: asyncio.TaskGroup,
        most_open: int = MOST_OPEN,
        refuse: Callable[[RostraError, Request], bytes] = lambda error, _: answers.refusal(error),
    ) -> None:
        self._tapes = tapes
        self._refuse = refuse
        self._group = group
        self._most_open = most_open
        self._threads = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="recordings")
        self._opener = ThreadPoolExecutor(1, thread_name_prefix="opener")
        """Opens for whoever asks, one after the other: that takes the interpreter's time, which those who are
        live need."""
        self._closed = False
        self._open: dict[Path, Recording] = {}
        self._events: dict[Path, Document] = {}
        self._running: dict[_What, asyncio.Task[Any]] = {}
        self._forgotten: set[asyncio.Task[Any]] = set()
        """What is being made and no longer wanted."""
        self._on_the_way: dict[Exchange, Path] = {}

    def answer(
        self, space: str, run: str, name: str, request: Request, exchange: Exchange, *, kept: Headers
    ) -> None:
        """Answer now when the recording is open, else once it is. Raises NotFound, Unavailable.

        ``kept`` are headers that say who may keep the answer and for how long.
        """
        folder = self._tapes / space / run
        if name == EVENTS and folder in self._events:
            self._events[folder].answer(request, exchange, kept=kept)
        elif name != EVENTS and folder in self._open:
            recording = self._open[folder] = self._open.pop(folder)
            recording.answer(name, request, exchange, kept=kept)
        elif len(self._on_the_way) >= MOST_ON_THE_WAY:
            raise Unavailable
        else:
            self._on_the_way[exchange] = folder
            self._group.create_task(self._answer_later(folder, name, request, exchange, kept))

    async def prepare(self, folder: Path) -> None:
        """Open a recording before anybody asks, and behind no other.

        Never raises: whoever asks hears what is wrong with it.
        """
        try:
            await self._opened(folder, by=self._threads)
        except RostraError as error:
            log.warning("recording_not_opened", folder=folder.name, reason=error.code)
        except Exception:
            log.exception("recording_failed", folder=folder.name)

    def forget(self, folder: Path) -> None:
        """Let go of a recording that was deleted or hidden, and break off who reads it or waits for it.

        It opens again for whoever asks from now on.
        """
        document = self._events.pop(folder, None)
        if document is not None:
            document.retire()
        for what in [each for each in self._running if each[0] == folder]:
            self._forgotten.add(self._running.pop(what))
        for exchange in [each for each, of in self._on_the_way.items() if of == folder]:
            exchange.drop()
        recording = self._open.pop(folder, None)
        if recording is not None:
            recording.close()

    def close(self) -> None:
        """Close all, and break off who reads."""
        self._closed = True
        for recording in self._open.values():
            recording.close()
        self._open.clear()
        for threads in (self._threads, self._opener):
            threads.shutdown(wait=False, cancel_futures=True)

    async def _answer_later(
        self, folder: Path, name: str, request: Request, exchange: Exchange, kept: Headers
    ) -> None:
        try:
            if exchange.closed:
                return
            if name == EVENTS:
                document = await self._events_of(folder)
                if not exchange.closed:
                    document.answer(request, exchange, kept=kept)
                return
            recording = await self._opened(folder)
            if not exchange.closed:
                recording.answer(name, request, exchange, kept=kept)
        except RostraError as error:
            exchange.send(self._refuse(error, request))
        except Exception:
            log.exception("recording_failed", folder=folder.name)
            exchange.send(self._refuse(RostraError(), request))
        finally:
            del self._on_the_way[exchange]

    async def _opened(self, folder: Path, *, by: Executor | None = None) -> Recording:
        while folder not in self._open:
            recording = await self._once(
                (folder, ""), lambda: Recording.open(folder, threads=self._threads), by=by or self._opener
            )
            if recording.closed:  # by whoever needed its place before this task had its turn
                continue
            if self._open.setdefault(folder, recording) is recording:
                self._make_room(folder)
        return self._open[folder]

    async def _events_of(self, folder: Path) -> Document:
        document = await self._once(
            (folder, EVENTS), lambda: Document(events_document(folder), JSON), by=self._opener
        )
        self._events[folder] = document
        if len(self._events) > MOST_EVENTS:
            del self._events[next(iter(self._events))]
        return document

    async def _once(self, what: _What, make: Callable[[], T], *, by: Executor) -> T:
        """Make it in a thread; all who ask meanwhile share the outcome, which may be an error."""
        running = self._running.get(what)
        if running is None:
            running = self._running[what] = self._group.create_task(self._attempt(make, by))
            running.add_done_callback(lambda done: self._settle(what, done))
        outcome: T | Exception = await asyncio.shield(running)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _settle(self, what: _What, done: asyncio.Task[Any]) -> None:
        """Of one that was forgotten, another may be on the way already."""
        if self._running.get(what) is done:
            del self._running[what]
        self._forgotten.discard(done)

    async def _attempt(self, make: Callable[[], T], by: Executor) -> T | Exception:
        if self._closed:
            return Unavailable()
        try:
            made = await asyncio.get_running_loop().run_in_executor(by, make)
        except Exception as error:
            return error
        if asyncio.current_task() not in self._forgotten:
            return made
        if isinstance(made, Recording):
            made.close()
        return NotFound()

    def _make_room(self, newest: Path) -> None:
        """Close one, if there are too many."""
        if len(self._open) <= self._most_open:
            return
        others = [folder for folder in self._open if folder != newest]
        idle = next((folder for folder in others if not self._open[folder].readers), None)
        closed = self._open.pop(idle or others[0])
        if closed.readers:
            log.warning("recording_closed_early", folder=(idle or others[0]).name, readers=closed.readers)
        closed.close()
