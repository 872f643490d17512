"""Spaces to come, past and cancelled as an Atom feed (RFC 4287); a recording is an enclosure. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from rostra.bus.messages import Lifecycle, SpaceState
from rostra.core import moments, words
from rostra.gateway.onward import Onward, found_at, moved_text, nowhere
from rostra.gateway.permanent import changed_ms, permanent_id
from rostra.gateway.status import LISTEN_TYPE, baseline, named
from rostra.gateway.view import View

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference."""

register_namespace("", _ATOM)


def feed(states: Iterable[SpaceState], view: View, *, address: str, to: Onward = nowhere) -> bytes:
    """Return the feed found at ``address``; the space that changed last comes first.

    ``to`` says where each goes on: entries of those that moved lead there, by the old address where the
    other is not for everybody to find.
    """
    newest_first = sorted(states, key=changed_ms, reverse=True)
    root = Element(f"{{{_ATOM}}}feed", {"xml:lang": view.lang})
    _add(root, "id", address)
    _add(root, "title", view.site.name)
    _add(root, "updated", moments.iso(changed_ms(newest_first[0]) if newest_first else 0))
    _add(SubElement(root, f"{{{_ATOM}}}author"), "name", view.site.name)
    _add(root, "link", rel="self", type="application/atom+xml", href=address)
    _add(root, "link", rel="alternate", type="text/html", href=f"{view.origins.door}/")
    _add(root, "generator", "Rostra")
    for state in newest_first:
        _entry(root, state, view, to(state))
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(root: Element, state: SpaceState, view: View, target: SpaceState | None) -> None:
    origins = view.origins
    entry = SubElement(root, f"{{{_ATOM}}}entry")
    _add(entry, "id", permanent_id(state.space).urn)
    _add(entry, "title", state.title)
    _add(entry, "updated", moments.iso(changed_ms(state)))
    _add(entry, "link", rel="alternate", type="text/html", href=origins.event(found_at(state, target)))
    _add(entry, "category", term=state.lifecycle.value)
    author = SubElement(entry, f"{{{_ATOM}}}author")
    _add(author, "name", named(state.account_name, view.lang))
    if state.host_handle:
        _add(author, "uri", origins.host(state.host_handle))
    _add(entry, "summary", _summary(state, view, target))
    if state.recording is not None and state.run is not None and state.renditions and state.is_released:
        href = f"{origins.recording(state.space, state.run)}{baseline(state).name}.mp4"
        length = str(state.recording.size_bytes)
        _add(entry, "link", rel="enclosure", type=LISTEN_TYPE, href=href, length=length)


def _summary(state: SpaceState, view: View, target: SpaceState | None) -> str:
    cancelled = state.lifecycle is Lifecycle.CANCELLED
    starts = moments.local_text(
        state.live_at or state.starts_at, state.time_zone, now_ms=view.now_ms, language=view.lang
    )
    parts = (
        words.say(view.lang, "event.cancelled") if cancelled else "",
        moved_text(state, target, view.lang),
        words.say(view.lang, "door.feed.when", time=starts, zone=state.time_zone.replace("_", " ")),
        state.description,
    )
    return "\n\n".join(part for part in parts if part)


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> None:
    child = SubElement(
        parent, f"{{{_ATOM}}}{name}", {key: _clean(value) for key, value in attributes.items()}
    )
    if text or not attributes:
        child.text = _clean(text)


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)
