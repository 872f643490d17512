"""Addresses around one space, as its page and its script use them. Pure."""

from __future__ import annotations

import msgspec

from rostra.bus.messages import SpaceState, Visibility
from rostra.core import words
from rostra.gateway.origins import Origins


def calendar_query(language: str, query: str = "") -> str:
    """Return the query of a calendar's address: calendars that come back for it say no language."""
    if language == words.ENGLISH:
        return query
    return f"{query}&lang={language}" if query else f"?lang={language}"


class Urls(msgspec.Struct, frozen=True):
    """Absolute, except those that only the page itself asks."""

    home: str
    event: str
    card: str
    status: str
    join: str
    report: str
    remind: str
    m3u: str
    hls: str
    dash: str
    radio: str
    ics: str
    studio: str
    backstage: str
    host: str
    """The host's page, which names public spaces; empty for others, and while their handle is not known."""

    @classmethod
    def of(
        cls, state: SpaceState, origins: Origins, *, given: str = "", language: str = words.ENGLISH
    ) -> Urls:
        """Return the addresses of a space as a visitor of ``origins`` who reads ``language`` sees them.

        Addresses that other programs open carry the visitor's pass (``given``) where the space is
        private: a player has no cookie.
        """
        event, is_public = origins.event(state.space), state.visibility is Visibility.PUBLIC
        pass_too = f"?pass={given}" if given and state.visibility is Visibility.PRIVATE else ""
        return cls(
            home="/",
            event=event,
            card=f"{event}/card.png?v={state.revision}",
            status=f"/s/{state.space}/status.json",
            join=f"/s/{state.space}/join",
            report=f"/s/{state.space}/report",
            remind=f"/s/{state.space}/remind",
            m3u=f"{event}/listen.m3u{pass_too}",
            hls=f"{event}/live.m3u8{pass_too}",
            dash=f"{event}/live.mpd{pass_too}",
            radio=f"{event}/radio.aac{pass_too}",
            ics=f"{event}/event.ics{calendar_query(language, pass_too)}",
            studio=f"{origins.backstage}/studio/{state.space}",
            backstage=f"{origins.backstage}/",
            host=origins.host(state.host_handle) if state.host_handle and is_public else "",
        )
