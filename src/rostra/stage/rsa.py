"""Have aiortc's DTLS agree with peers whose certificate holds an RSA key, as GStreamer's programs do."""

from __future__ import annotations

from typing import Any, Final

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
