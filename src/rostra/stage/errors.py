"""What only the stage says: its refusals, and why a live space is not on air."""

from __future__ import annotations

from rostra.core.errors import (
    BadRequest,
    Conflict,
    DiskFull,
    NotAllowed,
    RostraError,
    StageUnavailable,
    Unavailable,
)


class NoFreePort(StageUnavailable):
    """The stage has no free UDP port left. Ask the operator to widen the range of ports."""

    code = "no_free_port"


class AddressUnknown(StageUnavailable):
    """The stage's own address cannot be found. Ask the operator to correct ROSTRA_RTC_ADDRESS."""

    code = "address_unknown"

    @classmethod
    def of(cls, name: str) -> AddressUnknown:
        """Say which name it is."""
        return cls(
            f"The stage's own address cannot be found: no name server knows “{name}”."
            " Ask the operator to correct ROSTRA_RTC_ADDRESS."
        )


class BadFragment(BadRequest):
    """The fragment of a session description is broken or larger than allowed."""

    code = "bad_fragment"


class PreconditionNeeded(RostraError):
    """Say in If-Match which state of the connection is meant: its ETag, or * to begin ICE anew."""

    code = "precondition_needed"
    status = 428


class PreconditionFailed(RostraError):
    """The connection has begun ICE anew since; what was sent is for an earlier state of it."""

    code = "precondition_failed"
    status = 412


class Unprocessable(RostraError):
    """This was understood, but does not fit the connection."""

    code = "unprocessable"
    status = 422


class MonitorsFull(Unavailable):
    """All places to listen in to this stage are taken. Please try again later."""

    code = "monitors_full"


class TooManyTrials(StageUnavailable):
    """Many people check their connection just now. Please try again in a few seconds."""

    code = "too_many_trials"


class TakenOff(NotAllowed):
    """You were taken off this stage."""

    code = "taken_off"


class TapeRunning(Conflict):
    """This conversation is still being recorded."""

    code = "tape_running"


class TapeFailed(RostraError):
    """The recording could not be written any longer and ends here; what was recorded is safe."""

    code = "tape_failed"


def trouble_of(error: Exception) -> str:
    """Return what the people of a live space are told while its tape cannot be written."""
    if isinstance(error, DiskFull):
        return "The disk is full: nobody hears you and nothing is recorded until there is room."
    return "The recording cannot be written: nobody hears you. Rostra tries again every few seconds."
