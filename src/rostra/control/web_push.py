"""Web Push: a message sealed for one browser, signed by this site (RFC 8291, 8188, 8292).

No I/O but the key file. Only the browser that subscribed can open what is sealed here; the service
that carries it learns its length. The key by which services know this site is drawn once and kept in
the data folder.
"""

from __future__ import annotations

import base64
import binascii
import os
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from rostra.core.errors import BadRequest, RostraError
from rostra.core.folders import make_private

KEY_BYTES: Final = 65
"""An uncompressed point of P-256."""
AUTH_BYTES: Final = 16
RECORD_BYTES: Final = 4096
"""What every push service takes (RFC 8030 §7.2)."""
LONGEST_MESSAGE: Final = 3_000
SIGNED_S: Final = 12 * 3_600
"""A signature is good for so long; at most a day (RFC 8292 §2)."""
LONGEST_ENDPOINT: Final = 1_000


class PushKeyBroken(RostraError):
    """keys/push.pem in the data folder is not the key it was. Put it back, or remove it to draw a new one."""

    code = "push_key_broken"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Of one browser."""

    endpoint: str
    p256dh: bytes
    auth: bytes


def read_subscription(endpoint: str, p256dh: str, auth: str, *, hosts: Sequence[str]) -> Subscription:
    """Return a subscription as a page sent it. BadRequest, also for an endpoint at any other host."""
    key, secret = _bytes(p256dh), _bytes(auth)
    if len(key) != KEY_BYTES or len(secret) != AUTH_BYTES or not may_push_to(endpoint, hosts):
        raise BadRequest
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError as error:
        raise BadRequest from error
    return Subscription(endpoint, key, secret)


def may_push_to(endpoint: str, hosts: Sequence[str]) -> bool:
    """Whether an endpoint is at one of the hosts, or under it: whoever subscribes names no other machine.

    By HTTPS at its own port; a loopback address that is among the hosts may be asked by any.
    """
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        return False
    if parts.username is not None or parts.password is not None or "\\" in endpoint or " " in endpoint:
        return False
    if _is_loopback(host):
        return host in hosts and parts.scheme in ("http", "https")
    listed = any(host == known or host.endswith(f".{known}") for known in hosts)
    return listed and parts.scheme == "https" and port in (None, 443)


class Vapid:
    """Signs for this site; ``contact`` is a ``mailto:`` or ``https:`` address (RFC 8292 §2.1)."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, *, contact: str) -> None:
        self._key = key
        self._contact = contact
        self.public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @classmethod
    def of(cls, data: Path, *, contact: str) -> Vapid:
        """Read the key in the data folder, drawing it first if there is none. PushKeyBroken. Blocks."""
        path = data / "keys" / "push.pem"
        make_private(path.parent)
        if not path.exists():
            drawn = ec.generate_private_key(ec.SECP256R1())
            pem = drawn.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            part = path.with_suffix(".part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(pem)
            part.rename(path)
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except ValueError as error:
            raise PushKeyBroken from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise PushKeyBroken
        return cls(key, contact=contact)

    def authorization(self, endpoint: str, *, now_s: int) -> str:
        """Return the header's value for a request to ``endpoint`` (RFC 8292 §3)."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now_s + SIGNED_S, "sub": self._contact}
        head = text(msgspec.json.encode({"typ": "JWT", "alg": "ES256"}))
        signed = f"{head}.{text(msgspec.json.encode(claims))}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={signed}.{text(r.to_bytes(32) + s.to_bytes(32))},k={text(self.public)}"


def headers(authorization: str, *, ttl_s: int, topic: str, urgent: bool) -> Mapping[str, str]:
    """Return the headers of a push (RFC 8030 §5); a later one of the same topic replaces it."""
    return {
        "Authorization": authorization,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(ttl_s),
        "Topic": topic,
        "Urgency": "high" if urgent else "normal",
    }


def seal(
    message: bytes,
    to: Subscription,
    *,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return the body of a push, one record (RFC 8291 §3.4). ``salt`` and ``key`` are for tests of it."""
    if len(message) > LONGEST_MESSAGE:
        raise ValueError("This message is too long to be pushed.")
    salt, key = salt or os.urandom(16), key or ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to.p256dh)
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = key.exchange(ec.ECDH(), theirs)
    secret = _derive(shared, to.auth, b"WebPush: info\0" + to.p256dh + ours, 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, message + b"\x02", None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(ours)) + ours + sealed


def text(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


def _bytes(given: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except (binascii.Error, ValueError):
        return b""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
