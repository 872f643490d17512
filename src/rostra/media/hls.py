"""HLS playlists: multivariant, live with parts (LL-HLS), and of a recording. Values in, bytes out.

Segments lie on the grid of the sample clock, so a segment's number is its media sequence number and
its date is arithmetic. Never reads a tape or a clock. Sources: RFC 8216bis (draft-pantos-hls-rfc8216bis),
sections 4.4, 6.2.5 and appendix B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rostra.core.samples import CHUNKS_PER_PART, PART, QUANTUM, SEGMENT, nanoseconds, seconds

TARGET_S = 4
"""A segment's 3.84 s rounded up: what EXT-X-TARGETDURATION must be."""
ADVANCE_PARTS = 5
"""Advance Part Limit (section 6.2.5.2): three seconds of parts, rounded up."""
PARTS_PER_SEGMENT = SEGMENT // PART
SEGMENTS_WITH_PARTS = 3
"""Older segments list no parts: nobody starts there."""
CONTENT_TYPE = "application/vnd.apple.mpegurl"
INIT_URI = "init.mp4"

_LIVE_HEAD = (
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    f"#EXT-X-TARGETDURATION:{TARGET_S}",
    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,"
    f"PART-HOLD-BACK={seconds(3 * PART):.2f},HOLD-BACK={3 * TARGET_S}",
    f"#EXT-X-PART-INF:PART-TARGET={seconds(PART):.2f}",
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One rendition as a multivariant playlist names it."""

    uri: str
    codec: str
    """RFC 6381."""
    bandwidth: int
    """Peak bits per second."""


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment of a live playlist: the open one has fewer chunks than it will have."""

    number: int
    chunks: int
    """Chunks so far."""
    complete: bool
    """No further chunk follows in this segment; the last of a tape may be short."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A segment of a recording."""

    samples: int
    offset: int
    length: int


def utc(ns: int) -> str:
    """Return ISO 8601 with milliseconds, as EXT-X-PROGRAM-DATE-TIME and DASH write it."""
    whole_s, rest_ns = divmod(ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(whole_s, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns // 1_000_000:03}Z"


def multivariant(variants: Sequence[Variant]) -> bytes:
    """Render a multivariant playlist of audio renditions."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for variant in variants:
        lines.append(f'#EXT-X-STREAM-INF:BANDWIDTH={variant.bandwidth},CODECS="{variant.codec}"')
        lines.append(variant.uri)
    return _text(lines)


def live(segments: Sequence[LiveSegment], *, anchor_utc_ns: int, ended: bool) -> bytes:
    """Render a live media playlist of consecutive segments, the newest last.

    The part in the making is hinted at; an ended playlist says so and hints at nothing.
    """
    first = segments[0].number if segments else 0
    lines = [*_LIVE_HEAD, f"#EXT-X-MEDIA-SEQUENCE:{first}", f'#EXT-X-MAP:URI="{INIT_URI}"']
    with_parts = len(segments) - SEGMENTS_WITH_PARTS
    for position, segment in enumerate(segments):
        lines += _segment(segment, anchor_utc_ns, parts=position >= with_parts)
    if ended:
        lines.append("#EXT-X-ENDLIST")
    else:
        number, part = next_part(segments)
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{number}.{part}.m4s"')
    return _text(lines)


def next_part(segments: Sequence[LiveSegment]) -> tuple[int, int]:
    """Return segment number and index of the part in the making."""
    if not segments:
        return 0, 0
    newest = segments[-1]
    if newest.complete:
        return newest.number + 1, 0
    return newest.number, newest.chunks // CHUNKS_PER_PART


def _segment(segment: LiveSegment, anchor_utc_ns: int, *, parts: bool) -> list[str]:
    part_samples = _part_samples(segment) if parts or not segment.complete else []
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


def recording(segments: Sequence[ByteRange], *, media_uri: str, anchor_utc_ns: int) -> bytes:
    """Render the media playlist of a recording: byte ranges of one file, from the first sample on."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{TARGET_S}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f'#EXT-X-MAP:URI="{INIT_URI}"',
        f"#EXT-X-PROGRAM-DATE-TIME:{utc(anchor_utc_ns)}",
    ]
    for segment in segments:
        lines.append(f"#EXTINF:{seconds(segment.samples):.2f},")
        lines.append(f"#EXT-X-BYTERANGE:{segment.length}@{segment.offset}")
        lines.append(media_uri)
    lines.append("#EXT-X-ENDLIST")
    return _text(lines)


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
