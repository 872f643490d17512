"""What can keep a benchmark from running. Each docstring is the sentence a person reads."""

from __future__ import annotations

from rostra.core.errors import RostraError


class ProgramMissing(RostraError):
    """A program that is measured, or measures, is not installed."""

    code = "program_missing"


class NotBuilt(RostraError):
    """A C program of the benchmark could not be compiled."""

    code = "not_built"


class PeerFailed(RostraError):
    """A server that is measured did not start, or ended early."""

    code = "peer_failed"


class CrowdFailed(RostraError):
    """The listeners did not all hear something in time."""

    code = "crowd_failed"
