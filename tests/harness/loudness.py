"""Voices of any loudness through the stage's mixer, and what FFmpeg's meter says of the result."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rostra.audio.frame import Sound
from rostra.audio.mixer import Mixer
from rostra.core.samples import SAMPLE_RATE, TICK
from rostra.rehearsal import dialogue

_INTEGRATED = re.compile(r"I:\s+(-?[\d.]+|-inf|nan) LUFS")
_PEAK = re.compile(r"Peak:\s+(-?[\d.]+|-inf) dBFS")
NO_SOUND_LUFS = -70.0


@dataclass(frozen=True, slots=True)
class Metered:
    """What ``ebur128=dualmono=true:peak=true`` reads."""

    lufs: float
    """Integrated; −70 for silence."""
    dbtp: float


def meter(sound: Sound) -> Metered:
    """Measure samples."""
    return _read(
        "-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "1", "-i", "-", fed=sound.astype("<f4").tobytes()
    )


def meter_file(path: Path | str) -> Metered:
    """Measure whatever FFmpeg can open, decoded."""
    return _read("-i", str(path))


def _read(*source: str, fed: bytes | None = None) -> Metered:
    said = subprocess.run(
        (
            "ffmpeg",
            "-hide_banner",
            "-nostats",
            *source,
            "-af",
            "ebur128=dualmono=true:peak=true",
            "-f",
            "null",
            "-",
        ),
        input=fed,
        capture_output=True,
        check=True,
    ).stderr.decode()
    summary = said[said.rindex("Summary:") :]
    return Metered(_number(_INTEGRATED, summary), _number(_PEAK, summary))


def _number(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    assert found, text
    return float(found[1]) if found[1] not in ("-inf", "nan") else NO_SOUND_LUFS


@cache
def said_by(name: str) -> Sound:
    """Everything that one of the demo's voices says, line after line with half a second between."""
    lines = [line for line in dialogue.read_lines() if line.speaker == name]
    pause = np.zeros(SAMPLE_RATE // 2, np.float32)
    spoken = [
        dialogue.decode_opus(dialogue.voices_folder().joinpath(line.file).read_bytes()) for line in lines
    ]
    return np.concatenate([part for pcm in spoken for part in (pcm.astype(np.float32) / 32768, pause)])


def names() -> list[str]:
    """The demo's voices."""
    return sorted({line.speaker for line in dialogue.read_lines()})


def voice(seconds: float, *, lufs: float, who: int = 0, noise_dbfs: float = -75.0) -> Sound:
    """One of the demo's voices in a room that is never quite quiet, so loud (integrated)."""
    samples = round(seconds * SAMPLE_RATE)
    taken = _speech_of(who, samples)
    room = np.random.default_rng(who).standard_normal(samples) * 10 ** (noise_dbfs / 20)
    return (taken * 10 ** ((lufs - _loudness_of(who, samples)) / 20) + room).astype(np.float32)


def _speech_of(who: int, samples: int) -> Sound:
    speech = said_by(names()[who % 2])
    return np.resize(np.roll(speech, -(who // 2) * len(speech) // 7), samples)


@cache
def _loudness_of(who: int, samples: int) -> float:
    return meter(_speech_of(who, samples)).lufs


def at_loudness(sound: Sound, lufs: float) -> Sound:
    """The sound made so loud."""
    return (sound * 10 ** ((lufs - meter(sound).lufs) / 20)).astype(np.float32)


def music(seconds: float, *, lufs: float) -> Sound:
    """Chords that change without a pause, over a beat."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    bar = (time // 2).astype(int) % 4
    root = 220 * 2 ** (np.array([0, 5, 7, 3])[bar] / 12)
    phase = 2 * np.pi * np.cumsum(root) / SAMPLE_RATE
    chord = sum(np.sin(phase * ratio) / ratio for ratio in (1, 1.25, 1.5, 2, 3, 4))
    beat = np.exp(-8 * (time % 0.5)) * np.random.default_rng(3).standard_normal(len(time))
    return at_loudness((0.2 * chord + 0.3 * beat).astype(np.float32), lufs)


def noise(seconds: float, *, lufs: float) -> Sound:
    """A fan: steady pink noise."""
    samples = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(5).standard_normal(samples))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(samples, 1 / SAMPLE_RATE), 20))
    return at_loudness(np.fft.irfft(spectrum, samples).astype(np.float32), lufs)


def applause(seconds: float, *, lufs: float, a_second: float = 20) -> Sound:
    """Hands that clap, now and then together: short noise out of silence."""
    samples, length = round(seconds * SAMPLE_RATE), round(0.06 * SAMPLE_RATE)
    random = np.random.default_rng(1)
    clap = np.exp(-np.arange(length) / (0.008 * SAMPLE_RATE))
    sound = np.zeros(samples + length)
    for at in random.integers(0, samples, round(seconds * a_second)):
        sound[at : at + length] += clap * random.standard_normal(length)
    return at_loudness(sound[:samples].astype(np.float32), lufs)


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def in_turn(*levels: float, turn_s: int = 6, rounds: int = 2) -> list[Sound]:
    """People of these loudnesses, one after the other, each in a room that is never quite quiet."""
    total_s = turn_s * len(levels) * rounds
    turns = []
    for who, level in enumerate(levels):
        speech, room = voice(total_s, lufs=level, who=who), voice(total_s, lufs=level - 80, who=who)
        whose = np.arange(len(speech)) // (turn_s * SAMPLE_RATE) % len(levels)
        turns.append(np.where(whose == who, speech, room).astype(np.float32))
    return turns


@dataclass(frozen=True, slots=True)
class Mixed:
    """What came of some voices."""

    programme: Sound
    voices: Sound
    """As each is in the mix: voices × samples."""
    gains_db: npt.NDArray[np.float64]
    """Ticks × voices, the trim included."""
    trims_db: npt.NDArray[np.float64]
    common: Sound
    own: npt.NDArray[np.bool_]
    """Ticks × voices: who had a return of their own."""

    def moved_db_per_s(self) -> float:
        """The fastest that any gain moved while its voice was heard."""
        heard = np.abs(self.voices).reshape(len(self.voices), -1, TICK).max(axis=2).T > 0
        moves = np.abs(np.diff(self.gains_db, axis=0)) * heard[:-1] * heard[1:]
        return round(float(moves.max()) * SAMPLE_RATE / TICK, 6)


def mixed(*voices: Sound, muted: tuple[int, ...] = (), bed: Sound | None = None) -> Mixed:
    """Everyone on one stage from the first sample to the last."""
    mixer = Mixer(len(voices))
    for _ in voices:
        mixer.take_seat()
    length = max(len(each) for each in (*voices, *([bed] if bed is not None else ()))) // TICK * TICK
    everyone = np.zeros((len(voices), length), np.float32)
    for row, each in enumerate(voices):
        everyone[row, : len(each)] = each[:length]
    for seat in muted:
        mixer.mute(seat, muted=True)
    programme, common = np.zeros(length, np.float32), np.zeros(length, np.float32)
    ticks = length // TICK
    trims = np.zeros(ticks)
    gains, own = np.zeros((ticks, len(voices))), np.zeros((ticks, len(voices)), np.bool_)
    for tick in range(ticks):
        part = slice(tick * TICK, (tick + 1) * TICK)
        mixer.voices[:] = everyone[:, part]
        mix = mixer.mix(None if bed is None else bed[part])
        programme[part], common[part] = mix.programme, mix.common
        everyone[:, part] = mixer.voices
        gains[tick], trims[tick] = mixer.gains_db, mixer.trim_db
        own[tick, list(mix.own)] = True
    return Mixed(programme, everyone, gains, trims, common, own)
