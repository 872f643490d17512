"""Every state of every page, put up on real sites and walked through in a browser.

Owns which states there are and how one comes to see them; what is looked for in them is others' matter.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Playwright, expect

from harness.browser import FLAGS, PAGE_MS
from harness.deployment import Deployment
from harness.stage import on_stage
from harness.visitors import Visitor, Visitors
from harness.waiting import until

Act = Callable[[Page], Awaitable[Any]]
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
LANGUAGES = ("en", "es", "qps")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FAR = "2031-01-01T20:00:00Z"
SPACES: dict[str, dict[str, Any]] = {
    "scheduled": {
        "starts_at": FAR,
        "description": "A long evening about what failed, and about what did not.",
    },
    "late": {},
    "lobby": {},
    "live": {"recording_policy": "hold"},
    "published": {},
    "held": {"recording_policy": "hold"},
    "deleted": {"recording_policy": "delete"},
    "cancelled": {"starts_at": FAR},
    "private": {"visibility": "private", "passphrase": "open sesame", "starts_at": FAR},
    "unlisted": {"visibility": "unlisted", "starts_at": FAR},
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One state of one page."""

    name: str
    url: str
    signed_in: bool = False
    act: Act | None = None
    """What the visitor does before it is looked at."""
    scripts: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """How it is looked at."""

    size: str = "desktop"
    theme: Literal["light", "dark"] = "light"
    language: str = "en"

    def __str__(self) -> str:
        return f"{self.size}-{self.theme}-{self.language}"


