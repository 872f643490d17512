"""What a person is on a stage, as every part knows it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is on a stage."""

    HOST = "host"
    COHOST = "cohost"
    SPEAKER = "speaker"
    CAPTIONER = "captioner"
    """Writes what is said; never on the stage itself."""
