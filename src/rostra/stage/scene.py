"""What the audience sees of a stage, and when the tape says so.

A full snapshot opens every segment, so that whoever begins there knows everything; in between only
what changed. Notices are told one a chunk, the oldest first, and the newest by each snapshot of its first ten
minutes. Decides; the bytes are ``media/events.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from rostra.bus.messages import SpaceState
from rostra.core.samples import SAMPLE_RATE, SEGMENT, from_nanoseconds
from rostra.media import events
from rostra.media.events import Limit, Notice, Person, Pinned
from rostra.stage.moments import NOTHING, Moment, Moments

NOTICE_SAMPLES: Final = 600 * SAMPLE_RATE
"""Programme time for which a notice is told again."""


class Words(msgspec.Struct, frozen=True):
    """What the events of a space say besides who is there."""

    notices: tuple[Notice, ...] = ()
    """All that stand, newest first."""
    pinned: Pinned | None = None
    moved: str = ""
    """The space where it goes on."""


NO_WORDS: Final = Words()


@dataclass(frozen=True, slots=True)
class Scene:
    """A stage at one moment."""

    people: tuple[Person, ...] = ()
    speaking: tuple[str, ...] = ()
    listeners: int = 0
    estimated: bool = False
    cadence: int = 1
    words: Words | None = NO_WORDS
    """None until backstage has told of them: then the tape says nothing of them either."""
    hold: bool = False
    rung: str = ""
    """Of the ladder; empty on the ground."""
    places: int | None = None
    """How many may listen, as somebody ordered it."""

    def emptied(self) -> Scene:
        """Return the same stage with nobody there, as it is where the tape has a gap."""
        return replace(self, people=(), speaking=(), hold=False)


UNTOLD: Final = Scene(words=None)
"""Of a stage that has heard of nothing yet."""


def rounded(listeners: int) -> int:
    """Round to three significant digits: more would change with every quantum and tell nobody anything."""
    unit: int = 10 ** max(0, len(str(listeners)) - 3)
    return (listeners + unit // 2) // unit * unit


def words_of(state: SpaceState) -> Words:
    """Return what the tape may tell of a space as control has it."""
    newest = sorted(state.notices, key=lambda notice: notice.at, reverse=True)
    return Words(
        tuple(
            Notice(id=each.notice, text=each.text, at_ms=each.at, author=each.author, link=each.link)
            for each in newest[: events.MAX_NOTICES]
        ),
        Pinned(link=state.pinned.link, label=state.pinned.label) if state.pinned else None,
        state.moved_to or "",
    )


class EventLine:
    """Remembers what the tape has told. ``anchor_utc_ns`` is the UTC of the tape's sample 0."""

    def __init__(self, anchor_utc_ns: int = 0) -> None:
        self._anchor_utc_ns = anchor_utc_ns
        self._told: Scene | None = None
        self._told_notices: frozenset[str] | None = None
        """The ids of those that stand and have been told, or were on the tape before."""
        self._waiting: tuple[Notice, ...] = ()
        """Those that have not, the oldest first."""

    def at(self, sample: int, scene: Scene, moment: Moment = NOTHING) -> bytes:
        """Return the events of the chunk that begins at ``sample``; empty when nothing is new.

        A ``moment`` is told by this chunk and no other.
        """
        before = self._told
        if scene.words is None and before is not None:
            scene = replace(scene, words=before.words)
        self._told = scene
        if scene.words is None:
            return self._change(sample, before or UNTOLD, scene, None, moment)
        news = self._news(scene.words.notices, sample)
        if before is None or before.words is None or sample % SEGMENT == 0:
            return self._snapshot(sample, scene, scene.words, news, moment)
        return self._change(sample, before, scene, news, moment)

    def rest(self, sample: int, moments: Moments) -> bytes:
        """Return what :meth:`at` left for later chunks, of the tape's last one, which begins at ``sample``.

        Each event holds from a sample of its own: players take two of one moment for the same.
        """
        scene, rest = self._told or UNTOLD, b""
        while self._waiting or moments:
            sample += 1
            rest += self._change(sample, scene, scene, self._next(), moments.take())
        return rest

    def _snapshot(
        self, sample: int, scene: Scene, words: Words, news: Notice | None, moment: Moment
    ) -> bytes:
        newest = next((each for each in words.notices if self._is_fresh(each, sample)), None)
        return events.snapshot(
            at=sample,
            speakers=scene.people,
            speaking=scene.speaking,
            listeners=scene.listeners,
            estimated=scene.estimated,
            cadence=scene.cadence,
            notice=news or newest,
            notices=_ids(words),
            moved=words.moved,
            pinned=words.pinned,
            hold=scene.hold,
            reactions=moment.reactions,
            captions=moment.captions,
            rung=scene.rung,
            limit=None if scene.places is None else Limit(scene.places),
        )

    def _change(self, sample: int, before: Scene, scene: Scene, news: Notice | None, moment: Moment) -> bytes:
        if before == scene and not news and not moment:
            return b""
        before_count = (before.listeners, before.estimated)
        said, words = before.words or NO_WORDS, scene.words or NO_WORDS
        return events.change(
            at=sample,
            speakers=scene.people if scene.people != before.people else None,
            speaking=scene.speaking if scene.speaking != before.speaking else None,
            listeners=scene.listeners if (scene.listeners, scene.estimated) != before_count else None,
            estimated=scene.estimated,
            cadence=scene.cadence if scene.cadence != before.cadence else None,
            notice=news,
            notices=_ids(words) if _ids(words) != _ids(said) else None,
            moved=words.moved if words.moved != said.moved else "",
            pinned=(words.pinned or Pinned()) if words.pinned != said.pinned else None,
            hold=scene.hold if scene.hold != before.hold else None,
            reactions=moment.reactions,
            captions=moment.captions,
            rung=scene.rung if scene.rung != before.rung else None,
            limit=Limit(scene.places) if scene.places != before.places else None,
        )

    def _news(self, standing: tuple[Notice, ...], sample: int) -> Notice | None:
        """Return the next notice to tell of all that stand; one that is gone or old is told no more.

        What was written before the tape came to where it is now is none: pages have it.
        """
        if self._told_notices is None:
            self._told_notices = frozenset(each.id for each in standing if self._written(each) < sample)
        told = self._told_notices.intersection(each.id for each in standing)
        untold = [each for each in standing if each.id not in told]
        self._told_notices = told
        self._waiting = tuple(each for each in reversed(untold) if self._is_fresh(each, sample))
        return self._next()

    def _next(self) -> Notice | None:
        """Take the notice that has waited longest."""
        if not self._waiting:
            return None
        news, *rest = self._waiting
        self._waiting = tuple(rest)
        self._told_notices = (self._told_notices or frozenset()) | {news.id}
        return news

    def _is_fresh(self, notice: Notice, sample: int) -> bool:
        return sample - self._written(notice) < NOTICE_SAMPLES

    def _written(self, notice: Notice) -> int:
        """The programme's sample at which a notice was written; before the programme less than 0."""
        return from_nanoseconds(notice.at_ms * 1_000_000 - self._anchor_utc_ns)


def _ids(words: Words) -> tuple[str, ...]:
    return tuple(each.id for each in words.notices)
