"""Who may see a space: the pass in a request's cookie or query, checked against the keys of backstage.

Pure: values in, a visit or a refusal out. Knows no account and asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from rostra.admission.passes import HEARER, LISTENER, PREVIEWER, Pass, check_pass, for_others
from rostra.admission.tickets import Keyring
from rostra.bus.messages import SpaceState, Visibility
from rostra.core.errors import PassEnded, PassExpired, PassNeeded, Unavailable
from rostra.core.ids import SpaceId
from rostra.serving.request import Request

PASS = "pass"
"""The name in a query."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who may see a space; ``given`` is the pass that says so, as it was written."""

    stated: Pass | None = None
    given: str = ""
    handed_on: str = ""
    """The pass that stands in addresses for players and for others: never more than a listener's."""

    @property
    def previews(self) -> bool:
        """Whether a held recording is open to them."""
        return self.stated is not None and self.stated.kind in (PREVIEWER, HEARER)

    @property
    def hears_until_s(self) -> int | None:
        """Until when they may hear what was reported, who wait for no place; None: they come as others do."""
        return self.stated.end_s if self.stated is not None and self.stated.kind == HEARER else None


_NOBODY = Visit()


def enter(state: SpaceState, request: Request, keyring: Keyring | None, *, now_s: int) -> Visit:
    """Let a request in to a space. PassNeeded, PassInvalid, PassExpired, PassEnded where it is private.

    Elsewhere a pass that does not hold counts as none. Unavailable while there are no keys to check with.
    """
    private = state.visibility is Visibility.PRIVATE
    if not private and not request.query and b"cookie" not in request.headers:
        return _NOBODY  # Of a crowd nearly everybody.
    refusal = PassNeeded()
    for text in _given(request, state.space):
        if keyring is None:
            if private:
                raise Unavailable
            break
        try:
            stated = check_pass(keyring, text, space=state.space, epoch=state.pass_epoch, now_s=now_s)
            return Visit(stated, text, text if stated.kind == LISTENER else for_others(keyring, stated))
        except PassNeeded as error:
            refusal = error
    if private:
        raise refusal
    return Visit()


def may_renew(error: PassNeeded, request: Request) -> bool:
    """Whether backstage may have a new pass for whoever brings one that is over, as a cookie.

    An address with a pass has just come from there, or is somebody else's: nobody goes in circles.
    """
    return isinstance(error, (PassExpired, PassEnded)) and not brings_pass(request)


def brings_pass(request: Request) -> bool:
    """Whether the address itself holds a pass, which a browser should rather keep as a cookie."""
    return any(name == PASS for name, _ in _query(request))


def without_pass(request: Request) -> str:
    """The request's address without its pass, whatever else it asks for."""
    rest = [(name, value) for name, value in _query(request) if name != PASS]
    return f"{request.path}?{urlencode(rest)}" if rest else request.path


def cookie(visit: Visit, space: SpaceId, *, secure: bool, now_s: int) -> tuple[str, str]:
    """Return the header by which a browser keeps the pass of a visit, for this space's addresses only."""
    lasts_s = max(0, visit.stated.end_s - now_s) if visit.stated else 0
    parts = [f"pass_{space}={visit.given}", f"Path=/s/{space}", f"Max-Age={lasts_s}", "HttpOnly"]
    return "Set-Cookie", "; ".join([*parts, "SameSite=Lax", *(["Secure"] if secure else [])])


def _given(request: Request, space: SpaceId) -> Iterator[str]:
    """Yield the passes of a request, that of the address first: it is the newest."""
    yield from (value for name, value in _query(request) if name == PASS)
    wanted = f"pass_{space}"
    for part in request.headers.get(b"cookie", b"").decode("latin-1").replace(",", ";").split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted:
            yield value


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.query, keep_blank_values=True) if request.query else []
