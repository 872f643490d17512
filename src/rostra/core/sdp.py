"""What every session description (SDP, RFC 8866) must be before anybody takes it apart.

Backstage looks before it asks the stage, the stage before it parses. Readers differ in what ends a line:
RFC 8866 has CR LF and tolerates LF, ``str.splitlines``, which the WebRTC library goes by, has nine more.
Where none of those stands, no line means two things.
"""

from __future__ import annotations

import re
from typing import Final

from rostra.core.errors import BadSessionDescription

MAX_SDP_BYTES: Final = 65_536
_FOREIGN: Final = re.compile(r"\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
"""Control characters and separators, but tabs and the ends of lines that every reader knows."""


def check_sdp(sdp: str) -> None:
    """Raise BadSessionDescription for what is no description, or a huge one."""
    try:
        size_bytes = len(sdp.encode())
    except UnicodeEncodeError as error:
        raise BadSessionDescription("The session description (SDP) holds half of a character.") from error
    if size_bytes > MAX_SDP_BYTES:
        raise BadSessionDescription("The session description (SDP) is larger than 64 kB.")
    if not sdp.startswith("v=0"):
        raise BadSessionDescription("The session description (SDP) must begin with v=0.")
    if not has_plain_lines(sdp):
        raise BadSessionDescription(
            "The session description (SDP) holds control characters that are neither tabs nor ends of lines."
        )


def has_plain_lines(text: str) -> bool:
    """Whether all readers find the same lines in a description, or in a part of one."""
    return _FOREIGN.search(text) is None
