"""Captions of a recording as WebVTT, by language, and as HLS names them. Values in, bytes out.

Sources: W3C WebVTT (Candidate Recommendation) sections 4.1 to 4.3, RFC 8216 section 3.5.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rostra.core.samples import SAMPLE_RATE, seconds
from rostra.media.events import Caption

CONTENT_TYPE: Final = "text/vtt; charset=utf-8"
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
"""The common part of RFC 5646, and safe in a file's name and a playlist."""
LEAST_SAMPLES: Final = SAMPLE_RATE
"""So long a line stands, however many follow at once."""
MOST_CUES: Final = 20_000
"""In one file; a day of speech has fewer."""


def spelled(language: str) -> str:
    """Return a tag as RFC 5646 section 2.1.1 spells it, so that pt-br is pt-BR: one language."""
    first, *further = language.split("-")
    usual: dict[int, Callable[[str], str]] = {2: str.upper, 4: str.capitalize}
    return "-".join([first.lower(), *(usual.get(len(each), str.lower)(each) for each in further)])


@dataclass(frozen=True, slots=True)
class Cue:
    """A line and when it stands there, in samples."""

    start: int
    end: int
    text: str


def languages(captions: Iterable[Caption]) -> list[str]:
    """Languages that lines are in, the one with the most lines first."""
    counts = Counter(each.lang for each in captions if LANGUAGE.fullmatch(each.lang))
    return [language for language, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def cues(captions: Iterable[Caption], language: str, *, duration_samples: int) -> list[Cue]:
    """Lines of one language in order, each as long as it is read, until the next but one begins."""
    spoken = (each for each in captions if each.lang == language and each.text.strip())
    lines = sorted(spoken, key=lambda each: each.at)
    found: list[Cue] = []
    for number, line in enumerate(lines[:MOST_CUES]):
        following = lines[number + 2].at if number + 2 < len(lines) else duration_samples
        end = min(line.at + line.samples, duration_samples, max(following, line.at + LEAST_SAMPLES))
        if end > line.at:
            found.append(Cue(line.at, end, line.text))
    return found


def document(lines: Sequence[Cue]) -> bytes:
    """Render a WebVTT file, its times those of the recording; with the map that HLS wants at its head."""
    blocks = ["WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0"]
    blocks += [f"{_time(cue.start)} --> {_time(cue.end)}\n{_escaped(cue.text)}" for cue in lines]
    return ("\n\n".join(blocks) + "\n").encode()


def playlist(uri: str, *, duration_samples: int) -> bytes:
    """Render the media playlist of a subtitle rendition: one segment, which is the whole file."""
    whole_s = max(1, -(-duration_samples // SAMPLE_RATE))
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{whole_s}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXTINF:{seconds(duration_samples):.3f},",
        uri,
        "#EXT-X-ENDLIST",
    ]
    return ("\n".join(lines) + "\n").encode()


def _time(sample: int) -> str:
    ms = sample * 1000 // SAMPLE_RATE
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _escaped(text: str) -> str:
    """One line of cue text: nothing in it is a tag, an arrow or the end of the cue."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
