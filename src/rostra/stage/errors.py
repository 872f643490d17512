"""Refusals that only the stage gives; the rest are in ``core/errors.py``."""

from __future__ import annotations

from rostra.core.errors import Conflict, NotAllowed, RostraError, StageUnavailable


class NoFreePort(StageUnavailable):
    """The stage has no free UDP port left. Ask the operator to widen the range of ports."""

    code = "no_free_port"


class TakenOff(NotAllowed):
    """You were taken off this stage."""

    code = "taken_off"


class TapeRunning(Conflict):
    """This conversation is still being recorded."""

    code = "tape_running"


class TapeFailed(RostraError):
    """The recording could not be written any longer and ends here; what was recorded is safe."""

    code = "tape_failed"
