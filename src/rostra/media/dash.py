"""DASH manifests: of a live or just ended tape, for low-latency players, and of a recording.

Live, one ``SegmentTemplate`` by number serves every rendition, as segments lie on a grid. A segment may be
asked for once its first write is due: ``availabilityTimeOffset`` is a segment less what one write carries.
A recording is one file a rendition: its manifest says where in it each segment is (5.3.9.3, ``SegmentList``).
Values in, bytes out.
Never reads a tape or a clock. Sources: ISO/IEC 23009-1 (5.3.1.2, 5.3.3.2,
5.8.5.7, 5.12, K.3.2), DASH-IF Low-latency Modes for DASH (CR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from rostra.core.samples import QUANTUM, SAMPLE_RATE, SEGMENT, nanoseconds, seconds, segment_of
from rostra.media.events import SCHEME
from rostra.media.hls import ByteRange, utc
from rostra.media.track import Track

CONTENT_TYPE = "application/dash+xml"
WINDOW_SEGMENTS = 10
"""How far back live players may go, but no further than there is: of a programme younger than its window
FFmpeg 7 takes every segment for one that is past, and plays the same again and again."""
_LATENCY_MS = {"target": 1_500, "min": 800, "max": 6_000}
"""How far behind to play while one write carries a quantum; by so much more as it carries more."""
_NO_TEXT = "\0"
"""What no XML holds."""
UPDATE_S = 10
"""Nothing in a live manifest changes but its end; so long a player may go on asking for what never comes."""
_REFERENCE = 7
"""Ties the latency that is aimed at to the clock of the anchor."""
_PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,http://www.dashif.org/guidelines/low-latency-live-v5"
_PROFILE_OF_FILES = "urn:mpeg:dash:profile:full:2011"
_TIME_SCHEME = "urn:mpeg:dash:utc:http-iso:2014"
_CHANNEL_SCHEME = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
_EVENTS = f'<InbandEventStream schemeIdUri="{SCHEME}" value=""/>'
_CHANNELS = f'<AudioChannelConfiguration schemeIdUri="{_CHANNEL_SCHEME}" value="1"/>'


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest states."""

    tracks: Sequence[Track]
    base_uri: str
    """Absolute folder of the manifest: FFmpeg does not follow a redirect in what is relative to it. Empty
    where a cache gives the same manifest to all: then everything is relative to wherever it came from.
    """
    run: str
    """The folder of all segments, within the base."""
    anchor_utc_ns: int
    time_uri: str
    """Absolute address that answers with the server's time in ISO 8601."""
    published_utc_ns: int
    """Since when it has stated what it states, but for the window while that grows."""
    samples: int
    """Programme so far, or in all."""
    ended: bool = False
    first: int = 0
    """The first segment that is to be had, of a programme that has ended."""
    cadence: int = 1
    """Quanta that one write to a player carries."""

    @property
    def latency_ms(self) -> dict[str, int]:
        """How far behind to play."""
        later_ms = round(seconds((self.cadence - 1) * QUANTUM) * 1000)
        return {name: ms + later_ms for name, ms in _LATENCY_MS.items()}


def manifest(stated: Manifest) -> bytes:
    """Render the manifest: ``dynamic`` while live, ``static`` once the tape has ended."""
    latency = " ".join(f'{name}="{ms}"' for name, ms in stated.latency_ms.items())
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<MPD {_top(stated)}>",
        *([f"<BaseURL>{escape(stated.base_uri)}</BaseURL>"] if stated.base_uri else []),
        '<ServiceDescription id="0">'
        f'<Latency referenceId="{_REFERENCE}" {latency}/>'
        '<PlaybackRate min="0.96" max="1.04"/></ServiceDescription>',
        f'<Period id="0" {_period(stated)}>',
    ]
    codecs = list(dict.fromkeys(track.codec for track in stated.tracks))
    for number, codec in enumerate(codecs):
        lines += _adaptation_set(number, [track for track in stated.tracks if track.codec == codec], stated)
    lines.append("</Period>")
    if not stated.ended:
        lines.append(f'<UTCTiming schemeIdUri="{_TIME_SCHEME}" value={quoteattr(stated.time_uri)}/>')
    return _xml([*lines, "</MPD>"])


@dataclass(frozen=True, slots=True)
class Recorded:
    """One rendition of a recording."""

    name: str
    codec: str
    bandwidth: int
    """Peak bits per second."""
    init_uri: str
    media_uri: str
    segments: Sequence[ByteRange]


def recording(renditions: Sequence[Recorded]) -> bytes:
    """Render the manifest of a recording: byte ranges of one file a rendition, from the first sample on."""
    samples = max((sum(each.samples for each in of.segments) for of in renditions), default=0)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="{_PROFILE_OF_FILES}" type="static" '
        f'mediaPresentationDuration="PT{seconds(samples):.3f}S" minBufferTime="PT{seconds(SEGMENT):.2f}S">',
        '<Period id="0" start="PT0S">',
    ]
    codecs = list(dict.fromkeys(each.codec for each in renditions))
    for number, codec in enumerate(codecs):
        lines += [_set_begins(number), _EVENTS]
        for each in renditions:
            if each.codec == codec:
                lines += _recorded(each)
        lines.append("</AdaptationSet>")
    return _xml([*lines, "</Period>", "</MPD>"])


