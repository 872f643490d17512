"""The studio as a speaker uses it: accept, choose a microphone, join; then mute, go live, end."""

from __future__ import annotations

from playwright.async_api import expect

from harness import acts
from harness.browser import Person

CONNECT_MS = 20_000


class StudioPage:
    """The stage of one space in one person's browser."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page

    async def accept(self, link: str) -> None:
        """Follow a studio link and accept being heard and recorded, if that was not done yet."""
        await self.page.goto(link)
        await acts.agree(self.page)

    async def enter(self, link: str) -> None:
        """Follow a studio link up to the stage; back once audio can flow both ways."""
        await self.accept(link)
        await self.join()

    async def join(self) -> None:
        """Take the microphone that is offered, and join."""
        await self.page.get_by_test_id("join").click()
        await self.until_connected()

    async def until_connected(self, *, within_s: float = CONNECT_MS / 1000) -> None:
        stage = self.page.get_by_test_id("stage")
        await expect(stage).to_have_attribute("data-line", "open", timeout=within_s * 1000)

    async def until_not_connected(self, *, within_s: float) -> None:
        stage = self.page.get_by_test_id("stage")
        await expect(stage).not_to_have_attribute("data-line", "open", timeout=within_s * 1000)

    async def go_live(self) -> None:
        await self.page.get_by_test_id("golive").click()
        await expect(self.page.get_by_test_id("clock")).to_be_visible()

    async def toggle_mute(self) -> None:
        await self.page.get_by_test_id("mute").click()

    async def end(self) -> None:
        """Press End, and confirm what it asks."""
        await self.page.get_by_test_id("end").click()
        await self.page.get_by_test_id("end-confirm").click()

    async def says(self, words: str, *, within_s: float = 15.0) -> None:
        """Wait until these words stand on the page."""
        await expect(self.page.get_by_text(words).first).to_be_visible(timeout=within_s * 1000)

    async def until_over(self, *, within_s: float = 15.0) -> None:
        """The studio says that the recording is out."""
        await expect(self.page.get_by_test_id("replay-link")).to_be_visible(timeout=within_s * 1000)
