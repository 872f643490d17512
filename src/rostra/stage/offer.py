"""A browser's session description, cut down to the one audio section that a stage takes.

Limits come before parsing. What else is offered (video, data, a second microphone) is refused in
the answer by port 0 (RFC 3264 section 6). Two exceptions: the section that carries the transport of
the whole bundle (RFC 9143 section 7.3.3) may not be refused; it is accepted and stays idle. And video
of a WHIP source is taken and thrown away, for its session begins whole or not at all (RFC 9725, sections
4.4.2 and 4.4.3). Text in, text out; what the audio section means is the WebRTC library's affair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rostra.core.errors import BadSessionDescription
from rostra.core.sdp import check_sdp
from rostra.stage.errors import NotWhole

MAX_SECTIONS = 32
MAX_CANDIDATES = 24
"""Addresses that the stage will send checks to for one person: it must not become a weapon."""

DISCARDED_KBPS = 30
"""What a source is asked to send at most of a picture that nobody sees."""

_MEDIA_LINE = re.compile(r"m=(audio|video|application) (\d{1,5}) ([A-Z/]{3,40}) ([\w. -]{1,1000})")
_DIRECTIONS = ("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive")
_BUNDLE = "a=group:BUNDLE "
_TRANSPORT = (
    "a=candidate:",
    "a=end-of-candidates",
    "a=fingerprint:",
    "a=ice-options:",
    "a=ice-pwd:",
    "a=ice-ufrag:",
    "a=setup:",
)


@dataclass(frozen=True, slots=True)
class Section:
    """One ``m=`` section, its lines without line ends."""

    lines: tuple[str, ...]
    kind: str
    port: str
    profile: str
    formats: str

    @classmethod
    def parse(cls, lines: Sequence[str]) -> Section:
        """Read a section's first line. Raises BadSessionDescription."""
        match = _MEDIA_LINE.fullmatch(lines[0])
        if match is None:
            raise BadSessionDescription
        return cls(tuple(lines), *match.groups())

    @property
    def mid(self) -> str:
        return next((line.removeprefix("a=mid:") for line in self.lines if line.startswith("a=mid:")), "")

    @property
    def is_offered(self) -> bool:
        """Whether the offerer wants it: port 0 takes it back, unless it has no port but its bundle's."""
        return self.port != "0" or "a=bundle-only" in self.lines

    @property
    def transport(self) -> tuple[str, ...]:
        """The lines that say how to reach the offerer, and only so many addresses."""
        lines = [line for line in self.lines if line.startswith(_TRANSPORT)]
        candidates = [line for line in lines if line.startswith("a=candidate:")]
        few = set(candidates[:MAX_CANDIDATES])
        return tuple(line for line in lines if not line.startswith("a=candidate:") or line in few)

    @property
    def media(self) -> tuple[str, ...]:
        """All other lines."""
        return tuple(line for line in self.lines if not line.startswith(_TRANSPORT))

    def refused(self) -> tuple[str, ...]:
        """Return the answer that refuses this section."""
        lines = (f"m={self.kind} 0 {self.profile} {self.formats}", "c=IN IP4 0.0.0.0", "a=inactive")
        return (*lines, f"a=mid:{self.mid}") if self.mid else lines

    def idle(self, transport: Sequence[str]) -> tuple[str, ...]:
        """Return the answer that accepts this section's transport and nothing else."""
        return self._accepted(transport, "a=inactive")

    def discarded(self, transport: Sequence[str]) -> tuple[str, ...]:
        """Return the answer that takes what is sent; who gives it throws the packets away."""
        return self._accepted(transport, "a=recvonly", f"b=AS:{DISCARDED_KBPS}")

    def _accepted(self, transport: Sequence[str], direction: str, *bandwidth: str) -> tuple[str, ...]:
        format_ = self.formats.split(" ", 1)[0]
        described = (f"a=rtpmap:{format_} ", f"a=fmtp:{format_} ", "a=sctp-port:")
        return (
            f"m={self.kind} 9 {self.profile} {format_}",
            "c=IN IP4 0.0.0.0",
            *bandwidth,
            f"a=mid:{self.mid}",
            direction,
            "a=rtcp-mux",
            *(line for line in self.media if line.startswith(described)),
            *transport,
        )


