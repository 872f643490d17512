"""What servers answer in states that pass quickly, or that a failing machine brings: told in their place.

Each is done before a page is loaded. Everything else that the page asks for is answered by the real ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from playwright.async_api import Page, Route

from harness.acts import Act
from harness.said import said

Change = Mapping[str, Any]
SOON = {"poll_ms": 300}


def told(address: str, change: Change, *, method: str = "GET") -> Act:
    """What is answered there says something else in some places; mappings are changed within."""

    async def answer(route: Route) -> None:
        if route.request.method != method:
            await route.fallback()
            return
        found = await route.fetch()
        await route.fulfill(response=found, json=changed(await found.json(), change))

    return lambda page: page.route(address, answer)


def answered(address: str, body: object, *, method: str = "GET", status: int = 200) -> Act:
    """The answer there is this."""

    async def answer(route: Route) -> None:
        if route.request.method == method:
            await route.fulfill(status=status, json=body)
        else:
            await route.fallback()

    return lambda page: page.route(address, answer)


def refused(address: str, status: int, code: str, key: str = "", *, method: str = "POST") -> Act:
    """A refusal, with its sentence in the language of whoever asks."""

    async def answer(page: Page, route: Route) -> None:
        if route.request.method != method:
            await route.fallback()
            return
        sentence = await said(page, key or f"error.{code}")
        await route.fulfill(status=status, json={"error": {"code": code, "message": sentence}})

    return lambda page: page.route(address, lambda route: answer(page, route))


class Stage:
    """A stage of which backstage tells something else: at once, or after :meth:`turn`."""

    def __init__(self, change: Change | Callable[[Any], Any], *, at_once: bool = True) -> None:
        self._change = change if callable(change) else partial(changed, change=change)
        self._at_once = at_once
        self._turned = at_once

    async def before(self, page: Page) -> None:
        """Tell it from the beginning."""
        self._turned = self._at_once
        await page.route("**/stage/stream", self._answer)

    def turn(self) -> None:
        """From now on."""
        self._turned = True

    async def _answer(self, route: Route) -> None:
        """What the stage is now, as a stream that ends: the page asks again, and keeps what it knows."""
        found = await route.fetch(url=route.request.url.removesuffix("/stream"))
        view = await found.json()
        if self._turned:
            view = self._change(view)
        headers = {**found.headers, "content-type": "text/event-stream"}
        await route.fulfill(status=200, headers=headers, body=f"data: {json.dumps(view)}\n\n")


def changed(found: Any, change: Change) -> Any:
    """The same with some of it changed."""
    result = dict(found)
    for key, value in change.items():
        within = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = changed(result[key], value) if within else value
    return result
