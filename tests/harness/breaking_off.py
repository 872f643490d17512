"""A test that nothing breaks off: its process ends, and the others go on.

``pytest-timeout`` raises inside the test. An event loop of uvloop's logs that and goes on waiting, and so
does whatever waits in a ``finally`` behind it: one connection that never closed could keep a whole run.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import io
import math
import os
import sys
import threading
import time
from collections.abc import Generator

import pytest

GRACE_S = 60.0
"""What a test has left, when its time is over, to leave by itself."""


class BreakingOff:
    """Ends this process where a test goes on ``grace_s`` longer than it may; a plugin of pytest's.

    Prints before it where every thread and every task stands. With several workers the run goes on with a new
    one, and says which test the old one ended in; a run of one process ends with status 1.
    """

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._ends_at = math.inf
        self._said = os.fdopen(os.dup(sys.__stderr__.fileno()), "w") if sys.__stderr__ else io.StringIO()
        threading.Thread(target=self._watch, name="breaking off", daemon=True).start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        own = item.get_closest_marker("timeout")
        given = item.config.getoption("timeout", None) or item.config.getini("timeout")
        may_take_s = float(own.args[0] if own else given or math.inf)
        self._ends_at = time.monotonic() + may_take_s + self._grace_s
        try:
            return (yield)
        finally:
            self._ends_at = math.inf

    def _watch(self) -> None:
        while time.monotonic() < self._ends_at:
            time.sleep(min(1.0, self._grace_s))
        faulthandler.dump_traceback(self._said, all_threads=True)
        for task in [each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()]:
            task.print_stack(file=self._said)
        self._said.flush()
        os._exit(1)
