"""How each kind of endless stream wraps the programme's chunks: ADTS, Ogg or bare MP3.

Made once per chunk and shared by all who listen. Knows nothing of listeners.
"""

from __future__ import annotations

import zlib
from typing import Protocol

from rostra.core.samples import QUANTUM
from rostra.media import adts, cmaf, ogg, padding
from rostra.media.cmaf import AAC, OPUS, Track
from rostra.media.track import MP3

LEAST_BYTES = 64
"""Of a frame, so that a player finds enough in the first seconds even when nobody speaks."""


class Form(Protocol):
    """One kind of stream."""

    content_type: str
    extension: str
    """Of its address, and of the message that says that all places are taken."""
    takes_titles: bool
    """Whether ICY titles may be woven into it."""

    def opening(self, title: str) -> bytes:
        """What a listener gets before any audio."""

    def wrap(self, chunk: bytes) -> bytes:
        """The next chunk of the programme, in a form that may follow the one before."""

    def closing(self) -> bytes:
        """What a listener gets after all audio."""


class Adts:
    """AAC, each frame behind its header: begins anywhere."""

    content_type, extension, takes_titles = "audio/aac", "aac", True

    def __init__(self, track: Track) -> None:
        self._format = adts.Format.parse(track.config)

    def opening(self, title: str) -> bytes:
        return b""

    def wrap(self, chunk: bytes) -> bytes:
        return self._format.wrap([padding.aac(each, least=LEAST_BYTES) for each in cmaf.frames(chunk)])

    def closing(self) -> bytes:
        return b""


class Mpeg:
    """MP3: its frames as they are."""

    content_type, extension, takes_titles = "audio/mpeg", "mp3", True

    def opening(self, title: str) -> bytes:
        return b""

    def wrap(self, chunk: bytes) -> bytes:
        return b"".join(cmaf.frames(chunk))

    def closing(self) -> bytes:
        return b""


class OggOpus:
    """Opus: a page a chunk, behind two header pages; titles stand in the second."""

    content_type, extension, takes_titles = "audio/ogg", "opus", False

    def __init__(self, run: str) -> None:
        self._pages = ogg.Pages(zlib.crc32(run.encode()))

    def opening(self, title: str) -> bytes:
        return self._pages.opening({"TITLE": title})

    def wrap(self, chunk: bytes) -> bytes:
        packets = [padding.opus(each, least=LEAST_BYTES) for each in cmaf.frames(chunk)]
        return self._pages.audio(packets, samples=QUANTUM)

    def closing(self) -> bytes:
        return self._pages.closing()


def form_of(track: Track, run: str) -> Form:
    """The form in which radios get a rendition. ValueError for a codec that no radio knows."""
    if track.codec == AAC:
        return Adts(track)
    if track.codec == OPUS:
        return OggOpus(run)
    if track.codec == MP3:
        return Mpeg()
    raise ValueError(f"no radio plays {track.codec!r}")
