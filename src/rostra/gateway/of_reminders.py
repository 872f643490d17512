"""Answers about reminders: what can be had, the worker that shows them, a yes or a no by link from a mail.

A link only asks; a press does it, so that whoever looks through mails for their owner changes nothing. One
press of the mail program itself does it too (RFC 8058).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote

import msgspec

from rostra.bus.messages import (
    Answered,
    AnswerReminder,
    RemindBy,
    ReminderAnswered,
    Reminding,
    SpaceState,
)
from rostra.core import words
from rostra.core.errors import BadRequest, NotFound, RostraError
from rostra.gateway import headers
from rostra.gateway.answers import NO_STORE, Answer, answer
from rostra.gateway.language import besides
from rostra.gateway.premises import Premises
from rostra.gateway.reminder_box import MOST_TOKEN, Outcome, read
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, error_response, response

REMIND: Final = "remind"
"""The address under a space that a page sends a reminder to."""
MEANS: Final = "/remind/means.json"
WORKER: Final = "/remind/worker.js"
PAGES: Final = {"/remind": Answered.CONFIRM, "/forget": Answered.FORGET}
_WORKER_HEADERS: Final = (
    NO_STORE,
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'"),
)


class OfReminders:
    """By the whole address, or for a space."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        script = Path(__file__).with_name("push_worker.js").read_bytes()
        self._worker = answer(
            200, script, content_type="text/javascript; charset=utf-8", headers=_WORKER_HEADERS
        )

    def take(self, state: SpaceState, request: Request, exchange: Exchange) -> None:
        """Keep a reminder of a space, and answer once it is kept. Raises the refusals of the error tree."""
        remind = read(state, request, door=self._premises.origins(request).door)
        if remind.by is RemindBy.MAIL and not self._mails(request):
            raise BadRequest

        def told(outcome: Outcome) -> None:
            if isinstance(outcome, RostraError):
                exchange.send(error_response(outcome, language=self._premises.language(request)))
            else:
                body = msgspec.json.encode(
                    {"forget": outcome.forget if isinstance(outcome, Reminding) else ""}
                )
                exchange.send(response(201, body, content_type=JSON, headers=[NO_STORE]))

        self._premises.reminders.hand_on(remind, request.peer, told)

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer for one of this module's own addresses. Raises the refusals of the error tree."""
        if request.path == WORKER:
            exchange.send(self._worker.to(request))
        elif request.path == MEANS:
            exchange.send(self._means(request).to(request))
        elif request.path in PAGES:
            self._page(PAGES[request.path], request, exchange)
        else:
            raise NotFound

    def _means(self, request: Request) -> Answer:
        known = self._premises.reminders.means
        body = msgspec.json.encode({"push_key": known.push_key, "mail": self._mails(request)})
        return answer(200, body, content_type=JSON, headers=[NO_STORE], gzip_level=0)

    def _mails(self, request: Request) -> bool:
        """Whether mails may be sent: their links are made of this door's address, which must be certain."""
        known = self._premises.reminders.means
        return known.mail and self._premises.addresses.is_certain(request.local_host)

    def _page(self, answered: Answered, request: Request, exchange: Exchange) -> None:
        token = (parse_qs(request.query).get("t") or [""])[0]
        if not token or len(token) > MOST_TOKEN:
            raise NotFound
        if request.method != "POST":
            exchange.send(self._shown(request, 200, f"door.reminder.{answered}.ask", token=token).to(request))
            return

        def told(outcome: Outcome) -> None:
            if isinstance(outcome, ReminderAnswered):
                shown = self._shown(request, 200, f"door.reminder.{answered}.done", done=outcome)
            elif isinstance(outcome, RostraError) and outcome.code == NotFound.code:
                shown = self._shown(request, 404, "door.reminder.gone")
            else:
                shown = self._shown(request, 503, "door.reminder.away", token=token)
            exchange.send(shown.to(request))

        try:
            asked = AnswerReminder(answered=answered, token=token)
            self._premises.reminders.hand_on(asked, request.peer, told)
        except RostraError as away:
            told(away)

    def _shown(
        self,
        request: Request,
        status: int,
        said: str,
        *,
        token: str = "",
        done: ReminderAnswered | None = None,
    ) -> Answer:
        view = replace(self._premises.view(request), carried=besides(request))
        text = "private" if done is not None and not done.title else "text"
        html = self._premises.pages.reminder(
            words.say(view.lang, f"{said}.title"),
            words.say(view.lang, f"{said}.{text}", title=done.title if done else ""),
            view,
            press=words.say(view.lang, f"{said}.press") if token else "",
            action=f"{request.path}?t={quote(token)}" if token else "",
            back=f"/s/{done.space}" if done else "",
        )
        lines = [NO_STORE, headers.NOINDEX, *headers.ONE_FORM]
        return answer(status, html, content_type=headers.HTML, headers=lines)
