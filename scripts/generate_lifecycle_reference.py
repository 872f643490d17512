"""Write ``docs/reference/lifecycle.md`` from the table of a space's life."""

from __future__ import annotations

from pathlib import Path

from rostra.bus.messages import Lifecycle
from rostra.control.lifecycle import TRANSITIONS, Act

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "lifecycle.md"
_HEAD = """\
# A space's life

<!-- Written by scripts/generate_lifecycle_reference.py; `make docs` writes it again. -->

Backstage owns it (`control/lifecycle.py`); anything that is not an arrow here is refused with 409 and a
sentence. *Late* is no state: it is `scheduled` once the start has passed, and the door tells it by the clock.

"""
_BEGINS = Lifecycle.SCHEDULED
_MEANINGS = {
    Lifecycle.SCHEDULED: "announced; its page counts down",
    Lifecycle.LOBBY: "people are on stage and hear each other; the audience does not yet",
    Lifecycle.LIVE: "the programme runs and is recorded",
    Lifecycle.ENDED: "the tape is closed",
    Lifecycle.HELD: "the recording waits for the host's release",
    Lifecycle.PUBLISHED: "the recording stands on the event page",
    Lifecycle.DELETED: "the recording was deleted, as chosen at scheduling or later on",
    Lifecycle.CANCELLED: "called off before it was live",
}
_ACTS = {
    Act.ENTER: "first person on stage",
    Act.EMPTY: "last person leaves",
    Act.RESCHEDULE: "reschedule",
    Act.GO_LIVE: "go live",
    Act.END: "end",
    Act.PUBLISH: "publish",
    Act.HOLD: "hold",
    Act.RELEASE: "release",
    Act.DELETE: "delete",
    Act.CANCEL: "cancel",
}


def render() -> str:
    """Return the whole page: a Mermaid diagram, then what each state means."""
    arrows = "".join(
        f"    {present} --> {following}: {_ACTS[act]}\n" for (present, act), following in TRANSITIONS.items()
    )
    rows = "".join(f"| `{state}` | {meaning} |\n" for state, meaning in _MEANINGS.items())
    diagram = f"```mermaid\nstateDiagram-v2\n    [*] --> {_BEGINS}\n{arrows}```\n"
    return f"{_HEAD}{diagram}\n| state | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
