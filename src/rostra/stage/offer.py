"""A browser's session description, cut down to the one audio section that a stage takes.

Limits come before parsing. What else is offered (video, data, a second microphone) is refused in
the answer by port 0 (RFC 3264 section 6). One exception: the section that carries the transport of
the whole bundle (RFC 9143 section 7.3.3) may not be refused; it is accepted and stays idle. Text in,
text out; what the audio section means is the WebRTC library's affair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rostra.core.errors import BadSessionDescription

MAX_SDP_BYTES = 65_536
MAX_SECTIONS = 32
MAX_CANDIDATES = 24
"""Addresses that the stage will send checks to for one person: it must not become a weapon."""

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
    profile: str
    formats: str

    @classmethod
    def parse(cls, lines: Sequence[str]) -> Section:
        """Read a section's first line. Raises BadSessionDescription."""
        match = _MEDIA_LINE.fullmatch(lines[0])
        if match is None:
            raise BadSessionDescription
        kind, _, profile, formats = match.groups()
        return cls(tuple(lines), kind, profile, formats)

    @property
    def mid(self) -> str:
        return next((line.removeprefix("a=mid:") for line in self.lines if line.startswith("a=mid:")), "")

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
        format_ = self.formats.split(" ", 1)[0]
        described = (f"a=rtpmap:{format_} ", f"a=fmtp:{format_} ", "a=sctp-port:")
        return (
            f"m={self.kind} 9 {self.profile} {format_}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{self.mid}",
            "a=inactive",
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

    def sdp(self) -> str:
        """Return a description with the microphone alone."""
        audio = self.sections[self.audio]
        bundle = (f"{_BUNDLE}{audio.mid}",) if audio.mid else ()
        return _text((*self.session, *bundle, *audio.media, *self.sections[self.carrier].transport))

    def answer(self, audio_answer: str) -> str:
        """Return the full answer: ``audio_answer`` in its place, refusals in the others'."""
        session, (answered, *_) = _split(audio_answer)
        lines = list(_without_bundle(session))
        bundled = dict.fromkeys(self.sections[index].mid for index in (self.carrier, self.audio))
        if all(bundled):
            lines.append(_BUNDLE + " ".join(bundled))
        for index, section in enumerate(self.sections):
            if index == self.audio:
                lines += answered.lines
            else:
                lines += section.idle(answered.transport) if index == self.carrier else section.refused()
        return _text(lines)


def read_offer(text: str) -> AudioOffer:
    """Take an offer apart. BadSessionDescription when it is too large, broken, or sends no audio."""
    if len(text) > MAX_SDP_BYTES or len(text.encode(errors="replace")) > MAX_SDP_BYTES:
        raise BadSessionDescription
    session, sections = _split(text)
    if not session or session[0] != "v=0" or len(sections) > MAX_SECTIONS:
        raise BadSessionDescription
    audio = next((n for n, section in enumerate(sections) if section.kind == "audio"), None)
    if audio is None or _direction(session, sections[audio]) in ("a=recvonly", "a=inactive"):
        raise BadSessionDescription("The session description (SDP) offers no audio.")
    carrier = _carrier(session, sections, audio)
    if not any(line.startswith("a=fingerprint:") for line in (*session, *sections[carrier].transport)):
        raise BadSessionDescription
    return AudioOffer(_without_bundle(session), sections, audio, carrier)


def _split(text: str) -> tuple[tuple[str, ...], tuple[Section, ...]]:
    lines = [line for line in re.split(r"\r?\n", text) if line]
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    bounds = [*starts, len(lines)]
    sections = tuple(Section.parse(lines[start:end]) for start, end in pairwise(bounds))
    return tuple(lines[: bounds[0]]), sections


def _carrier(session: Sequence[str], sections: Sequence[Section], audio: int) -> int:
    groups = [line.removeprefix(_BUNDLE).split() for line in session if line.startswith(_BUNDLE)]
    mids = [section.mid for section in sections]
    for group in groups:
        if mids[audio] in group and group[0] in mids:
            return mids.index(group[0])
    return audio


def _direction(session: Sequence[str], section: Section) -> str:
    stated = [line for line in (*session, *section.lines) if line in _DIRECTIONS]
    return stated[-1] if stated else "a=sendrecv"


def _without_bundle(session: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for line in session if not line.startswith("a=group:"))


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
