"""TLS in the process: real certificates, real handshakes, and a renewal while serving."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from harness.certificates import write_pair
from rostra.core.proxies import Proxies
from rostra.core.settings import Settings
from rostra.core.tls import Certificate, CertificateUnusable, certificate
from rostra.serving.exchange import Exchange
from rostra.serving.limits import Limits
from rostra.serving.metrics import Counters
from rostra.serving.request import Request
from rostra.serving.response import response
from rostra.serving.server import serve

BIG = random.Random(7).randbytes(8_000_001)
"""More than the kernel holds for somebody who reads later."""


class Echo:
    """Says who asks."""

    def respond(self, request: Request, exchange: Exchange) -> None:
        body = BIG if request.path == "/big" else request.peer.encode()
        exchange.send(response(200, body, content_type="text/plain"))


@asynccontextmanager
async def serving(
    pair: Certificate | None,
    proxies: Proxies | None = None,
    limits: Limits | None = None,
    counters: Counters | None = None,
) -> AsyncIterator[int]:
    sock = socket.create_server(("127.0.0.1", 0))
    stopping = asyncio.Event()
    task = asyncio.create_task(
        serve(
            Echo(),
            [sock],
            stopping=stopping,
            certificate=pair,
            proxies=proxies,
            limits=limits,
            counters=counters,
        )
    )
    try:
        yield sock.getsockname()[1]
    finally:
        stopping.set()
        await asyncio.wait_for(task, 10)


async def name_presented(port: int) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    common = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value)


@pytest.mark.parametrize(("before", "after"), [("ec", "ec"), ("ec", "rsa"), ("rsa", "ec")])
async def test_a_renewed_certificate_is_presented_without_a_restart(
    tmp_path: Path, before: str, after: str
) -> None:
    pair = Certificate(*write_pair(tmp_path, "first", kind=before))
    async with serving(pair) as port:
        assert await name_presented(port) == "first"
        write_pair(tmp_path, "second", kind=after)
        assert pair.reload_if_changed()
        assert await name_presented(port) == "second"


async def test_an_answer_of_many_pieces_arrives_whole(tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=write_pair(tmp_path, "first")[0])
    async with serving(Certificate(tmp_path / "chain.pem", tmp_path / "key.pem")) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(b"GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).partition(b"\r\n\r\n")[2] == BIG
        writer.close()


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02"])
async def test_who_does_not_shake_hands_is_gone_soon_and_others_are_served(
    tmp_path: Path, said: bytes
) -> None:
    pair = Certificate(*write_pair(tmp_path, "first"))
    async with serving(pair, limits=Limits(head_s=0.3)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert await name_presented(port) == "first"
        async with asyncio.timeout(3):
            with contextlib.suppress(ConnectionError):
                assert b"HTTP" not in await reader.read()
        assert await name_presented(port) == "first"
        writer.close()


@pytest.mark.parametrize(
    "limits", [Limits(handshakes=20), Limits(connections=15, lingerers=5)], ids=["handshakes", "connections"]
)
async def test_a_crowd_that_never_shakes_hands_takes_no_more_than_its_share_and_others_are_served(
    tmp_path: Path, limits: Limits
) -> None:
    most, counters = 20, Counters()
    pair = Certificate(*write_pair(tmp_path, "first"))
    async with serving(pair, limits=limits, counters=counters) as port:
        before = len(os.listdir("/proc/self/fd"))
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3 * most)]
        if limits.connections > most:
            assert await name_presented(port) == "first"
        async with asyncio.timeout(3):
            for reader, _ in silent[:most]:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b"", "the oldest are gone, long before their time is over"
        held = len(os.listdir("/proc/self/fd")) - before - len(silent)
        assert held < 1.5 * most
        assert counters.broken_off >= most
        for _, writer in silent:
            writer.close()


async def test_a_broken_renewal_leaves_the_old_certificate_in_place(tmp_path: Path) -> None:
    chain, key = write_pair(tmp_path, "first")
    pair = Certificate(chain, key)
    async with serving(pair) as port:
        key.write_text("no key")
        os.utime(key, ns=(1, 1))
        assert not pair.reload_if_changed()
        assert await name_presented(port) == "first"


@contextmanager
def nothing_can_be_opened() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_renewed_certificate_that_could_not_be_read_is_taken_up_once_it_can(tmp_path: Path) -> None:
    pair = Certificate(*write_pair(tmp_path, "first"))
    write_pair(tmp_path, "second")
    with capture_logs() as logs:
        with nothing_can_be_opened():
            assert not pair.reload_if_changed()
            assert not pair.reload_if_changed()
        assert pair.reload_if_changed()
    assert [each["event"] for each in logs] == ["certificate_not_reloaded", "certificate_reloaded"]


def test_a_certificate_that_cannot_be_read_is_named_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(CertificateUnusable, match="ROSTRA_TLS"):
        certificate(Settings(tls_certificate=tmp_path / "none.pem", tls_key=tmp_path / "none.key"))
    with pytest.raises(CertificateUnusable, match="both"):
        certificate(Settings(tls_certificate=tmp_path / "none.pem"))


def test_why_a_pair_cannot_be_used_is_said(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir()
    theirs.mkdir()
    chain, key = write_pair(mine, "mine")
    _, other = write_pair(theirs, "theirs")
    secret = serialization.load_pem_private_key(key.read_bytes(), password=None)
    locked, junk = tmp_path / "locked.pem", tmp_path / "junk.pem"
    locked.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"a secret"),
        )
    )
    junk.write_text("no certificate")
    for pair, why in {
        (chain, other): f"The key in {other} is not that of the certificate in {chain}.",
        (junk, key): f"{junk} or {key} is no PEM file",
        (chain, locked): "has a passphrase",
    }.items():
        with pytest.raises(CertificateUnusable, match=re.escape(why)):
            Certificate(*pair)


@pytest.mark.parametrize(("trusted", "peer"), [([], "127.0.0.1"), (["127.0.0.1"], "198.51.100.7")])
async def test_only_a_configured_proxy_may_say_who_asks(trusted: list[str], peer: str) -> None:
    async with serving(None, Proxies(trusted)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.7\r\nConnection: close\r\n\r\n"
        )
        assert (await reader.read()).endswith(peer.encode())
        writer.close()
        await writer.wait_closed()
