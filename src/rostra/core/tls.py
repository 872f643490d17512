"""TLS by certificate files, reloaded when they change, so that a renewal needs no restart.

One context stands in front for a process's life and hands every handshake to the newest pair's
context: loading a second pair into the same one would keep the first of another key type. Open
connections keep theirs. A broken pair is refused and the old one stays. Reads files, nothing else.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import structlog

from rostra.core.errors import RostraError
from rostra.core.settings import Settings

log = structlog.get_logger()

LOOK_EVERY_S = 5.0
_Stamp = tuple[int, int, int, int]
_NONE: _Stamp = (0, 0, 0, 0)
"""Of a pair of which a file cannot be found."""


class CertificateUnusable(RostraError):
    """The TLS certificate or its key cannot be used. Check ROSTRA_TLS_CERTIFICATE and ROSTRA_TLS_KEY."""

    code = "certificate_unusable"


class Certificate:
    """A certificate chain and its key, both PEM files, and the server context that presents them."""

    def __init__(self, chain: Path, key: Path) -> None:
        self._chain = chain
        self._key = key
        self._stamp = self._read_stamp()
        self._refused: _Stamp | None = None
        """Of the pair that was logged as not working; it is tried again at every look."""
        self._newest = _context(chain, key)
        self.context = _context(chain, key)
        """For servers: it stays, what it presents changes."""
        self.context.sni_callback = self._hand_on

    def reload_if_changed(self) -> bool:
        """Take up a changed pair; True when done.

        A pair that does not work, or cannot be read, is logged once and left until it does.
        """
        stamp = _NONE
        try:
            stamp = self._read_stamp()
            if stamp == self._stamp:
                self._refused = None
                return False
            newest = _context(self._chain, self._key)
        except CertificateUnusable as error:
            if stamp != self._refused:
                log.warning("certificate_not_reloaded", reason=str(error))
            self._refused = stamp
            return False
        self._newest, self._stamp, self._refused = newest, stamp, None
        log.info("certificate_reloaded")
        return True

    async def watch(self) -> None:
        """Look at the files every few seconds, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await asyncio.to_thread(self.reload_if_changed)

    def _hand_on(self, connection: ssl.SSLObject, _name: str | None, _front: ssl.SSLContext) -> None:
        """Called in every handshake, with a server name or without (OpenSSL's servername callback)."""
        connection.context = self._newest

    def _read_stamp(self) -> _Stamp:
        try:
            chain, key = self._chain.stat(), self._key.stat()
        except OSError as error:
            what = f"{error.filename}: {error.strerror}."
            raise CertificateUnusable(f"{CertificateUnusable().sentence} {what}") from error
        return chain.st_mtime_ns, chain.st_ino, key.st_mtime_ns, key.st_ino


def certificate(settings: Settings) -> Certificate | None:
    """Return the certificate of the settings, None when TLS is off; CertificateUnusable."""
    if settings.tls_certificate is None and settings.tls_key is None:
        return None
    if settings.tls_certificate is None or settings.tls_key is None:
        raise CertificateUnusable("TLS needs both ROSTRA_TLS_CERTIFICATE and ROSTRA_TLS_KEY.")
    return Certificate(settings.tls_certificate, settings.tls_key)


def _context(chain: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")  # of TLS 1.2; those of 1.3 are all good
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 1
    try:
        context.load_cert_chain(chain, key, password=_refuse_passphrase)
    except OSError as error:
        raise CertificateUnusable(f"{CertificateUnusable().sentence} {_reason(error, chain, key)}") from error
    return context


def _refuse_passphrase() -> str:
    """Called for a key that is encrypted: there is nobody to type what opens it."""
    raise CertificateUnusable(
        "The TLS key has a passphrase, which nobody types where a server starts itself. Keep it without one."
    )


def _reason(error: OSError, chain: Path, key: Path) -> str:
    """What is wrong with a pair, in the words that there are."""
    if not isinstance(error, ssl.SSLError):
        return f"{error.filename or chain}: {error.strerror}."
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"The key in {key} is not that of the certificate in {chain}."
    return f"{chain} or {key} is no PEM file of its kind (OpenSSL: {error.reason or error.strerror})."
