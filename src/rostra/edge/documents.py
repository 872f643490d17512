"""What tells of a live programme as a whole: ``live.json``, multivariant playlists, the DASH manifest.

Each kind is rendered once for everybody. Knows where the programme stands from whoever owns it; never reads
a tape.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec

from rostra.core.clock import Clock
from rostra.core.errors import NotFound
from rostra.core.samples import SAMPLE_RATE, segment_of
from rostra.edge import answers
from rostra.edge.keeping import BY_ALL
from rostra.edge.letter import Letter
from rostra.edge.pace import Pacing
from rostra.edge.renderings import Renderings
from rostra.edge.segments import CONTENT_TYPE
from rostra.media import dash, hls, hls_live
from rostra.media.cmaf import OPUS, Track
from rostra.media.track import MP3
from rostra.serving.response import JSON
from rostra.tape.genesis import Genesis


class Standing(NamedTuple):
    """How far a programme is."""

    samples: int
    ended: bool
    first: int
    """The first segment that is to be heard: beyond 0 where the end alone is."""
    cadence: int
    """Quanta that one write to a listener carries now."""


class _PaceStated(NamedTuple):
    cadence: int
    since_utc_ns: int


class Documents:
    """Of one programme; ``standing`` says how far it is."""

    def __init__(
        self, genesis: Genesis, *, standing: Callable[[], Standing], pacing: Pacing, clock: Clock
    ) -> None:
        self.keeping = BY_ALL
        self._genesis = genesis
        self._standing = standing
        self._pacing = pacing
        self._clock = clock
        self._answers: Renderings[bytes] = Renderings(clock=clock)
        self._manifests: Renderings[Letter] = Renderings(clock=clock)
        self._stated = _PaceStated(pacing.told(clock.utc_ns() // 1_000_000), genesis.anchor_utc_ns)

    def live_json(self, *, beacon_s: int = 0) -> bytes:
        """The answer that tells a player where the programme stands; ``beacon_s``: how often it tells us."""
        standing = self._standing()
        render = partial(self._render_live_json, standing, beacon_s)
        return self._answers.of(beacon_s, (standing, self.keeping), render)

    def multivariant(self, codec: str, *, zipped: bool = False) -> bytes:
        """The multivariant playlist of one codec's renditions. Raises NotFound without any."""
        media = self._media_playlist()
        render = partial(self._render_multivariant, codec, zipped, media)
        return self._answers.of((codec, zipped), (self._pacing.low, media, self.keeping), render)

    def manifest(self, *, base_uri: str, time_uri: str, zipped: bool = False) -> bytes:
        """The DASH manifest in folder ``base_uri``; ``time_uri`` is where this edge tells the time.

        A player's ticket is in the former; all else is the same for all. Empty: no base is stated.
        """
        standing = self._standing()
        pace = self._pace_stated()
        version = (pace, standing if standing.ended else None)
        render = partial(self._render_manifest, standing, pace, time_uri, bool(base_uri))
        letter = self._manifests.of((time_uri, bool(base_uri)), version, render)
        base = dash.base(base_uri)
        return answers.encoded(
            letter.zipped(base) if zipped else letter.plain(base),
            dash.CONTENT_TYPE,
            self.keeping.playlists,
            date_s=self._clock.utc_ns() / 1e9,
            zipped=zipped,
        )

    def _render_live_json(self, standing: Standing, beacon_s: int, date_s: float) -> bytes:
        document = {
            "run": self._genesis.run,
            "anchor_utc_ns": self._genesis.anchor_utc_ns,
            "renditions": [_described(track) for track in self._listed],
            "segment": segment_of(max(0, standing.samples - 1)),
            "samples": standing.samples,
            "ended": standing.ended,
            "cadence": standing.cadence,
            **self._pace_told(),
            **({"beacon_s": beacon_s} if beacon_s else {}),
        }
        return answers.whole(msgspec.json.encode(document), JSON, self.keeping.standing, date_s=date_s)

    def _pace_told(self) -> dict[str, object]:
        """What has been announced, and whether the low renditions are to be taken."""
        soon = self._pacing.known(self._clock.utc_ns() // 1_000_000)[1]
        told: dict[str, object] = {"low": True} if self._pacing.low else {}
        if soon is not None:
            told |= {"next_cadence": soon.after.cadence, "next_cadence_ms": soon.from_ms}
        return told

    def _media_playlist(self) -> str:
        """What newcomers are to follow: no parts while writes are rare, once there is enough without."""
        if self._pacing.told(self._clock.utc_ns() // 1_000_000) == 1:
            return hls_live.WITH_PARTS_URI
        plays = self._standing().samples >= hls_live.HOLD_BACK_S * SAMPLE_RATE
        return hls_live.PLAIN_URI if plays else hls_live.WITH_PARTS_URI

    def _render_multivariant(self, codec: str, zipped: bool, media: str, date_s: float) -> bytes:
        variants = [
            hls.Variant(
                f"{self._genesis.run}/{track.name}/{media}",
                track.codec,
                track.bandwidth,
                track.average_bandwidth,
            )
            for track in self._genesis.tracks
            if track.codec == codec
        ]
        if not variants:
            raise NotFound
        variants.sort(key=lambda variant: variant.bandwidth, reverse=not self._pacing.low)
        body = hls.multivariant(variants)
        return answers.document(body, hls.CONTENT_TYPE, self.keeping.playlists, date_s=date_s, zipped=zipped)

    def _pace_stated(self) -> _PaceStated:
        """What the manifest states: a longer cadence once it is announced, so that players fall back."""
        now_ns = self._clock.utc_ns()
        cadence = self._pacing.told(now_ns // 1_000_000)
        if cadence != self._stated.cadence:
            self._stated = _PaceStated(cadence, now_ns)
        return self._stated

    def _render_manifest(
        self, standing: Standing, pace: _PaceStated, time_uri: str, has_base: bool, _date_s: float
    ) -> Letter:
        stated = dash.Manifest(
            tracks=self._listed,
            base_uri="",
            run=self._genesis.run,
            anchor_utc_ns=self._genesis.anchor_utc_ns,
            time_uri=time_uri,
            published_utc_ns=pace.since_utc_ns,
            samples=standing.samples,
            ended=standing.ended,
            first=standing.first,
            cadence=pace.cadence,
        )
        return Letter(*dash.around_base(stated)) if has_base else Letter(dash.manifest(stated), b"")

    @property
    def _listed(self) -> tuple[Track, ...]:
        """The renditions that players choose from; MP3 is for radios."""
        return tuple(track for track in self._genesis.tracks if track.codec != MP3)


def _described(track: Track) -> dict[str, str | int]:
    codecs = "opus" if track.codec == OPUS else track.codec
    return {
        "name": track.name,
        "codec": track.codec,
        "mime": f'{CONTENT_TYPE}; codecs="{codecs}"',
        "bandwidth": track.bandwidth,
        **({"average_bandwidth": track.average_bandwidth} if track.average_bandwidth else {}),
    }
