"""Real sites with a space in every state, and a browser that walks past the pictures of their pages.

What is seen is ``harness.pictures``; what is looked for in it is others' matter.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Playwright, expect

from harness import reminding
from harness.browser import FLAGS, PAGE_MS, SHELL
from harness.deployment import Deployment
from harness.pictures import Picture
from harness.stage import on_stage
from harness.unready_door import unready_door
from harness.visitors import ACCOUNTS, SUSPENDED, VISITED, Visitors
from harness.waiting import until
from rostra.core.ids import draw

SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
ZOOMED = "zoomed"
"""A desktop at 200 % zoom: half its width and height (WCAG 2.2, 1.4.4)."""
SMALL = "small"
"""The narrowest that text has to flow into (WCAG 2.2, 1.4.10)."""
WINDOWS = {**SIZES, ZOOMED: (640, 450), SMALL: (320, 568)}
LANGUAGES = ("en", "es", "qps")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
"""The dark theme changes colours and nothing else."""
FAR = "2031-01-02T01:00:00Z"
VIEWERS_ZONE = "Europe/Madrid"
SPEAKER = "Nora Whitcombe"
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Ok Q"
"""As long as a name may be, most of it one word."""
CAPTIONS = (
    "Thank you all for coming out tonight.",
    "Whoever crosses the river twice a day has a question about this bridge.",
)
NEW_YORK = "America/New_York"
CHECKS: dict[str, dict[str, Any]] = {
    "Ines Duarte": {
        "microphone": "heard",
        "headphones": "clear",
        "way": "direct",
        "loss_percent": 0.2,
        "round_trip_ms": 34,
    },
    "Tomas Lindqvist": {"microphone": "quiet", "headphones": "echo", "way": "none", "relay": "fails"},
}
SPACES: dict[str, dict[str, Any]] = {
    "rescheduled": {"title": "What the ferry costs us", "starts_at": FAR},
    "scheduled": {
        "title": "Reading aloud: letters from the harbour",
        "starts_at": FAR,
        "description": "Three people who know the harbour, and everyone who has to cross it. About an hour.",
    },
    "late": {"title": "What we owe the night shift"},
    "lobby": {"title": "The last ferry, and who pays for it", "time_zone": VIEWERS_ZONE},
    "live": {"title": "A town hall on the river bridge"},
    "empty": {"title": "Everyone has gone for coffee"},
    "floor": {"title": "Who keeps the bridge open at night"},
    "published": {"title": "How to lose an election politely"},
    "held": {"title": "Off the record, on the tape", "recording_policy": "hold"},
    "deleted": {"title": "Said once, kept nowhere", "recording_policy": "delete"},
    "lost": {"title": "The night the tape was gone"},
    "cancelled": {"title": "Open questions about the reservoir", "starts_at": FAR},
    "taken_in": {"title": "Town hall, the larger room", "starts_at": FAR},
    "moved": {"title": "Town hall, the small room", "starts_at": FAR},
    "hidden": {"title": "What nobody should hear", "starts_at": FAR},
    "locked": {"title": "One question at a time"},
    "private": {
        "title": "Rehearsal for the budget night",
        "visibility": "private",
        "passphrase": "open sesame",
        "starts_at": FAR,
    },
    "unlisted": {
        "title": "Donaudampfschifffahrtsgesellschaft: wohin?",
        "visibility": "unlisted",
        "starts_at": FAR,
        "time_zone": "UTC",
    },
}


TO_STAGES = {
    "studio": ("lobby", "speaker", "Tomas Lindqvist"),
    "studio_unread": ("lobby", "speaker", "Ines Duarte"),
    "studio_namesake": ("lobby", "speaker", SPEAKER),
    "studio_ahead": ("scheduled", "speaker", "Ines Duarte"),
    "studio_private": ("private", "speaker", "Ines Duarte"),
    "captions": ("live", "captioner", "Cai"),
}
"""Links by the names that addresses of pictures have for them: to which space, in which role, for whom."""
LOCKED = {"reason": "Too many ask at once."}
OF_OTHERS = {"host": ("Letters nobody sent", True), "invited": ("Tides, and how to read them", False)}
"""A conversation of each, and whether it was cancelled."""
LONG_WORD = "See https://www.harbour.example.org/publications/2030/report-on-tides-and-how-to-read-them.pdf"


@dataclass(frozen=True, slots=True)
class Look:
    """How it is looked at."""

    size: str = "desktop"
    theme: Literal["light", "dark"] = "light"
    language: str = "en"

    def __str__(self) -> str:
        return f"{self.size}-{self.theme}-{self.language}"


class Gallery:
    """Sites in every state."""

    def __init__(self, site: Deployment, fresh: Deployment, visitors: Visitors, *, unready: str) -> None:
        """``unready`` is the address of a door that knows of no conversation yet."""
        self._unready = unready
        self._site = site
        self._fresh = fresh
        self._visitors = visitors
        self._operator = visitors["operator"]
        self.ids: dict[str, str] = {}
        self._links: dict[str, str] = {}

    async def prepare(self, people: AsyncExitStack) -> None:
        """Put a space into every state; ``people`` stay on two stages for as long as it is open."""
        await self._call("PATCH", "/account", {"name": "Ada Okonkwo"})
        await self._call("PATCH", "/site", {"imprint": "Radio Esperanza, 1 Long Street", "terms": "Be kind."})
        for name, given in SPACES.items():
            body = {"starts_at": "now", "time_zone": NEW_YORK, **given}
            self.ids[name] = (await self._call("POST", "/spaces", body))["id"]
        await self._call("POST", f"/spaces/{self.ids['cancelled']}/cancel")
        await self._call("PUT", f"/spaces/{self.ids['private']}/invited/{ACCOUNTS['invited']}")
        speaks = {"handle": ACCOUNTS["moderator"]}
        await self._call("POST", f"/spaces/{self.ids['held']}/floor/invite", speaks)
        await self._lose("lost")
        for name in ("lobby", "live"):
            link = await self._call(
                "POST", f"/spaces/{self.ids[name]}/links", {"role": "speaker", "name": SPEAKER}
            )
            await people.enter_async_context(on_stage(link["url"], name=SPEAKER, hz=440.0))
        await people.enter_async_context(self._accepting(self.ids["floor"]))
        for name in ("live", "empty", "floor", "published", "held", "deleted"):
            await self._call("POST", f"/spaces/{self.ids[name]}/live")
        pinned = {"link": "https://example.org/bridge/plans", "label": "The plans for the bridge"}
        await self._call("PUT", f"/spaces/{self.ids['live']}/pinned", pinned)
        talking = asyncio.create_task(self._write_captions(), name="write captions")
        people.callback(talking.cancel)
        await self._call(
            "POST", f"/spaces/{self.ids['live']}/notices", {"text": "We run ten minutes longer."}
        )
        await self._ask(self.ids["live"], "Ines Valdés", "Who pays for the night buses?")
        await asyncio.sleep(2.0)  # the recordings shall have a length
        for name in ("published", "held", "deleted"):
            await self._call("POST", f"/spaces/{self.ids[name]}/end")
            await until(lambda name=name: self._is(name), what=f"{name} is so", within_s=20)
        await self._call("POST", f"/spaces/{self.ids['moved']}/move", {"to": self.ids["taken_in"]})
        later = {"starts_at": "2031-01-02T01:30:00Z"}
        await self._call("PATCH", f"/spaces/{self.ids['rescheduled']}", later)
        await self._call("PUT", f"/spaces/{self.ids['hidden']}/hidden", {"reason": "It called for violence."})
        await self._call(
            "PUT", f"/spaces/{self.ids['locked']}/floor/lock", {"reason": "Too many ask at once."}
        )
        await self._others()
        self._links["report_handled"] = await self._reported("An advertisement, again and again.")
        handled = (await self._call("GET", "/reports"))["reports"][0]["id"]
        verdict = {"verdict": "dismissed", "note": "We listened: the sponsor is named once, as agreed."}
        await self._call("POST", f"/reports/{handled}/verdict", verdict)
        self._links["report_open"] = await self._reported("He says where she lives.")
        self._links["invitation"] = (await self._call("POST", "/accounts/invitations", {"role": "member"}))[
            "url"
        ]
        self._links["reset"] = (await self._call("POST", "/accounts/vic/reset"))["url"]
        for name, (space, role, whom) in TO_STAGES.items():
            link = await self._call("POST", f"/spaces/{self.ids[space]}/links", {"role": role, "name": whom})
            self._links[name] = link["url"]
        self._links["remind"] = await self._asked_for_reminder("scheduled")
        for name in ("live", "lobby"):
            await self._check(name)
        self._links["setup"] = await self._fresh.first_run_link()

    async def _lose(self, name: str) -> None:
        """A space goes live, and a fault takes all of its tape."""
        space = self.ids[name]
        await self._call("POST", f"/spaces/{space}/live")
        shutil.rmtree(self._site.data / "tapes" / space)
        await self._site.kill("stage-0")
        await until(lambda: self._is(name), what=f"{name} is so", within_s=30)

    async def _asked_for_reminder(self, name: str) -> str:
        """Be reminded of a space; return the link that a mail would hold to say yes."""
        address = f"{self._site.door}/s/{self.ids[name]}/remind"
        answer = await self._visitors["stranger"].http.post(address, json=reminding.by_push())
        assert answer.status_code == 201, answer.text
        secret = reminding.to_confirm(self._site.data, answer.json()["forget"])
        return f"{self._site.door}/remind?t={secret}"

    async def _others(self) -> None:
        """One host has announced nothing any more, one is verified and of a long name, one is suspended."""
        for name, (title, cancelled) in OF_OTHERS.items():
            host = self._visitors[name]
            body = {"title": title, "starts_at": FAR, "time_zone": NEW_YORK, "description": LONG_WORD}
            made = (await host.api("POST", "/spaces", body)).json()
            self.ids[f"of_{name}"] = made["id"]
            if cancelled:
                assert (await host.api("POST", f"/spaces/{made['id']}/cancel")).is_success
            else:
                assert (await host.api("PATCH", "/account", {"name": LONG_NAME})).is_success
                await self._call("POST", f"/accounts/{host.handle}/verify")
        await self._call("POST", f"/accounts/{SUSPENDED}/suspend", {"reason": "Advertised in every notice."})

    async def _check(self, space: str) -> None:
        """Two people have tried their sound before a stage."""
        address = f"/spaces/{self.ids[space]}"
        for name, found in CHECKS.items():
            link = {"role": "speaker", "name": name}
            token = (await self._call("POST", f"{address}/links", link))["token"]
            answer = await self._operator.http.put(
                f"{self._site.control}/api/v1{address}/stage/check",
                json=found,
                headers={"authorization": f"Speaker {token}"},
            )
            assert answer.is_success, answer.text

    def url(self, picture: Picture) -> str:
        """Where a picture hangs."""
        site, fresh = self._site, self._fresh
        return picture.url.format(
            door=site.door,
            control=site.control,
            by_name=f"http://localhost:{site.control_port}",
            fresh=fresh.door,
            fresh_control=fresh.control,
            unready=self._unready,
            **self.ids,
            **self._links,
        )

    def session(self, visitor: str) -> list[dict[str, str]]:
        """A visitor's cookies, as a browser context takes them for wherever the site is looked at."""
        jar = self._visitors[visitor].http.cookies.jar if visitor else ()
        return [{"name": c.name, "value": c.value or "", "path": "/"} for c in jar]

    async def _ask(self, space: str, name: str, note: str) -> None:
        """A guest asks to speak, and waits."""
        request = {"id": sha256(name.encode()).hexdigest(), "name": name, "note": note, "browser": draw(20)}
        answer = await self._operator.http.post(f"{self._site.door}/s/{space}/ask", json=request)
        assert answer.status_code == 202, answer.text

    @asynccontextmanager
    async def _accepting(self, space: str) -> AsyncIterator[None]:
        """Whoever asks to speak there may."""

        async def accept() -> None:
            while True:
                stage = (await self._operator.api("GET", f"/spaces/{space}/stage")).json()
                for each in stage["requests"]:
                    path = f"/spaces/{space}/floor/requests/{each['request']}/accept"
                    await self._operator.api("POST", path)
                await asyncio.sleep(0.5)

        task = asyncio.create_task(accept())
        try:
            yield
        finally:
            task.cancel()

    async def _reported(self, text: str) -> str:
        """Report the live space; return the link that its author is given."""
        body = {"subject": "space", "grounds": "privacy", "at_s": 1, "text": text}
        address = f"{self._site.door}/s/{self.ids['live']}/report"
        answer = await self._visitors["stranger"].http.post(address, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["follow"])

    async def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = await self._operator.api(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    async def _write_captions(self) -> None:
        """A line every few seconds, so that there is always one to be seen."""
        path = f"/spaces/{self.ids['live']}/captions"
        while True:
            for text in CAPTIONS:
                await self._operator.api("POST", path, {"text": text, "duration_ms": 6_000})
                await asyncio.sleep(3.0)

    async def _is(self, name: str) -> bool:
        return bool((await self._operator.status(self.ids[name]))["state"] == name)


@asynccontextmanager
async def gallery(folder: Path) -> AsyncIterator[Gallery]:
    """Two sites: one with everything, one where nobody has been yet."""
    async with (
        Deployment(folder / "site", **VISITED, **reminding.SITE) as site,
        Deployment(folder / "fresh", operator=False) as fresh,
        Visitors(site) as visitors,
        unready_door(folder / "unready") as unready,
        AsyncExitStack() as people,
    ):
        opened = Gallery(site, fresh, visitors, unready=unready)
        await opened.prepare(people)
        yield opened


class Walk:
    """A browser that goes through a gallery with one look. ``async with`` closes it."""

    def __init__(self, playwright: Playwright, opened: Gallery, look: Look) -> None:
        self._playwright = playwright
        self._gallery = opened
        self._look = look
        self._stack = AsyncExitStack()
        self._browser: Browser | None = None

    async def __aenter__(self) -> Walk:
        flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        self._browser = await self._playwright.chromium.launch(
            executable_path=shutil.which(SHELL), args=[*FLAGS, *flags]
        )
        self._stack.push_async_callback(self._browser.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @asynccontextmanager
    async def before(self, picture: Picture) -> AsyncIterator[Page]:
        """Stand before one picture: loaded, acted on, still. What it asks for once left is nobody's."""
        assert self._browser is not None
        width, height = WINDOWS[self._look.size]
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=self._look.theme,
            reduced_motion="reduce",
            java_script_enabled=picture.scripts,
            locale="en-GB",
            timezone_id=VIEWERS_ZONE,
        )
        try:
            yield await self._stand(context, picture)
        finally:
            for page in context.pages:
                await page.unroute_all(behavior="ignoreErrors")
            await context.close()

    async def _stand(self, context: BrowserContext, picture: Picture) -> Page:
        url = self._gallery.url(picture)
        host = urlsplit(url).hostname or ""
        language = {"name": "lang", "value": self._look.language, "path": "/"}
        cookies = [language, *self._gallery.session(picture.visitor)]
        await context.add_cookies([{**each, "domain": host} for each in cookies])  # type: ignore[misc]  # a cookie still
        page = await context.new_page()
        page.set_default_timeout(PAGE_MS)
        if picture.before is not None:
            await picture.before(page)
        await page.goto(url)
        if picture.scripts:
            await expect(page.locator("h1").first).to_be_attached()
            await expect(page.locator(".mark").first).not_to_have_text("")
        if picture.until:
            await expect(page.locator(picture.until).first).to_be_visible()
        if picture.act is not None:
            await picture.act(page)
        if picture.scripts:
            await page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        return page
