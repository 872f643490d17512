"""Public addresses of this site as one visitor sees them: from the settings, else from their request.

Decides on text only. The Host header is untrusted: it is checked before anything is built from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rostra.core.addresses import is_this_machine, public_addresses, usual_port
from rostra.core.errors import BadRequest
from rostra.core.settings import Settings

_HOST = re.compile(r"(?P<name>[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the three public ports are, without a slash at the end."""

    door: str
    edge: str
    control: str
    certain: bool = True
    """Backstage's address is configured, or this machine itself: not what a stranger's Host says."""

    def studio(self, space: str, token: str = "") -> str:
        """The address of a stage; with a token, the link that brings somebody there."""
        return f"{self.control}/studio/{space}" + (f"#k={token}" if token else "")

    def captions(self, space: str, token: str = "") -> str:
        """Where captions are written; with a token, the link that lets somebody."""
        return f"{self.control}/captions/{space}" + (f"#k={token}" if token else "")

    def invitation(self, token: str) -> str:
        """The link with which somebody makes an account."""
        return f"{self.control}/invitation#{token}"

    def reset(self, token: str) -> str:
        """The link with which somebody gets a new password."""
        return f"{self.control}/reset#{token}"

    def event(self, space: str) -> str:
        """The page that everyone may see."""
        return f"{self.door}/s/{space}"


def addresses(settings: Settings, *, scheme: str, host: str) -> Addresses:
    """Return the addresses for a request with this scheme and Host header; BadRequest for a broken one."""
    match = _HOST.fullmatch(host)
    if match is None:
        raise BadRequest("The Host header of this request is broken.")
    name, port = match["name"], int(match["port"] or 0)
    own = public_addresses(settings, name=name, scheme=scheme, backstage_port=port or usual_port(scheme))
    return Addresses(
        door=own.door,
        edge=own.edge,
        control=own.backstage,
        certain=bool(settings.control_url) or is_this_machine(name),
    )
