"""The one table of settings: name, type, default, unit, help.

Read once, by the composition root, from ``ROSTRA_…`` variables, a file and the command line;
features get values. The reference page is generated from this table.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rostra.core.errors import RostraError
from rostra.core.listening import host_and_port, is_private
from rostra.core.mail_address import sole_address
from rostra.core.proxies import network


def setting(
    default: Any,
    help: str,
    *,
    unit: str = "",
    least: int | None = None,
    most: int | None = None,
    pattern: str | None = None,
) -> Any:
    """Declare one row of the table; ``least`` and ``most`` are inclusive."""
    return Field(
        default=default,
        description=help,
        json_schema_extra={"unit": unit},
        ge=least,
        le=most,
        pattern=pattern,
    )


WORKER_LISTENERS: Final = 16_000
"""Connections of an edge process beyond which newcomers are sent to the others."""
_ADDRESS: Final = r"^(https?://[A-Za-z0-9._\[\]:-]+/?)?$"


def _listed(given: object) -> object:
    """Read a list as a variable holds it; here, so that a refusal names the variable."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise ValueError('must be a list of texts in JSON, such as ["one", "two"]') from error


def _listen(given: str) -> str:
    """Check an address to listen on; empty: none."""
    if given and host_and_port(given)[1] == 0:
        raise ValueError("must name a port from 1 to 65535")
    return given


def _listen_privately(given: str) -> str:
    if _listen(given) and not is_private(host_and_port(given)[0]):
        raise ValueError("must be on a loopback or private address, such as 127.0.0.1:8004")
    return given


def _networks(given: list[str]) -> list[str]:
    for each in given:
        network(each)
    return given


Texts = Annotated[list[str], NoDecode, BeforeValidator(_listed)]
Networks = Annotated[Texts, AfterValidator(_networks)]
Mailbox = Annotated[str, AfterValidator(sole_address)]
Listen = Annotated[str, AfterValidator(_listen)]
PrivateListen = Annotated[str, AfterValidator(_listen_privately)]


