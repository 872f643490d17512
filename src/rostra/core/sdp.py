"""What every session description (SDP, RFC 8866) must be before anybody takes it apart.

Backstage looks before it asks the stage, the stage before it parses.
"""

from __future__ import annotations

from typing import Final

from rostra.core.errors import BadSessionDescription

MAX_SDP_BYTES: Final = 65_536


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
