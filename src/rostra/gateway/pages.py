"""The HTML pages: home, event, host, texts, and refusals that a browser shows to a person.

Turns what the directory holds into the values that the templates name, and renders them with
every text escaped. Pure but for the templates, which are read once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import jinja2
import msgspec
from markupsafe import Markup

from rostra.bus.messages import HostState, Lifecycle, Role, SpaceState, Visibility
from rostra.core import moments, words
from rostra.core.errors import RostraError
from rostra.core.samples import SAMPLE_RATE
from rostra.gateway.accent import Accent
from rostra.gateway.assets import Assets, Needs
from rostra.gateway.edition import Edition
from rostra.gateway.listing import Lists, is_recorded
from rostra.gateway.onward import WayOn
from rostra.gateway.playbill import Playbill, Told, length_text, playbill
from rostra.gateway.status import OVER, Status, begun_at, guests, people, vouched
from rostra.gateway.stored import Kept
from rostra.gateway.structured import event_document
from rostra.gateway.urls import Urls, calendar_query
from rostra.gateway.view import View

HOME_ENTRY = "src/home/main.ts"
EVENT_ENTRY = "src/event/main.ts"
PRIVATE_ENTRY = "src/private/main.ts"
_MOST_LINK_CHARS = 40
_SCRIPT_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@dataclass(frozen=True, slots=True)
class Back:
    """The way on from a refusal."""

    href: str
    text: str


class Pages:
    """Renders pages to UTF-8. Every page knows ``site``, ``lang``, ``dir``, ``say`` and ``assets``."""

    def __init__(self, *, assets: Assets) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("rostra.gateway"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=False,
        )
        self._templates.filters.update(bare_link=bare_link, initials=initials)
        self._assets = assets
        self._home_needs = assets.needs(HOME_ENTRY)
        self._event_needs = assets.needs(EVENT_ENTRY)
        self._private_needs = assets.needs(PRIVATE_ENTRY)
        self._still_needs = Needs(css=self._home_needs.css)

    def prepare(self) -> None:
        """Compile all templates: else the first who opens a page waits for that, and all behind them."""
        for name in self._templates.list_templates():
            self._templates.get_template(name)

    def home(self, lists: Lists, told: Told, view: View, shown: Edition) -> bytes:
        """Render what is live, announced and recorded."""
        return self._render(
            "home.html",
            view,
            self._home_needs,
            **_playbills(lists, told, view),
            backstage_url=f"{view.origins.backstage}/console",
            shown=shown,
        )

    def host(
        self,
        handle: str,
        lists: Lists,
        newest: SpaceState,
        about: HostState,
        told: Told,
        view: View,
        shown: Edition,
    ) -> bytes:
        """Render one host's page; ``newest`` of their spaces says how they are called today.

        ``about``: what they say about themselves.
        """
        return self._render(
            "host.html",
            view,
            self._home_needs,
            **_playbills(lists, told, view),
            shown=shown,
            handle=handle,
            host_name=newest.account_name,
            host_verified=newest.host_verified,
            about=about,
            canonical=view.origins.host(handle),
            ics=f"/h/{quote(handle, safe='')}/events.ics{calendar_query(view.lang)}",
        )

    def event(
        self, state: SpaceState, status: Status, view: View, *, way: WayOn | None = None, given: str = ""
    ) -> bytes:
        """Render one space's page with ``status`` inside, so that its script starts without asking.

        ``way`` leads on where it has moved; an address that search engines must not learn is left to those
        who ask for the status. Until it has a recording to hear, they are to find the other page for this
        one. ``given`` is the visitor's pass to a private space, which other programs' addresses carry.
        """
        if way is not None and not way.is_named:
            status = msgspec.structs.replace(status, moved=None)
        urls = Urls.of(state, view.origins, given=given, language=view.lang)
        begins_at = begun_at(status)
        company = _company(state, status, view.lang)
        elsewhere = None if is_recorded(state) else way
        found = None if elsewhere else event_document(state, company, view.origins, view.lang)
        return self._render(
            "event.html",
            view,
            self._event_needs,
            space=state,
            state=status.state,
            status=status,
            way=way,
            starts_at_iso=moments.iso(begins_at),
            starts_local=_local(view, state, begins_at),
            starts_zone=moments.zone_text(begins_at, state.time_zone),
            lasted=_early(view, state, begins_at) or _lasted(status, view.lang),
            rescheduled=_rescheduled(view, state),
            over=status.state in OVER,
            pill_more=_pill_more(status, view.lang),
            moment=_Moments(moments.iso, partial(_local_zoned, view, state)),
            words_js=self._assets.words("event", view.lang),
            people=company,
            guests=guests(state),
            heard=state.heard,
            vouched=vouched(state),
            urls=urls,
            boot_json=_boot_json(state, status, urls),
            canonical=elsewhere.href if elsewhere and elsewhere.is_named else urls.event,
            noindex=state.visibility is not Visibility.PUBLIC or bool(elsewhere and not elsewhere.is_named),
            json_ld=_in_script(found),
        )

    def private(self, state: SpaceState, error: RostraError, view: View) -> bytes:
        """Render what stands before a private space: nothing of it but whether a passphrase opens it."""
        backstage = view.origins.backstage
        return self._render(
            "private.html",
            view,
            self._private_needs,
            code=error.code,
            message=error.said(view.lang),
            event=f"/s/{state.space}",
            has_passphrase=state.has_passphrase,
            pass_url=f"{backstage}/api/v1/spaces/{state.space}/pass",
            signin_url=f"{backstage}/pass/{state.space}",
        )

    def text(self, heading: str, paragraphs: Sequence[str], view: View) -> bytes:
        """Render a page of plain paragraphs under a heading."""
        return self._render("text.html", view, self._still_needs, heading=heading, paragraphs=paragraphs)

    def reminder(
        self, heading: str, text: str, view: View, *, press: str = "", action: str = "", back: str = ""
    ) -> bytes:
        """Render what a link from a reminder's mail leads to."""
        return self._render(
            "remind.html",
            view,
            self._still_needs,
            heading=heading,
            text=text,
            press=press,
            action=action,
            back=back,
        )

    def privacy(self, kept: Sequence[Kept], view: View) -> bytes:
        """Render what is stored, where and how long."""
        return self._render("privacy.html", view, self._still_needs, kept=kept)

    def refusal(self, error: RostraError, back: Back | None, view: View) -> bytes:
        """Render an error of the tree as a page."""
        message = error.said(view.lang)
        if "reason" in error.detail:
            message = f"{message} {words.say(view.lang, 'door.reason', reason=error.detail['reason'])}"
        return self._render(
            "error.html", view, self._still_needs, status=error.status, message=message, back=back
        )

    def _render(self, template: str, view: View, needs: Needs, **values: Any) -> bytes:
        return (
            self._templates.get_template(template)
            .render(
                {"words_js": ()} | values,
                assets=needs,
                languages=[(language, words.name(language)) for language in words.LANGUAGES],
                contact_href=_contact_href(view.site.contact),
                site=view.site,
                site_name=view.site.name,
                card=f"{view.origins.door}/card.png",
                accent=Accent.of(view.site.color),
                lang=view.lang,
                carried=view.carried,
                times=msgspec.json.encode(moments.patterns(view.lang)).decode(),
                dir=words.direction(view.lang),
                say=partial(words.say, view.lang),
            )
            .encode()
        )


