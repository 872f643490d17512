"""The wishes of the person at the terminal, by key, Ctrl-C or signal.

``end`` ends the conversation, ``notice`` shows one on its page, ``crowd`` brings one to its door or sends it
home, ``worst`` announces the worst case or leaves it, ``quit`` leaves. Puts the terminal back as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import termios
import tty
from collections.abc import Iterator


class Keys:
    """``e`` and the first Ctrl-C wish the end while it is live, ``n`` a notice, ``c`` a crowd, ``w`` the
    worst case; all else quits.
    """

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.quit = asyncio.Event()
        self.notice = asyncio.Event()
        """Cleared by whoever sends it, as are the next two by whoever does what they say."""
        self.crowd = asyncio.Event()
        self.worst = asyncio.Event()
        self.something_to_end = False
        """Set by whoever went live, and taken back once it is over, whoever ended it."""

    @contextlib.contextmanager
    def listening(self) -> Iterator[bool]:
        """Read keys, where there is a terminal, and signals; yields whether keys are read."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self.interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.quit.set)
        try:
            with _single_keys() as descriptor:
                if descriptor is not None:
                    loop.add_reader(descriptor, self._read, descriptor)
                try:
                    yield descriptor is not None
                finally:
                    if descriptor is not None:
                        loop.remove_reader(descriptor)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def press(self, key: str) -> None:
        """Take one key; those that mean nothing are passed over."""
        if key in "qQ":
            self.quit.set()
        elif key in "eE" and self.something_to_end:
            self.end.set()
        elif key in "nN" and self.something_to_end:
            self.notice.set()
        elif key in "cC" and self.something_to_end:
            self.crowd.set()
        elif key in "wW" and self.something_to_end:
            self.worst.set()

    def interrupt(self) -> None:
        """Take a Ctrl-C: the first ends what can be ended, the next one quits."""
        if self.something_to_end and not self.end.is_set():
            self.end.set()
        else:
            self.quit.set()

    def _read(self, descriptor: int) -> None:
        try:
            typed = os.read(descriptor, 64)
        except BlockingIOError:
            return
        except OSError:
            typed = b""
        if not typed:  # The terminal has gone, and nobody is there to press anything any more.
            asyncio.get_running_loop().remove_reader(descriptor)
            self.quit.set()
        for key in typed.decode(errors="ignore"):
            self.press(key)


@contextlib.contextmanager
def _single_keys() -> Iterator[int | None]:
    """Let the terminal give keys at once and without echo; None when there is no terminal."""
    if not sys.stdin.isatty():
        yield None
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield descriptor
    finally:
        with contextlib.suppress(termios.error):  # It may have gone meanwhile.
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
