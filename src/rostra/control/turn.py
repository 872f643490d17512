"""How a speaker's browser reaches the stage through other people's networks: STUN and TURN servers.

A TURN credential is a user name that holds its expiry, and the HMAC-SHA1 of it with a secret that only
backstage and the TURN server know (draft-uberti-behave-turn-rest-00 section 2.2): nothing is stored,
nothing asked. Who gets one, others decide.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from rostra.core.clock import Clock
from rostra.core.errors import RostraError
from rostra.core.settings import Settings


class TurnSecretUnreadable(RostraError):
    """The TURN secret cannot be read. Ask the operator to correct ROSTRA_TURN_SECRET."""

    code = "turn_secret_unreadable"
    status = 503


@dataclass(frozen=True, slots=True)
class IceServer:
    """One server to ask for ways; TURN servers come with a credential."""

    url: str
    username: str = ""
    credential: str = ""

    def link(self) -> str:
        """Return it as a Link header's value (RFC 9725 section 4.6)."""
        link = f'<{self.url}>; rel="ice-server"'
        if self.username:
            link += (
                f'; username="{self.username}"; credential="{self.credential}"; credential-type="password"'
            )
        return link


class IceServers:
    """What is offered to whoever may speak."""

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def offered_to(self, person: str) -> tuple[IceServer, ...]:
        """Return all servers, with credentials for ``person``, an opaque name. TurnSecretUnreadable.

        The secret is read anew each time: a few bytes, and an operator may change it at any time.
        """
        stuns = tuple(IceServer(url) for url in self._settings.stun_servers)
        if not self._settings.turn_urls or self._settings.turn_secret is None:
            return stuns
        expires_s = self._clock.utc_ns() // 1_000_000_000 + self._settings.turn_ttl_s
        username = f"{expires_s}:{person}"
        credential = credential_of(username, _read(self._settings.turn_secret))
        return stuns + tuple(IceServer(url, username, credential) for url in self._settings.turn_urls)


def credential_of(username: str, secret: bytes) -> str:
    """The password that belongs to ``username``."""
    return base64.b64encode(hmac.new(secret, username.encode(), hashlib.sha1).digest()).decode()


def _read(path: Path) -> bytes:
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise TurnSecretUnreadable from error
    if not secret:
        raise TurnSecretUnreadable
    return secret
