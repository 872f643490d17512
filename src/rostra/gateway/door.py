"""The door's addresses: which request gets which answer. No I/O; everything is in memory.

Programs are refused in JSON, people (``Accept: text/html``) with a page that knows the way on; both in the
language that whoever asks reads.
"""

from __future__ import annotations

from rostra.core import words
from rostra.core.errors import PassNeeded, RostraError
from rostra.gateway import headers
from rostra.gateway.answers import ANY_ORIGIN, NO_STORE, Answer, answer
from rostra.gateway.entrance import enter, may_renew
from rostra.gateway.language import chosen, keep
from rostra.gateway.of_reminders import PAGES, OfReminders
from rostra.gateway.of_site import OfSite
from rostra.gateway.of_space import JOIN, METHODS, STATUS, OfSpace
from rostra.gateway.pages import Back
from rostra.gateway.premises import Premises
from rostra.gateway.view import View
from rostra.serving.errors import MethodNotAllowed
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import error_response, response


class Door:
    """The application that the server runs. Until the directory is ready, it asks for patience."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._directory = premises.directory
        self._of_site = OfSite(premises)
        self._of_reminders = OfReminders(premises)
        self._of_space = OfSpace(premises, self._of_reminders)

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer now; a card may be answered later, once it is drawn."""
        try:
            self._check_method(request)
            language = chosen(request)
            if language is not None:
                exchange.send(keep(request, language).to(request))
            elif request.path.startswith("/s/"):
                self._respond_for_space(request, exchange)
            elif request.path.startswith(("/remind", "/forget")):
                self._of_reminders.respond(request, exchange)
            else:
                self._of_site.respond(request, exchange)
        except RostraError as error:
            exchange.send(self.refuse(error, request))

    def at_hand(self, path: str, fields: bytes) -> bytes | None:
        """Give the page or status of a space that was just given to whoever asked in the same words."""
        page = self._premises.ready.get(path, fields)
        if page is not None:
            self._premises.askers.told()
        return page

    def at_once(self, path: str, body: bytes, peer: str, host: str) -> bytes | None:
        """Answer whoever joins as nearly all of a crowd do; None where there is more to it."""
        space, _, leaf = path.removeprefix("/s/").partition("/")
        if leaf != JOIN or space not in self._directory or not self._directory.ready:
            return None
        return self._of_space.place(self._directory.entry(space), body, peer, host)

    @staticmethod
    def goes_on(path: str) -> bool:
        """Whether more is asked for at once after what lies at hand: after a page, and after nothing else."""
        return not path.endswith((STATUS, JOIN))

    def refuse(self, error: RostraError, request: Request) -> bytes:
        """Render a refusal; also one of the server, which may know little of the request."""
        return self._refusal(request, error).to(request)

    def _respond_for_space(self, request: Request, exchange: Exchange) -> None:
        space, _, leaf = request.path.removeprefix("/s/").partition("/")
        self._premises.need_ready()
        entry = self._directory.entry(space)
        visit = enter(entry.state, request, self._directory.pass_keyring, now_s=self._premises.now_s())
        self._of_space.respond(leaf, entry, visit, request, exchange)

    def _check_method(self, request: Request) -> None:
        allowed = _methods(request.path)
        if request.method not in allowed:
            raise MethodNotAllowed(allow=", ".join(allowed))

    def _refusal(self, request: Request, error: RostraError) -> Answer:
        allow = [("Allow", str(error.detail["allow"]))] if isinstance(error, MethodNotAllowed) else []
        if b"text/html" not in request.headers.get(b"accept", b""):
            lines = [ANY_ORIGIN, headers.NOINDEX, *allow]
            return Answer(error_response(error, headers=lines, language=self._premises.language(request)))
        view = self._premises.view(request)
        if isinstance(error, PassNeeded):
            return self._private(request, error, view)
        back = self._way_on(request, view)

        def render() -> Answer:
            page = self._premises.pages.refusal(error, back, view)
            again = [("Retry-After", "2"), ("Refresh", "2")] if error.status == 503 else []
            lines = [NO_STORE, headers.NOINDEX, *headers.STILL, *allow, *again]
            return answer(error.status, page, content_type=headers.HTML, headers=lines)

        key = (
            "refusal",
            error.code,
            str(allow),
            error.sentence,
            str(error.detail),
            back.href if back else "",
            view.lang,
        )
        return self._premises.fresh.get(key, render)

    def _private(self, request: Request, error: PassNeeded, view: View) -> Answer:
        """Answer with the page before a private space, the same for every address of it.

        Whose pass is over is sent to backstage once, where they may be signed in.
        """
        space, _, leaf = request.path.removeprefix("/s/").partition("/")
        entry = self._directory.entry(space)
        if not leaf and may_renew(error, request):
            location = f"{view.origins.backstage}/pass/{entry.state.space}?renew=1"
            lines = [("Location", location), NO_STORE, headers.NOINDEX]
            return Answer(response(303, b"", headers=lines))

        def render() -> Answer:
            page = self._premises.pages.private(entry.state, error, view)
            lines = headers.of_private_page(view.origins)
            return answer(error.status, page, content_type=headers.HTML, headers=lines)

        key = ("private", entry.state.space, error.code, view.origins, view.lang, entry.turn)
        return self._premises.fresh.get(key, render)

    def _way_on(self, request: Request, view: View) -> Back | None:
        space = request.path.removeprefix("/s/").partition("/")[0]
        if space in self._directory:
            return Back(f"/s/{space}", words.say(view.lang, "door.open_event"))
        return None


def _methods(path: str) -> tuple[str, ...]:
    if path in PAGES:
        return "GET", "HEAD", "POST"
    leaf = path.rpartition("/")[2] if path.startswith("/s/") else ""
    return METHODS.get(leaf, ("GET", "HEAD"))
