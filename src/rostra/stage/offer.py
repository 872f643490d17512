"""A browser's session description, cut down to the one audio section that a stage takes.

Limits come before parsing. Everything else offered along (video, data, a second microphone) is
refused in the answer by port 0 (RFC 3264 section 6), so the offerer loses nothing but that. Text
in, text out; the meaning of the audio section is the WebRTC library's affair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from rostra.core.errors import BadSessionDescription

MAX_SDP_BYTES = 65_536
MAX_SECTIONS = 32
MAX_CANDIDATES = 24
"""Addresses that the stage will send checks to for one person: it must not become a weapon."""

_MEDIA_LINE = re.compile(r"m=(audio|video|application) (\d{1,5}) ([A-Z/]{3,40}) ([\w. -]{1,1000})")
_DIRECTIONS = ("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive")


@dataclass(frozen=True, slots=True)
class Section:
    """One ``m=`` section, its lines without line ends."""

    lines: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.lines[0].removeprefix("m=").partition(" ")[0]

    def value(self, attribute: str) -> str:
        """The value of ``a=<attribute>:``, or empty."""
        prefix = f"a={attribute}:"
        return next((line.removeprefix(prefix) for line in self.lines if line.startswith(prefix)), "")

    def refusal(self) -> tuple[str, ...]:
        """Return the section that refuses this one."""
        match = _MEDIA_LINE.fullmatch(self.lines[0])
        if match is None:
            raise BadSessionDescription
        kind, _, profile, formats = match.groups()
        mid = self.value("mid")
        lines = (f"m={kind} 0 {profile} {formats}", "c=IN IP4 0.0.0.0", "a=inactive")
        return (*lines, f"a=mid:{mid}") if mid else lines


@dataclass(frozen=True, slots=True)
class AudioOffer:
    """What was offered: the session's lines, its sections, and which of them is the microphone."""

    session: tuple[str, ...]
    sections: tuple[Section, ...]
    audio: int

    def sdp(self) -> str:
        """Return a description with the microphone alone."""
        section = self.sections[self.audio]
        mid = section.value("mid")
        bundle = (f"a=group:BUNDLE {mid}",) if mid else ()
        return _text((*self.session, *bundle, *_with_few_candidates(section.lines)))

    def answer(self, audio_answer: str) -> str:
        """Return the full answer: ``audio_answer`` in its place, refusals in all others."""
        session, sections = _split(audio_answer)
        lines = list(session)
        for index, section in enumerate(self.sections):
            lines += sections[0].lines if index == self.audio else section.refusal()
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
    if not any(line.startswith("a=fingerprint:") for line in (*session, *sections[audio].lines)):
        raise BadSessionDescription
    for section in sections:
        section.refusal()
    return AudioOffer(_without_groups(session), sections, audio)


def _split(text: str) -> tuple[tuple[str, ...], tuple[Section, ...]]:
    lines = [line for line in re.split(r"\r?\n", text) if line]
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    bounds = [*starts, len(lines)]
    sections = tuple(Section(tuple(lines[start:end])) for start, end in pairwise(bounds))
    return tuple(lines[: bounds[0]]), sections


def _direction(session: tuple[str, ...], section: Section) -> str:
    stated = [line for line in (*session, *section.lines) if line in _DIRECTIONS]
    return stated[-1] if stated else "a=sendrecv"


def _without_groups(session: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line for line in session if not line.startswith("a=group:"))


def _with_few_candidates(lines: tuple[str, ...]) -> list[str]:
    candidates = [line for line in lines if line.startswith("a=candidate:")]
    refused = set(candidates[MAX_CANDIDATES:])
    return [line for line in lines if line not in refused]


def _text(lines: tuple[str, ...] | list[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
