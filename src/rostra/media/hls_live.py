"""The live HLS playlist of a rendition: with parts, whole or as a delta update; plain. Values in, bytes out.

Segments lie on the grid of the sample clock, so a segment's number is its media sequence number and its
date is arithmetic. Never reads a tape or a clock. Sources: RFC 8216bis (draft-pantos-hls-rfc8216bis)
sections 4.4.3 to 4.4.5, 6.2.5 and appendix B; Apple, "HLS Authoring Specification".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rostra.core.samples import CHUNKS_PER_PART, PART, QUANTUM, SAMPLE_RATE, SEGMENT, nanoseconds, seconds
from rostra.media.hls import INIT_URI, PARTS_PER_SEGMENT, TARGET_S, text, utc

WITH_PARTS_URI = "live.m3u8"
PLAIN_URI = "plain.m3u8"
"""Segments alone: asked for once in one, and played from further behind."""
HOLD_BACK_S = 3 * TARGET_S
"""How far behind the end of a plain playlist is played (section 4.4.3.8)."""
ADVANCE_PARTS = 4
"""Parts beyond the last one listed that may be waited for (section 6.2.5.2). One that exceeds it by the
Advance Part Limit is too far ahead: three seconds of parts, 4.69."""
BLOCK_S = 3 * TARGET_S
"""How long a reload may be held before it is refused (section 6.2.5.2)."""
SKIP_UNTIL_S = 6 * TARGET_S
"""The Skip Boundary: the least that section 4.4.3.8 allows."""
BLOCKED_KEPT_S = 6 * TARGET_S
"""How long caches may keep the answer to a blocking reload (appendix B.1): no later one is like it."""
_PARTS_WITHIN = 3 * TARGET_S * SAMPLE_RATE
"""A segment that begins further than this from the end lists no parts: nobody starts there."""
_SKIP_WITHIN = SKIP_UNTIL_S * SAMPLE_RATE

_HEAD = (
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    f"#EXT-X-TARGETDURATION:{TARGET_S}",
)
_PLAIN_HEAD = (*_HEAD, f"#EXT-X-SERVER-CONTROL:HOLD-BACK={HOLD_BACK_S:.1f}")
_PARTS_HEAD = (
    *_HEAD,
    f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={SKIP_UNTIL_S:.1f},"
    f"PART-HOLD-BACK={seconds(3 * PART):.2f},HOLD-BACK={HOLD_BACK_S:.1f}",
    f"#EXT-X-PART-INF:PART-TARGET={seconds(PART):.2f}",
)
Place = tuple[int, int]
"""Segment number and part."""


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment of a live playlist: the open one has fewer chunks than it will have."""

    number: int
    chunks: int
    """Chunks so far."""
    complete: bool
    """No further chunk follows in this segment; the last of a tape may be short."""


def live(
    segments: Sequence[LiveSegment],
    *,
    anchor_utc_ns: int,
    ended: bool,
    closing: bool = False,
    reports: Sequence[str] = (),
    skip: bool = False,
    plain: bool = False,
) -> bytes:
    """Render a live media playlist of consecutive segments, the newest last.

    The part in the making is hinted at; ``reports`` are the addresses of the other renditions, which are
    always as far as this one; with ``skip`` what lies beyond the Skip Boundary is left out. No part follows
    where it is ``closing``: nothing is hinted at, nothing reported. The same where it has ``ended``, and says
    so. A ``plain`` one has whole segments and nothing else.
    """
    first = segments[0].number if segments else 0
    end = _end_sample(segments)
    skipped = _skipped(segments, end) if skip else 0
    head = _PLAIN_HEAD if plain else _PARTS_HEAD
    lines = [*head, f"#EXT-X-MEDIA-SEQUENCE:{first}", f'#EXT-X-MAP:URI="{INIT_URI}"']
    if skipped:
        lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
    for segment in segments[skipped:]:
        with_parts = not plain and end - segment.number * SEGMENT <= _PARTS_WITHIN
        lines += _segment(segment, anchor_utc_ns, parts=with_parts)
    if ended:
        lines.append("#EXT-X-ENDLIST")
    elif not (plain or closing):
        lines += _to_come(segments, reports)
    return text(lines)


def next_part(segments: Sequence[LiveSegment]) -> Place:
    """Return segment number and index of the part in the making."""
    if not segments:
        return 0, 0
    newest = segments[-1]
    if newest.complete:
        return newest.number + 1, 0
    return newest.number, newest.chunks // CHUNKS_PER_PART


def parts_ahead(wanted: Place, making: Place) -> int:
    """How many parts ``wanted`` is beyond the last one listed, while ``making`` is in the making."""
    return (wanted[0] - making[0]) * PARTS_PER_SEGMENT + wanted[1] - making[1] + 1


def _end_sample(segments: Sequence[LiveSegment]) -> int:
    """Where the playlist ends: behind its last part."""
    if segments and segments[-1].complete:
        return segments[-1].number * SEGMENT + segments[-1].chunks * QUANTUM
    number, part = next_part(segments)
    return number * SEGMENT + part * PART


def _skipped(segments: Sequence[LiveSegment], end: int) -> int:
    """How many segments end further from the playlist's end than the Skip Boundary."""
    return sum(end - (each.number + 1) * SEGMENT >= _SKIP_WITHIN for each in segments)


def _segment(segment: LiveSegment, anchor_utc_ns: int, *, parts: bool) -> list[str]:
    part_samples = _part_samples(segment) if parts else []
    if not part_samples and not segment.complete:
        return []
    start_ns = anchor_utc_ns + nanoseconds(segment.number * SEGMENT)
    lines = [f"#EXT-X-PROGRAM-DATE-TIME:{utc(start_ns)}"]
    for part, samples in enumerate(part_samples):
        duration = f"DURATION={seconds(samples):.2f}"
        lines.append(f'#EXT-X-PART:{duration},URI="{segment.number}.{part}.m4s",INDEPENDENT=YES')
    if segment.complete:
        lines += [f"#EXTINF:{seconds(segment.chunks * QUANTUM):.2f},", f"{segment.number}.m4s"]
    return lines


def _part_samples(segment: LiveSegment) -> list[int]:
    """Samples of each part that may be listed: whole ones, and the tape's last."""
    whole, rest = divmod(segment.chunks, CHUNKS_PER_PART)
    samples = [PART] * whole
    if rest and segment.complete:
        samples.append(rest * QUANTUM)
    return samples


def _to_come(segments: Sequence[LiveSegment], reports: Sequence[str]) -> list[str]:
    """The part in the making, and how far the other renditions are."""
    number, part = next_part(segments)
    lines = [f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{number}.{part}.m4s"']
    last_number, last_part = (number, part - 1) if part else (number - 1, PARTS_PER_SEGMENT - 1)
    if last_number >= 0:
        lines += [
            f'#EXT-X-RENDITION-REPORT:URI="{uri}",LAST-MSN={last_number},LAST-PART={last_part}'
            for uri in reports
        ]
    return lines
