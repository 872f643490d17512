"""What ``make bench`` holds listening, players, recordings and the page to, and whether a run kept it."""

from __future__ import annotations

import msgspec

from bench.end_bench import EndNumbers
from bench.listen_bench import ListenNumbers
from bench.page_bench import PageNumbers
from bench.player_bench import Course, PlayerNumbers


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The most that a run may show, in ms but for the last two."""

    first_audio_ms: int = 1_000
    latency_ms: int = 800
    """Median, of the page's own player."""
    latency_p95_ms: int = 1_000
    hls_js_ms: int = 2_500
    """Median."""
    dash_js_beyond_ms: int = 500
    """Median, beyond the manifest's target."""
    end_to_playable_ms: int = 1_000
    first_paint_ms: int = 500
    layout_shift: float = 0.0
    stalls: int = 0
    """Of each player, once it has settled."""


LIMITS = Limits()


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """Whether each was kept; None: not measured on this machine."""

    first_audio: bool
    latency: bool
    """Median, 95 % and stalls of the page's own player."""
    rough: bool | None
    """Its stalls behind a rough network."""
    hls_js: bool
    """Median and stalls, as of the next."""
    dash_js: bool | None
    end_to_playable: bool
    """However long the tape."""
    first_paint: bool
    layout_shift: bool
    """Before, while somebody listens, over the end, of a recording."""


def judge(listening: ListenNumbers, players: PlayerNumbers, ends: EndNumbers, page: PageNumbers) -> Met:
    """Compare figures with the limits; a limit itself is kept, what was never heard is not."""
    shifts = (
        page.layout_shift,
        page.layout_shift_listening,
        page.layout_shift_ending,
        page.layout_shift_replay,
    )
    return Met(
        first_audio=_within(listening.first_audio_ms, LIMITS.first_audio_ms),
        latency=_within(listening.latency_ms, LIMITS.latency_ms)
        and _within(listening.latency_p95_ms, LIMITS.latency_p95_ms)
        and listening.stalls <= LIMITS.stalls,
        rough=None if players.rough is None else players.rough.stalls <= LIMITS.stalls,
        hls_js=_keeps(players.hls_js, LIMITS.hls_js_ms),
        dash_js=(
            None
            if players.dash_js is None
            else players.dash_js.target_ms is not None
            and _keeps(players.dash_js, players.dash_js.target_ms + LIMITS.dash_js_beyond_ms)
        ),
        end_to_playable=max(ends.playable_ms.values()) <= LIMITS.end_to_playable_ms,
        first_paint=page.first_paint_ms <= LIMITS.first_paint_ms,
        layout_shift=max(shifts) <= LIMITS.layout_shift,
    )


def _within(ms: int | None, most_ms: int) -> bool:
    return ms is not None and ms <= most_ms


def _keeps(course: Course, most_ms: int) -> bool:
    return course.median_ms <= most_ms and course.stalls <= LIMITS.stalls
