"""Have a connection outlive packets that its parsers trip over.

aiortc drops what is no RTP (``ValueError``), but meets broken header extensions and reports with whatever
its parsing raises (``struct.error``, ``IndexError``), and then ends the whole connection.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

log = structlog.get_logger()


def forgive(dtls: Any) -> None:
    """Drop single packets that ``dtls``, aiortc's transport, cannot read; the first is logged."""
    told = False

    def forgiving(handle: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def handling(data: bytes, *rest: Any, **named: Any) -> None:
            nonlocal told
            try:
                await handle(data, *rest, **named)
            except Exception as error:
                if not told:
                    log.info("packet_unreadable", size_bytes=len(data), error=repr(error))
                told = True

        return handling

    dtls._handle_rtp_data = forgiving(dtls._handle_rtp_data)
    dtls._handle_rtcp_data = forgiving(dtls._handle_rtcp_data)
