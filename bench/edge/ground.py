"""What every measurement stands on: programs, folder, certificate, studio, cores, sizes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.edge.certificate import Certificate
from bench.edge.compiled import Programs
from bench.edge.studio import Studio


@dataclass(frozen=True, slots=True)
class Cores:
    """Where servers and load run. None: wherever the system likes."""

    server: int | None
    load: int | None


FLOATING = Cores(None, None)


def pinned_cores() -> Cores:
    """The server alone on one core, all else on another; on a machine with one, nothing is pinned."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1]) if len(allowed) > 1 else FLOATING


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    listeners: int
    tls_listeners: int
    rounds: int
    seconds: float
    """Of one window: whole segments, so that each listener asks equally often in it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """See the module."""

    folder: Path
    programs: Programs
    certificate: Certificate
    studio: Studio
    cores: Cores
    sizes: Sizes
