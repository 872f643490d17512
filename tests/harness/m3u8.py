"""A small reader of live HLS playlists, written from the specification and not from our writer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)')


def attributes(text: str) -> dict[str, str]:
    """Read an attribute list (RFC 8216bis section 4.2)."""
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


@dataclass
class Part:
    uri: str
    duration: float
    independent: bool


@dataclass
class Segment:
    """A segment; one whose ``uri`` is empty is in the making."""

    number: int
    uri: str = ""
    duration: float = 0.0
    at: datetime | None = None
    parts: list[Part] = field(default_factory=list)


@dataclass
class Playlist:
    tags: dict[str, str] = field(default_factory=dict)
    """Tags that stand once, by name; those without a value are empty."""
    segments: list[Segment] = field(default_factory=list)
    hints: list[dict[str, str]] = field(default_factory=list)
    reports: list[dict[str, str]] = field(default_factory=list)
    skipped: int = 0

    def of(self, tag: str) -> dict[str, str]:
        return attributes(self.tags[tag])

    @property
    def first(self) -> int:
        return int(self.tags["EXT-X-MEDIA-SEQUENCE"])

    @property
    def whole(self) -> list[Segment]:
        return [each for each in self.segments if each.uri]

    @property
    def last_place(self) -> tuple[int, int]:
        """Number and index of the last part listed."""
        number = max(each.number for each in self.segments if each.parts)
        return number, len(next(each for each in self.segments if each.number == number).parts) - 1

    def seconds_to_end(self, number: int) -> float:
        """From the beginning of a listed segment to the end of the playlist."""
        return sum(
            each.duration or sum(part.duration for part in each.parts)
            for each in self.segments
            if each.number >= number
        )


def parse(text: str) -> Playlist:
    """Read a live media playlist. AssertionError when it is none."""
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    found, at, open_segment = Playlist(), 0, None
    for line in lines[1:]:
        tag, _, value = line.removeprefix("#").partition(":")
        if open_segment is None and tag in {"EXT-X-PROGRAM-DATE-TIME", "EXT-X-PART", "EXTINF"}:
            open_segment = Segment(found.first + found.skipped + at)
            found.segments.append(open_segment)
        if tag == "EXT-X-SKIP":
            found.skipped = int(attributes(value)["SKIPPED-SEGMENTS"])
        elif tag == "EXT-X-PROGRAM-DATE-TIME":
            open_segment.at = datetime.fromisoformat(value)
        elif tag == "EXT-X-PART":
            part = attributes(value)
            open_segment.parts.append(
                Part(part["URI"], float(part["DURATION"]), part.get("INDEPENDENT") == "YES")
            )
        elif tag == "EXTINF":
            open_segment.duration = float(value.rstrip(","))
        elif tag == "EXT-X-PRELOAD-HINT":
            found.hints.append(attributes(value))
        elif tag == "EXT-X-RENDITION-REPORT":
            found.reports.append(attributes(value))
        elif line.startswith("#"):
            assert tag not in found.tags, f"{tag} stands twice"
            found.tags[tag] = value
        else:
            open_segment.uri, open_segment, at = line, None, at + 1
    return found
