"""Addresses to listen on as settings hold them, ``host:port``: what they mean and whether they can be had.

Tries an address at most; whoever serves there opens its own socket.
"""

from __future__ import annotations

import errno
import os
import socket
from ipaddress import ip_address

from rostra.core.errors import PortInUse, RostraError


class AddressUnusable(RostraError):
    """Cannot listen on the address given. Choose another with --bind or ROSTRA_BIND."""

    code = "address_unusable"


def host_and_port(address: str) -> tuple[str, int]:
    """Read ``host:port``, the host an IP address, of IPv6 in brackets. ValueError, with a sentence."""
    host, _, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        where = ip_address(bare)
    except ValueError:
        where = None
    bracketed = f"[{bare}]" if where is not None and where.version == 6 else bare
    if where is None or host != bracketed or not (port.isascii() and port.isdecimal()) or int(port) > 65_535:
        raise ValueError("must be an address and a port, such as 127.0.0.1:8004 or [::1]:8004")
    return bare, int(port)


def is_private(host: str) -> bool:
    """Whether only this machine or its own network reaches ``host``.

    The address of every interface counts as private in IANA's registry (RFC 6890), and is the opposite.
    """
    where = ip_address(host)
    meant = getattr(where, "ipv4_mapped", None) or where
    return meant.is_private and not meant.is_unspecified


def require_listenable(address: str, *, setting: str) -> None:
    """Raise PortInUse or AddressUnusable, naming the setting, where nobody could listen now."""
    host, port = host_and_port(address)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise unusable(address, error, setting=setting) from error


def unusable(address: str, error: OSError, *, setting: str) -> RostraError:
    """The refusal for ``error``, met at ``address``, with the way out in its sentence."""
    kind = PortInUse if error.errno == errno.EADDRINUSE else AddressUnusable
    reason = os.strerror(error.errno) if error.errno else str(error)
    return kind(f"Cannot listen on {address}: {reason}. Choose another by ROSTRA_{setting.upper()}.")
