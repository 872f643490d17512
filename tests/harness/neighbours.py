"""Other tests that run beside this one, and what servers do for their sake.

A stage that may be real-time takes half of the cores before everything else there: several would starve each
other, and whatever else runs. So beside others a stage is as all processes are. A test says ``stage_first``
that is about just that, about how much is missed or how soon it goes on, or whose stage has very much to do.
"""

from __future__ import annotations

import os
from typing import Final

AMONG_OTHERS: Final[dict[str, str]] = (
    {"stage_first": "false"} if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1 else {}
)
"""Settings of every server, by name; none where a test has the machine to itself."""
