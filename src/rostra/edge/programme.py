"""One tape as its live audience gets it: follows the tape, hands each chunk to those who wait.

Owns what is in memory of a run, and when it counts as stalled or over. Knows nothing of tickets or
addresses beyond its own. The tape is read; nothing here ever writes or decodes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

from rostra.core.clock import Clock
from rostra.core.errors import TapeDamaged
from rostra.core.pace import LANES, Pace
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SEGMENT, segment_of
from rostra.edge import answers
from rostra.edge.documents import Documents, Standing
from rostra.edge.finished import AtHand, Finished
from rostra.edge.forms import form_of
from rostra.edge.keeping import BY_ALL, BY_LISTENERS, Keeping
from rostra.edge.lateness import BOUNDS_MS, Due
from rostra.edge.lingering import Follower
from rostra.edge.pace import Pacing
from rostra.edge.playlists import LivePlaylist
from rostra.edge.radio import ENOUGH, Billboard, Radio, RadioPlaces, open_count
from rostra.edge.renderings import Renderings
from rostra.edge.segments import CONTENT_TYPE, LiveSegments
from rostra.edge.sweep import Round, at_once, sweep
from rostra.edge.window import KEPT_SEGMENTS, Window
from rostra.media.cmaf import AAC, OPUS, Track
from rostra.media.hls_live import WITH_PARTS_URI
from rostra.media.track import MP3
from rostra.serving.broadcast import ONE_BY_ONE, Broadcast
from rostra.serving.metrics import Histogram
from rostra.tape.genesis import Genesis
from rostra.tape.reader import TapeReader
from rostra.tape.record import Kind, Record

STALL_NS = 2_000_000_000
"""Without a chunk for this long, open answers are broken off, so that no cache keeps half a segment."""


class Rendition:
    """One rendition's window and the answers that draw on it."""

    def __init__(
        self, reader: TapeReader, track: Track, *, first: int, clock: Clock, at_hand: AtHand | None = None
    ) -> None:
        genesis = reader.genesis
        self.track = track
        self.window = Window(first)
        read_older = partial(_read_segment, reader.folder, genesis.number_of(track.name))
        self.segments = LiveSegments(
            self.window,
            clock=clock,
            read_older=read_older,
            finished=Finished(at_hand, space=genesis.space, folder=f"{genesis.run}/{track.name}"),
        )
        self.playlist = LivePlaylist(
            self.window, anchor_utc_ns=genesis.anchor_utc_ns, clock=clock, reports=_others(genesis, track)
        )
        self._keeping = BY_ALL
        self._init = reader.init(track.name)
        self._inits: Renderings[bytes] = Renderings(clock=clock)

    def init(self) -> bytes:
        """The answer with the init segment."""
        return self._inits.of(None, self._keeping, self._render_init)

    def keep(self, keeping: Keeping) -> None:
        """Say so from now on of who may keep answers."""
        self._keeping = self.playlist.keeping = keeping
        self.segments.keep(keeping)

    def arrived(self, chunk: bytes, lanes: range) -> None:
        """Take the next chunk, at which these lanes are due."""
        self.window.append(chunk)
        self.segments.arrived(lanes)

    def _render_init(self, date_s: float) -> bytes:
        return answers.whole(self._init, CONTENT_TYPE, self._keeping.media, date_s=date_s)

    def withhold(self, withheld: bool) -> None:
        """Answer with the end of the programme alone from now on, which is over, or with all of it again."""
        if withheld:
            self.window.shorten()
        self.segments.withhold(withheld)

    def due(self) -> list[Round]:
        """Say what is due to whom, of all that has arrived since last asked."""
        segments = self.segments.ended() if self.window.ended else self.segments.due()
        return [*segments, *self.playlist.changed()]


