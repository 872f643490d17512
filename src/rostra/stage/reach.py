"""Where speakers' browsers send their audio: what the settings say, a host name among them looked up.

A name that does not resolve keeps nobody's tape waiting: only offers are refused, with a sentence that
names the setting, until it does. It is looked up again now and then, for its addresses may change; what is
known stands as long as nothing newer is. The one owner of these retries.
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog

from rostra.core.settings import Settings
from rostra.stage.errors import AddressUnknown
from rostra.stage.ice import Network

log = structlog.get_logger()

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
"""Between tries to find a name that is not known yet; the wait doubles."""
LOOK_AGAIN_S = 60.0
"""Between looks at one that is known."""


async def look_up(name: str) -> Sequence[str]:
    """Return the addresses of a host, at least one, the best first. OSError, UnicodeError."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return [str(where[0]) for *_, where in found]


class Reach:
    """``await find()`` as long as the stage runs; :meth:`network` may be asked from the beginning."""

    def __init__(
        self, settings: Settings, *, look_up: Callable[[str], Awaitable[Sequence[str]]] = look_up
    ) -> None:
        self._settings = settings
        self._look_up = look_up
        self._name = settings.rtc_address
        self._is_name = bool(self._name) and not _is_ip(self._name)
        self._addresses: tuple[str, ...] = () if self._is_name or not self._name else (self._name,)

    def network(self) -> Network:
        """Return where audio goes from now on. AddressUnknown as long as the name is not known."""
        if self._is_name and not self._addresses:
            raise AddressUnknown.of(self._name)
        return Network(self._addresses, self._settings.rtc_port_min, self._settings.rtc_port_max)

    async def find(self) -> None:
        """Look the name up until it is known, and then now and then; return at once when there is none."""
        wait_s = FIRST_WAIT_S
        while self._is_name:
            try:
                addresses = one_per_family(await self._look_up(self._name), self._addresses)
            except (OSError, UnicodeError) as error:
                log.error(
                    "rtc_address_unknown", setting="ROSTRA_RTC_ADDRESS", name=self._name, reason=str(error)
                )
            else:
                if addresses != self._addresses:
                    log.info("rtc_address_found", name=self._name, addresses=addresses)
                self._addresses = addresses
            await asyncio.sleep((LOOK_AGAIN_S if self._addresses else wait_s) * random.uniform(0.5, 1.0))
            wait_s = min(LONGEST_WAIT_S, 2 * wait_s)


def one_per_family(found: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the first IPv4 and the first IPv6 address found; one that is ``known`` before all others."""
    chosen: dict[int, str] = {}
    for address in (*(one for one in known if one in found), *found):
        chosen.setdefault(ipaddress.ip_address(address).version, address)
    return tuple(chosen[version] for version in sorted(chosen))


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
