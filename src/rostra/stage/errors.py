"""What only the stage says: its refusals, and why a live space is not on air."""

from __future__ import annotations

from rostra.bus.messages import Why
from rostra.core.errors import (
    BadRequest,
    Conflict,
    DiskFull,
    NotAllowed,
    RostraError,
    StageUnavailable,
    TapeDamaged,
    Unavailable,
)
from rostra.tape.genesis import UnknownTape


class NoFreePort(StageUnavailable):
    """The stage has no free UDP port left. Ask the operator to widen the range of ports."""

    code = "no_free_port"


class NoAddress(StageUnavailable):
    """None of the stage's own addresses can be used just now. Ask the operator to look at its network."""

    code = "no_address"


class AddressUnknown(StageUnavailable):
    """The stage's own address cannot be found. Ask the operator to correct ROSTRA_RTC_ADDRESS."""

    code = "address_unknown"

    @classmethod
    def of(cls, name: str) -> AddressUnknown:
        """Say which name it is."""
        return cls(
            "The stage's own address cannot be found: no name server knows “{name}”."
            " Ask the operator to correct ROSTRA_RTC_ADDRESS.",
            name=name,
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


class NotWhole(Unprocessable):
    """A source is taken whole or not at all: offer one audio section, and video only in its bundle."""

    code = "not_whole"


class MonitorsFull(Unavailable):
    """All places to listen in to this stage are taken. Please try again later."""

    code = "monitors_full"


class TooManyTrials(StageUnavailable):
    """Many people check their connection just now. Please try again in a few seconds."""

    code = "too_many_trials"


class TakenOff(NotAllowed):
    """You were taken off this stage."""

    code = "taken_off"


class SpeaksElsewhere(Conflict):
    """You speak from another device or another tab now."""

    code = "speaks_elsewhere"


class TapeRunning(Conflict):
    """This conversation is still being recorded."""

    code = "tape_running"


class TapeFailed(RostraError):
    """The recording could not be written any longer and ends here; what was recorded is safe."""

    code = "tape_failed"


def why_off_air(error: Exception) -> Why:
    """Return what the people of a live space are told while its tape cannot be written."""
    return Why.OFF_AIR_DISK_FULL if isinstance(error, DiskFull) else Why.OFF_AIR


def why_ended(error: Exception) -> Why:
    """Return what everybody is told of a tape that ends, or is lost, by ``error``."""
    match error:
        case DiskFull():
            return Why.DISK_FULL
        case TapeDamaged():
            return Why.TAPE_DAMAGED
        case UnknownTape():
            return Why.UNKNOWN_TAPE
        case _:
            return Why.TAPE_FAILED
