"""The programme of one live space: ticks in, quanta onto its tape.

Owns the tape's writer and the encoder. Position is counted in samples and never read from a clock.
Calls are short and made from the stage's loop, except where a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from rostra.audio.encoder import Quantum, QuantumEncoder, silent_quantum
from rostra.audio.encoding import named
from rostra.audio.frame import Sound, silence
from rostra.core.errors import TapeDamaged
from rostra.core.samples import QUANTUM
from rostra.stage.moments import Moments
from rostra.stage.scene import UNTOLD, EventLine, Scene
from rostra.tape.genesis import EndDocument, Genesis
from rostra.tape.writer import TapeWriter


class Programme:
    """Made around an open tape; the first sample written lands at the tape's next sample.

    Encodes to the renditions that the tape has. TapeDamaged when this stage cannot.
    """

    def __init__(self, tape: TapeWriter) -> None:
        self._tape = tape
        try:
            self._encodings = named(track.name for track in tape.genesis.tracks)
        except KeyError as error:
            raise TapeDamaged from error
        self._encoder = self._fresh_encoder()
        self._events = EventLine(tape.genesis.anchor_utc_ns)
        self.moments = Moments()
        """What the next chunk tells once."""

    @property
    def genesis(self) -> Genesis:
        return self._tape.genesis

    @property
    def samples(self) -> int:
        """Samples on the tape."""
        return self._tape.next_sample

    def write(self, tick: Sound, scene: Callable[[], Scene]) -> None:
        """Add one tick; who is seen is asked when a quantum is complete.

        Raises DiskFull or OSError, after which :meth:`finish` still works.
        """
        self._append(self._encoder.push(tick), scene)

    def fill_gap(self, until_sample: int, scene: Scene = UNTOLD) -> None:
        """Put silence typed as a gap on the tape up to the quantum ``until_sample``.

        What the encoder still holds comes first; in the gap nobody is there, and all else as it is. Takes a
        while for a long gap: callable from another thread as long as nobody writes. Raises as :meth:`write`.
        """
        self._append(self._encoder.drain(partial=False), lambda: scene)
        nobody = scene.emptied()
        try:
            self._tape.fill_gap(
                until_sample,
                silent_quantum(self._encodings),
                events=self._events.at(self.samples, nobody) if until_sample > self.samples else b"",
                snapshot=lambda sample: self._events.at(sample, nobody),
            )
        finally:
            self._encoder = self._fresh_encoder()

    def sync(self) -> None:
        """Make the tape outlive the machine. For another thread."""
        self._tape.sync()

    def finish(self, scene: Scene | None = UNTOLD, *, reason: str = "") -> EndDocument:
        """End the tape with the quantum begun, completed by silence. For another thread.

        All is told that stands in ``scene``. One that ends before its first quantum gets one of silence: an
        empty file plays nowhere. None leaves out what is not on the tape yet: writing has just failed.
        """
        if scene is not None:
            if self.samples == 0:
                self.write(silence(), lambda: scene)
            self._append_rest(scene)
        return self._tape.finish(reason=reason)

    def close(self) -> None:
        """Free the tape's files. Ended it stays ended; else it can be resumed."""
        self._tape.close()

    def park(self, scene: Scene = UNTOLD) -> None:
        """Write all, to the quantum begun, and leave the tape to be resumed. For another thread."""
        try:
            self._append_rest(scene)
            self._tape.sync()
        finally:
            self._tape.close()

    def _fresh_encoder(self) -> QuantumEncoder:
        return QuantumEncoder(self._encodings, first_quantum=self.samples // QUANTUM)

    def _append(self, quanta: list[Quantum], scene: Callable[[], Scene]) -> None:
        for frames in quanta:
            told = self._events.at(self._tape.next_sample, scene(), self.moments.take())
            self._tape.append(frames, events=told)

    def _append_rest(self, scene: Scene) -> None:
        """Add what the encoder holds, and to the last quantum all that later ones would have told.

        What was written after a gap, and before any sound, gets a quantum of silence to stand in.
        """
        if self._encoder.fresh and self.moments:
            self.write(silence(), lambda: scene)
        quanta = self._encoder.drain(partial=True)
        self._append(quanta[:-1], lambda: scene)
        for last in quanta[-1:]:
            told = self._events.at(self.samples, scene, self.moments.take())
            self._tape.append(last, events=told + self._events.rest(self.samples, self.moments))
