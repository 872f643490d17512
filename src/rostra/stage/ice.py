"""ICE as a server needs it: aioice with a port range, an advertised address and liveness.

What aioice lacks: it binds any port, tells only its own addresses, leaves loopback out, resolves
mDNS names by multicast, cannot begin anew, remembers every address that a check comes from, and gives up
when it was told no address at all. A server
may just wait: a browser that knows the server's address reaches it, and is then known (peer-reflexive
candidates, RFC 8445 section 7.3.1.3). Only ``stage/peer.py`` imports this.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import random
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol, get_host_addresses, server_reflexive_candidate
from aioice.stun import Message
from aioice.utils import random_string

from rostra.core.clock import Clock
from rostra.core.errors import StageUnavailable
from rostra.core.ids import draw
from rostra.stage.errors import BadFragment, NoAddress, NoFreePort
from rostra.stage.fragment import Credentials
from rostra.stage.offer import MAX_CANDIDATES
from rostra.stage.postbox import Address, Postbox

log = structlog.get_logger()

LOOPBACK = "127.0.0.1"
_LEAST_MEDIA = 4
"""First bytes below are STUN (RFC 7983 section 7)."""
_DTLS = range(20, 64)
_MEDIA = range(128, 192)
"""First bytes of RTP and RTCP, ciphered or not."""
MOST_WAITING = 512
"""Records of DTLS that wait to be read: many handshakes, or a flood."""
MOST_MET = 48
"""Addresses that checks of one peer come from: as many networks, ports and interfaces as anybody has."""
SILENT_NS = 10_000_000_000
"""One of them that no check came from for so long makes room; browsers check every few seconds."""
STUN_TIMEOUT_S = 2
"""Longest that a silent STUN server delays an answer."""
_PORT_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})
"""What is wrong with a port alone: another may do. Anything else is wrong with the address."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where speakers' browsers send their audio."""

    addresses: tuple[str, ...] = ()
    """The IP addresses told to browsers; empty: all of this machine's own."""
    port_min: int = 0
    port_max: int = 0
    """UDP ports used, both ends included; 0: any."""

    def hosts(self) -> tuple[Host, ...]:
        """Return what to bind and what to tell, at least one."""
        own = get_host_addresses(use_ipv4=True, use_ipv6=True)
        if not self.addresses:
            return tuple(Host(address, address) for address in own or [LOOPBACK])
        return tuple(Host(_bound_for(address, own), address) for address in self.addresses)

    def ports(self) -> Iterator[int]:
        """Yield ports to try, in an order that spreads speakers over the range."""
        if not self.port_min or self.port_max < self.port_min:
            yield 0
            return
        count = self.port_max - self.port_min + 1
        first = random.randrange(count)
        for step in range(count):
            yield self.port_min + (first + step) % count


@dataclass(frozen=True, slots=True)
class Host:
    """One socket: the address it is bound to, and the address told to browsers."""

    bind: str
    advertise: str


