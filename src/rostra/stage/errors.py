"""Refusals that only the stage gives; the rest are in ``core/errors.py``."""

from __future__ import annotations

from rostra.core.errors import RostraError, StageUnavailable


class NoFreePort(StageUnavailable):
    """The stage has no free UDP port left. Ask the operator to widen the range of ports."""

    code = "no_free_port"


class TapeFailed(RostraError):
    """The recording could not be written any longer and ends here; what was recorded is safe."""

    code = "tape_failed"
