"""A gate lets speech through whole, and keeps rooms out."""

from __future__ import annotations

import numpy as np

from harness.loudness import mixed, music, names, noise, said_by, silence, voice
from rostra.audio.frame import Sound
from rostra.core.samples import SAMPLE_RATE, TICK

HUM_HZ = 215
"""Ticks do not begin where this tone crosses zero: a step there is heard."""


def heard_share(sound: Sound) -> float:
    """Of a sound's ticks, how many are heard at all."""
    return float((np.abs(sound).reshape(-1, TICK).max(axis=1) > 0).mean())


def room(seconds: float, dbfs: float = -70.0) -> Sound:
    quiet = np.random.default_rng(2).standard_normal(round(seconds * SAMPLE_RATE)) * 10 ** (dbfs / 20)
    return quiet.astype(np.float32)


def test_a_quiet_room_is_not_heard() -> None:
    assert heard_share(mixed(room(5)).voices[0]) == 0


def test_a_fan_is_heard_for_a_few_seconds_at_most() -> None:
    heard = mixed(noise(20, lufs=-50)).voices[0]
    assert heard_share(heard[-10 * SAMPLE_RATE :]) == 0


def test_a_voice_beside_a_fan_is_heard_and_the_fan_alone_is_not() -> None:
    speech = np.concatenate((voice(10, lufs=-25), silence(10), voice(10, lufs=-25)))
    heard = mixed(speech + noise(30, lufs=-55)).voices[0]
    assert heard_share(heard[4 * SAMPLE_RATE : 9 * SAMPLE_RATE]) > 0.9
    assert heard_share(heard[12 * SAMPLE_RATE : 19 * SAMPLE_RATE]) == 0
    assert heard_share(heard[21 * SAMPLE_RATE :]) > 0.9


def test_no_word_of_a_voice_is_cut_off() -> None:
    speech = said_by(names()[0])[: 20 * SAMPLE_RATE // TICK * TICK]
    mix = mixed(speech)
    spoken = np.abs(speech).reshape(-1, TICK).max(axis=1) > 0.03
    heard = np.abs(mix.voices[0]).reshape(-1, TICK).max(axis=1) > 0
    met = int(np.argmax(heard))
    assert met <= int(np.argmax(spoken)) + 12
    assert heard[met:][spoken[met:]].all()


def test_a_whisper_opens_the_gate() -> None:
    assert heard_share(mixed(voice(10, lufs=-45)).voices[0]) > 0.8


def test_music_is_heard_without_a_break() -> None:
    assert heard_share(mixed(music(40, lufs=-28)).voices[0][SAMPLE_RATE:]) == 1


def test_a_gate_closes_without_a_click() -> None:
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    peak = np.where(time < 1, 0.05, 0.0008)
    hum = (peak * np.sin(2 * np.pi * HUM_HZ * time)).astype(np.float32)
    closing = mixed(hum).voices[0][SAMPLE_RATE + TICK :]
    assert not closing[-SAMPLE_RATE // 2 :].any()
    steepest = 2 * np.pi * HUM_HZ / SAMPLE_RATE * np.abs(closing).max()
    assert np.abs(np.diff(closing)).max() < 1.2 * steepest


def test_whoever_is_muted_is_not_heard_and_speaks_at_once_when_no_longer() -> None:
    assert heard_share(mixed(voice(5, lufs=-20), muted=(0,)).voices[0]) == 0