class Gallery:
    """Sites in every state; ``pictures`` are what hangs in it."""

    def __init__(self, site: Deployment, fresh: Deployment, operator: Visitor) -> None:
        self._site = site
        self._fresh = fresh
        self._operator = operator
        self.ids: dict[str, str] = {}
        self._links: dict[str, str] = {}

    async def prepare(self, people: AsyncExitStack) -> None:
        """Put a space into every state; ``people`` stay on two stages for as long as it is open."""
        await self._call("PATCH", "/site", {"imprint": "Radio Esperanza, 1 Long Street", "terms": "Be kind."})
        for name, given in SPACES.items():
            body = {
                "title": f"The evening that failed ({name})",
                "starts_at": "now",
                "time_zone": "UTC",
                **given,
            }
            self.ids[name] = (await self._call("POST", "/spaces", body))["id"]
        await self._call("POST", f"/spaces/{self.ids['cancelled']}/cancel")
        for name in ("lobby", "live"):
            link = await self._call(
                "POST", f"/spaces/{self.ids[name]}/links", {"role": "speaker", "name": "Nora"}
            )
            await people.enter_async_context(on_stage(link["url"], name="Nora", hz=440.0))
        for name in ("live", "published", "held", "deleted"):
            await self._call("POST", f"/spaces/{self.ids[name]}/live")
        await self._call(
            "POST", f"/spaces/{self.ids['live']}/notices", {"text": "We run ten minutes longer."}
        )
        await asyncio.sleep(2.0)  # the recordings shall have a length
        for name in ("published", "held", "deleted"):
            await self._call("POST", f"/spaces/{self.ids[name]}/end")
            await until(lambda name=name: self._is(name), what=f"{name} is so", within_s=20)
        self._links["invitation"] = (await self._call("POST", "/accounts/invitations", {"role": "member"}))[
            "url"
        ]
        self._links["reset"] = (await self._call("POST", "/accounts/vic/reset"))["url"]
        link = {"role": "speaker", "name": "Sam"}
        self._links["studio"] = (await self._call("POST", f"/spaces/{self.ids['lobby']}/links", link))["url"]
        self._links["setup"] = await self._fresh.first_run_link()

    def pictures(self) -> Iterator[Picture]:
        """Every state, those of listeners first."""
        door, control = self._site.door, self._site.control
        yield Picture("home-empty", f"{self._fresh.door}/")
        yield Picture("home", f"{door}/")
        yield Picture("host", f"{door}/h/olga")
        for page in ("privacy", "imprint", "terms"):
            yield Picture(page, f"{door}/{page}")
        yield Picture("nowhere", f"{door}/s/nothinghere")
        for name in SPACES:
            yield Picture(f"event-{name}", f"{door}/s/{self.ids[name]}")
        private = f"{door}/s/{self.ids['private']}"
        yield Picture("event-private-refused", f"{private}?pass=not-invited")
        yield Picture("event-armed", f"{door}/s/{self.ids['late']}", act=listen)
        yield Picture("event-playing", f"{door}/s/{self.ids['live']}", act=play)
        yield Picture("event-offline", f"{door}/s/{self.ids['live']}", act=lose)
        yield Picture("event-without-scripts", f"{door}/s/{self.ids['live']}", scripts=False)
        yield Picture("setup", self._links["setup"])
        yield Picture("backstage-signin", f"{control}/signin")
        for name in ("invitation", "reset"):
            yield Picture(f"backstage-{name}", self._links[name])
            yield Picture(f"backstage-{name}-used", f"{control}/{name}#never-made")
        yield Picture("studio-consent", self._links["studio"])
        yield Picture("studio-microphone", self._links["studio"], act=accept)
        yield Picture("studio-stage", self._links["studio"], act=join)
        yield Picture("studio-over", f"{control}/studio/{self.ids['published']}", signed_in=True)
        for page in ("console", "accounts", "account", "site", "audit"):
            yield Picture(f"backstage-{page}", f"{control}/{page}", signed_in=True)
        yield Picture("backstage-schedule", f"{control}/console", signed_in=True, act=schedule)
        yield Picture("backstage-invite", f"{control}/accounts", signed_in=True, act=invite)
        yield Picture("backstage-refused", f"{control}/signin", act=refuse)

    @property
    def session(self) -> list[dict[str, str]]:
        """The operator's cookies, as a browser context takes them."""
        host = urlsplit(self._site.control).hostname or ""
        jar = self._operator.http.cookies.jar
        return [{"name": c.name, "value": c.value or "", "domain": host, "path": "/"} for c in jar]

    async def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = await self._operator.api(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    async def _is(self, name: str) -> bool:
        return bool((await self._operator.status(self.ids[name]))["state"] == name)


@asynccontextmanager
async def gallery(folder: Path) -> AsyncIterator[Gallery]:
    """Two sites: one with everything, one where nobody has been yet."""
    async with (
        Deployment(folder / "site") as site,
        Deployment(folder / "fresh", operator=False) as fresh,
        Visitors(site) as visitors,
        AsyncExitStack() as people,
    ):
        opened = Gallery(site, fresh, visitors["operator"])
        await opened.prepare(people)
        yield opened


class Walk:
    """A browser that goes through a gallery with one look. ``async with`` closes it."""

    def __init__(self, playwright: Playwright, opened: Gallery, look: Look, *, script: str = "") -> None:
        """``script`` is run in every page before its own."""
        self._playwright = playwright
        self._gallery = opened
        self._look = look
        self._script = script
        self._stack = AsyncExitStack()
        self._browser: Browser | None = None

    async def __aenter__(self) -> Walk:
        flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        self._browser = await self._playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*FLAGS, *flags]
        )
        self._stack.push_async_callback(self._browser.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @asynccontextmanager
    async def before(self, picture: Picture) -> AsyncIterator[Page]:
        """Stand before one picture: loaded, acted on, still."""
        assert self._browser is not None
        width, height = SIZES[self._look.size]
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=self._look.theme,
            reduced_motion="reduce",
            java_script_enabled=picture.scripts,
            locale="en-GB",
        )
        try:
            yield await self._stand(context, picture)
        finally:
            await context.close()

    async def _stand(self, context: BrowserContext, picture: Picture) -> Page:
        host = urlsplit(picture.url).hostname or ""
        language = {"name": "lang", "value": self._look.language, "domain": host, "path": "/"}
        await context.add_cookies([language, *(self._gallery.session if picture.signed_in else [])])  # type: ignore[list-item]
        if self._script:
            await context.add_init_script(self._script)
        page = await context.new_page()
        page.set_default_timeout(PAGE_MS)
        await page.goto(picture.url)
        await expect(page.locator("h1").first).to_be_attached()
        await expect(page.locator(".mark").first).not_to_have_text("")
        if picture.act is not None:
            await picture.act(page)
        if picture.scripts:
            await page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        return page


async def listen(page: Page) -> None:
    await page.get_by_test_id("listen").click()


async def play(page: Page) -> None:
    await listen(page)
    await until(lambda: page.evaluate("window.rostra.scene === 'playing'"), what="it plays", within_s=20)


async def lose(page: Page) -> None:
    """Listen, then lose the network."""
    await play(page)
    await page.context.set_offline(True)
    scene = "window.rostra.scene !== 'playing'"
    await until(lambda: page.evaluate(scene), what="the page says that it is offline", within_s=20)


async def accept(page: Page) -> None:
    await page.get_by_test_id("consent").check()
    await page.get_by_test_id("accept").click()
    await expect(page.get_by_test_id("join")).to_be_visible()


async def join(page: Page) -> None:
    await accept(page)
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("stage")).to_have_attribute("data-line", "open", timeout=20_000)


async def schedule(page: Page) -> None:
    await page.get_by_test_id("schedule-one").click()
    await page.locator("[data-testid^=visibility] input, input[value=private]").last.check()


async def invite(page: Page) -> None:
    await page.get_by_test_id("invite").click()
    await page.get_by_test_id("make-invitation").click()
    await expect(page.get_by_test_id("invitation-link")).to_be_visible()


async def refuse(page: Page) -> None:
    await page.get_by_test_id("handle").fill("nobody")
    await page.get_by_test_id("password").fill("wrong horse battery")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").first).to_contain_text(" ")