class Programme:
    """See the module. Holds the tape open until :meth:`close`."""

    def __init__(
        self,
        reader: TapeReader,
        *,
        clock: Clock,
        pacing: Pacing | None = None,
        late_ms: Histogram | None = None,
        radios: RadioPlaces = ENOUGH,
        broadcast: Broadcast = ONE_BY_ONE,
        at_hand: AtHand | None = None,
    ) -> None:
        """Open at the newest segments; what they hold already is read at once. Raises TapeDamaged."""
        self.genesis = reader.genesis
        self.samples = max(0, segment_of(reader.next_sample) - KEPT_SEGMENTS) * SEGMENT
        """Programme samples read so far."""
        self.ended_ns: int | None = None
        """When the end record was read (monotonic); None before."""
        self._reader = reader
        self._clock = clock
        self._broadcast = broadcast
        self._last_chunk_ns = clock.monotonic_ns()
        first = segment_of(self.samples)
        self.renditions = {
            track.name: Rendition(reader, track, first=first, clock=clock, at_hand=at_hand)
            for track in self.genesis.tracks
        }
        self._ordered = tuple(self.renditions.values())
        self._billboard = Billboard(self.genesis.title)
        self.radios = {
            f"radio.{radio.extension}": radio
            for radio in (self._radio(codec, radios) for codec in (AAC, OPUS, MP3))
            if radio is not None
        }
        """Endless streams by name."""
        self._is_private = False
        self._is_withheld = False
        self._following = False
        self._sweeping = False
        """Whether some may not have got yet what counts as theirs."""
        self._pacing = pacing or Pacing(Pace())
        self._pace = self._pacing.at(clock.utc_ns() // 1_000_000)
        self.documents = Documents(self.genesis, standing=self._standing, pacing=self._pacing, clock=clock)
        late_ms = late_ms or Histogram(BOUNDS_MS)
        self._due = Due(self.genesis.anchor_utc_ns, clock=clock, late_ms=late_ms)
        for records in _quanta(reader.records(self._next_record)):
            self._take(records)

    @property
    def stalled(self) -> bool:
        """Whether the stage has been silent for too long; never once ended.

        While the tape is followed and holds more than is read, it is not the stage that is late.
        """
        if self.ended_ns is not None or self._clock.monotonic_ns() - self._last_chunk_ns <= STALL_NS:
            return False
        return not self._following or self._reader.count <= self._next_record

    @property
    def open_count(self) -> int:
        """Answers now open or held."""
        radios = open_count(self.radios.values())
        return radios + sum(each.segments.open_count + each.playlist.blocked_count for each in self._ordered)

    @property
    def dropped(self) -> int:
        """Listeners dropped because they lagged."""
        radios = sum(each.dropped for each in self.radios.values())
        return radios + sum(each.segments.dropped for each in self._ordered)

    @property
    def skipped(self) -> int:
        """Writes left out to radios that lagged."""
        return sum(each.skipped for each in self.radios.values())

    def keep_private(self, private: bool) -> None:
        """Let no cache on the way keep what is answered from now on, or let it."""
        if private is self._is_private:
            return
        self._is_private = private
        keeping = self.documents.keeping = BY_LISTENERS if private else BY_ALL
        for each in self._ordered:
            each.keep(keeping)

    def withhold(self, withheld: bool) -> None:
        """Say whether only the end is to be heard once the programme is over."""
        self._is_withheld = withheld
        if self.ended_ns is not None:
            for each in self._ordered:
                each.withhold(withheld)

    async def follow(self) -> None:
        """Hand out chunk after chunk until the tape ends. Raises TapeDamaged; may be called again then.

        What has come while listeners were written to goes out in one write.
        """
        if self.ended_ns is not None:
            return
        self._following = True
        try:
            await self._follow()
        finally:
            self._following = False

    async def _follow(self) -> None:
        async with self._reader.tail(self._next_record) as batches:
            async for batch in batches:
                for records in _quanta(batch):
                    self._take(records)
                    self._due.arrived(self.samples)
                self._sweeping = True
                await sweep(self._deliveries(), self._due.wrote, broadcast=self._broadcast)
                self._sweeping = False
                self._due.swept()

    async def tick(self) -> None:
        """Break off what waits in a stall or has to leave, refuse reloads held for too long.

        Call a few times a second.
        """
        now_ns = self._clock.monotonic_ns()
        stalled = self.stalled
        for each in self._ordered:
            broken = each.segments.stalled() if stalled else []
            left = each.segments.left() if not self._sweeping else []
            told = (*each.playlist.closed(now_ns), *each.playlist.expired(now_ns), *each.segments.expired())
            for delivery in (*broken, *left, *told):
                await delivery.sweep()
        for radio in self.radios.values():
            for delivery in radio.tick():
                await delivery.sweep()

    def told(self, follower: Follower) -> None:
        """A listener has just read a manifest: they know of the end, if there was one."""
        if self.ended_ns is not None:
            for each in self._ordered:
                each.segments.told(follower)

    def leave(self) -> None:
        """Another worker serves in this one's place: let listeners go over to it at their next segment."""
        for each in self._ordered:
            each.segments.leaving = True

    def close(self) -> None:
        """Break off what waits and let go of the tape's files. :meth:`follow` must be over or cancelled."""
        due: list[Round] = [delivery for radio in self.radios.values() for delivery in radio.ended()]
        for each in self._ordered:
            each.segments.finished.clear()
            due += [*each.segments.abandoned(), *each.playlist.abandoned()]
        try:
            at_once(due)
        finally:
            self._reader.close()

    def _standing(self) -> Standing:
        ended = self.ended_ns is not None
        first = self._ordered[0].window.oldest if ended and self._is_withheld else 0
        return Standing(self.samples, ended, first, self._pace.cadence)

    @property
    def _next_record(self) -> int:
        return self._reader.number_at(self.samples)

    def _take(self, records: list[Record]) -> None:
        """Take one whole quantum, or the end."""
        if records[0].kind == Kind.END:
            self._end()
            return
        if [record.rendition for record in records] != list(range(len(self._ordered))):
            raise TapeDamaged
        chunks = [self._reader.read(record) for record in records]
        self.samples = records[0].start_sample + QUANTUM
        lanes = self._lanes_due(begins=records[0].start_sample % SEGMENT == 0)
        self._last_chunk_ns = self._clock.monotonic_ns()
        for rendition, chunk in zip(self._ordered, chunks, strict=True):
            rendition.arrived(chunk, lanes)
        if records[0].kind == Kind.CHUNK:
            self._billboard.take(chunks[0])
            for radio in self.radios.values():
                radio.arrived(chunks[radio.rendition], lanes)

    def _lanes_due(self, *, begins: bool) -> range:
        """Return the lanes due at this quantum: all where another pace holds, which has other turns."""
        before = self._pace
        if begins:
            self._pace = self._pacing.at(self._clock.utc_ns() // 1_000_000)
        return self._pace.due(self.samples // QUANTUM) if self._pace == before else range(LANES)

    def _end(self) -> None:
        self.ended_ns = self._clock.monotonic_ns()
        for rendition in self._ordered:
            rendition.window.end()
            if self._following:
                rendition.playlist.close()
                rendition.segments.close()
        self.withhold(self._is_withheld)

    def _deliveries(self) -> Iterator[Round]:
        """Yield what is due to whom, one rendition after the other."""
        for rendition in self._ordered:
            yield from rendition.due()
        for radio in self.radios.values():
            yield from radio.due() if self.ended_ns is None else radio.ended()

    def _radio(self, codec: str, places: RadioPlaces) -> Radio | None:
        """The endless stream of a codec's best rendition, the first."""
        for rendition, track in enumerate(self.genesis.tracks):
            if track.codec == codec:
                return Radio(
                    form_of(track, self.genesis.run),
                    rendition=rendition,
                    title=self.genesis.title,
                    bit_rate=track.bit_rate or track.average_bandwidth or track.bandwidth,
                    billboard=self._billboard,
                    clock=self._clock,
                    places=places,
                )
        return None


def _quanta(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Group chunk records by quantum; the end record stands alone, genesis is passed over."""
    for (kind, _), group in groupby(
        records, key=lambda record: (record.kind == Kind.END, record.start_sample)
    ):
        quantum = [record for record in group if record.kind != Kind.GENESIS]
        if kind or quantum:
            yield quantum


def _read_segment(folder: Path, rendition: int, number: int) -> list[bytes]:
    """Read a segment's chunks by descriptors of its own: the programme may be closed meanwhile."""
    with TapeReader.open(folder) as reader:
        first = reader.number_at(number * SEGMENT)
        records = reader.records(first, first + CHUNKS_PER_SEGMENT * len(reader.genesis.tracks))
        wanted = [
            record
            for record in records
            if record.rendition == rendition and record.kind in {Kind.CHUNK, Kind.GAP}
        ]
        return [reader.read(record) for record in wanted]


def _others(genesis: Genesis, mine: Track) -> tuple[str, ...]:
    """The live playlists of the same multivariant playlist, as seen from one of them."""
    return tuple(
        f"../{track.name}/{WITH_PARTS_URI}"
        for track in genesis.tracks
        if track.codec == mine.codec and track.name != mine.name
    )
