"""Where speakers' browsers send their audio: what the settings say, a host name among them looked up.

A name that does not resolve keeps nobody's tape waiting: only offers are refused, with a sentence that
names the setting, until it does. The one owner of these retries.
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket

import structlog

from rostra.core.settings import Settings
from rostra.stage.errors import AddressUnknown
from rostra.stage.ice import Network

log = structlog.get_logger()

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0


class Reach:
    """``await find()`` once; :meth:`network` may be asked from the beginning."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        name = settings.rtc_address
        self._address: str | None = name if not name or _is_ip(name) else None

    def network(self) -> Network:
        """Return where audio goes. AddressUnknown as long as the name is not known."""
        if self._address is None:
            raise AddressUnknown.of(self._settings.rtc_address)
        return Network(self._address, self._settings.rtc_port_min, self._settings.rtc_port_max)

    async def find(self) -> None:
        """Look the name up until it is known; at once when there is none."""
        wait_s = FIRST_WAIT_S
        while self._address is None:
            try:
                self._address = await _look_up(self._settings.rtc_address)
            except (OSError, UnicodeError) as error:
                name = self._settings.rtc_address
                log.error("rtc_address_unknown", setting="ROSTRA_RTC_ADDRESS", name=name, reason=str(error))
                await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))
                wait_s = min(LONGEST_WAIT_S, 2 * wait_s)
            else:
                log.info("rtc_address_found", name=self._settings.rtc_address, address=self._address)


async def _look_up(name: str) -> str:
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
