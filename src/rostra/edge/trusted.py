"""The listener for caches in front: names without a ticket, the same for everybody.

A cache puts ``/c/`` in the place of the ticket, so that all who listen share an answer. It checks tickets
itself or admits everyone; a private space is refused here, and the cache then asks with the ticket it was
given. Bound by each worker for itself: a cache tries again, and no person ever connects here.
"""

from __future__ import annotations

import socket

from rostra.core.errors import RostraError
from rostra.core.listening import host_and_port, is_private, unusable
from rostra.edge.site import SHARED, Site
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request


class NotTrusted(RostraError):
    """ROSTRA_EDGE_TRUSTED_LISTEN must be on a loopback or private address, such as 127.0.0.1:8004."""

    code = "not_trusted"


class ForCaches:
    """The site as a cache in front sees it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.requests = 0
        """Asked by caches so far."""

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer one request. Raises the refusals of the error tree."""
        self.requests += 1
        if request.path.startswith(SHARED) and request.method in {"GET", "HEAD"}:
            space, _, rest = request.path.removeprefix(SHARED).partition("/")
            self._site.shared(space, rest, request, exchange)
        else:
            self._site.respond(request, exchange)


def listen(address: str, *, backlog: int) -> socket.socket:
    """Listen on ``host:port``, beside the other workers. Raises NotTrusted, PortInUse, AddressUnusable."""
    host, port = host_and_port(address)
    if not is_private(host):
        raise NotTrusted
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((host, port))
        sock.listen(backlog)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise unusable(address, error, setting="edge_trusted_listen") from error
    return sock
