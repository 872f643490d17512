"""Who is on one stage, and what they hear: joining, leaving, muting, one tick of mixing.

Bounded by the seats of the mixer. A speaker who joins again takes the place of their older session; whether
they come muted, the offer says. Nobody is cut off within a sound. Never touches the programme.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from rostra.audio.frame import Sound
from rostra.audio.mixer import Mix, Mixer
from rostra.audio.returns import Returns
from rostra.bus.messages import AudienceNote, Mute, Offer, Recast, Role, Speaker
from rostra.core.errors import NotFound, StageFull
from rostra.core.ids import SessionId, SpeakerId, new_session_id
from rostra.core.samples import TICK
from rostra.stage.errors import SpeaksElsewhere
from rostra.stage.hold import Hold
from rostra.stage.scene import Scene, Words, rounded
from rostra.stage.speaker import OnStage
from rostra.stage.voice import Voice


class People:
    """At most ``most`` people at a time. A seat is kept for a host, and those beyond ``most_speakers`` for
    hosts and co-hosts.
    """

    def __init__(self, most: int, *, most_speakers: int) -> None:
        self._most = most
        self._most_speakers = most_speakers
        # A seat for each, and one for whom each of them follows: that one's last tick still fades.
        self._mixer = Mixer(2 * most)
        self._parting: list[OnStage] = []
        """Who left since the last tick."""
        self._bed: Sound = np.zeros(TICK, np.float32)
        self._second: Sound = np.zeros_like(self._mixer.voices)
        """By seat: the second tick of a pair, until the first is mixed."""
        self._present: dict[SpeakerId, OnStage] = {}
        self._returns = Returns()
        self._ticks = 0

    def __len__(self) -> int:
        return len(self._present)

    def make_room(self, speaker: SpeakerId, role: Role) -> None:
        """Raise StageFull unless ``speaker`` could join as that now; whoever is here may come again."""
        if speaker in self._present:
            return
        roles = Counter(person.role for person in self._present.values())
        beside_hosts = roles.total() - roles[Role.HOST]
        if (
            roles.total() >= self._most
            or (role is not Role.HOST and beside_hosts >= max(1, self._most - 1))
            or (role is Role.SPEAKER and roles[Role.SPEAKER] >= self._most_speakers)
        ):
            raise StageFull

    def need_seat(self, offer: Offer) -> None:
        """Raise SpeaksElsewhere for a page that comes again while another of theirs has the seat."""
        present = self._present.get(offer.speaker)
        if offer.again and present is not None and present.page != offer.page and not present.peer.lost:
            raise SpeaksElsewhere

    def join(self, offer: Offer, peer: Voice, *, now_ns: int = 0) -> OnStage:
        """Seat a person. An older session of theirs is hung up, its place is theirs. Raises StageFull.

        A page that comes again brings the same microphone, whose gain is known. It counts as broken since
        ``now_ns`` (monotonic) at the latest, until the new one is connected.
        """
        self.make_room(offer.speaker, offer.role)
        before = self._present.get(offer.speaker)
        same_page = before is not None and before.page == offer.page != ""
        seat = self._mixer.take_seat(after=before.seat if before is not None and same_page else None)
        if before is not None:
            self._part(before)
        person = OnStage(
            speaker=offer.speaker,
            name=offer.name,
            role=offer.role,
            session=new_session_id(),
            peer=peer,
            seat=seat,
            muted=offer.muted,
            muted_by_host=offer.muted_by_host,
            guest=offer.guest,
            label=offer.label,
            page=offer.page,
            broke_ns=before.last_here_ns(now_ns) if before is not None else None,
        )
        self._present[offer.speaker] = person
        return person

    def leave(self, session: SessionId) -> None:
        """Take a session off the stage and hang up; one that is not there (any more) is left alone."""
        for person in self._present.values():
            if person.session == session:
                del self._present[person.speaker]
                self._part(person)
                return

    def _part(self, person: OnStage) -> None:
        """Hang up; what they say in the next tick fades, as if they were muted."""
        self._mixer.free_seat(person.seat)
        self._parting.append(person)
        person.left.set()
        person.peer.hang_up()

    def find(self, session: SessionId) -> tuple[str, Voice] | None:
        """Whose session it is, and its connection, if it is here."""
        return next(((one.label, one.peer) for one in self._present.values() if one.session == session), None)

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

    @property
    def anybody(self) -> bool:
        """Whether somebody is connected."""
        return any(person.peer.connected for person in self._present.values())

    def mix(self, ticks: int = 1, *, catching_up: bool = False, hold: Hold | None = None) -> list[Sound]:
        """Take a tick or two from everyone, send everyone all others; return the programme, ``(960,)`` each.

        All hear ``hold`` while it sounds. The last array is the mixer's own and holds until the next call.
        Of two ticks both are decoded before they are mixed, mixed before they are encoded: the state of a
        dozen coders is more than the processor's caches hold, and is fetched once for both.
        """
        mixer = self._mixer
        self._take(ticks, catching_up=catching_up)
        mixes = [mixer.mix(self._music(hold))]
        programme = [mixes[0].programme]
        if ticks == 2:
            programme = [programme[0].copy()]
            for person in self._present.values():
                mixer.voices[person.seat] = self._second[person.seat]
            mixes.append(mixer.mix(self._music(hold)))
            programme.append(mixes[1].programme)
        self._send(mixes)
        for person in self._present.values():
            for mix in mixes:
                person.hear(mix.levels_dbov[person.seat])
        self._ticks += ticks
        return programme

    def _take(self, ticks: int, *, catching_up: bool) -> None:
        """Have everyone's sound where it is mixed. Of whoever has left one tick is wanted: it fades."""
        voices = self._mixer.voices
        for person in self._parting:
            person.peer.ring.pop_into(voices[person.seat], catching_up=catching_up, ticks_ago=ticks - 1)
        self._parting.clear()
        for person in self._present.values():
            ring, seat = person.peer.ring, person.seat
            ring.pop_into(voices[seat], catching_up=catching_up, ticks_ago=ticks - 1)
            if ticks == 2:
                ring.pop_into(self._second[seat], catching_up=catching_up)
            self._mixer.mute(seat, muted=person.muted)

    def _send(self, mixes: list[Mix]) -> None:
        hearers = [person for person in self._present.values() if person.peer.takes_return]
        packets = self._returns.encode(mixes, [person.seat for person in hearers])
        for person in hearers:
            person.peer.send(packets[person.seat], self._ticks)

    def _music(self, hold: Hold | None) -> Sound | None:
        """A tick of the music while it sounds."""
        if hold is None or not hold.sounds:
            return None
        hold.fill(self._bed)
        return self._bed

    def scene(self, audience: AudienceNote, words: Words | None, *, hold: bool = False) -> Scene:
        """Return what the audience sees: those who are connected."""
        seen = [person for person in self._present.values() if person.peer.connected]
        return Scene(
            people=tuple(person.person() for person in seen),
            speaking=tuple(person.speaker for person in seen if person.speaking),
            listeners=rounded(audience.listeners),
            estimated=audience.estimated,
            cadence=audience.cadence,
            words=words,
            hold=hold,
            rung=audience.rung,
            places=audience.places,
        )

    def speakers(self) -> tuple[Speaker, ...]:
        """Return what people on stage see of each other."""
        return tuple(person.report() for person in self._present.values())