@dataclass(frozen=True, slots=True)
class AudioOffer:
    """What was offered: the session's lines, its sections, and which of them matter."""

    session: tuple[str, ...]
    sections: tuple[Section, ...]
    audio: int
    """Index of the microphone."""
    carrier: int
    """Index of the section that carries the microphone's transport: mostly itself."""
    bundled: frozenset[int] = frozenset()
    """Indexes of the sections that share this transport."""

    @property
    def mids(self) -> tuple[str, ...]:
        """Names of the sections whose ICE session is the microphone's."""
        return tuple(self.sections[index].mid for index in sorted({self.audio, *self.bundled}))

    def sdp(self) -> str:
        """Return a description with the microphone alone."""
        audio = self.sections[self.audio]
        bundle = (f"{_BUNDLE}{audio.mid}",) if audio.mid else ()
        return _text((*self.session, *bundle, *audio.media, *self.sections[self.carrier].transport))

    def need_whole(self) -> None:
        """Raise NotWhole when :meth:`answer`, though it discards, would refuse a part."""
        taken = {self.audio, self.carrier, *self._videos()}
        if any(section.is_offered and n not in taken for n, section in enumerate(self.sections)):
            raise NotWhole

    def answer(self, audio_answer: str, *, discards: bool = False) -> str:
        """Return the full answer: ``audio_answer`` in its place, refusals in the others'.

        ``discards``: video that shares the transport is taken as well.
        """
        session, (answered, *_) = _split(audio_answer)
        lines = list(_without_bundle(session))
        videos = self._videos() if discards else ()
        bundled = dict.fromkeys(self.sections[index].mid for index in (self.carrier, self.audio, *videos))
        if all(bundled):
            lines.append(_BUNDLE + " ".join(bundled))
        for index, section in enumerate(self.sections):
            if index == self.audio:
                lines += answered.lines
            elif index in videos:
                lines += section.discarded(answered.transport)
            else:
                lines += section.idle(answered.transport) if index == self.carrier else section.refused()
        return _text(lines)

    def _videos(self) -> tuple[int, ...]:
        """Indexes of the pictures that are sent along."""
        return tuple(
            index
            for index in sorted(self.bundled)
            if self.sections[index].kind == "video"
            and _direction(self.session, self.sections[index]) in ("a=sendrecv", "a=sendonly")
        )


def read_offer(text: str, *, listens: bool = False) -> AudioOffer:
    """Take an offer apart. BadSessionDescription when it is too large, broken, or sends no audio.

    ``listens``: of somebody who wants to hear only, so that it must be ready to receive instead.
    """
    check_sdp(text)
    session, sections = _split(text)
    if not session or session[0] != "v=0" or len(sections) > MAX_SECTIONS:
        raise BadSessionDescription
    audio = next((n for n, section in enumerate(sections) if section.kind == "audio"), None)
    useless = ("a=sendonly", "a=inactive") if listens else ("a=recvonly", "a=inactive")
    if audio is None or _direction(session, sections[audio]) in useless:
        raise BadSessionDescription("The session description (SDP) offers no audio.")
    bundled = _bundled(session, sections, audio)
    carrier = bundled[0] if bundled else audio
    if not any(line.startswith("a=fingerprint:") for line in (*session, *sections[carrier].transport)):
        raise BadSessionDescription
    return AudioOffer(_without_bundle(session), sections, audio, carrier, frozenset(bundled))


def _split(text: str) -> tuple[tuple[str, ...], tuple[Section, ...]]:
    lines = [line for line in text.splitlines() if line]
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    bounds = [*starts, len(lines)]
    sections = tuple(Section.parse(lines[start:end]) for start, end in pairwise(bounds))
    return tuple(lines[: bounds[0]]), sections


def _bundled(session: Sequence[str], sections: Sequence[Section], audio: int) -> list[int]:
    """Indexes of the sections in the microphone's bundle, the one that carries the transport first."""
    groups = [line.removeprefix(_BUNDLE).split() for line in session if line.startswith(_BUNDLE)]
    mids = [section.mid for section in sections]
    for group in groups:
        if mids[audio] in group and group[0] in mids:
            return list(dict.fromkeys(mids.index(mid) for mid in group if mid in mids))
    return []


def _direction(session: Sequence[str], section: Section) -> str:
    stated = [line for line in (*session, *section.lines) if line in _DIRECTIONS]
    return stated[-1] if stated else "a=sendrecv"


def _without_bundle(session: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for line in session if not line.startswith("a=group:"))


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
