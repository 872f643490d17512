"""``make bench-codecs``: what each way to encode the programme costs, how true it is, if it keeps its rate.

The demo's voices, and two hard cases: voices over noise, claps out of silence. Each AAC rendition by the
coder that is used and by FFmpeg's other one; Opus beside what costs more and less. Prints one
JSON line. The measure of truth is the mean noise-to-mask ratio, after ITU-R BS.1387: how far what was added
stands above what the sound itself hides. Less is better; below 0 dB little is heard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import av
import msgspec
import numpy as np
import numpy.typing as npt

from bench.machine import machine
from rostra.audio.codec import encoder_of
from rostra.audio.encoding import AAC_32, AAC_64, OPUS_16, OPUS_32, Encoding
from rostra.audio.frame import Sound
from rostra.audio.opus import OpusDecoder
from rostra.audio.opus_encoder import LOW_DELAY, OpusEncoder, OpusSettings
from rostra.audio.returns import return_encoder
from rostra.core.samples import SAMPLE_RATE, SEGMENT, TICK
from rostra.rehearsal import dialogue

_LATEST = 4_000
"""Samples that a codec may be late."""
_WINDOW = 2 * TICK
_BANDS = 40
"""A little more than one ERB each (Glasberg and Moore, 1990)."""
_MASKED = 0.1
"""Share of a band's power that it hides of noise; a tenth of it in the next one up, 1/300 one down."""
_HEARING = 1e-4


class Figures(msgspec.Struct, frozen=True):
    """Of one way to encode."""

    cpu_percent: float
    """Of a core, everything warm: on a stage, where other work lies between, it is more."""
    kbit_s: float
    most_kbit_s: float
    """Of the worst segment of claps."""
    noise_to_mask_db: dict[str, float]


@dataclass(frozen=True, slots=True)
class Codec:
    """One encoder and its decoder, fresh."""

    encode: Callable[[Sound], Sequence[bytes]]
    decode: Callable[[bytes], Sound]
    frame_samples: int = TICK


@dataclass(frozen=True, slots=True)
class Passed:
    """What came of one sound."""

    frame_samples: int
    cpu_s: float
    kbits: npt.NDArray[np.float64]
    """Of each frame."""
    noise_to_mask_db: float


def main() -> None:
    """Measure."""
    ways: dict[str, Callable[[], Codec]] = {
        "aac64": lambda: _rendition(AAC_64),
        "aac64, two loops": lambda: _rendition(_by_two_loops(AAC_64)),
        "aac64, not held to its rate": lambda: _rendition(replace(AAC_64, keeps_rate=True)),
        "aac32": lambda: _rendition(AAC_32),
        "aac32, two loops": lambda: _rendition(_by_two_loops(AAC_32)),
        "opus32": lambda: _rendition(OPUS_32),
        "opus32, complexity 10": lambda: _rendition(_of_complexity(10, OPUS_32)),
        "opus32, complexity 6": lambda: _rendition(_of_complexity(6, OPUS_32)),
        "opus16": lambda: _rendition(OPUS_16),
        "opus16, complexity 7": lambda: _rendition(_of_complexity(7, OPUS_16)),
        "return": lambda: _return(return_encoder()),
        "return, 32 kbit/s at complexity 1": lambda: _return(
            OpusEncoder(OpusSettings(LOW_DELAY, complexity=1, constrained=False), 32_000)
        ),
    }
    sounds = _sounds()
    found = {name: _figures(way, sounds) for name, way in ways.items()}
    print(msgspec.json.encode({"codecs": found, "machine": machine()}).decode(), flush=True)


def _by_two_loops(encoding: Encoding) -> Encoding:
    return replace(encoding, options=(("aac_coder", "twoloop"),), keeps_rate=True)


def _of_complexity(complexity: int, encoding: Encoding) -> Encoding:
    assert isinstance(encoding.encoder, OpusSettings)
    return replace(encoding, encoder=replace(encoding.encoder, complexity=complexity))


