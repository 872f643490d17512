"""The HTML pages: home, event, and refusals that a browser shows to a person.

Turns what the directory holds into the values that the templates name, and renders them with
every text escaped. Pure but for the templates, which are read once.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core.errors import RostraError
from rostra.core.samples import SAMPLE_RATE
from rostra.gateway import moments
from rostra.gateway.assets import Assets, Needs
from rostra.gateway.directory import Directory, Entry
from rostra.gateway.origins import Origins
from rostra.gateway.status import LATE, Status, people, word

HOME_ENTRY = "src/home/main.ts"
EVENT_ENTRY = "src/event/main.ts"
MOST_LISTED = 50
"""Spaces in one list of the home page."""
FORGOTTEN_MS = 24 * 3600 * 1000
"""A space nobody started leaves the home page so long after its announced start."""
_SCRIPT_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class Urls(msgspec.Struct, frozen=True):
    """Addresses around one space. Absolute, except those that only the page itself asks."""

    home: str
    event: str
    card: str
    status: str
    join: str
    m3u: str
    hls: str
    dash: str
    radio: str
    studio: str
    backstage: str

    @classmethod
    def of(cls, state: SpaceState, origins: Origins) -> Urls:
        """Return the addresses of a space as a visitor of ``origins`` sees them."""
        event = origins.event(state.space)
        return cls(
            home="/",
            event=event,
            card=f"{event}/card.png?v={state.revision}",
            status=f"/s/{state.space}/status.json",
            join=f"/s/{state.space}/join",
            m3u=f"{event}/listen.m3u",
            hls=f"{event}/live.m3u8",
            dash=f"{event}/live.mpd",
            radio=f"{event}/radio.aac",
            studio=f"{origins.backstage}/studio/{state.space}",
            backstage=f"{origins.backstage}/",
        )


@dataclass(frozen=True, slots=True)
class Playbill:
    """One space in a list of the home page."""

    href: str
    title: str
    people: tuple[str, ...]
    starts_at_iso: str
    starts_local: str
    listeners: int
    length: str
    late: bool


@dataclass(frozen=True, slots=True)
class Back:
    """The way on from a refusal."""

    href: str
    text: str


class Pages:
    """Renders pages to UTF-8."""

    def __init__(self, *, site_name: str, assets: Assets) -> None:
        environment = jinja2.Environment(
            loader=jinja2.PackageLoader("rostra.gateway"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=False,
        )
        environment.globals["site_name"] = site_name
        self._home = environment.get_template("home.html")
        self._event = environment.get_template("event.html")
        self._error = environment.get_template("error.html")
        self._home_needs = assets.needs(HOME_ENTRY)
        self._event_needs = assets.needs(EVENT_ENTRY)
        self._error_needs = Needs(css=self._home_needs.css)

    def home(self, directory: Directory, origins: Origins, *, now_ms: int) -> bytes:
        """Render what is live, announced and recorded."""
        by_list = _sort_out(directory, now_ms)
        return self._home.render(
            live=[_playbill(entry, directory, now_ms) for entry in by_list.live],
            upcoming=[_playbill(entry, directory, now_ms) for entry in by_list.upcoming],
            recordings=[_playbill(entry, directory, now_ms) for entry in by_list.recordings],
            backstage_url=f"{origins.backstage}/",
            assets=self._home_needs,
        ).encode()

    def event(self, state: SpaceState, status: Status, origins: Origins) -> bytes:
        """Render one space's page with ``status`` inside, so that its script starts without asking."""
        urls = Urls.of(state, origins)
        return self._event.render(
            space=state,
            state=status.state,
            starts_at_iso=moments.iso(state.starts_at),
            starts_local=moments.local_text(state.starts_at, state.time_zone, now_ms=status.now),
            people=people(state),
            urls=urls,
            boot_json=_boot_json(state, status, urls),
            assets=self._event_needs,
        ).encode()

    def refusal(self, error: RostraError, back: Back | None) -> bytes:
        """Render an error of the tree as a page."""
        return self._error.render(
            status=error.status, message=error.sentence, back=back, assets=self._error_needs
        ).encode()


def length_text(samples: int) -> str:
    """A duration as people say it: ``48 s``, ``12 min``, ``1 h 02 min``."""
    seconds = samples // SAMPLE_RATE
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


@dataclass(frozen=True, slots=True)
class _Lists:
    live: list[Entry]
    upcoming: list[Entry]
    recordings: list[Entry]


def _sort_out(directory: Directory, now_ms: int) -> _Lists:
    live = directory.live()
    announced = (entry for entry in directory if _is_announced(entry.state, now_ms))
    recorded = (entry for entry in directory if entry.state.recording is not None)
    return _Lists(
        live=heapq.nlargest(MOST_LISTED, live, key=directory.listeners),
        upcoming=heapq.nsmallest(MOST_LISTED, announced, key=lambda entry: entry.state.starts_at),
        recordings=heapq.nlargest(MOST_LISTED, recorded, key=lambda entry: entry.state.live_at),
    )


def _is_announced(state: SpaceState, now_ms: int) -> bool:
    if state.lifecycle is Lifecycle.SCHEDULED:
        return now_ms - state.starts_at < FORGOTTEN_MS
    return state.lifecycle is Lifecycle.LOBBY


def _playbill(entry: Entry, directory: Directory, now_ms: int) -> Playbill:
    state = entry.state
    begun_at = state.live_at or state.starts_at
    return Playbill(
        href=f"/s/{state.space}",
        title=state.title,
        people=people(state),
        starts_at_iso=moments.iso(begun_at),
        starts_local=moments.local_text(begun_at, state.time_zone, now_ms=now_ms),
        listeners=directory.listeners(entry),
        length=length_text(state.recording.duration_samples) if state.recording else "",
        late=word(state, entry.report, now_ms=now_ms) == LATE,
    )


def _boot_json(state: SpaceState, status: Status, urls: Urls) -> Markup:
    """Return the status document with the page's own additions, safe inside a script element.

    The element's text ends at ``</``, and ``<!--`` changes how it is read (HTML §4.12.1.3), so no
    ``<`` may appear; as an escape it means the same to a JSON parser.
    """
    fields: dict[str, Any] = msgspec.structs.asdict(status)
    fields.update(description=state.description, time_zone=state.time_zone, urls=urls)
    text = msgspec.json.encode(fields).decode()
    return Markup(text.translate(_SCRIPT_ESCAPES))
