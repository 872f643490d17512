"""What an Icecast source asks for: the head of its request read, and what it is told. Bytes in, bytes out.

Sources speak HTTP/1.1 ``PUT``, or ``SOURCE`` as programs did before Icecast 2.4: the same with another
name. Basic auth (RFC 7617) brings the token of a speaker's link as the password; the user does not matter.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from rostra.core.errors import BadRequest, NotFound, RostraError, SignInNeeded
from rostra.core.ids import SpaceId, is_id

MAX_HEAD_BYTES: Final = 8192
TYPES: Final = {
    "application/ogg",
    "audio/aac",
    "audio/aacp",
    "audio/mpeg",
    "audio/mp3",
    "audio/ogg",
    "audio/opus",
    "audio/x-aac",
}
"""What sources call the sound that is taken here. What it is, its first bytes say."""
ALLOW: Final = "PUT, SOURCE, OPTIONS"

_FIRST = re.compile(r"([A-Z]{3,8}) (/[!-~]{0,1000}|\*) (HTTP/1\.[01]|ICE/1\.0)")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*([ -~\x80-\xff\t]{0,4000})")
_SUFFIX = re.compile(r"\.(ogg|oga|opus|mp3|aac)")
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


class NotASource(RostraError):
    """Sources use PUT or SOURCE here."""

    code = "not_a_source"
    status = 405


class WrongSound(RostraError):
    """This kind of sound is not accepted. Send Ogg with Opus, MP3, or AAC as ADTS."""

    code = "wrong_sound"
    status = 415


@dataclass(frozen=True, slots=True)
class Head:
    """The head of any request."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case; of a name that comes twice the last."""

    @property
    def chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()

    @property
    def length_bytes(self) -> int | None:
        """How much of a body was announced (RFC 9110 section 8.6); None for all that comes."""
        announced = self.headers.get("content-length", "")
        return int(announced) if re.fullmatch("[1-9][0-9]{0,17}", announced) else None

    @property
    def waits(self) -> bool:
        """Whether it sends nothing before it is told to go on (RFC 9110 section 10.1.1)."""
        return self.headers.get("expect", "").lower() == "100-continue"


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """A source that wants to speak."""

    space: SpaceId
    token: str
    chunked: bool
    length_bytes: int | None
    waits: bool


def read_head(raw: bytes) -> Head:
    """Take a request's head apart, without its empty line. BadRequest."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    match = _FIRST.fullmatch(first)
    headers = [_HEADER.fullmatch(line) for line in lines if line]
    if match is None or not all(headers):
        raise BadRequest
    return Head(match[1], match[2], {one[1].lower(): one[2].strip() for one in headers if one})


def read_source(head: Head) -> SourceRequest:
    """Return what a source wants. NotASource, NotFound, SignInNeeded, WrongSound."""
    if head.method not in ("PUT", "SOURCE"):
        raise NotASource
    mount = _SUFFIX.sub("", head.path.partition("?")[0].removeprefix("/"))
    if not is_id(mount):
        raise NotFound("The mount point of a source is the space: /SPACE.")
    token = _password(head.headers.get("authorization", ""))
    media_type = head.headers.get("content-type")
    if media_type is not None and media_type.partition(";")[0].strip().lower() not in TYPES:
        raise WrongSound
    return SourceRequest(SpaceId(mount), token, head.chunked, head.length_bytes, head.waits)


def answer(status: int, body: str = "", *, media_type: str = "text/plain", **headers: str) -> bytes:
    """Render a whole answer."""
    content = body.encode()
    lines = {"Server": "Rostra", "Connection": "close", "Content-Type": f"{media_type}; charset=utf-8"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines["Content-Length"] = str(len(content))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} {_REASONS.get(status, 'Refused')}\r\n{head}\r\n".encode() + content


def refusal(error: RostraError) -> bytes:
    """Render a refusal: the sentence, and what else a program must know."""
    extra = {
        401: {"WWW_Authenticate": 'Basic realm="Rostra"'},
        405: {"Allow": ALLOW},
        429: {"Retry_After": "15"},
        503: {"Retry_After": "30" if error.code == "stage_full" else "5"},
    }
    return answer(error.status, f"{error.sentence}\n", **extra.get(error.status, {}))


def _password(authorization: str) -> str:
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise SignInNeeded("The password of a source is the token of a speaker's link.") from error
    password = decoded.partition(":")[2]
    if scheme.lower() != "basic" or not password:
        raise SignInNeeded("The password of a source is the token of a speaker's link.")
    return password
