"""Which edition of the lists a page shows: a word that changes with what stands in them. Pure.

The word is the same after a restart, and in every language. Of how many listen it knows the first digit
alone, or a large audience would have every open page fetched anew all the time.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from rostra.admission.crowd import roughly
from rostra.bus.messages import Lifecycle
from rostra.gateway.directory import Directory
from rostra.gateway.listing import is_announced, listed
from rostra.gateway.playbill import Told
from rostra.gateway.status import word


class Edition(msgspec.Struct, frozen=True):
    """``/status.json``, version 1."""

    v: int
    edition: str
    poll_ms: int
    """Ask again after no more than this."""


def edition(directory: Directory, told: Told, *, now_ms: int) -> str:
    """Return the word for what lists show now."""
    digest = blake2b(msgspec.msgpack.encode(directory.site), digest_size=9)
    for entry in listed(directory):
        state = entry.state
        said = word(state, entry.report, now_ms=now_ms)
        listeners, estimated = told(entry) if state.lifecycle is Lifecycle.LIVE else (0, False)
        count = (roughly(listeners, digits=1), estimated and listeners > 0)
        row = (state.space, state.revision, said, is_announced(state, now_ms), count)
        digest.update(msgspec.msgpack.encode(row))
    return digest.hexdigest()
