"""Write ``docs/reference/floor.md`` from the tables of who may do what on a stage, around it, to accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rostra.control.floor import EXPLAINED, LINES, RULES, Act, Place
from rostra.control.permits import MEMBER, MODERATOR, OPERATOR, PERMITS, RULINGS, Doing, Ruling, Standing
from rostra.core import words

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "floor.md"
_HEAD = """\
# The floor: who may do what to whom

<!-- Written by scripts/generate_floor_reference.py; `make docs` writes it again. -->

Three tables decide, each by what its columns are: this one (`control/floor.py`) by somebody's place on a
stage, and two (`control/permits.py`) by [what they are to a space](#around-a-stage), be it nothing, and by
[their role on this site](#accounts).

The API refuses by them with 403 and a sentence such as "A co-host may not end this conversation.", pages
offer by them what one may press. Every act that changes something is a line in the record, under the name
that stands beside it here. Every refused one is a line too, and nothing else: `floor.refused` by this
table, else `backstage.refused`. What somebody is asked for on the way, to accept a sentence or to enter a
passphrase, is none. The record also tells of `floor.withdraw`, a request taken back; `floor.lapse`, a seat
kept for somebody who did not come; `stage.consent`, `.enter`, `.leave` and `.lose-seat`, where a connection
did not come back in time; and `floor.acting`, `.acting-over` and `.unled`, of who leads while the host is
away.

A *place* is what somebody is on one stage: **operator** of the site; **owner**, the account whose space it
is, also while somebody else holds the host's role; **host**; **acting**, the co-host who acts as host while
the host has been away for `ROSTRA_HOST_PATIENCE_S`, until they are back: they may what the host may, but
not give the host's role away, to which the host comes back; **co-host**, at most `ROSTRA_MAX_COHOSTS`;
**speaker**; **listener**, who asks to speak, or was taken off.
Whoever holds a link is what they are by now: a co-host takes no link back whose holder was made one too.
Nobody has come by it yet: what it was made for. A captioner counts as a listener.
A cell names whom it may be done to; ● is an act that is done to nobody in particular. An operator gives a
reason for {explained}, logged and shown to the audience.

"""
_AROUND = """
## Around a stage

What somebody is to a space, its page and its records. Refused with 403 `not_allowed`: "You may not change
this space." Whoever acts as host may what the host may here too, but not hear a recording before its
release: by then nobody acts.

"""
_ACCOUNTS = """
## Accounts

What people look after by their role on this site, for as long as they have it. A cell names whose accounts.

"""


def render() -> str:
    """Return the whole page."""
    return "".join(
        (
            _HEAD.format(explained=" and ".join(f"`{act}`" for act in EXPLAINED)),
            *_table(("act", "may", *map(_short, Place), "in the record"), map(_act, RULES)),
            _AROUND,
            *_table(("doing", "may", *map(_short, Standing)), map(_doing, PERMITS)),
            _ACCOUNTS,
            *_table(("ruling", "may", OPERATOR, MODERATOR, MEMBER), map(_ruling, RULINGS)),
        )
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = tuple(head)
    yield _row(names)
    yield "|" + "---|" * len(names) + "\n"
    yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _act(act: Act) -> Iterator[str]:
    yield f"`{act}`"
    yield words.say(words.ENGLISH, f"error.floor_refused.may_not.act.{act}", target="somebody")
    for actor in Place:
        targets = RULES[act].get(actor, frozenset())
        yield "●" if None in targets else ", ".join(_short(place) for place in Place if place in targets)
    yield ", ".join(f"`{line}`" for line in LINES[act])


def _doing(doing: Doing) -> Iterator[str]:
    yield f"`{doing}`"
    yield _may(doing)
    for standing in Standing:
        yield "●" if standing in PERMITS[doing] else ""


def _ruling(ruling: Ruling) -> Iterator[str]:
    yield f"`{ruling}`"
    yield _may(ruling)
    for by in (OPERATOR, MODERATOR, MEMBER):
        over = RULINGS[ruling].get(by, frozenset())
        yield ", ".join(role for role in (OPERATOR, MODERATOR, MEMBER) if role in over)


def _may(act: Doing | Ruling) -> str:
    return words.say(words.ENGLISH, f"error.not_allowed.may_not.act.{act}")


def _short(one: Place | Standing) -> str:
    return "co-host" if one in (Place.COHOST, Standing.COHOST) else one.value


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
