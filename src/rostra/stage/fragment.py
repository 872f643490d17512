"""Fragments of session descriptions, which bring news of one ICE session (RFC 8840): read, written, judged.

WHIP sends them by PATCH (RFC 9725 section 4.3). Limits come before parsing. Text in, values out; what is
to become of a fragment is decided here, done elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rostra.core.sdp import has_plain_lines
from rostra.stage.errors import BadFragment, PreconditionFailed, PreconditionNeeded, Unprocessable
from rostra.stage.offer import MAX_CANDIDATES

MAX_FRAGMENT_BYTES = 16_384
MAX_LINES = 256

_LINE = re.compile(r"[a-z]=.{0,1000}")
_CANDIDATE = re.compile(
    r"candidate:[\w+/.-]{1,64} \d{1,3} [A-Za-z]{1,8} \d{1,10} [\w.:%-]{1,255} \d{1,5}"
    r" typ (host|srflx|prflx|relay)( [ -~]{1,500})?"
)
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_TAGS = re.compile(r'\s*((W/)?"[\x21\x23-\x7e]*"\s*(,\s*|$))+')
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_ANY_STATE = ("*", '"*"')
"""As RFC 9110 section 13.1.1 has it, and as RFC 9725 section 4.3.3 does; no ETag is so short."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who one side of an ICE session is (RFC 8445 section 5.3)."""

    ufrag: str
    pwd: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a fragment says."""

    credentials: Credentials | None = None
    """Of whoever sent it; None when it says nothing of them."""
    mids: tuple[str, ...] = ()
    """The sections that it names."""
    candidates: tuple[str, ...] = ()
    """Values of ``a=candidate`` lines, each once, well-formed; at most :data:`MAX_CANDIDATES`."""

    def sdp(self) -> str:
        """Return it as text."""
        lines = []
        if self.credentials is not None:
            lines += [f"a=ice-ufrag:{self.credentials.ufrag}", f"a=ice-pwd:{self.credentials.pwd}"]
        for mid in self.mids or ("",):
            lines += ["m=audio 9 UDP/TLS/RTP/SAVPF 0", *([f"a=mid:{mid}"] if mid else [])]
            lines += [f"a={candidate}" for candidate in self.candidates]
            lines.append("a=end-of-candidates")
        return "".join(f"{line}\r\n" for line in lines)


class IceNews(Enum):
    """What a fragment brings."""

    TRICKLE = "trickle"
    RESTART = "restart"


def read_fragment(text: str) -> Fragment:
    """Take a fragment apart. BadFragment when it is too large or broken."""
    if len(text) > MAX_FRAGMENT_BYTES or len(text.encode(errors="replace")) > MAX_FRAGMENT_BYTES:
        raise BadFragment
    if not has_plain_lines(text):
        raise BadFragment
    lines = [line for line in text.splitlines() if line]
    if not lines or len(lines) > MAX_LINES or not all(_LINE.fullmatch(line) for line in lines):
        raise BadFragment
    candidates = dict.fromkeys(_values(lines, "candidate:", _CANDIDATE, keep_name=True))
    mids = dict.fromkeys(_values(lines, "mid:", re.compile(r"[!-~]{1,64}")))
    return Fragment(_credentials(lines), tuple(mids), tuple(candidates)[:MAX_CANDIDATES])


def judge(
    fragment: Fragment, *, if_match: str | None, etag: str, remote: Credentials, mids: Sequence[str]
) -> IceNews:
    """Return what a fragment brings (RFC 9725 sections 4.3.1 to 4.3.3).

    PreconditionNeeded without ``if_match``, PreconditionFailed when it names another state than ``etag``,
    BadFragment when it is no list of tags, Unprocessable for a section that is not there.
    """
    if if_match is None:
        raise PreconditionNeeded
    if if_match.strip() not in _ANY_STATE and etag not in _tags(if_match):
        raise PreconditionFailed
    if not set(fragment.mids) <= set(mids):
        raise Unprocessable("This connection has no such section.")
    if fragment.credentials is not None and fragment.credentials != remote:
        return IceNews.RESTART
    return IceNews.TRICKLE


def _tags(if_match: str) -> list[str]:
    """The strong and weak tags of an If-Match (RFC 9110 section 13.1.1); a weak one is equal to none."""
    if len(if_match) > 1000 or _TAGS.fullmatch(if_match) is None:
        raise BadFragment("If-Match must hold entity tags in quotes, or *.")
    return _TAG.findall(if_match)


def _credentials(lines: Sequence[str]) -> Credentials | None:
    ufrags = set(_values(lines, "ice-ufrag:", _UFRAG))
    pwds = set(_values(lines, "ice-pwd:", _PWD))
    if not ufrags and not pwds:
        return None
    if len(ufrags) != 1 or len(pwds) != 1:
        raise BadFragment
    return Credentials(ufrags.pop(), pwds.pop())


def _values(lines: Sequence[str], name: str, form: re.Pattern[str], *, keep_name: bool = False) -> list[str]:
    start = len("a=") if keep_name else len("a=") + len(name)
    found = [line[start:] for line in lines if line.startswith(f"a={name}")]
    if not all(form.fullmatch(value) for value in found):
        raise BadFragment
    return found
