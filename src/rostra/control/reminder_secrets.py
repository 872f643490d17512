"""The secrets by which owners of reminders answer, made of a reminder's id and a key in the data folder.

So none is stored, and every mail can bear one. No I/O; never says what an answer does.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from rostra.bus.messages import Answered, AnswerReminder
from rostra.control.web_push import text
from rostra.core.errors import NotFound
from rostra.store.tables import ReminderRow


class ReminderSecrets:
    """``key`` is what ``keys/reminders.token`` holds."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def token(self, reminder: str, answered: Answered) -> str:
        """Return the secret with which its owner answers so."""
        proof = hmac.new(self._key, f"{answered} {reminder}".encode(), sha256).digest()[:18]
        return f"{reminder}.{text(proof)}"

    def confirm_url(self, row: ReminderRow) -> str:
        """The address that says yes to a reminder, by a press."""
        return f"{row.door}/remind?t={self.token(row.id, Answered.CONFIRM)}"

    def forget_url(self, row: ReminderRow) -> str:
        """The address that ends a reminder, by a press or in one step (RFC 8058)."""
        return f"{row.door}/forget?t={self.token(row.id, Answered.FORGET)}"

    def read(self, answer: AnswerReminder) -> str:
        """Return the id of the reminder that is answered. NotFound for any other secret."""
        reminder = answer.token.partition(".")[0]
        if not hmac.compare_digest(self.token(reminder, answer.answered).encode(), answer.token.encode()):
            raise NotFound("This reminder is forgotten.")
        return reminder
