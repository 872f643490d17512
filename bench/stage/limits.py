"""What a stage may cost and how late it may be, and whether it kept to that. Pure."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The most that a run may show, whatever the machine."""

    cpu_percent: float = 25.0
    """Of one core, with the most speakers and nobody else."""
    speaker_to_speaker_ms: float = 150.0
    """Median."""
    tick_late_p99_ms: float = 5.0
    """Quiet and crowded."""
    crowded_later_ms: float = 2.0
    """By how much the crowded ``tick_late_p99_ms`` is larger than the quiet one."""


LIMITS = Limits()


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """Whether each limit was kept; null where nothing was measured."""

    cpu_percent: bool
    speaker_to_speaker_ms: bool | None
    tick_late_p99_ms: bool
    crowded_later_ms: bool | None

    @property
    def all(self) -> bool:
        """Whether no limit is known to be broken."""
        return False not in msgspec.structs.astuple(self)


def judge(
    *, cpu_percent: float, speaker_to_speaker_ms: float | None, quiet_ms: float, crowded_ms: float | None
) -> Met:
    """Compare a run's figures with the limits; a limit itself is kept."""
    return Met(
        cpu_percent=cpu_percent <= LIMITS.cpu_percent,
        speaker_to_speaker_ms=(
            None if speaker_to_speaker_ms is None else speaker_to_speaker_ms <= LIMITS.speaker_to_speaker_ms
        ),
        tick_late_p99_ms=max(quiet_ms, crowded_ms or 0.0) <= LIMITS.tick_late_p99_ms,
        crowded_later_ms=(
            None if crowded_ms is None else round(crowded_ms - quiet_ms, 3) <= LIMITS.crowded_later_ms
        ),
    )