def _recorded(of: Recorded) -> list[str]:
    return [
        _representation_begins(of.name, of.codec, of.bandwidth),
        _CHANNELS,
        f"<BaseURL>{escape(of.media_uri)}</BaseURL>",
        f'<SegmentList timescale="{SAMPLE_RATE}" duration="{SEGMENT}">',
        f"<Initialization sourceURL={quoteattr(of.init_uri)}/>",
        *(
            f'<SegmentURL mediaRange="{each.offset}-{each.offset + each.length - 1}"/>'
            for each in of.segments
        ),
        "</SegmentList>",
        "</Representation>",
    ]


def around_base(stated: Manifest) -> tuple[bytes, bytes]:
    """Render all that stands before and behind the base, where each player has one of its own."""
    before, _, after = manifest(replace(stated, base_uri=_NO_TEXT)).partition(_NO_TEXT.encode())
    return before, after


def base(uri: str) -> bytes:
    """Render what stands between."""
    return escape(uri).encode()


def _top(stated: Manifest) -> str:
    common = (
        f'xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="{_PROFILES}" '
        f'minBufferTime="PT{seconds(QUANTUM):.2f}S" maxSegmentDuration="PT{seconds(SEGMENT):.2f}S"'
    )
    if stated.ended:
        return f'{common} type="static" mediaPresentationDuration="PT{seconds(stated.samples):.3f}S"'
    whole = min(segment_of(stated.samples), WINDOW_SEGMENTS)
    published_utc_ns = max(stated.published_utc_ns, stated.anchor_utc_ns + nanoseconds(whole * SEGMENT))
    return (
        f'{common} type="dynamic" availabilityStartTime="{utc(stated.anchor_utc_ns)}" '
        f'publishTime="{utc(published_utc_ns)}" minimumUpdatePeriod="PT{UPDATE_S}S" '
        f'timeShiftBufferDepth="PT{seconds(max(1, whole) * SEGMENT):.2f}S" '
        f'suggestedPresentationDelay="PT{stated.latency_ms["target"] / 1000}S"'
    )


def _period(stated: Manifest) -> str:
    """Where it lies (5.3.2.1): what is to be had of an end stays where a player has it that was there before.

    FFmpeg 7 counts segments by the duration.
    """
    if not stated.first:
        return 'start="PT0S"'
    begins = stated.first * SEGMENT
    return f'start="PT{seconds(begins):.2f}S" duration="PT{seconds(stated.samples - begins):.3f}S"'


def _reference(stated: Manifest) -> str:
    """Say what time it was when sample 0 was spoken (5.12)."""
    return (
        f'<ProducerReferenceTime id="{_REFERENCE}" type="captured" inband="false" '
        f'wallClockTime="{utc(stated.anchor_utc_ns)}" presentationTime="0">'
        f'<UTCTiming schemeIdUri="{_TIME_SCHEME}" value={quoteattr(stated.time_uri)}/>'
        "</ProducerReferenceTime>"
    )


def _adaptation_set(number: int, tracks: Sequence[Track], stated: Manifest) -> list[str]:
    offset = ""
    if not stated.ended:
        offset = (
            f' availabilityTimeOffset="{seconds(SEGMENT - stated.cadence * QUANTUM):.2f}"'
            ' availabilityTimeComplete="false"'
        )
    begins = f'startNumber="{stated.first}"'
    if stated.first:
        begins += f' presentationTimeOffset="{stated.first * SEGMENT}"'
    lines = [
        _set_begins(number),
        _EVENTS,
        *([] if stated.ended else [_reference(stated)]),
        f'<SegmentTemplate timescale="{SAMPLE_RATE}" duration="{SEGMENT}" {begins} '
        f'initialization="{stated.run}/$RepresentationID$/init.mp4" '
        f'media="{stated.run}/$RepresentationID$/$Number$.m4s"{offset}/>',
    ]
    lines += [
        f"{_representation_begins(track.name, track.codec, track.bandwidth)}{_CHANNELS}</Representation>"
        for track in tracks
    ]
    lines.append("</AdaptationSet>")
    return lines


def _set_begins(number: int) -> str:
    return (
        f'<AdaptationSet id="{number}" contentType="audio" mimeType="audio/mp4" segmentAlignment="true" '
        'startWithSAP="1" lang="und">'
    )


def _representation_begins(name: str, codec: str, bandwidth: int) -> str:
    return (
        f'<Representation id="{name}" codecs="{codec}" bandwidth="{bandwidth}" '
        f'audioSamplingRate="{SAMPLE_RATE}">'
    )


def _xml(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
