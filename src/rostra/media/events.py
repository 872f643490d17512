"""What listeners see beside the audio: who is on stage, who speaks, how many listen, notices, captions.

Events ride in chunks as ``emsg`` version 1 boxes of scheme ``https://aomedia.org/emsg/ID3``: an ID3v2.4
tag with one ``PRIV`` frame of owner ``rostra.events`` around a JSON body. A snapshot opens every
segment and is complete by itself; changes lie in between. Owns the bytes and their meaning,
never decides when one is due. Sources: ISO/IEC 23009-1 §5.10.3.3, AOM "Carriage of ID3 Timed
Metadata in CMAF" 1.0, id3.org ID3v2.4.0.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from rostra.core.samples import SAMPLE_RATE
from rostra.media.boxes import MalformedMedia, full_box, walk

SCHEME = "https://aomedia.org/emsg/ID3"
OWNER = "rostra.events"
MAX_EVENT_BYTES = 16 * 1024
MAX_SPEAKERS = 64
MAX_EVENTS = 64
"""Read from one chunk."""
MAX_CAPTIONS = 4
"""In one event."""
MAX_REACTIONS = 8
"""Kinds of reaction in one event."""
MAX_NOTICES = 20
LONGEST_CAPTION = 300

_NAMES = SCHEME.encode() + b"\0\0"
"""Scheme and an empty value, each ended by a zero."""
_UNKNOWN_DURATION = 0xFFFFFFFF
_FIXED = struct.Struct(">IIQII")
"""Version and flags, timescale, presentation time, duration, id."""
_PRIVATE = OWNER.encode() + b"\0"
_TAG_HEAD = b"ID3\x04\x00\x00"

ShortText = Annotated[str, msgspec.Meta(max_length=200)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody on stage, as the audience sees them."""

    id: ShortText
    name: ShortText
    role: ShortText
    """``host``, ``cohost`` or ``speaker``."""
    muted: bool = False
    """Left out of the JSON when false: it saves a fifth of a full stage's bits."""
    guest: bool = False
    """No account vouches for the name."""


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line to the audience, by the host or an operator."""

    id: ShortText
    text: Annotated[str, msgspec.Meta(max_length=400)]
    at_ms: Count
    """UTC milliseconds, when it was written."""
    author: ShortText
    link: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Pinned(msgspec.Struct, frozen=True, omit_defaults=True):
    """One link that the host keeps before the audience's eyes. Without a ``link`` there is none any more."""

    link: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    label: ShortText = ""


