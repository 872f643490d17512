"""Renditions decode to the samples that went in, aligned to the millisecond and cut on the quantum."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from rostra.audio.encoder import QuantumEncoder, silent_quantum
from rostra.audio.encoding import AAC_64, ENCODINGS, OPUS_32, Encoding
from rostra.audio.frame import Sound, silence
from rostra.core.samples import CHUNKS_PER_SEGMENT, QUANTUM, SAMPLE_RATE, SEGMENT, TICK
from rostra.media import cmaf
from rostra.media.track import Track

QUANTA = 12
MILLISECOND = SAMPLE_RATE // 1000


def noise(samples: int = QUANTA * QUANTUM, seed: int = 1) -> Sound:
    """Return band-limited noise: its correlation has one sharp peak."""
    white = np.random.default_rng(seed).standard_normal(samples + 31)
    return (np.convolve(white, np.hanning(32) / 8, "valid") * 0.2).astype(np.float32)


def push_by_ticks(encoder: QuantumEncoder, programme: Sound) -> list[dict[str, tuple[bytes, ...]]]:
    quanta = []
    for start in range(0, len(programme), TICK):
        quanta += encoder.push(programme[start : start + TICK])
    return [{name: tuple(frames) for name, frames in quantum.items()} for quantum in quanta]


def decode(encoding: Encoding, config: bytes, quanta: list[dict[str, tuple[bytes, ...]]]) -> Sound:
    """Mux as the tape does, decode as a listener does; return samples at their presentation time."""
    asc = config if encoding is AAC_64 else b""
    track = Track(encoding.name, encoding.codec, encoding.bandwidth, encoding.frame_samples, asc)
    file = cmaf.init_segment(track) + b"".join(
        cmaf.chunk(track, sequence=number + 1, start_sample=number * QUANTUM, frames=quantum[encoding.name])
        for number, quantum in enumerate(quanta)
    )
    heard = np.zeros(len(quanta) * QUANTUM, np.float32)
    with av.open(io.BytesIO(file)) as container:
        for piece in container.decode(audio=0):
            at = round(piece.time * SAMPLE_RATE)
            heard[at : at + piece.samples] = piece.to_ndarray()[0][: len(heard) - at]
    return heard


def lag(reference: Sound, heard: Sound) -> int:
    """Samples by which ``heard`` is later than ``reference``, by cross-correlation."""
    size = 2 * len(reference)
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(reference, size))
    peak = int(np.argmax(np.fft.irfft(spectrum)))
    return peak if peak < size // 2 else peak - size


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda e: e.name)
def test_a_listener_hears_every_rendition_within_a_millisecond_of_the_mix(encoding: Encoding) -> None:
    encoder = QuantumEncoder()
    programme = noise()
    quanta = push_by_ticks(encoder, programme)
    quanta += [{n: tuple(f) for n, f in q.items()} for q in encoder.drain(partial=False)]
    heard = decode(encoding, encoder.configs()[encoding.name], quanta)
    assert len(heard) == len(programme)
    assert abs(lag(programme, heard)) <= MILLISECOND
    middle = slice(QUANTUM, -QUANTUM)
    error = heard[middle] - programme[middle]
    assert np.std(error) < 0.7 * np.std(programme[middle])


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda e: e.name)
def test_an_encoder_that_restarts_continues_on_the_grid(encoding: Encoding) -> None:
    programme = noise()
    cut = 6 * QUANTUM
    first, second = QuantumEncoder(), QuantumEncoder()
    quanta = push_by_ticks(first, programme[:cut])
    quanta += [{n: tuple(f) for n, f in q.items()} for q in first.drain(partial=False)]
    quanta += push_by_ticks(second, programme[cut:])
    quanta += [{n: tuple(f) for n, f in q.items()} for q in second.drain(partial=False)]
    heard = decode(encoding, first.configs()[encoding.name], quanta)
    assert len(heard) == len(programme)
    assert abs(lag(programme[cut:], heard[cut:])) <= MILLISECOND


def test_a_quantum_comes_out_three_ticks_after_its_last_sample() -> None:
    encoder = QuantumEncoder()
    ticks = 0
    while not encoder.push(silence()):
        ticks += 1
    assert ticks + 1 == QUANTUM // TICK + 3


def test_a_quantum_holds_fifteen_aac_and_sixteen_opus_frames() -> None:
    (quantum, *_) = push_by_ticks(QuantumEncoder(), noise())
    assert {name: len(frames) for name, frames in quantum.items()} == {AAC_64.name: 15, OPUS_32.name: 16}


def test_draining_gives_whole_quanta_only_unless_the_partial_one_is_asked_for() -> None:
    one_and_a_bit = silence(QUANTUM + 5 * TICK)
    whole = QuantumEncoder()
    assert len(push_by_ticks(whole, one_and_a_bit)) + len(whole.drain(partial=False)) == 1
    padded = QuantumEncoder()
    assert len(push_by_ticks(padded, one_and_a_bit)) + len(padded.drain(partial=True)) == 2


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda e: e.name)
def test_the_quantum_for_gaps_is_silent(encoding: Encoding) -> None:
    quantum = {name: tuple(frames) for name, frames in silent_quantum().items()}
    heard = decode(encoding, QuantumEncoder().configs()[encoding.name], [quantum] * 3)
    assert np.abs(heard).max() < 1e-3


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda e: e.name)
def test_the_bandwidth_told_to_players_covers_a_loud_segment(encoding: Encoding) -> None:
    quanta = push_by_ticks(QuantumEncoder(), noise(13 * QUANTUM) * 3)[:CHUNKS_PER_SEGMENT]
    audio_bytes = sum(len(frame) for quantum in quanta for frame in quantum[encoding.name])
    box_bytes = 280 * CHUNKS_PER_SEGMENT + 1500
    assert (audio_bytes + box_bytes) * 8 * SAMPLE_RATE / SEGMENT <= encoding.bandwidth