class ServerConnection(Connection):
    """An ICE agent that waits to be reached."""

    def __init__(self, *args: Any, network: Network, postbox: Postbox, clock: Clock, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._postbox = postbox
        self._clock = clock
        self.heard = 0
        """Authentic checks, and media that its keys open, that came in: while it grows, the peer is there."""
        self.junk = 0
        """Datagrams that were dropped: nobody's, broken, too early, too many, or from too many addresses."""
        self.expired = False
        """Whether the agent ended because the peer was not heard any more."""
        self.takes_media: Callable[[bytes, int], None] | None = None
        """Is given what may be media, and how many ns ago it came, once there are keys; counts it itself."""
        self._network = network
        self._told = 0
        """Candidates that the peer named."""
        self._met: dict[tuple[str, int], int] = {}
        """When the newest check came from each address (monotonic), the oldest first."""
        self.etag = _new_etag()
        """Names this ICE session; another one after every restart (RFC 9725 section 4.3.1)."""

    @property
    def local(self) -> Credentials:
        """Who we are in the ICE session of now."""
        return Credentials(self._local_username, self._local_password)

    @property
    def remote(self) -> Credentials:
        """Who the peer is in the ICE session of now."""
        return Credentials(self.remote_username or "", self.remote_password or "")

    def candidate_lines(self) -> tuple[str, ...]:
        """Our addresses, as values of ``a=candidate``."""
        return tuple(f"candidate:{candidate.to_sdp()}" for candidate in self._local_candidates)

    async def add_candidates(self, lines: Sequence[str]) -> None:
        """Note later candidates; those of a kind that we cannot use are passed over. Raises BadFragment."""
        try:
            candidates = [Candidate.from_sdp(line.removeprefix("candidate:")) for line in lines]
        except ValueError as error:
            raise BadFragment from error
        for candidate in candidates:
            await self.add_remote_candidate(candidate)

    def restart(self, remote: Credentials) -> Credentials:
        """Begin ICE anew with the same sockets (RFC 8445 section 9); return who we are from now on.

        Media goes on by the old path until the peer, which is in control, nominates a new one.
        """
        for pair in self._check_list:
            if pair.task is not None:
                pair.task.cancel()
        self._check_list.clear()
        self._remote_candidates.clear()
        self._early_checks.clear()
        self._told = 0
        self._met.clear()
        self._local_username, self._local_password = random_string(4), random_string(22)
        self.remote_username, self.remote_password = remote.ufrag, remote.pwd
        self.etag = _new_etag()
        return self.local

    async def gather_candidates(self) -> None:
        """Bind one socket a host address, and ask the STUN server, if any, how it looks from outside.

        An address that cannot be bound, because it is just coming, a duplicate or gone, is left out. Raises
        NoFreePort when none could be and the ports of one were used up, else NoAddress.
        """
        if self._local_candidates_start:
            return
        self._local_candidates_start = True
        failures: list[StageUnavailable] = []
        for host in self._network.hosts():
            try:
                protocol = self._bind(host)
            except (NoAddress, NoFreePort) as error:
                reason = str(error.__cause__)
                log.warning("address_left_out", address=host.bind, code=error.code, reason=reason)
                failures.append(error)
                continue
            self._protocols.append(protocol)
            self._local_candidates.append(protocol.local_candidate)
        if not self._protocols:
            raise next((error for error in failures if isinstance(error, NoFreePort)), failures[0])
        if self.stun_server:
            self._local_candidates += await self._seen_from_outside(self.stun_server)
        self._local_candidates_end = True

    async def add_remote_candidate(self, remote_candidate: Candidate | None) -> None:
        """Note a candidate. Names are passed over (their owner reaches us), and the list never ends.

        No more than MAX_CANDIDATES are: the stage sends checks to every one.
        """
        if remote_candidate is None or self._told >= MAX_CANDIDATES:
            return
        self._told += 1
        if _is_usable(remote_candidate):
            await super().add_remote_candidate(remote_candidate)

    def data_received(self, data: bytes, component: int, *, waited_ns: int = 0) -> None:
        """Hand media on at once; let DTLS wait to be read, whatever else comes, and nothing else."""
        if self.takes_media is not None and data[0] in _MEDIA:
            self.takes_media(data, waited_ns)
        elif data[0] in _DTLS and self._queue.qsize() < MOST_WAITING:
            super().data_received(data, component)
        else:
            self.junk += 1

    def give_up(self) -> None:
        """Have whoever reads find the connection lost."""
        self.takes_media = None
        self._queue.put_nowait(None)

    def knows(self, address: tuple[str, int]) -> bool:
        """Whether the peer is, or may be, at ``address``."""
        nominated = self._nominated.get(1)
        if nominated is not None and nominated.remote_addr == address:
            return True
        paths = (pair.remote_candidate for pair in self._nominated.values())
        return any((at._network_host, at.port) == address for at in (*paths, *self._remote_candidates))

    def check_incoming(self, message: Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """Take in an authentic check; from one address too many it is dropped and counted."""
        self.heard += 1
        if self._has_room_for(addr):
            super().check_incoming(message, addr, protocol)
        else:
            self.junk += 1

    def _has_room_for(self, address: tuple[str, int]) -> bool:
        """Note a check from ``address``, in the place of one that is silent where there are too many."""
        now_ns = self._clock.monotonic_ns()
        if address not in self._met and len(self._met) >= MOST_MET:
            in_use = {pair.remote_addr for pair in self._nominated.values()}
            oldest = next((met for met in self._met if met not in in_use), address)
            if now_ns - self._met.get(oldest, now_ns) < SILENT_NS:
                return False
            self._forget(oldest)
        self._met.pop(address, None)
        self._met[address] = now_ns
        return True

    def _forget(self, address: tuple[str, int]) -> None:
        """Check there no more; who comes from there again is met anew."""
        del self._met[address]
        for pair in [pair for pair in self._check_list if pair.remote_addr == address]:
            if pair.task is not None:
                pair.task.cancel()
            self._check_list.remove(pair)
        self._remote_candidates[:] = [
            one for one in self._remote_candidates if (one._network_host, one.port) != address
        ]

    async def query_consent(self) -> None:
        """Ask the peer now and then for its consent (RFC 7675); close and return once it has expired."""
        await super().query_consent()
        self.expired = True  # nobody who waits for the end was woken yet

    def _bind(self, host: Host) -> StunProtocol:
        """Take the first free port on an address. NoFreePort when there is none, else NoAddress."""
        taken: OSError | None = None
        for port in self._network.ports():
            try:
                sock = _bound(host.bind, port)
                protocol = _Socket(self)
                protocol.local_candidate = _host_candidate(sock, host)
                self._postbox.open(sock, protocol)
            except OSError as error:
                if error.errno not in _PORT_TAKEN:
                    raise NoAddress from error
                taken = error
            else:
                return protocol
        raise NoFreePort from taken

    async def _seen_from_outside(self, stun_server: tuple[str, int]) -> list[Candidate]:
        asked = [
            asyncio.create_task(server_reflexive_candidate(protocol, stun_server))
            for protocol in self._protocols
            if ipaddress.ip_address(protocol.local_candidate.host).version == 4
        ]
        if not asked:
            return []
        done, late = await asyncio.wait(asked, timeout=STUN_TIMEOUT_S)
        for task in late:
            task.cancel()
        return [task.result()[0] for task in done if task.exception() is None]


def _bound_for(address: str, own: Sequence[str]) -> str:
    """What to bind so that audio to ``address`` arrives: any address, where something translates it."""
    ip = ipaddress.ip_address(address)
    if address in own or ip.is_loopback:
        return address
    return "0.0.0.0" if ip.version == 4 else "::"


def _bound(address: str, port: int) -> socket.socket:
    """A socket of one family alone, so that both can have the same port. Raises OSError."""
    is_v6 = ipaddress.ip_address(address).version == 6
    sock = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if is_v6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def _is_usable(candidate: Candidate) -> bool:
    """Whether checks can be sent there: by UDP, to one machine; RTP and RTCP share component 1."""
    try:
        address = ipaddress.ip_address(candidate.host)
    except ValueError:
        return False
    return (
        candidate.component == 1
        and candidate.transport.lower() == "udp"
        and 0 < candidate.port < 65_536
        and not (address.is_multicast or address.is_unspecified)
    )


def _new_etag() -> str:
    return f'"{draw(12)}"'


class _Socket(StunProtocol):
    """A socket that takes media from whom it knows, and nothing broken from anybody.

    aioice takes what is no STUN from every address, after it has tried to read it as such, and meets some
    broken STUN with ``struct.error``, ``IndexError`` or ``KeyError``.
    """

    receiver: ServerConnection

    def came(self, data: bytes, address: Address, waited_ns: int) -> None:
        if not data:
            return
        try:
            if data[0] < _LEAST_MEDIA:
                self.datagram_received(data, address)
            elif self.receiver.knows((address[0], address[1])):
                self.receiver.data_received(data, self.local_candidate.component, waited_ns=waited_ns)
            else:
                self.receiver.junk += 1
        except Exception:
            self.receiver.junk += 1


def _host_candidate(sock: socket.socket, host: Host) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", host.advertise),
        component=1,
        transport="udp",
        priority=candidate_priority(1, "host"),
        host=host.advertise,
        port=sock.getsockname()[1],
        type="host",
    )