def _rendition(encoding: Encoding) -> Codec:
    encoder = encoder_of(encoding)
    decoder = av.CodecContext.create("libopus" if encoding.codec == "opus" else "aac", "r")
    decoder.extradata = encoder.config

    def decode(packet: bytes) -> Sound:
        pieces = [frame.to_ndarray() for frame in decoder.decode(av.Packet(packet))]
        scale = 32768 if pieces and pieces[0].dtype == np.int16 else 1
        return np.concatenate([np.zeros(0, np.float32), *(each[0] / scale for each in pieces)])

    return Codec(encoder.encode, decode, encoding.frame_samples)


def _return(encoder: OpusEncoder) -> Codec:
    decoder = OpusDecoder()
    return Codec(lambda frame: [encoder.encode(frame)], lambda packet: decoder.decode(packet, TICK).copy())


def _sounds() -> dict[str, Sound]:
    """The demo's voices, the same over noise, and claps: noise out of silence three times a second."""
    folder = dialogue.voices_folder()
    said = [dialogue.decode_opus(folder.joinpath(each.file).read_bytes()) for each in dialogue.read_lines()]
    voices = np.concatenate(said).astype(np.float32) / 32768
    random = np.random.default_rng(1)
    at = np.arange(16 * SAMPLE_RATE)
    claps = 0.15 * random.standard_normal(len(at)) * (at * 3 / SAMPLE_RATE % 1 < 0.5)
    noisy = voices + 0.01 * random.standard_normal(len(voices))
    return {"voices": voices, "over noise": noisy.astype(np.float32), "claps": claps.astype(np.float32)}


def _figures(way: Callable[[], Codec], sounds: dict[str, Sound]) -> Figures:
    passed = {name: _passed(way(), sound) for name, sound in sounds.items()}
    voices, claps = passed["voices"], passed["claps"]
    segment = np.ones(round(SEGMENT / voices.frame_samples))
    most_kbit = np.convolve(claps.kbits, segment, "valid").max()
    return Figures(
        cpu_percent=round(100 * voices.cpu_s * SAMPLE_RATE / len(sounds["voices"]), 2),
        kbit_s=round(float(voices.kbits.mean()) * SAMPLE_RATE / voices.frame_samples, 1),
        most_kbit_s=round(float(most_kbit) * SAMPLE_RATE / SEGMENT, 1),
        noise_to_mask_db={name: each.noise_to_mask_db for name, each in passed.items()},
    )


def _passed(codec: Codec, sound: Sound) -> Passed:
    size = codec.frame_samples
    frames = [sound[at : at + size] for at in range(0, len(sound) - size, size)]
    began_s = time.process_time()
    packets = [packet for frame in frames for packet in codec.encode(frame)]
    took_s = time.process_time() - began_s
    heard = np.concatenate([codec.decode(packet) for packet in packets])
    noise_to_mask_db = _noise_to_mask_db(sound, heard[_lag(sound, heard) :])
    kbits = np.array([len(packet) for packet in packets]) * 8 / 1_000
    return Passed(size, took_s, kbits, round(noise_to_mask_db, 1))


def _lag(sound: Sound, heard: Sound) -> int:
    size = 1 << 18
    spectrum = np.conj(np.fft.rfft(sound[: size // 2], size)) * np.fft.rfft(heard[: size // 2], size)
    return int(np.argmax(np.abs(np.fft.irfft(spectrum)[:_LATEST])))


def _noise_to_mask_db(sound: Sound, heard: Sound) -> float:
    """The mean over all that is louder than silence. Phases do not count, only what spectra differ by."""
    count = min(len(sound), len(heard)) // _WINDOW
    window = np.hanning(_WINDOW)
    before, after = (
        np.abs(np.fft.rfft(each[: count * _WINDOW].reshape(count, _WINDOW) * window))
        for each in (sound, heard)
    )
    hertz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    starts = np.searchsorted(21.4 * np.log10(1 + 0.00437 * hertz), np.arange(_BANDS))
    power, noise = (np.add.reduceat(each, starts, axis=1) for each in (before**2, (before - after) ** 2))
    mask = power.copy()
    mask[:, 1:] = np.maximum(mask[:, 1:], power[:, :-1] / 10)
    mask[:, :-1] = np.maximum(mask[:, :-1], power[:, 1:] / 300)
    ratio = (noise / (_MASKED * mask + _HEARING)).mean(axis=1)
    return float(np.mean(10 * np.log10(ratio[power.sum(axis=1) > 0.1] + 1e-9)))


if __name__ == "__main__":
    main()
