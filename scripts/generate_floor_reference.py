"""Write ``docs/reference/floor.md`` from the table of who may do what to whom on a stage."""

from __future__ import annotations

from pathlib import Path

from rostra.control.floor import PHRASES, RULES, Act, Place

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "floor.md"
_HEAD = """\
# The floor: who may do what to whom

<!-- Written by scripts/generate_floor_reference.py; `make docs` writes it again. -->

One table (`control/floor.py`) decides: the API refuses by it with 403 `floor_refused` and a sentence such as
"A co-host may not end this space.", pages offer by it what one may press. Every act is a line in the record
(`floor.<act>`), and so is every refused one (`floor.refused`), which changes nothing else. The owner reads
the record of their spaces at `/audit?space=…`, operators all of it.

A *place* is what somebody is on one stage: **operator** of the site; **owner**, the account whose space it
is, also while somebody else holds the host's role; **host**; **acting**, the co-host who acts as host while
the host has been away for `ROSTRA_HOST_PATIENCE_S`, until they are back; **co-host**, at most
`ROSTRA_MAX_COHOSTS`; **speaker**; **listener**, who asks to speak, or was taken off.
A cell names whom it may be done to; ● is an act that is done to nobody in particular.

"""
_SHORT = {
    Place.OPERATOR: "operator",
    Place.OWNER: "owner",
    Place.HOST: "host",
    Place.ACTING: "acting",
    Place.COHOST: "co-host",
    Place.SPEAKER: "speaker",
    Place.LISTENER: "listener",
}


def render() -> str:
    """Return the whole page."""
    head = f"| act | may | {' | '.join(_SHORT[place] for place in Place)} |\n"
    rule = "|---|---|" + "---|" * len(Place) + "\n"
    return _HEAD + head + rule + "".join(_row(act) for act in RULES)


def _row(act: Act) -> str:
    cells = " | ".join(_cell(act, actor) for actor in Place)
    return f"| `{act}` | {PHRASES[act].format(whom='somebody')} | {cells} |\n"


def _cell(act: Act, actor: Place) -> str:
    targets = RULES[act].get(actor, frozenset())
    if None in targets:
        return "●"
    return ", ".join(_SHORT[place] for place in Place if place in targets)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
