"""Reminders without a browser's push service or a mail: asked for at the door, answered by their secrets."""

from __future__ import annotations

import hmac
import random
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from harness.push_service import Receiver
from rostra.bus.messages import Answered
from rostra.control.keys import reminders_token_path
from rostra.core.ids import draw

SITE: Final = {"push_contact": "mailto:site@example.org", "push_hosts": '["127.0.0.1"]'}
"""Settings of a site that pushes reminders to a service on this machine, which is not there: none is due."""


def by_push() -> dict[str, Any]:
    """What a page sends for a browser of its own."""
    return {"by": "push", "address": f"http://127.0.0.1:9/{draw(12)}", "language": "en", **Receiver().keys}


def from_elsewhere() -> dict[str, str]:
    """A proxy's header that tells of a visitor from nowhere near: so many may ask from one address."""
    return {"x-forwarded-for": f"198.18.{random.randrange(256)}.{random.randrange(1, 255)}"}


def to_confirm(data: Path, forget: str) -> str:
    """The secret that a mail would hold, to the one that forgets the same reminder."""
    reminder = forget.partition(".")[0]
    key = reminders_token_path(data).read_text(encoding="ascii").strip()
    proof = hmac.new(key.encode(), f"{Answered.CONFIRM} {reminder}".encode(), sha256).digest()[:18]
    return f"{reminder}.{urlsafe_b64encode(proof).decode()}"
