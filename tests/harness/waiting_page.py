"""Pages of an event that wait in line, as their visitors see and use them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, expect

from harness.waiting import until

PATIENT_S = 40.0
"""Nothing here is about speed; the machine may be busy."""
PRESSES = """
window.presses = window.beats = 0
addEventListener('click', () => (window.presses += 1), true)
setInterval(() => (window.beats += 1), 100)
"""
AWAKE_BEATS = 20
"""Two seconds, to fall asleep and to wake up."""
PLACE = """() => {
  const key = Object.keys(localStorage).find((key) => key.startsWith('rostra.place.'))
  return JSON.parse(localStorage[key]).place
}"""


class Visitor:
    """One page of the event, with a browser profile of its own."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    async def open(self) -> Visitor:
        await self.page.add_init_script(PRESSES)
        await self.page.goto(self._address)
        await self.until("window.rostra")
        return self

    async def press(self) -> None:
        await self.page.get_by_test_id("listen").click()

    async def leave(self) -> None:
        await self.page.locator(".deck .round.solid").click()

    async def until(self, condition: str, *, within_s: float = PATIENT_S) -> None:
        await until(lambda: self.page.evaluate(f"Boolean({condition})"), what=condition, within_s=within_s)

    async def until_scene(self, scene: str, *, within_s: float = PATIENT_S) -> None:
        await self.until(f"window.rostra.scene === '{scene}'", within_s=within_s)

    async def plays(self) -> bool:
        found: bool = await self.page.evaluate("window.rostra.scene === 'playing'")
        return found

    async def hears(self, *, within_s: float = PATIENT_S) -> None:
        """Sound comes, after no press but the first."""
        await self.until_scene("playing", within_s=within_s)
        await self.until("document.querySelector('audio').currentTime > 0.5")

    async def says(self, words: str) -> None:
        await expect(self.page.locator("#action")).to_contain_text(words, timeout=1000 * PATIENT_S)

    async def says_no_longer(self, words: str) -> None:
        await expect(self.page.locator("#action")).not_to_contain_text(words, timeout=1000 * PATIENT_S)

    async def place(self) -> str:
        found: str = await self.page.evaluate(PLACE)
        return found

    async def beats(self) -> int:
        """For how many tenths of a second its script has run."""
        count: int = await self.page.evaluate("window.beats")
        return count

    async def presses(self) -> int:
        count: int = await self.page.evaluate("window.presses")
        return count


@asynccontextmanager
async def asleep(visitor: Visitor) -> AsyncIterator[None]:
    """A phone that is locked: no script of its page runs, no timer and no answer.

    By the debugger: a page that is driven from outside counts as seen, and no browser freezes what is seen.
    """
    session = await visitor.page.context.new_cdp_session(visitor.page)
    before = await visitor.beats()
    await session.send("Debugger.enable")
    await session.send("Debugger.pause")
    yield
    await session.send("Debugger.disable")
    assert await visitor.beats() - before < AWAKE_BEATS, "the page was awake"
