"""Speakers who reach the stage by a relay alone: Debian's coturn with the configuration in deploy/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection
from aiortc.rtcconfiguration import RTCIceTransportPolicy

from harness import certificates
from harness.deployment import free_ports
from harness.hall import ADA, ADA_HZ, BOB, BOB_HZ, Hall, Talker, open_hall, until
from harness.ways_in import running
from rostra.control.turn import IceServers
from rostra.core.clock import SystemClock
from rostra.core.settings import Settings

DEPLOYED = Path(__file__).parents[2] / "deploy" / "coturn" / "turnserver.conf"
SECRET = "a-secret-for-a-test"


@contextmanager
def relay(folder: Path, port: int, tls_port: int) -> Iterator[None]:
    """The deployed configuration, with this machine's addresses, ports and certificate."""
    chain, key = certificates.write_pair(folder, "relay", kind="rsa")
    lines = DEPLOYED.read_text()
    for name, value in (
        ("listening-port", port),
        ("tls-listening-port", tls_port),
        ("cert", chain),
        ("pkey", key),
        ("static-auth-secret", SECRET),
    ):
        lines, found = re.subn(rf"^{name}=.*$", f"{name}={value}", lines, flags=re.MULTILINE)
        assert found == 1, name
    lines = re.sub(r"203\.0\.113\.[78]", "127.0.0.1", lines).replace("syslog\n", "log-file=stdout\n")
    own = folder / "turnserver.conf"
    own.write_text(f"{lines}allow-loopback-peers\ncli-password=none\nuserdb={folder}/turn.db\n")
    command = ("turnserver", "-c", str(own), "--pidfile", str(folder / "turn.pid"), "-v")
    with running(folder, "turnserver", *command):
        yield


def relayed(url: str, folder: Path) -> RTCConfiguration:
    secret = folder / "secret"
    secret.write_text(SECRET)
    settings = Settings(turn_urls=[url], turn_secret=secret)
    (server,) = IceServers(settings, clock=SystemClock()).offered_to("somebody")
    return RTCConfiguration(
        iceServers=[RTCIceServer([server.url], server.username, server.credential)],
        iceTransportPolicy=RTCIceTransportPolicy.RELAY,
    )


async def speaks(hall: Hall, configuration: RTCConfiguration) -> None:
    """Ada speaks and hears through the relay."""
    bob = await hall.talker(BOB, BOB_HZ)
    ada = Talker(ADA, ADA_HZ)
    ada._connection = RTCPeerConnection(configuration)
    try:
        await ada.join(hall.bus)
        sdp = ada._connection.localDescription.sdp
        assert set(re.findall(r"^a=candidate:.* typ (\w+)", sdp, re.MULTILINE)) == {"relay"}
        await until(lambda: bob.hears(ADA_HZ) and ada.hears(BOB_HZ), timeout_s=20)
    finally:
        await ada.hang_up()


@pytest.mark.parametrize("way", ["udp", "tls"])
async def test_a_speaker_in_an_office_speaks_and_hears_by_the_relay_alone(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, tls_port = free_ports(2)
    url = f"turn:127.0.0.1:{port}" if way == "udp" else f"turns:127.0.0.1:{tls_port}?transport=tcp"
    with relay(tmp_path, port, tls_port):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "chain.pem"))
        await until(lambda: "Relay ports initialization done" in _log(tmp_path), timeout_s=10)
        async with open_hall(tmp_path / "data", rtc_address="127.0.0.1") as hall:
            await speaks(hall, relayed(url, tmp_path))


def _log(folder: Path) -> str:
    return (folder / "turnserver.log").read_text(errors="replace")
