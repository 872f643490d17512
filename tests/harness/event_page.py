"""The event page as a listener uses it: what they press, and what the page says of itself."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, expect

from harness.browser import Person
from harness.deployment import Deployment


class EventPage:
    """The page of one space in one person's browser."""

    def __init__(
        self, person: Person, site: Deployment, space: str, *, door: str = "", player: str = ""
    ) -> None:
        """``door`` is its public address, where that is another than its own; ``player`` one to ask for."""
        self.person = person
        self.page = person.page
        self._address = f"{door or site.door}/s/{space}" + (f"?player={player}" if player else "")

    async def open(self) -> None:
        await self.page.goto(self._address)
        await self.person.until_page("window.rostra", what="the page's script runs", within_s=15)

    @property
    def listen_button(self) -> Locator:
        return self.page.get_by_test_id("listen")

    async def press_listen(self) -> None:
        await self.listen_button.click()

    async def says(self, words: str, *, within_s: float = 15.0) -> None:
        """Wait until these words stand on the page."""
        await expect(self.page.get_by_text(words).first).to_be_visible(timeout=within_s * 1000)

    async def until_scene(self, scene: str, *, within_s: float) -> None:
        """Wait until the page shows one of its faces: ``late``, ``invite``, ``playing``, ``published`` …"""
        what = f"the page turns to {scene}"
        await self.person.until_page(f"window.rostra.scene === '{scene}'", what=what, within_s=within_s)

    async def probe(self) -> dict[str, Any]:
        """What the page tells of its player."""
        found: dict[str, Any] = await self.page.evaluate("() => ({ ...window.rostra })")
        return found
