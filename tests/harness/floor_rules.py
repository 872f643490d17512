"""Who may do what to whom on a stage and around it, as it was decided: no change of the code changes it.

A cell of the floor names by first letters those to whom it may be done: ``o`` the operator, ``w`` the owner,
``h`` the host, ``a`` whoever acts as host, ``c`` a co-host, ``s`` a speaker, ``l`` a listener. ``*`` is what
is done to nobody in particular, ``-`` nothing.
"""

from __future__ import annotations

from rostra.control.floor import Act, Place
from rostra.control.permits import Doing, Standing

Rule = tuple[Act, Place, Place | None]

FLOOR = """
                  operator  owner    host     acting   cohost   speaker  listener
ask               -         -        -        -        -        -        *
see-floor         *         *        *        *        *        -        -
accept            l         l        l        l        l        -        -
decline           l         l        l        l        l        -        -
invite            *         *        *        *        *        -        -
invite-cohost     *         *        *        *        -        -        -
invite-host       *         *        -        -        -        -        -
take-link-back    hacsl     hacsl    acsl     csl      sl       -        -
mute-self         *         *        *        *        *        *        -
mute              owhacs    owhacs   owhacs   owhacs   acs      -        -
mute-all          *         *        *        *        *        -        -
to-listener       acs       acs      acs      cs       s        -        -
remove            acs       acs      acs      cs       s        -        -
block             acsl      acsl     acsl     csl      sl       -        -
block-everywhere  acsl      acsl     -        -        -        -        -
unblock           *         *        *        *        *        -        -
lock              *         *        *        *        *        -        -
unlock            *         *        *        *        *        -        -
promote           s         s        s        s        -        -        -
demote            ac        ac       ac       c        -        -        -
hand-over         acs       acs      acs      -        -        -        -
take-back         -         *        -        -        -        -        -
go-live           *         *        *        *        *        -        -
end               *         *        *        *        -        -        -
"""
AROUND = """
                  operator  owner  host  acting  cohost  speaker  captioner  listener  member
see               *         *      *     *       *       *        -          -         -
edit              *         *      -     -       -       -        -          -         -
cancel            *         *      -     -       -       -        -          -         -
move              *         *      *     *       -       -        -          -         -
take-in           *         *      -     -       -       -        -          -         -
speak             *         *      *     *       *       *        -          -         -
monitor           *         *      *     *       *       -        -          -         -
notify            *         *      *     *       *       -        -          -         -
pin               *         *      *     *       *       -        -          -         -
caption           *         *      *     *       *       -        *          -         -
hold-music        *         *      *     *       -       -        -          -         -
see-checks        *         *      *     *       *       -        -          -         -
release           *         *      -     -       -       -        -          -         -
delete-recording  *         *      -     -       -       -        -          -         -
listen            *         *      *     *       *       *        -          *         -
preview           *         *      *     -       -       -        -          -         -
reserve           *         *      *     *       -       -        -          -         -
audit             *         *      -     -       -       -        -          -         -
audit-floor       *         *      *     *       -       -        -          -         -
"""
_LETTERS: dict[str, Place | None] = {
    "o": Place.OPERATOR,
    "w": Place.OWNER,
    "h": Place.HOST,
    "a": Place.ACTING,
    "c": Place.COHOST,
    "s": Place.SPEAKER,
    "l": Place.LISTENER,
    "*": None,
}


def _cells(table: str) -> list[tuple[str, str, str]]:
    """Row, column and cell of whatever is allowed."""
    head, *rows = (line.split() for line in table.strip().splitlines())
    return [
        (row, column, cell)
        for row, *cells in rows
        for column, cell in zip(head, cells, strict=True)
        if cell != "-"
    ]


ALLOWED: frozenset[Rule] = frozenset(
    (Act(act), Place(actor), _LETTERS[letter]) for act, actor, cell in _cells(FLOOR) for letter in cell
)
PERMITTED: frozenset[tuple[Doing, Standing]] = frozenset(
    (Doing[doing.upper().replace("-", "_")], Standing(standing)) for doing, standing, _ in _cells(AROUND)
)
