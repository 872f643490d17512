"""Names of the notices that have words ready. The words are the catalogues', ``notice.<name>``.

Commands read it, too: it imports nothing of Rostra.
"""

from __future__ import annotations

from enum import StrEnum


class Template(StrEnum):
    """What is said so often that it has words ready, in every language."""

    LATE = "late"
    MOVED = "moved"
    TROUBLE = "trouble"
    ATTACK = "attack"
    WORST_CASE = "worst_case"
    THANKS = "thanks"
