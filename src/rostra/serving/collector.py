"""How often Python's garbage collector looks, in a process that serves.

Connections and answers refer to nothing that refers back once they are over: reference counts free them, and
a collection finds nothing (tests/unit/edge/test_price.py). What it costs is looking: by default once
there are 700 new objects, which sixty newcomers bring along, and now and then at everything.
"""

from __future__ import annotations

import gc
from typing import Final

THRESHOLDS: Final = (10_000, 20, 10)
"""New objects before the young are looked at, and how often that happens before the older are. A whole
collection comes when a quarter more is there than at the last; it stays: TLS and errors leave cycles."""


def settle() -> None:
    """Leave all that is there out of every later collection, and look less often. Once, before serving.

    The pause of a whole collection is a newcomer's wait; without this, all that a process needs anyway (code,
    settings, tables) would be looked at in each of those that a crowd sets off as it comes in.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