@dataclass(frozen=True, slots=True)
class _Moments:
    """How a template writes a point in time: for programs, and for people."""

    iso: Callable[[int], str]
    text: Callable[[int], str]


def bare_link(link: str) -> str:
    """Return an address as one reads it out: without its scheme, and not too long."""
    bare = link.partition("://")[2].removeprefix("www.").rstrip("/") or link
    return bare if len(bare) <= _MOST_LINK_CHARS else f"{bare[: _MOST_LINK_CHARS - 1]}…"


def initials(name: str) -> str:
    """Return the first letters of a name's first and last word, as on a disc."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def clock_text(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _rescheduled(view: View, state: SpaceState) -> str:
    """That it begins at another time than was announced; empty where it does not."""
    if not state.starts_before or state.lifecycle not in (Lifecycle.SCHEDULED, Lifecycle.LOBBY):
        return ""
    zone = state.time_zone
    before, after = (
        moments.time_text(at, zone, language=view.lang)
        if moments.same_day(state.starts_before, state.starts_at, zone)
        else _local(view, state, at)
        for at in (state.starts_before, state.starts_at)
    )
    return words.say(view.lang, "event.rescheduled", before=before, after=after)


def _early(view: View, state: SpaceState, begins_at: int) -> str:
    """For when it was announced, where it is live earlier; empty where it is not."""
    if state.lifecycle is not Lifecycle.LIVE or begins_at == state.starts_at:
        return ""
    same_day = moments.same_day(state.starts_at, begins_at, state.time_zone)
    announced = moments.time_text(state.starts_at, state.time_zone, language=view.lang)
    time = announced if same_day else _local(view, state, state.starts_at)
    return words.say(view.lang, "event.early", time=time)


def _company(state: SpaceState, status: Status, language: str) -> tuple[str, ...]:
    """Whom the page names: all announced; while it is live, whoever is there; then, who was."""
    there = sorted(status.speakers, key=lambda each: each.role != Role.HOST.value)
    on_stage = dict.fromkeys(each.name for each in there if state.lifecycle is Lifecycle.LIVE)
    return tuple(on_stage) or people(state, language)


def _lasted(status: Status, language: str) -> str:
    """How long it was live; empty before it is over, and where it never was."""
    if status.state not in OVER or not status.live_at or not status.ended_at:
        return ""
    samples = (status.ended_at - status.live_at) * SAMPLE_RATE // 1000
    return words.say(language, "event.lasted", length=length_text(samples, language))


def _pill_more(status: Status, language: str) -> str:
    """What stands in the corner beside the state: how many listen, or how long the recording is."""
    if status.replay is not None:
        return clock_text(status.replay.seconds)
    count = words.number(language, status.listeners)
    return f"{'≈' if status.estimated else ''}{count}" if status.listeners else ""


def _local(view: View, state: SpaceState, utc_ms: int) -> str:
    return moments.local_text(utc_ms, state.time_zone, now_ms=view.now_ms, language=view.lang)


def _local_zoned(view: View, state: SpaceState, utc_ms: int) -> str:
    return f"{_local(view, state, utc_ms)} {moments.zone_text(utc_ms, state.time_zone)}"


def _contact_href(contact: str) -> str:
    """Where a contact leads, if it is a mail or web address; else empty."""
    if contact.startswith(("https://", "http://", "mailto:")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""


def _playbills(lists: Lists, told: Told, view: View) -> dict[str, list[Playbill]]:
    return {
        "live": [playbill(entry, told, view) for entry in lists.live],
        "upcoming": [playbill(entry, told, view) for entry in lists.upcoming],
        "recordings": [playbill(entry, told, view) for entry in lists.recordings],
    }


def _boot_json(state: SpaceState, status: Status, urls: Urls) -> Markup:
    """Return the status document with the page's own additions, for its script."""
    fields: dict[str, Any] = msgspec.structs.asdict(status)
    fields.update(description=state.description, time_zone=state.time_zone, urls=urls)
    return _in_script(fields)


def _in_script(document: dict[str, Any] | None) -> Markup:
    """Return JSON that is safe inside a script element; empty for None.

    The element's text ends at ``</``, and ``<!--`` changes how it is read (HTML §4.12.1.3), so no
    ``<`` may appear; as an escape it means the same to a JSON parser.
    """
    if document is None:
        return Markup("")
    return Markup(msgspec.json.encode(document).decode().translate(_SCRIPT_ESCAPES))
