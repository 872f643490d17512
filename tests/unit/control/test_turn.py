"""A relay's credential is what its own server computes from the shared secret, and expires."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.clock import ManualClock
from rostra.control.turn import IceServer, IceServers, TurnSecretUnreadable, credential_of
from rostra.core.settings import Settings


def test_the_password_is_the_names_hmac_as_the_draft_has_it() -> None:
    # printf 1433895918:506ea | openssl dgst -sha1 -hmac 3575… -binary | base64
    assert (
        credential_of("1433895918:506ea", b"3575819665154b268af59efedee8826e")
        == "JHAJyraAHCm1cNYaw+Ok35Bby/8="
    )


def test_names_hold_their_expiry_and_whose_they_are(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    clock = ManualClock()
    settings = Settings(turn_urls=["turn:relay.example"], turn_secret=secret, turn_ttl_s=600)
    (server,) = IceServers(settings, clock=clock).offered_to("ada")
    assert server.username == f"{clock.utc_ns() // 1_000_000_000 + 600}:ada"
    assert server.credential == credential_of(server.username, b"hush")


def test_without_a_relay_there_are_the_stun_servers_alone_as_links() -> None:
    servers = IceServers(Settings(stun_servers=["stun:a.example"]), clock=ManualClock()).offered_to("ada")
    assert servers == (IceServer("stun:a.example"),)
    assert servers[0].link() == '<stun:a.example>; rel="ice-server"'


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_secret_that_is_not_there_or_empty_is_said(tmp_path: Path, content: str | None) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_text(content)
    settings = Settings(turn_urls=["turn:relay.example"], turn_secret=secret)
    with pytest.raises(TurnSecretUnreadable):
        IceServers(settings, clock=ManualClock()).offered_to("ada")


def test_a_relay_needs_its_secret() -> None:
    with pytest.raises(ValueError, match="turn_urls and turn_secret go together"):
        Settings(turn_urls=["turn:relay.example"])
