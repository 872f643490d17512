"""Logs are events with fields, one JSON object a line on standard error (or coloured text on a terminal)."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _StandardError:
    """Standard error that never raises: a log nobody can read must not stop a role."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def least(level: str, *, on_terminal: bool) -> int:
    """Return the least severity that is logged; ``auto`` spares whoever reads along what is well."""
    if level == "auto":
        level = "warning" if on_terminal else "info"
    return logging.getLevelNamesMapping()[level.upper()]


def configure(*, role: str, level: str) -> None:
    """Set up structlog for this process. Call once, first thing."""
    on_terminal = sys.stderr.isatty()
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least(level, on_terminal=on_terminal)),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
    )
    structlog.contextvars.bind_contextvars(role=role)
