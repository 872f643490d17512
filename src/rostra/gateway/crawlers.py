"""What search engines are told: ``robots.txt`` and the site map (sitemaps.org protocol 0.9). Pure.

Neither names a space that is unlisted or private: a rule against an address would give it away.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

from rostra.bus.messages import SpaceState
from rostra.core import moments
from rostra.gateway.origins import Origins
from rostra.gateway.permanent import changed_ms

MOST_ADDRESSES = 50_000
"""The protocol's limit for one file."""
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NOT_PAGES = (
    *("status.json", "join", "listen.m3u", "event.ics"),
    *("live.m3u8", "live.mpd", "radio.aac", "radio.opus", "radio.mp3"),
)


def robots(origins: Origins) -> bytes:
    """Return the rules: pages and cards, and none of what a page fetches by itself."""
    rules = [f"Disallow: /s/*/{leaf}" for leaf in _NOT_PAGES]
    lines = ["User-agent: *", *rules, "Allow: /", "", f"Sitemap: {origins.door}/sitemap.xml", ""]
    return "\n".join(lines).encode()


def site_map(states: Iterable[SpaceState], origins: Origins) -> bytes:
    """Return the addresses of home, hosts and public spaces, those that changed last first."""
    newest_first = sorted(states, key=changed_ms, reverse=True)
    pages = {f"{origins.door}/": changed_ms(newest_first[0]) if newest_first else 0}
    for state in newest_first:
        if state.host_handle:
            pages.setdefault(origins.host(state.host_handle), changed_ms(state))
        pages.setdefault(origins.event(state.space), changed_ms(state))
    root = Element("urlset", xmlns=_SITEMAP)
    for address, changed in list(pages.items())[:MOST_ADDRESSES]:
        url = SubElement(root, "url")
        SubElement(url, "loc").text = address
        if changed:
            SubElement(url, "lastmod").text = moments.iso(changed)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body
