"""Debian's Chromium, driven by Playwright: a person with a fake microphone, and an ear on the page's audio.

The ear listens to what the page's own ``<audio>`` element plays and changes nothing about it.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Response,
    ViewportSize,
)

from harness import witnesses
from harness.sound import CLEAR_DB, ELSEWHERE_HZ, FAINT_DBFS, HIGH_HZ, LOW_HZ
from harness.waiting import until

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",
)
"""The last one lets a page reach a stage on a machine without any network."""
REMEMBERED_LINES = 60
PAGE_MS = 15_000
PHONE: ViewportSize = {"width": 390, "height": 844}

SHELL = "chromium-headless-shell"
"""Debian's Chromium without a window around each page: the same engine, with no processes for the window.

For pictures of pages, which are hundreds. Whoever speaks, listens and clicks has the whole browser.
"""

_EAR = Path(__file__).with_name("ear.js").read_text()


@dataclass(frozen=True, slots=True)
class Heard:
    """One ear-full: the element's time, whether it is silenced, tones that stand out."""

    at_s: float
    silenced: bool
    tones: set[int]
    levels_dbfs: tuple[float, float, float]
    """Low tone, high tone, and the loudest of what is elsewhere."""


class Person:
    """Somebody at a browser of their own: ``async with Person(playwright, name) as ann``."""

    def __init__(
        self,
        playwright: Playwright,
        name: str,
        *,
        microphone: Path | None = None,
        refuses: bool = False,
        home: Path | None = None,
        program: Path | None = None,
        local_names: Sequence[str] = (),
    ) -> None:
        """``microphone`` is a WAV that is spoken again and again; ``refuses`` it to every page that asks.

        ``home`` is the folder where the browser finds authorities that it trusts besides its own;
        ``program`` is started in Chromium's place; ``local_names`` are hosts that lead to this machine.
        """
        self.name = name
        self._home = home
        self._program = program
        self._refuses = refuses
        self._local_names = local_names
        self._playwright = playwright
        self._microphone = microphone
        self.complaints: list[str] = []
        """Errors that the page's script did not catch, and what its own policy forbade it."""
        self._lines: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._browser: Browser | None = None
        self._page: Page | None = None

    async def __aenter__(self) -> Person:
        self._browser = await self._playwright.chromium.launch(
            executable_path=self._program or shutil.which("chromium"),
            args=[*FLAGS, *self._microphone_flags(), *self._name_flags()],
            env={**os.environ, "HOME": str(self._home)} if self._home else None,
            ignore_default_args=["--mute-audio", "--autoplay-policy=no-user-gesture-required"],
        )
        context = await self._browser.new_context()
        self._page = self._overhear(await context.new_page())
        witnesses.call(f"browser of {self.name}", self.testimony)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await self._remember_screen()
        witnesses.dismiss(f"browser of {self.name}", self.testimony())
        if self._browser is not None:
            await self._browser.close()

    def _microphone_flags(self) -> list[str]:
        if self._microphone is None:
            return []
        device = [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={self._microphone}",
        ]
        return device if self._refuses else [*device, "--use-fake-ui-for-media-stream"]

    def _name_flags(self) -> list[str]:
        rules = ",".join(f"MAP {name} 127.0.0.1" for name in self._local_names)
        return [f"--host-resolver-rules={rules}"] if rules else []

    @property
    def page(self) -> Page:
        assert self._page is not None, "not at the browser yet"
        return self._page

    async def another_page(self, beside: Page | None = None) -> Page:
        """A further page, as visible as the first, and overheard like it.

        It shares what the browser keeps with ``beside``; with nobody if that is left out.
        """
        assert self._browser is not None, "not at the browser yet"
        context = beside.context if beside else await self._browser.new_context()
        return self._overhear(await context.new_page())

    async def another_tab(self) -> Page:
        """A further tab beside the first: what the one remembers, the other knows."""
        return self._overhear(await self.page.context.new_page())

    def _overhear(self, page: Page) -> Page:
        page.set_default_timeout(PAGE_MS)
        page.on("console", self._said)
        page.on("pageerror", self._failed)
        page.on("response", self._answered)
        return page

    def testimony(self) -> str:
        """The end of the page's console and of the answers that were refusals."""
        return "\n".join(self._lines)

    def _said(self, message: ConsoleMessage) -> None:
        self._lines.append(f"{message.type}: {message.text}")
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _failed(self, error: Error) -> None:
        self._lines.append(f"uncaught: {error}")
        self.complaints.append(str(error))

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._lines.append(f"{response.status} {response.request.method} {response.url}")

    async def _remember_screen(self) -> None:
        try:
            self._lines.append(f"on screen: {(await self.page.inner_text('body'))[:1500]}")
        except Error as error:
            self._lines.append(f"on screen: unreadable, {error}")

    async def listen(self) -> Heard | None:
        """Put an ear to the page's audio element; None while there is none that plays anything."""
        found = await self.page.evaluate(_EAR, [LOW_HZ, HIGH_HZ, *ELSEWHERE_HZ])
        if found is None:
            return None
        low, high, *elsewhere = (float(level) for level in found["levels"])
        floor = max(elsewhere)
        tones = {
            hz
            for hz, level in ((LOW_HZ, low), (HIGH_HZ, high))
            if level > FAINT_DBFS and level - floor > CLEAR_DB
        }
        return Heard(found["at_s"], found["silenced"], tones, (low, high, floor))

    async def until_hears(self, *frequencies_hz: int, within_s: float, after_s: float = 0.0) -> None:
        """Wait until exactly these tones come out of the element, playing and past a place in its time."""
        wanted = set(frequencies_hz)

        async def heard() -> bool:
            now = await self.listen()
            assert now is not None, "nothing is loaded"
            assert not now.silenced, f"it is paused or muted: {now}"
            assert now.tones == wanted, f"it plays {now}"
            assert now.at_s > after_s, f"it is at {now.at_s} s"
            return True

        what = f"{self.name} hears {sorted(wanted)} Hz" + (f" from after {after_s:.1f} s" if after_s else "")
        await until(heard, what=what, within_s=within_s, poll_s=0.1)

    async def until_page(self, expression: str, *, what: str, within_s: float) -> None:
        """Wait until a JavaScript expression is true on the page."""

        async def holds() -> bool:
            return bool(await self.page.evaluate(f"() => Boolean({expression})"))

        await until(holds, what=f"{self.name}: {what}", within_s=within_s, poll_s=0.1)
