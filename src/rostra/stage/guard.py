"""Have aiortc's DTLS transport get on with more peers: those with RSA keys, and those that send junk.

It offers no cipher for RSA, which GStreamer's programs still bring. And it drops what is no RTP
(``ValueError``), but meets broken header extensions and reports with whatever its parsing raises
(``struct.error``, ``IndexError``), and then ends the whole connection.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

log = structlog.get_logger()


CIPHERS: Final = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "CHACHA20-POLY1305", "AES128-SHA", "AES256-SHA")
    for key in ("ECDSA", "RSA")
).encode()
"""What aiortc offers for elliptic keys (RFC 8827 section 6.5), and the same for RSA."""


def welcome_rsa(dtls: Any) -> None:
    """Have ``dtls``, which has not begun, agree with peers whose certificate holds an RSA key too."""
    certificate = dtls._RTCDtlsTransport__local_certificate
    create = certificate._create_ssl_context

    def wider(srtp_profiles: list[Any]) -> Any:
        context = create(srtp_profiles)
        context.set_cipher_list(CIPHERS)
        return context

    certificate._create_ssl_context = wider


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
