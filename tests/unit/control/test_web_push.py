"""Web Push: what RFC 8291 seals, this seals; and nobody names another machine to be asked."""

from __future__ import annotations

import base64
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from rostra.control.web_push import (
    LONGEST_MESSAGE,
    PushKeyBroken,
    Subscription,
    Vapid,
    may_push_to,
    read_subscription,
    seal,
    text,
)
from rostra.core.errors import BadRequest
from rostra.core.settings import Settings

HOSTS = tuple(Settings().push_hosts)
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
"""Of RFC 8291, appendix A."""


def raw(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def test_the_example_of_the_standard_comes_out_byte_for_byte() -> None:
    private = int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    sealed = seal(
        b"When I grow up, I want to be a watermelon",
        Subscription(ENDPOINT, raw(P256DH), raw(AUTH)),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
        key=ec.derive_private_key(private, ec.SECP256R1()),
    )
    assert text(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_every_message_is_sealed_anew_and_none_is_too_long_for_a_service() -> None:
    to = Subscription(ENDPOINT, raw(P256DH), raw(AUTH))
    assert seal(b"hello", to) != seal(b"hello", to)
    assert len(seal(b"x" * LONGEST_MESSAGE, to)) <= 4096
    with pytest.raises(ValueError, match="too long"):
        seal(b"x" * (LONGEST_MESSAGE + 1), to)


def test_the_key_is_drawn_once_for_its_owner_only(tmp_path: Path) -> None:
    first = Vapid.of(tmp_path, contact="mailto:ada@example.org")
    assert Vapid.of(tmp_path, contact="").public == first.public
    path = tmp_path / "keys" / "push.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("nothing")
    with pytest.raises(PushKeyBroken):
        Vapid.of(tmp_path, contact="")


def test_a_service_can_check_who_pushes(tmp_path: Path) -> None:
    vapid = Vapid.of(tmp_path, contact="mailto:ada@example.org")
    scheme, _, rest = vapid.authorization(ENDPOINT, now_s=1_000).partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = fields["t"].split(".")
    assert scheme == "vapid"
    assert raw(fields["k"]) == vapid.public
    assert msgspec.json.decode(raw(head)) == {"typ": "JWT", "alg": "ES256"}
    stated = msgspec.json.decode(raw(claims))
    assert (stated["aud"], stated["sub"]) == ("https://fcm.googleapis.com", "mailto:ada@example.org")
    assert 1_000 < stated["exp"] <= 1_000 + 86_400
    r, s = (int.from_bytes(half, "big") for half in (raw(signature)[:32], raw(signature)[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(fields["k"]))
    key.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    "endpoint",
    [
        ENDPOINT,
        "https://web.push.apple.com/Q",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://db5p.notify.windows.com/w/?token=x",
    ],
)
def test_the_services_of_the_browsers_are_asked(endpoint: str) -> None:
    assert may_push_to(endpoint, HOSTS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.example.org/x",
        "https://evilfcm.googleapis.com.org/x",
        "https://notfcm.googleapis.comx/x",
        "https://user@fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://localhost/x",
        "https://fcm.googleapis.com\\@10.0.0.1/x",
        "https://10.0.0.1\n.fcm.googleapis.com/x",
        "https://fcm.googleapis.com:x/",
        "ftp://fcm.googleapis.com/x",
        "https://[fcm.googleapis.com/x",
        "https://fcm.googleapis.com/" + "x" * 1_000,
        "",
    ],
)
def test_no_other_machine_is_asked_whoever_names_it(endpoint: str) -> None:
    assert not may_push_to(endpoint, HOSTS)


def test_a_loopback_address_is_asked_where_the_operator_lists_it() -> None:
    assert may_push_to("http://127.0.0.1:9/x", ["127.0.0.1"])
    assert not may_push_to("http://127.0.0.2:9/x", ["127.0.0.1"])
    assert not may_push_to("http://10.0.0.1/x", ["10.0.0.1"])


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", AUTH), (P256DH, ""), (P256DH[:-2], AUTH), (text(b"\x04" + b"\x01" * 64), AUTH), ("é", "é")],
)
def test_keys_that_are_none_are_refused_when_they_come(p256dh: str, auth: str) -> None:
    with pytest.raises(BadRequest):
        read_subscription(ENDPOINT, p256dh, auth, hosts=HOSTS)
    assert read_subscription(ENDPOINT, P256DH, AUTH, hosts=HOSTS).auth == raw(AUTH)
