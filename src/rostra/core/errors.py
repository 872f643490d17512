"""The one error tree. A class's docstring is the sentence a person reads.

Whatever reaches a person or a program as a refusal is one of these; errors of other libraries
are wrapped at the border with ``from``. Any part may import this file; a part may subclass
:class:`RostraError` beside its own code. A sentence is written in English and said in the reader's
language, by the catalogues of :mod:`.words`.
"""

from __future__ import annotations

import inspect
from typing import ClassVar

from rostra.core import words


class RostraError(Exception):
    """Something went wrong in Rostra.

    ``template`` is its English with ``{name}`` for what stands in ``detail``.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, sentence: str | None = None, **detail: str | int) -> None:
        self.template = sentence or inspect.cleandoc(type(self).__doc__ or "").split("\n\n", 1)[0]
        self.detail = detail
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """What it says, in English."""
        return self.said(words.ENGLISH)

    def said(self, language: str) -> str:
        """What it says, in ``language``."""
        return words.sentence(language, self.code, self.template, self.detail)

    def as_dict(self, language: str = words.ENGLISH) -> dict[str, object]:
        """Return the body every HTTP error answers with: ``{"error": {code, message, detail}}``."""
        error: dict[str, object] = {"code": self.code, "message": self.said(language)}
        if self.detail:
            error["detail"] = dict(self.detail)
        return {"error": error}


class BadRequest(RostraError):
    """The request could not be understood."""

    code = "bad_request"
    status = 400


class BadSessionDescription(BadRequest):
    """The session description (SDP) is broken or larger than allowed."""

    code = "bad_sdp"


class SignInNeeded(RostraError):
    """Please sign in first."""

    code = "sign_in_needed"
    status = 401


class NotAllowed(RostraError):
    """You may not do that."""

    code = "not_allowed"
    status = 403


class ProofNeeded(NotAllowed):
    """Please show once more that it is you: by your password or a passkey, in a browser."""

    code = "proof_needed"


class ConsentNeeded(NotAllowed):
    """Before the stage, everyone accepts being heard live and recorded."""

    code = "consent_needed"


class WrongOrigin(NotAllowed):
    """This request came from another site and was refused."""

    code = "wrong_origin"


class TicketInvalid(NotAllowed):
    """This listening link is not valid. Open the event page to get a new one."""

    code = "ticket_invalid"


class TicketExpired(NotAllowed):
    """This listening link has expired. Open the event page to get a new one."""

    code = "ticket_expired"


class TicketEnded(NotAllowed):
    """This listening link was ended by the host. Open the event page to get a new one."""

    code = "ticket_ended"


class TicketLapsed(NotAllowed):
    """You were away for more than five minutes; your place went to the next. Open the event page again."""

    code = "ticket_lapsed"


class PassNeeded(NotAllowed):
    """This conversation is private. Sign in as someone invited, or enter its passphrase."""

    code = "pass_needed"


class PassInvalid(PassNeeded):
    """This pass is not valid here. Sign in as someone invited, or enter the passphrase again."""

    code = "pass_invalid"


class PassExpired(PassNeeded):
    """This pass has expired. Sign in as someone invited, or enter the passphrase again."""

    code = "pass_expired"


class PassEnded(PassNeeded):
    """The passes to this conversation were ended. Sign in as someone invited, or enter its passphrase."""

    code = "pass_ended"


class Suspended(NotAllowed):
    """This account is suspended. An operator of this site can say why."""

    code = "suspended"


class RecordingHeld(NotAllowed):
    """The recording is held until the host releases it."""

    code = "recording_held"


class NotFound(RostraError):
    """There is nothing at this address."""

    code = "not_found"
    status = 404


class UnknownSpace(NotFound):
    """There is no conversation at this address."""

    code = "unknown_space"


class RecordingDeleted(NotFound):
    """The recording of this conversation was deleted."""

    code = "recording_deleted"
    status = 410


class Conflict(RostraError):
    """That is not possible in the present state."""

    code = "conflict"
    status = 409


class SpaceOver(Conflict):
    """This conversation has ended; its stage is closed."""

    code = "space_over"


class BodyTooLarge(RostraError):
    """The request is larger than allowed."""

    code = "body_too_large"
    status = 413


class RangeNotSatisfiable(RostraError):
    """The requested range lies outside the file."""

    code = "range_not_satisfiable"
    status = 416


class TooManyRequests(RostraError):
    """Too many requests. Please try again shortly."""

    code = "too_many_requests"
    status = 429


class ReportsFull(TooManyRequests):
    """So much was reported that nothing more can be taken in just now. Please try again later."""

    code = "reports_full"


class HeadTooLarge(RostraError):
    """The request's headers are larger than allowed."""

    code = "head_too_large"
    status = 431


class Unavailable(RostraError):
    """This part is starting or restarting. Please try again in a moment."""

    code = "unavailable"
    status = 503


class StageUnavailable(Unavailable):
    """The stage is starting or restarting. Please try again in a moment."""

    code = "stage_unavailable"


class StageFull(Unavailable):
    """The stage is full."""

    code = "stage_full"


class TapeLocked(Conflict):
    """Another writer holds this tape."""

    code = "tape_locked"


class TapeDamaged(RostraError):
    """The tape on disk is damaged beyond what a restart can mend."""

    code = "tape_damaged"


class DiskFull(RostraError):
    """The disk is full. The recording ends here; what was recorded is safe."""

    code = "disk_full"
    status = 507


class PortInUse(RostraError):
    """A port that Rostra needs is in use by another program."""

    code = "port_in_use"
