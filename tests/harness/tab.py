"""A tab that can be hidden for real: Chromium's own, of which Playwright knows nothing.

Playwright keeps every page of its own visible and awake. A tab opened beside it is hidden by another one in
front, and its timers are then as slow as a visitor's. It is spoken to by the DevTools protocol.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from playwright.async_api import CDPSession, Playwright

from harness.browser import FLAGS
from harness.waiting import until

AWAKE = (
    "--mute-audio",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
"""With these, which Playwright gives a browser, nothing in it ever sleeps."""


class Tab:
    """One tab; ``evaluate`` runs as if its visitor had pressed something."""

    def __init__(self, browser: CDPSession, target: str, session: str) -> None:
        self._browser = browser
        self._target = target
        self._session = session
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        browser.on("Target.receivedMessageFromTarget", self._answered)

    @classmethod
    async def open(cls, browser: CDPSession, address: str) -> Tab:
        """Open it in front of all others."""
        target = (await browser.send("Target.createTarget", {"url": address}))["targetId"]
        attached = await browser.send("Target.attachToTarget", {"targetId": target, "flatten": False})
        return cls(browser, target, attached["sessionId"])

    async def show(self) -> None:
        await self._browser.send("Target.activateTarget", {"targetId": self._target})

    async def hide(self) -> None:
        """Open another tab in front of it, as a visitor does."""
        await (await Tab.open(self._browser, "about:blank")).show()
        await self.until("document.hidden", what="the tab is hidden", within_s=10)

    async def evaluate(self, expression: str) -> Any:
        """Return an expression's value, awaited; AssertionError with what it threw."""
        number = len(self._asked)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        given = {"expression": expression, "returnByValue": True, "awaitPromise": True, "userGesture": True}
        message = json.dumps({"id": number, "method": "Runtime.evaluate", "params": given})
        await self._browser.send(
            "Target.sendMessageToTarget", {"sessionId": self._session, "message": message}
        )
        result = (await answer)["result"]
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, expression: str, *, what: str, within_s: float) -> None:
        """Wait until an expression is true."""

        async def holds() -> bool:
            return bool(await self.evaluate(f"Boolean({expression})"))

        await until(holds, what=what, within_s=within_s, poll_s=0.2)

    def _answered(self, event: dict[str, Any]) -> None:
        if event["sessionId"] == self._session:
            message = json.loads(event["message"])
            if "id" in message:
                self._asked[message["id"]].set_result(message)


@asynccontextmanager
async def tabs(playwright: Playwright) -> AsyncIterator[CDPSession]:
    """A browser whose hidden tabs sleep as a visitor's do."""
    browser = await playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=list(FLAGS), ignore_default_args=list(AWAKE)
    )
    try:
        yield await browser.new_browser_cdp_session()
    finally:
        await browser.close()


async def processes(browser: CDPSession) -> list[int]:
    """Every process of this browser."""
    found = await browser.send("SystemInfo.getProcessInfo")
    return [each["id"] for each in found["processInfo"]]


@contextmanager
def asleep(pids: list[int]) -> Iterator[None]:
    """Stop processes, as a laptop's lid does, and let them go on."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
