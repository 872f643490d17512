"""Who is on one stage, and what they hear: joining, leaving, muting, one tick of mixing.

Bounded by the seats of the mixer. A speaker who joins again takes the place of their older session;
whether they come muted, the offer says. Never touches the programme.
"""

from __future__ import annotations

from rostra.audio.frame import Sound
from rostra.audio.levels import levels_dbov
from rostra.audio.mixer import Mixer
from rostra.bus.messages import AudienceNote, Mute, Offer, Recast, Speaker
from rostra.core.errors import NotFound, StageFull
from rostra.core.ids import SessionId, SpeakerId, new_session_id
from rostra.media.events import Notice
from rostra.stage.peer import Peer
from rostra.stage.scene import Scene, rounded
from rostra.stage.speaker import OnStage


class People:
    """At most ``most`` people at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._mixer = Mixer(most)
        self._present: dict[SpeakerId, OnStage] = {}

    def __len__(self) -> int:
        return len(self._present)

    def make_room(self, speaker: SpeakerId) -> None:
        """Raise StageFull unless ``speaker`` could join now."""
        if speaker not in self._present and len(self._present) >= self._most:
            raise StageFull

    def join(self, offer: Offer, peer: Peer) -> OnStage:
        """Seat a person. An older session of theirs is hung up. Raises StageFull."""
        self.make_room(offer.speaker)
        if offer.speaker in self._present:
            self.leave(self._present[offer.speaker].session)
        person = OnStage(
            speaker=offer.speaker,
            name=offer.name,
            role=offer.role,
            session=new_session_id(),
            peer=peer,
            seat=self._mixer.take_seat(),
            muted=offer.muted,
            muted_by_host=offer.muted_by_host,
            guest=offer.guest,
        )
        self._present[offer.speaker] = person
        return person

    def leave(self, session: SessionId) -> None:
        """Take a session off the stage and hang up; one that is not there (any more) is left alone."""
        for person in self._present.values():
            if person.session == session:
                del self._present[person.speaker]
                self._mixer.free_seat(person.seat)
                person.peer.hang_up()
                return

    def take_off(self, speaker: SpeakerId) -> bool:
        """Take a person off the stage, if they are there; say whether they were."""
        person = self._present.get(speaker)
        if person is not None:
            self.leave(person.session)
        return person is not None

    def leave_all(self) -> None:
        """Hang up on everybody."""
        for person in tuple(self._present.values()):
            self.leave(person.session)

    def mute(self, mute: Mute) -> None:
        """Silence a speaker at the mixer, or undo it. Raises NotFound."""
        if mute.speaker not in self._present:
            raise NotFound("This person is not on stage.")
        person = self._present[mute.speaker]
        person.muted, person.muted_by_host = mute.muted, mute.by_host

    def recast(self, recast: Recast) -> None:
        """Give somebody another role. Raises NotFound."""
        if recast.speaker not in self._present:
            raise NotFound("This person is not on stage.")
        self._present[recast.speaker].role = recast.role

    @property
    def runs_dry(self) -> bool:
        """Whether the next tick of anybody is still on its way."""
        return any(person.peer.ring.runs_dry for person in self._present.values())

    def begin_anew(self) -> None:
        """Leave out what everyone said in the past: it was said during a gap."""
        for person in self._present.values():
            person.peer.ring.trim()

    def mix(self, *, catching_up: bool = False) -> Sound:
        """Take a tick from everyone, send everyone all others; return the programme, ``(960,)``.

        The array is the mixer's own and holds until the next call.
        """
        for person in self._present.values():
            row = self._mixer.voices[person.seat]
            person.peer.ring.pop_into(row, catching_up=catching_up)
            if person.muted:
                row[:] = 0
        levels = levels_dbov(self._mixer.voices[: self._mixer.used]).tolist()
        mix = self._mixer.mix()
        for person in self._present.values():
            person.hear(levels[person.seat])
            if person.peer.takes_return:
                person.peer.send(person.encoder.encode(mix.returns[person.seat]))
        return mix.programme

    def scene(self, audience: AudienceNote, notice: Notice | None, moved: str = "") -> Scene:
        """Return what the audience sees: those who are connected."""
        seen = [person for person in self._present.values() if person.peer.connected]
        return Scene(
            people=tuple(person.person() for person in seen),
            speaking=tuple(person.speaker for person in seen if person.speaking),
            listeners=rounded(audience.listeners),
            estimated=audience.estimated,
            cadence=audience.cadence,
            notice=notice,
            moved=moved,
        )

    def speakers(self) -> tuple[Speaker, ...]:
        """Return what people on stage see of each other."""
        return tuple(person.report() for person in self._present.values())