class Limit(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many may listen, as somebody ordered it. Without ``places`` nobody's order holds any more."""

    places: Count | None = None


class Caption(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of what is said, for ``samples`` from media sample ``at`` on, which may be some seconds ago."""

    id: ShortText
    at: Count
    samples: Count
    text: Annotated[str, msgspec.Meta(max_length=LONGEST_CAPTION)]
    lang: ShortText
    """RFC 5646: ``en``, ``pt-BR``."""


Captions = Annotated[tuple[Caption, ...], msgspec.Meta(max_length=MAX_CAPTIONS)]
Reactions = Annotated[dict[ShortText, Count], msgspec.Meta(max_length=MAX_REACTIONS)]
"""How many pressed each in one second."""
People = Annotated[tuple[Person, ...], msgspec.Meta(max_length=MAX_SPEAKERS)]
Ids = Annotated[tuple[ShortText, ...], msgspec.Meta(max_length=MAX_SPEAKERS)]
Standing = Annotated[tuple[ShortText, ...], msgspec.Meta(max_length=MAX_NOTICES)]
"""The ids of all notices that stand, newest first."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to see from sample ``at`` on."""

    at: Count
    speakers: People = ()
    speaking: Ids = ()
    listeners: Count = 0
    estimated: bool = False
    """Whether ``listeners`` is an estimate."""
    cadence: Count = 1
    """Quanta in one write of the edge, or in one of those soon to come: as much more is to be buffered."""
    notice: Notice | None = None
    """The newest, for its first ten minutes; or one not told before, of several at once."""
    notices: Standing = ()
    moved: ShortText = ""
    """The id of the space where it goes on; listeners follow. Empty while it goes on here."""
    pinned: Pinned | None = None
    hold: bool = False
    """Whether music plays because everybody has left the stage."""
    reactions: Reactions | None = None
    """Of the second before. Of this moment only, as captions are: no later snapshot tells them again."""
    captions: Captions = ()
    rung: ShortText = ""
    """Of the ladder, where the crowd is larger than the machine; empty on the ground."""
    limit: Limit | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is different from sample ``at`` on; None is "as before"."""

    at: Count
    speakers: People | None = None
    speaking: Ids | None = None
    listeners: Count | None = None
    estimated: bool = False
    """Of ``listeners``, where there are any."""
    cadence: Count | None = None
    notice: Notice | None = None
    notices: Standing | None = None
    moved: ShortText = ""
    """As in a snapshot; nobody moves back, so empty is "as before"."""
    pinned: Pinned | None = None
    """One without a link: nothing is pinned any more."""
    hold: bool | None = None
    reactions: Reactions | None = None
    captions: Captions = ()
    rung: ShortText | None = None
    limit: Limit | None = None
    """One without places: nobody's order holds any more."""


Event = Snapshot | Change


class _Body(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    v: int
    at: Count
    speakers: People | None = None
    speaking: Ids | None = None
    listeners: Count | None = None
    estimated: bool = False
    cadence: Count | None = None
    notice: Notice | None = None
    notices: Standing | None = None
    moved: ShortText = ""
    pinned: Pinned | None = None
    hold: bool | None = None
    reactions: Reactions | None = None
    captions: Captions = ()
    rung: ShortText | None = None
    limit: Limit | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Body)


def snapshot(
    *,
    at: int,
    speakers: Sequence[Person] = (),
    speaking: Sequence[str] = (),
    listeners: int = 0,
    estimated: bool = False,
    cadence: int = 1,
    notice: Notice | None = None,
    notices: Sequence[str] = (),
    moved: str = "",
    pinned: Pinned | None = None,
    hold: bool = False,
    reactions: Mapping[str, int] | None = None,
    captions: Sequence[Caption] = (),
    rung: str = "",
    limit: Limit | None = None,
) -> bytes:
    """Return one ``emsg`` box that states everything from sample ``at`` on."""
    return change(
        at=at,
        speakers=speakers,
        speaking=speaking,
        listeners=listeners,
        estimated=estimated,
        cadence=None if cadence == 1 else cadence,
        notice=notice,
        notices=notices or None,
        moved=moved,
        pinned=pinned,
        hold=hold or None,
        reactions=reactions,
        captions=captions,
        rung=rung or None,
        limit=limit,
    )


def change(
    *,
    at: int,
    speakers: Sequence[Person] | None = None,
    speaking: Sequence[str] | None = None,
    listeners: int | None = None,
    estimated: bool = False,
    cadence: int | None = None,
    notice: Notice | None = None,
    notices: Sequence[str] | None = None,
    moved: str = "",
    pinned: Pinned | None = None,
    hold: bool | None = None,
    reactions: Mapping[str, int] | None = None,
    captions: Sequence[Caption] = (),
    rung: str | None = None,
    limit: Limit | None = None,
) -> bytes:
    """Return one ``emsg`` box that states only what is different from sample ``at`` on."""
    body = _Body(
        v=1,
        at=at,
        speakers=None if speakers is None else tuple(speakers),
        speaking=None if speaking is None else tuple(speaking),
        listeners=listeners,
        estimated=estimated and listeners is not None,
        cadence=cadence,
        notice=notice,
        notices=None if notices is None else tuple(notices),
        moved=moved,
        pinned=pinned,
        hold=hold,
        reactions=dict(reactions) if reactions else None,
        captions=tuple(captions),
        rung=rung,
        limit=limit,
    )
    return _message(at, _tag(_encoder.encode(body)))


def parse(message: bytes) -> Event:
    """Read one ``emsg`` box that :func:`snapshot` or :func:`change` made.

    Raises MalformedMedia for any other, and for bodies over the limits or of an unknown version.
    """
    body = _body_of(message)
    if body is None:
        raise MalformedMedia
    return _decode(body)


def read(chunk: bytes) -> list[Event]:
    """Return our events in a chunk (or a segment of at most 64 boxes), in order.

    Others' ``emsg`` are passed over; MalformedMedia when one of ours is broken.
    """
    found: list[Event] = []
    for each in walk(chunk):
        if each.kind != b"emsg":
            continue
        body = _body_of(chunk[each.start : each.end])
        if body is not None:
            found.append(_decode(body))
    if len(found) > MAX_EVENTS:
        raise MalformedMedia
    return found


def tells_captions(boxes: bytes) -> bool:
    """Say whether whole ``emsg`` boxes of ours carry captions, without reading them."""
    return b'"captions":[{' in boxes


def apply(before: Snapshot | None, event: Event) -> Snapshot:
    """Return what is seen once ``event`` has come; a change before any snapshot starts from nothing."""
    if isinstance(event, Snapshot):
        return event
    known = before or Snapshot(at=event.at)
    return Snapshot(
        at=event.at,
        speakers=known.speakers if event.speakers is None else event.speakers,
        speaking=known.speaking if event.speaking is None else event.speaking,
        listeners=known.listeners if event.listeners is None else event.listeners,
        estimated=known.estimated if event.listeners is None else event.estimated,
        cadence=known.cadence if event.cadence is None else event.cadence,
        notice=event.notice or known.notice,
        notices=known.notices if event.notices is None else event.notices,
        moved=event.moved or known.moved,
        pinned=known.pinned if event.pinned is None else event.pinned if event.pinned.link else None,
        hold=known.hold if event.hold is None else event.hold,
        reactions=event.reactions,
        captions=event.captions,
        rung=known.rung if event.rung is None else event.rung,
        limit=known.limit if event.limit is None else event.limit if event.limit.places is not None else None,
    )


def _message(at: int, tag: bytes) -> bytes:
    fixed = struct.pack(">IQII", SAMPLE_RATE, at, _UNKNOWN_DURATION, at & 0xFFFFFFFF)
    return full_box(b"emsg", 1, 0, fixed, _NAMES, tag)


def _tag(body: bytes) -> bytes:
    content = _PRIVATE + body
    frame = b"PRIV" + _syncsafe(len(content)) + b"\0\0" + content
    return _TAG_HEAD + _syncsafe(len(frame)) + frame


def _syncsafe(number: int) -> bytes:
    """Seven bits a byte, as ID3v2.4 writes sizes."""
    return bytes((number >> 21 & 0x7F, number >> 14 & 0x7F, number >> 7 & 0x7F, number & 0x7F))


def _body_of(message: bytes) -> bytes | None:
    """The JSON inside one of our ``emsg`` boxes; None when the box is somebody else's."""
    names_at = 8 + _FIXED.size
    tag_at = names_at + len(_NAMES)
    content_at = tag_at + 20
    if len(message) > MAX_EVENT_BYTES or message[8:9] != b"\x01" or message[names_at:tag_at] != _NAMES:
        return None
    content = message[content_at:]
    if not content.startswith(_PRIVATE):
        return None
    if message[:content_at] != _expected_head(message, content, tag_at):
        raise MalformedMedia
    return content[len(_PRIVATE) :]


def _expected_head(message: bytes, content: bytes, tag_at: int) -> bytes:
    frame_head = b"PRIV" + _syncsafe(len(content)) + b"\0\0"
    tag_head = _TAG_HEAD + _syncsafe(len(frame_head) + len(content))
    return struct.pack(">I4s", len(message), b"emsg") + message[8:tag_at] + tag_head + frame_head


def _decode(body: bytes) -> Event:
    try:
        stated = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedMedia from error
    if stated.v != 1:
        raise MalformedMedia
    if stated.speakers is None or stated.speaking is None or stated.listeners is None:
        return Change(
            at=stated.at,
            speakers=stated.speakers,
            speaking=stated.speaking,
            listeners=stated.listeners,
            estimated=stated.estimated,
            cadence=stated.cadence,
            notice=stated.notice,
            notices=stated.notices,
            moved=stated.moved,
            pinned=stated.pinned,
            hold=stated.hold,
            reactions=stated.reactions,
            captions=stated.captions,
            rung=stated.rung,
            limit=stated.limit,
        )
    return Snapshot(
        at=stated.at,
        speakers=stated.speakers,
        speaking=stated.speaking,
        listeners=stated.listeners,
        estimated=stated.estimated,
        cadence=stated.cadence or 1,
        notice=stated.notice,
        notices=stated.notices or (),
        moved=stated.moved,
        pinned=stated.pinned,
        hold=bool(stated.hold),
        reactions=stated.reactions,
        captions=stated.captions,
        rung=stated.rung or "",
        limit=stated.limit,
    )
