"""Open the public listening sockets, before any role starts.

The supervisor keeps every socket open while its role is replaced, so that connections made in
between wait in the queue instead of being refused. One socket per worker (SO_REUSEPORT).
"""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from rostra.core.errors import PortInUse
from rostra.core.listening import AddressUnusable

_PRIVILEGED_BELOW = 1_024
"""Ports that Linux keeps for root, unless it is told otherwise (ip(7), ``ip_unprivileged_port_start``)."""
_SILENT_S = 1
"""For so long the kernel keeps to itself a connection by which nothing has come (tcp(7), TCP_DEFER_ACCEPT):
whoever is accepted has asked, and is answered on the doorstep."""
SOMAXCONN = Path("/proc/sys/net/core/somaxconn")


def listen(
    bind: str, port: int, *, backlog: int, setting: str, send_buffer: int = 0, gone_after_ms: int = 0
) -> socket.socket:
    """Return a socket that listens on ``bind:port``. PortInUse names the setting that changes it.

    ``send_buffer`` (bytes) and ``gone_after_ms`` (TCP_USER_TIMEOUT) are handed on to what it accepts; 0: the
    kernel's own. A connection by which nothing comes is accepted after a second or two.
    """
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if send_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        if gone_after_ms:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, gone_after_ms)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _SILENT_S)
        sock.bind((bind, port))
        sock.listen(backlog)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise port_in_use(port, setting) from error
        if error.errno == errno.EACCES and port < _PRIVILEGED_BELOW:
            raise AddressUnusable(f"Port {port} is kept for root. {_choose_another(setting)}") from error
        raise AddressUnusable(
            f"Cannot listen on {bind}, port {port}: {error.strerror}."
            " Choose another address with --bind or ROSTRA_BIND."
        ) from error
    return sock


def listen_locally(path: Path, *, backlog: int, send_buffer: int = 0) -> socket.socket:
    """Return a Unix socket that listens at ``path``, for a proxy of our group. AddressUnusable.

    ``send_buffer`` as of :func:`listen`; the doorstep hands it on, as the kernel does not.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if send_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        path.unlink(missing_ok=True)
        sock.bind(str(path))
        path.chmod(0o660)
        sock.listen(backlog)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise AddressUnusable(f"Cannot listen at {path}: {error.strerror}.") from error
    return sock


def most_queued() -> int | None:
    """How many connections the kernel queues at most, whatever is asked; None: it does not say. listen(2)."""
    try:
        return int(SOMAXCONN.read_text())
    except (OSError, ValueError):
        return None


def require_free(bind: str, port: int, *, setting: str) -> None:
    """Raise PortInUse when anybody listens on ``bind:port``, even somebody who would share it."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise port_in_use(port, setting) from error


def port_in_use(port: int, setting: str) -> PortInUse:
    """The error, with the way out in its sentence."""
    return PortInUse(f"Port {port} is in use by another program. {_choose_another(setting)}", port=port)


def _choose_another(setting: str) -> str:
    return f"Choose another with --{setting.replace('_', '-')} N or ROSTRA_{setting.upper()}=N."