class Settings(BaseSettings):
    """Every knob of a deployment. Values are checked when read and frozen afterwards."""

    model_config = SettingsConfigDict(env_prefix="ROSTRA_", frozen=True, extra="forbid")

    data: Path = setting(Path("data"), "Folder that holds everything: database, tapes, keys.")
    bind: str = setting("0.0.0.0", "Address on which the three public ports listen.")
    door_port: int = setting(8000, "Port of the door: event pages, join, status.", least=1, most=65_535)
    edge_port: int = setting(8001, "Port of the edge: live audio and recordings.", least=1, most=65_535)
    control_port: int = setting(
        8002, "Port of backstage: sign-in, studio, console, API.", least=1, most=65_535
    )
    door_url: str = setting(
        "",
        "Public address of the door; empty: host of the request, door port. Of the same host as control_url: "
        "blocks of guests, and the silence of the event page beside the studio, rest on its cookies.",
        pattern=_ADDRESS,
    )
    edge_url: str = setting(
        "", "Public address of the edge; empty: host of the request, edge port.", pattern=_ADDRESS
    )
    control_url: str = setting(
        "",
        "Public address of backstage; empty: host of the request, its port. Of the same host as door_url.",
        pattern=_ADDRESS,
    )
    edge_capacity: int = setting(
        15_000,
        "Listeners this machine is to hold; says how many edge processes run.",
        unit="listeners",
        least=1,
    )
    edge_workers: int = setting(
        0,
        "Edge processes, each with its own accept queue; 0: capacity / 16,000, and one more.",
        most=64,
        least=0,
    )
    edge_behind_cache: bool = setting(
        False,
        "A shared cache in front serves the audience: players say once a minute that they are there. "
        "So they do, too, where edge_trusted_listen names an address.",
    )
    edge_cadence: int = setting(
        1, "Audio in one write to a listener: 1, 2, 3, 4, 6 or 12 quanta.", unit="0.32 s", least=1, most=12
    )
    edge_cohorts: int = setting(
        1,
        "Groups of listeners written to in turn, a quantum apart; divides 12, at most the cadence.",
        least=1,
        most=12,
    )
    edge_trusted_listen: PrivateListen = setting(
        "", "Address and port for caches in front, which fetch names without a ticket, as 127.0.0.1:8004."
    )
    backlog: int = setting(
        4096,
        "Connections the kernel queues on each public port; never more than its net.core.somaxconn.",
        unit="connections",
        least=1,
        most=65_535,
    )
    edge_socket: Path | None = setting(
        None, "Unix socket on which a proxy of ours reaches the edge; what it says of who asks is believed."
    )
    door_socket: Path | None = setting(None, "The same for the door.")
    site_name: str = setting("Rostra", "Name of this site until its operator gives it one.")
    poll_rate: int = setting(
        4_000,
        "Questions from open pages the door aims at; with more pages, each asks less often than every 1.5 s.",
        unit="requests/s",
        least=1,
    )
    capacity: int = setting(
        0,
        "Listeners who may be inside at once, exactly; 0: as many as the machine is measured to carry.",
        unit="listeners",
        least=0,
    )
    uplink_mbit: int = setting(
        0, "What the line to the audience carries; 0: not known, and no limit.", unit="Mbit/s", least=0
    )
    waiting_room_s: int = setting(
        900, "How long before its start the waiting room of a space opens.", unit="s", least=0
    )
    entries_per_prefix: int = setting(
        64,
        "Entries of one network (/24, /56) that wait in the first line, and of a /48 sixteen times as many; "
        "those beyond wait in the second.",
        least=1,
    )
    host_reserved: int = setting(
        500,
        "Places that a host may set apart for reserved links of one space; operators may set apart more.",
        least=0,
    )
    tls_certificate: Path | None = setting(
        None, "PEM file with the certificate chain of door, edge and backstage; reloaded when it changes."
    )
    tls_key: Path | None = setting(None, "PEM file with the private key of that certificate.")
    trusted_proxies: Networks = setting(
        [],
        "Networks (CIDR) of proxies whose X-Forwarded-For and -Proto are believed; none by default.",
    )
    smtp_url: str = setting(
        "", "Mail server as smtp://user:password@host:587 or smtps://…:465; empty: links are shown instead."
    )
    mail_from: Mailbox = setting("", "Address that mails come from; the name beside it is the site's.")
    push_contact: str = setting(
        "",
        "Contact for push services, as mailto:you@host or https://…; empty: mail_from, else door_url.",
        pattern=r"^((mailto:[^@\s]+@|https://)[^\s]+)?$",
    )
    push_hosts: Texts = setting(
        [
            "fcm.googleapis.com",
            "push.services.mozilla.com",
            "push.apple.com",
            "notify.windows.com",
        ],
        "Hosts of push services, and all under them; reminders are pushed to no other.",
    )
    reminder_rate: int = setting(
        20,
        "Reminders sent a second at most, pushed and mailed together: no more than the mail server takes.",
        unit="1/s",
        least=1,
        most=1_000,
    )
    invitation_days: int = setting(7, "Time an invitation can be used.", unit="days", least=1)
    reset_hours: int = setting(24, "Time a link for a new password can be used.", unit="h", least=1)
    pass_hours: int = setting(24, "Time a pass to a private space is good.", unit="h", least=1)
    rtc_address: str = setting(
        "",
        "Address that speakers' browsers are told to send audio to, or a name, which is looked up each "
        "minute; empty: this machine's own.",
    )
    rtc_port_min: int = setting(
        0, "Lowest UDP port for speakers; 0: any the system gives.", least=0, most=65_535
    )
    rtc_port_max: int = setting(
        0, "Highest UDP port for speakers; 0: any the system gives.", least=0, most=65_535
    )
    stun_servers: Texts = setting([], "STUN addresses offered to speakers; none by default.")
    max_speakers: int = setting(
        13, "People on one stage, at most 64: host, co-hosts and speakers.", unit="people", least=1, most=64
    )
    hold_end_s: int = setting(
        600,
        "Time after which a live space that everybody has left ends; 0: never. One that nobody has come to "
        "yet waits six hours.",
        unit="s",
        least=0,
    )
    reactions: bool = setting(True, "Whether listeners may react while a space is live.")
    stage_first: bool = setting(
        True,
        "Whether the stage runs before everything else on this machine, where the system allows it. It "
        "and the door keep to different halves of the cores then.",
    )
    max_monitors: int = setting(
        4,
        "People who may listen in to one stage by WHEP, without a place on it.",
        unit="people",
        least=0,
        most=100,
    )
    seat_s: int = setting(
        60, "Time a speaker whose connection broke keeps the place on stage.", unit="s", least=0
    )
    turn_urls: Texts = setting(
        [], "TURN addresses offered to speakers, as turn:host:3478 or turns:host:443?transport=tcp."
    )
    turn_secret: Path | None = setting(
        None, "File with the secret shared with the TURN server, for credentials that expire."
    )
    turn_ttl_s: int = setting(14_400, "Time a TURN credential is good.", unit="s", least=60)
    source_listen: Listen = setting(
        "", "Address and port for Icecast sources, as 0.0.0.0:8005; empty: none are taken."
    )
    max_cohosts: int = setting(
        2,
        "Co-hosts of one space. Their seats and the host's are kept free: speakers take the rest.",
        unit="people",
        least=0,
        most=98,
    )
    host_patience_s: int = setting(
        60,
        "Time a live stage waits for its host; then a co-host acts as host, or operators are told.",
        unit="s",
        least=1,
    )
    ticket_admit_s: int = setting(120, "Time in which a ticket must be used first.", unit="s", least=1)
    ticket_life_s: int = setting(86_400, "Time a ticket stays good once used.", unit="s", least=60)
    ticket_key_hours: int = setting(
        24, "Time after which tickets are signed with a new key; 0: always the same.", unit="h", least=0
    )
    session_days: int = setting(30, "Time a sign-in lasts.", unit="days", least=1)
    max_body_bytes: int = setting(98_304, "Largest request body backstage accepts.", unit="bytes", least=1024)
    min_free_bytes: int = setting(
        64 * 1024 * 1024,
        "Free disk space below which a live space is ended cleanly. None goes live unless there is room for "
        "five minutes more.",
        unit="bytes",
        least=0,
    )
    radio_places: int = setting(
        16_000, "Listeners of each endless stream at an edge process.", unit="listeners", least=0
    )
    radio_full: Literal["message", "refuse"] = setting(
        "message", "What radios beyond get: a spoken message that all places are taken, or 503."
    )
    mp3: bool = setting(False, "Whether new programmes are encoded to MP3 as well, for old radios.")
    log_level: Literal["auto", "debug", "info", "warning", "error"] = setting(
        "auto", "Least severe event logged; auto: warning on a terminal, where a person reads, else info."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Settings:
        if len({self.door_port, self.edge_port, self.control_port}) < 3:
            raise ValueError("door_port, edge_port and control_port must be three different ports")
        if bool(self.rtc_port_min) != bool(self.rtc_port_max) or self.rtc_port_min > self.rtc_port_max:
            raise ValueError("rtc_port_min and rtc_port_max go together, the lower first")
        if bool(self.turn_urls) != bool(self.turn_secret):
            raise ValueError("turn_urls and turn_secret go together")
        if not all(url.startswith(("turn:", "turns:")) for url in self.turn_urls):
            raise ValueError("turn_urls begin with turn: or turns:")
        if 12 % self.edge_cadence or 12 % self.edge_cohorts or self.edge_cohorts > self.edge_cadence:
            raise ValueError(
                "edge_cadence and edge_cohorts divide 12, and there are no more cohorts than quanta"
            )
        return self

    @property
    def most_speakers(self) -> int:
        """Speakers on one stage, besides a host and as many co-hosts as there may be."""
        return max(1, self.max_speakers - 1 - self.max_cohosts)

    @property
    def edge_processes(self) -> int:
        """How many edge processes run: one more than the capacity needs, so that one may be away."""
        return self.edge_workers or -(-self.edge_capacity // WORKER_LISTENERS) + 1

    @property
    def behind_cache(self) -> bool:
        """Whether a shared cache in front serves the audience, so that not every listener is seen here."""
        return self.edge_behind_cache or bool(self.edge_trusted_listen)

    @property
    def push_sender(self) -> str:
        """The contact that push services are told; empty where nobody is named: nothing is pushed then."""
        if self.push_contact or self.mail_from:
            return self.push_contact or f"mailto:{self.mail_from}"
        return self.door_url.rstrip("/") if self.door_url.startswith("https://") else ""

    @property
    def two_hosts(self) -> bool:
        """Whether door and backstage are on different hosts: neither reads the other's cookies then."""
        hosts = [urlsplit(url).hostname for url in (self.door_url, self.control_url) if url]
        return len(set(hosts)) > 1

    @property
    def scheme(self) -> str:
        """What the three public ports themselves speak: ``http``, or ``https`` with a certificate."""
        return "https" if self.tls_certificate else "http"


class WrongSetting(RostraError):
    """A setting cannot work."""

    code = "wrong_setting"


def read_settings(given: dict[str, Any] | None = None) -> Settings:
    """Read the settings, ``given`` before variables. WrongSetting, with a line for each that cannot work."""
    try:
        return Settings.model_validate(given or {})
    except ValidationError as error:
        raise WrongSetting("\n".join(map(_wrong, error.errors()))) from error


def _wrong(error: ErrorDetails) -> str:
    """One line about one setting, by the name of its variable."""
    reason = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"The settings do not fit together: {reason}."
    return f"ROSTRA_{str(error['loc'][0]).upper()} is {error['input']!r}: {reason}."
