"""``/metrics`` beside an application's own addresses, for this machine only.

To everybody else, and through a proxy on this machine, the address does not exist.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from rostra.serving.answering import Application
from rostra.serving.exchange import Exchange
from rostra.serving.metrics import CONTENT_TYPE
from rostra.serving.request import Request
from rostra.serving.response import response

PATH = "/metrics"
_PASSED_ON = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})


class WithMetrics:
    """An application with ``/metrics``; ``render`` makes its text."""

    def __init__(self, app: Application, render: Callable[[], bytes]) -> None:
        self._app = app
        self._render = render

    def respond(self, request: Request, exchange: Exchange) -> None:
        """Answer a scrape; leave everything else to the application."""
        if request.path == PATH and request.method == "GET" and is_local(request):
            headers = [("Cache-Control", "no-store")]
            exchange.send(response(200, self._render(), content_type=CONTENT_TYPE, headers=headers))
        else:
            self._app.respond(request, exchange)


def is_local(request: Request) -> bool:
    """Whether somebody on this machine asks, by a name of this machine and not for somebody else."""
    named = request.local_host == "localhost" or _is_loopback(request.local_host.strip("[]"))
    return named and _is_loopback(request.peer) and _PASSED_ON.isdisjoint(request.headers)


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
