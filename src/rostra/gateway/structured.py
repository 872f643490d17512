"""A public space as a schema.org Event, for search engines and assistants (JSON-LD 1.1). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rostra.bus.messages import Lifecycle, SpaceState, Visibility
from rostra.core import moments, words
from rostra.core.samples import SAMPLE_RATE
from rostra.gateway.origins import Origins
from rostra.gateway.status import LISTEN_TYPE, baseline, named

_SCHEMA = "https://schema.org"


def event_document(
    state: SpaceState, company: Sequence[str], origins: Origins, language: str = words.ENGLISH
) -> dict[str, Any] | None:
    """Return the document in the language of its page, with those whom that names.

    None for a space that search engines are kept from.
    """
    if state.visibility is not Visibility.PUBLIC:
        return None
    address = origins.event(state.space)
    document: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Event",
        "@id": address,
        "url": address,
        "name": state.title,
        "startDate": moments.iso(state.live_at or state.starts_at),
        "eventStatus": f"{_SCHEMA}/{_event_status(state)}",
        "eventAttendanceMode": f"{_SCHEMA}/OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": address},
        "organizer": _organizer(state, origins, language),
        "performer": [{"@type": "Person", "name": name} for name in company],
        "image": [f"{address}/card.png?v={state.revision}"],
        "isAccessibleForFree": True,
    }
    if state.description:
        document["description"] = state.description
    if state.starts_before:
        document["previousStartDate"] = moments.iso(state.starts_before)
    if state.ended_at:
        document["endDate"] = moments.iso(state.ended_at)
    recording = _recording(state, origins)
    if recording:
        document["recordedIn"] = recording
    return document


def _event_status(state: SpaceState) -> str:
    """One of schema.org's ``EventStatusType``: which start holds, or none."""
    if state.lifecycle is Lifecycle.CANCELLED:
        return "EventCancelled"
    return "EventRescheduled" if state.starts_before else "EventScheduled"


def _organizer(state: SpaceState, origins: Origins, language: str) -> dict[str, str]:
    organizer = {"@type": "Person", "name": named(state.account_name, language)}
    return organizer | ({"url": origins.host(state.host_handle)} if state.host_handle else {})


def _recording(state: SpaceState, origins: Origins) -> dict[str, str] | None:
    if state.recording is None or state.run is None or not state.renditions or not state.is_released:
        return None
    return {
        "@type": "AudioObject",
        "name": state.title,
        "contentUrl": f"{origins.recording(state.space, state.run)}{baseline(state).name}.mp4",
        "encodingFormat": LISTEN_TYPE,
        "duration": f"PT{state.recording.duration_samples // SAMPLE_RATE}S",
        "uploadDate": moments.iso(state.ended_at or state.live_at),
    }
