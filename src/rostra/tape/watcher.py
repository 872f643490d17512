"""Wake those who wait for a file to grow. One inotify per event loop, shared by all tapes.

The system allows few inotify instances (128 by default) but thousands of watches. Says only that
something may have changed, never what: whoever is woken looks for themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from asyncinotify import Inotify, Mask, Watch


class Watcher:
    """An inotify and those who wait on it, by watch."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._inotify = Inotify(sync_timeout=0)
        self._waiting: dict[Watch, set[asyncio.Event]] = {}
        loop.add_reader(self._inotify.fd, self._wake)

    @property
    def idle(self) -> bool:
        """Whether nobody waits."""
        return not self._waiting

    def add(self, path: Path, changed: asyncio.Event) -> Watch:
        """Set ``changed`` whenever the file is written or cut, from now on."""
        watch: Watch = self._inotify.add_watch(path, Mask.MODIFY)
        self._waiting.setdefault(watch, set()).add(changed)
        return watch

    def remove(self, watch: Watch, changed: asyncio.Event) -> None:
        """Stop setting ``changed``."""
        waiting = self._waiting[watch]
        waiting.discard(changed)
        if not waiting:
            del self._waiting[watch]
            self._inotify.rm_watch(watch)

    def close(self) -> None:
        self._loop.remove_reader(self._inotify.fd)
        self._inotify.close()

    def _wake(self) -> None:
        for event in self._inotify:
            if Mask.Q_OVERFLOW in event.mask:
                for waiting in self._waiting.values():
                    _set_all(waiting)
            elif event.watch is not None:
                _set_all(self._waiting.get(event.watch, set()))


def _set_all(waiting: set[asyncio.Event]) -> None:
    for changed in waiting:
        changed.set()


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, Watcher] = WeakKeyDictionary()


@contextmanager
def watching(path: Path) -> Iterator[asyncio.Event]:
    """Hand out an event that is set after every change of the file, until the block is left.

    Clear it, look, then wait: a change between looking and waiting is not missed.
    """
    loop = asyncio.get_running_loop()
    watcher = _watchers.get(loop) or _watchers.setdefault(loop, Watcher(loop))
    changed = asyncio.Event()
    watch = watcher.add(path, changed)
    try:
        yield changed
    finally:
        watcher.remove(watch, changed)
        if watcher.idle:
            _watchers.pop(loop)
            watcher.close()
