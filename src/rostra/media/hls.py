"""HLS playlists that do not move: multivariant ones, and those of a recording. Values in, bytes out.

What the live playlists (``media/hls_live.py``) share with them is here too. Never reads a tape or a
clock. Sources: RFC 8216bis (draft-pantos-hls-rfc8216bis) section 4.4; Apple, "HLS Authoring Specification".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rostra.core.samples import PART, SEGMENT, seconds

TARGET_S = 4
"""A segment's 3.84 s rounded up: what EXT-X-TARGETDURATION must be."""
PARTS_PER_SEGMENT = SEGMENT // PART
CONTENT_TYPE = "application/vnd.apple.mpegurl"
INIT_URI = "init.mp4"


@dataclass(frozen=True, slots=True)
class Variant:
    """One rendition as a multivariant playlist names it."""

    uri: str
    codec: str
    """RFC 6381."""
    bandwidth: int
    """Peak bits per second."""
    average_bandwidth: int = 0
    """Mean bits per second; 0 where nobody knows."""


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


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Captions of a recording in one language."""

    uri: str
    language: str
    """RFC 5646; also what players call it."""


def multivariant(variants: Sequence[Variant], subtitles: Sequence[Subtitles] = ()) -> bytes:
    """Render a multivariant playlist of audio renditions in the order given: players begin with the first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",LANGUAGE="{each.language}",NAME="{each.language}",'
        f'DEFAULT=NO,AUTOSELECT=YES,URI="{each.uri}"'
        for each in subtitles
    ]
    group = ',SUBTITLES="captions"' if subtitles else ""
    for variant in variants:
        average = f",AVERAGE-BANDWIDTH={variant.average_bandwidth}" if variant.average_bandwidth else ""
        lines.append(
            f'#EXT-X-STREAM-INF:BANDWIDTH={variant.bandwidth}{average},CODECS="{variant.codec}"{group}'
        )
        lines.append(variant.uri)
    return text(lines)


def measured(uri: str, codec: str, segments: Sequence[ByteRange]) -> Variant:
    """Name a rendition of a recording with the bandwidths that its segments have."""
    rates = [each.length * 8 / seconds(each.samples) for each in segments if each.samples]
    samples = sum(each.samples for each in segments)
    mean = sum(each.length for each in segments) * 8 / seconds(samples) if samples else 0
    return Variant(uri, codec, max(1, round(max(rates, default=0))), round(mean))


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
    return text(lines)


def text(lines: Sequence[str]) -> bytes:
    """Return lines as a playlist."""
    return ("\n".join(lines) + "\n").encode()
