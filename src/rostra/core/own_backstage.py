"""How a command reaches the backstage that uses a data folder: where it is, and the key that lets one in.

Whoever brings the key acts as an operator. Reads the folder; backstage writes both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rostra.core.errors import NotAllowed
from rostra.core.settings import read_settings


@dataclass(frozen=True, slots=True)
class Way:
    """Where backstage is, and who asks."""

    url: str
    """Without a slash at its end."""
    token: str = field(repr=False)
    own: bool
    """Backstage says that it is here: its certificate, if it has one, is for the public name."""
    host: str = ""
    """The Host to ask for there, whatever the url says: backstage puts it into links. Empty: the url's."""


def find_way(*, url: str, data: Path | None, token: str) -> Way:
    """Return the way to what the options of a command name, each of which may be empty.

    The folder's key goes to no address but its own backstage's, unless ``url`` and ``data`` are both
    given. NotAllowed, with what to do, where it would, or cannot be read; WrongSetting.
    """
    settings = read_settings()
    folder, url = data or settings.data, url.rstrip("/")
    here, host = read_address(folder)
    if not token:
        if data is None and url not in ("", here):
            raise NotAllowed("Give a --token for this address, or --data too: its key is sent there then.")
        token = read_local_token(folder)
    there = url or here or f"{settings.scheme}://127.0.0.1:{settings.control_port}"
    own = bool(here) and not url
    return Way(there, token, own=own, host=host if own else "")


def address_path(data: Path) -> Path:
    """The file that says where this machine reaches backstage."""
    return data / "run" / "backstage.address"


def local_token_path(data: Path) -> Path:
    """The file that holds the key."""
    return data / "keys" / "local.token"


def read_address(data: Path) -> tuple[str, str]:
    """Return the address and the Host to ask for; empty when backstage has not said or says anything else."""
    try:
        address, *rest = address_path(data).read_text(encoding="ascii").splitlines() or [""]
    except (OSError, UnicodeDecodeError):
        return "", ""
    return (address, "".join(rest[:1])) if address.startswith(("http://", "https://")) else ("", "")


def read_local_token(data: Path) -> str:
    """Return the key. NotAllowed."""
    path = local_token_path(data)
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise NotAllowed(
            f"Cannot read {path}. Give --data with the folder that rostra serve uses, or a --token."
        ) from error
