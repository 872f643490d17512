"""Wait for what will be true. Tests hold no fixed sleeps; they say what they wait for and how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.05


async def until(
    condition: Callable[[], Awaitable[T]], *, what: str, within_s: float, poll_s: float = POLL_S
) -> T:
    """Return the first true value of ``condition``; AssertionError names ``what`` was waited for.

    An AssertionError inside ``condition`` counts as not yet, and its sentence is in the last one.
    """
    deadline = time.monotonic() + within_s
    last: object = None
    while time.monotonic() < deadline:
        try:
            last = value = await condition()
        except AssertionError as error:
            last, value = error, None
        if value:
            return value
        await asyncio.sleep(poll_s)
    raise AssertionError(f"not within {within_s} s: {what} (last seen: {last!r})")
