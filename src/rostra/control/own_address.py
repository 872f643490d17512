"""Where programs on this machine reach the backstage that uses a data folder: a file in its ``run``.

Backstage writes it when it starts; commands read it (``core/own_backstage.py``), so that ``--data`` alone
is enough whatever the port is.
"""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from rostra.core.addresses import own_name
from rostra.core.folders import make_private
from rostra.core.own_backstage import address_path

_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def of_socket(listener: socket.socket, *, scheme: str) -> str:
    """Return the address under which this machine itself reaches ``listener``."""
    name, port = listener.getsockname()[:2]
    host = _ANY.get(name, name)
    return f"{scheme}://[{host}]:{port}" if ip_address(host).version == 6 else f"{scheme}://{host}:{port}"


def asked_as(listener: socket.socket, *, bind: str) -> str:
    """Return the Host that a command there asks for, so that the links it gets are those of the console."""
    return f"{own_name(bind)}:{listener.getsockname()[1]}"


def write(data: Path, address: str, host: str) -> None:
    """Say where backstage is and what to ask for; a reader sees the old lines or the new, never half."""
    path = address_path(data)
    make_private(path.parent)
    made = path.with_suffix(".new")
    made.write_text(f"{address}\n{host}\n", encoding="ascii")
    os.replace(made, path)
