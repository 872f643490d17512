"""What visitors send, by the word that a row has for it.

A text in braces stands for what was made before: a house's things, or the visitor's own ticket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from harness.deployment import PASSWORD

_THING: Final = re.compile(r"\{(\w+)\}")

BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "new": {"title": "Mine", "starts_at": "2031-01-01T20:00:00Z", "time_zone": "UTC"},
    "words": {"description": "Other words"},
    "link": {"role": "speaker", "name": "Sam"},
    "notice": {"text": "We begin in a moment"},
    "pinned": {"link": "https://example.org/slides", "label": "The slides"},
    "line": {"text": "Good evening."},
    "name": {"bio": "Somebody"},
    "colour": {"color": "#2244aa"},
    "pace": {"cadence": 4, "cohorts": 4},
    "order": {"places": 100_000},
    "apart": {"reserved": 9},
    "limit": {"places": 90_000},
    "press": {"name": "Press", "places": 2},
    "member": {"role": "member"},
    "operator": {"role": "operator"},
    "wrong": {"handle": "vic", "password": "not the password"},
    "key": {"credential": {}},
    "passkey": {"name": "Phone", "credential": {}},
    "proof": {"password": PASSWORD},
    "password": {"password": PASSWORD},
    "change": {"current": PASSWORD, "password": PASSWORD},
    "leave": {"password": PASSWORD},
    "forgot": {"handle": "vic"},
    "newcomer": {"handle": "zoe", "name": "Zoe", "password": PASSWORD},
    "invited": {"token": "{invited}"},
    "taken": {"token": "none", "handle": "zoe", "name": "Zoe", "password": PASSWORD},
    "unknown": {"token": "none", "password": PASSWORD},
    "setup": {"token": "none", "handle": "zoe", "name": "Zoe", "password": PASSWORD},
    "token": {"name": "cron"},
    "consent": {"text_id": "{consent}", "accepted": True, "name": "{handle}", "browser": "{handle}"},
    "offer": {"sdp": "{offer}"},
    "mute": {"muted": True},
    "block": {"everywhere": False},
    "vic": {"handle": "vic"},
    "reason": {"reason": "A test."},
    "place": {"role": "listener"},
    "report": {"subject": "space", "grounds": "spam", "at_s": 1},
    "outcome": {"token": "{outcome}"},
    "reset": {"token": "{reset}"},
    "asking": {"id": "ab" * 32, "name": "Tomas", "browser": "Tomas’s"},
    "clap": {"ticket": "{ticket}", "kind": "clap"},
    "onward": {"to": "{next}"},
    "hiding": {"reason": "Not on this site."},
    "dismissed": {"verdict": "dismissed", "note": "Nothing found."},
    "check": {"microphone": "heard"},
}


def filled(body: dict[str, Any], things: Mapping[str, str]) -> dict[str, Any]:
    """A body with the things in their places."""
    return {name: _filled(value, things) for name, value in body.items()}


def _filled(value: Any, things: Mapping[str, str]) -> Any:
    found = _THING.fullmatch(value) if isinstance(value, str) else None
    return things[found[1]] if found else value
