"""What speakers are sent back is one Opus packet a tick, small and true, made once for all who hear it."""

from __future__ import annotations

import av
import numpy as np
import pytest

from harness.loudness import voice
from rostra.audio import returns
from rostra.audio.frame import Sound
from rostra.audio.mixer import Mixer
from rostra.audio.opus import OpusDecoder, samples_in
from rostra.audio.opus_encoder import OpusEncoder
from rostra.audio.returns import Returns, return_encoder
from rostra.core.samples import SAMPLE_RATE, TICK


def test_one_tick_is_one_packet_that_decodes_to_the_tone() -> None:
    encoder = return_encoder()
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = SAMPLE_RATE, "mono"
    time = np.arange(50 * TICK) / SAMPLE_RATE
    spoken = (0.3 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    heard = []
    for start in range(0, len(spoken), TICK):
        packet = encoder.encode(spoken[start : start + TICK])
        assert 0 < len(packet) < 400
        heard += [piece.to_ndarray().ravel() for piece in decoder.decode(av.Packet(packet))]
    spectrum = np.abs(np.fft.rfft(np.concatenate(heard)[-SAMPLE_RATE // 2 :]))
    assert int(np.argmax(spectrum)) * 2 == 1000


def test_all_who_are_silent_get_the_very_same_packet_and_a_speaker_one_of_their_own() -> None:
    mixer, encoders = Mixer(5), Returns()
    seats = [mixer.take_seat() for _ in range(5)]
    speech = voice(2, lufs=-20)
    for tick in range(80):
        mixer.voices[2] = speech[tick * TICK : (tick + 1) * TICK]
        packets = encoders.encode([mixer.mix()], seats)
    assert packets[0] is packets[1] is packets[3] is packets[4]
    assert packets[2] != packets[0]


def test_nobody_who_hears_nothing_is_encoded_for() -> None:
    assert Returns().encode([Mixer(2).mix()], []) == {}


def test_a_mix_that_nobody_takes_is_not_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[OpusEncoder] = []
    encode = OpusEncoder.encode

    def counted(encoder: OpusEncoder, samples: Sound) -> bytes:
        made.append(encoder)
        return encode(encoder, samples)

    monkeypatch.setattr(OpusEncoder, "encode", counted)
    mixer, encoders = Mixer(3), Returns()
    seats = [mixer.take_seat() for _ in range(3)]
    speech = voice(2, lufs=-20)
    for tick in range(80):
        mixer.voices[:] = speech[tick * TICK : (tick + 1) * TICK]
        mix = mixer.mix()
        made.clear()
        encoders.encode([mix], seats)
    assert list(mix.own) == seats
    assert len(made) == 3


def test_two_ticks_in_a_packet_decode_to_what_a_packet_for_each_does() -> None:
    """Somebody begins to speak in the first tick of a pair, another ends in the second of one."""
    heard: dict[int, list[Sound]] = {1: [], 2: []}
    speech = voice(6, lufs=-22)
    for ticks, sounds in heard.items():
        mixer, encoders = Mixer(3), Returns()
        seats = [mixer.take_seat() for _ in range(3)]
        decoders = [OpusDecoder() for _ in seats]
        for first in range(0, 300, ticks):
            mixes = []
            for tick in range(first, first + ticks):
                part = slice(tick * TICK, (tick + 1) * TICK)
                mixer.voices[0] = speech[part]
                mixer.voices[1] = speech[part] if 101 <= tick < 202 else 0
                mixes.append(mixer.mix())
            packets = encoders.encode(mixes, seats)
            sounds.append(
                np.array([decoders[seat].decode(packets[seat], ticks * TICK).copy() for seat in seats])
            )
            assert {samples_in(packet) for packet in packets.values()} == {ticks * TICK}
    np.testing.assert_array_equal(np.concatenate(heard[1], axis=1), np.concatenate(heard[2], axis=1))


def worst_break(seconds: float = 9.0) -> float:
    """Somebody hears a chord, talks for three seconds, hears on: the worst error where their packets change.

    As a multiple of what is usual: the error that 95 % of all ticks stay below.
    """
    mixer, encoders = Mixer(2), Returns()
    listener, player = mixer.take_seat(), mixer.take_seat()
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    chord = [0.05 * np.sin(2 * np.pi * hertz * time) for hertz in (330, 440, 550)]
    sound = np.sum(chord, axis=0).astype(np.float32)
    speech = voice(seconds, lufs=-22)
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = SAMPLE_RATE, "mono"
    sent: list[Sound] = []
    heard: list[Sound] = []
    own: list[bool] = []
    for tick in range(round(seconds * 50)):
        part = slice(tick * TICK, (tick + 1) * TICK)
        mixer.voices[player] = sound[part]
        mixer.voices[listener] = speech[part] if 150 <= tick < 300 else 0
        mix = mixer.mix()
        own.append(listener in mix.own)
        sent.append(mix.own.get(listener, mix.common).copy())
        packet = encoders.encode([mix], [listener, player])[listener]
        heard += [
            np.asarray(piece.to_ndarray().ravel() / 32768, np.float32)
            for piece in decoder.decode(av.Packet(packet))
        ]
    late = 120  # samples of delay of the low-delay mode at 48 kHz
    error = np.concatenate(heard)[late:] - np.concatenate(sent)[:-late]
    power = np.array([np.sum(error[at : at + TICK] ** 2) for at in range(0, len(error) - TICK, TICK)])
    changes = np.flatnonzero(np.diff(np.array(own, np.int8)))
    assert len(changes) == 2
    around = [tick for change in changes for tick in range(change, change + 4)]
    return float(power[around].max() / np.quantile(power[60:], 0.95))


def test_whoever_begins_or_ends_to_speak_hears_no_break() -> None:
    assert worst_break() < 2


def test_a_new_encoder_that_has_heard_nothing_would_be_a_break(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "_WARM_TICKS", 0)
    assert worst_break() > 2
