"""What somebody in the audience sees at a moment of a tape."""

from __future__ import annotations

from collections.abc import Iterable

from rostra.media import events
from rostra.media.events import Snapshot


def seen_at(chunks: Iterable[bytes], sample: int) -> Snapshot | None:
    """Return what a listener sees at ``sample``, from chunks in order; None before any event.

    The state's ``at`` is the sample of the last event that counted.
    """
    state: Snapshot | None = None
    for chunk in chunks:
        for event in events.read(chunk):
            if event.at <= sample:
                state = events.apply(state, event)
    return state
