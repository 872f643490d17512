"""Tones to speak and the means to find them again: in samples, and in whatever FFmpeg can open."""

from __future__ import annotations

import asyncio
import math
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 48_000
LOW_HZ = 440
HIGH_HZ = 1_000
ELSEWHERE_HZ = (620, 1_370, 2_090)
"""Where neither tone nor its overtones sound."""
CLEAR_DB = 20.0
"""A tone is heard when it stands out this far from what is elsewhere."""
FAINT_DBFS = -50.0

Sound = npt.NDArray[np.float64]
"""Mono samples, full scale 1.0."""


def syllables(frequency_hz: int, seconds: float, *, peak: float = 0.4) -> Sound:
    """A tone in syllables of uneven length, so that noise suppression takes it for speech."""
    random = np.random.default_rng(frequency_hz)
    at = np.arange(round(seconds * RATE))
    envelope = np.zeros(len(at))
    start = 0
    while start < len(at):
        length = int(random.integers(RATE // 8, RATE // 3))
        loudness = random.uniform(0.6, 1.0)
        envelope[start : start + length] = loudness * np.hanning(length)[: len(at) - start]
        start += length + int(random.integers(RATE // 50, RATE // 12))
    return peak * envelope * np.sin(at * (2 * math.pi * frequency_hz / RATE))


def write_wav(path: Path, sound: Sound) -> Path:
    """Write 16-bit mono at 48 kHz, as Chromium's fake microphone reads it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).round().astype("<i2").tobytes())
    return path


def level_dbfs(sound: Sound, frequency_hz: float) -> float:
    """Level of the sine at a frequency (peak, dBFS), through a Hann window."""
    if not len(sound):
        return -127.0
    window = np.hanning(len(sound))
    turn = np.exp(-2j * math.pi * frequency_hz / RATE * np.arange(len(sound)))
    amplitude = 2 * abs(complex(np.sum(sound * window * turn))) / float(np.sum(window))
    return max(-127.0, 20 * math.log10(amplitude)) if amplitude > 0 else -127.0


def clearness_db(sound: Sound, frequency_hz: float, *, window_s: float = 0.5) -> float:
    """How far a tone stands out: the median over windows; −127 where it is too faint to be heard."""
    size = round(window_s * RATE)
    found = []
    for start in range(0, max(1, len(sound) - size + 1), size):
        window = sound[start : start + size]
        level = level_dbfs(window, frequency_hz)
        elsewhere = max(level_dbfs(window, other) for other in ELSEWHERE_HZ)
        found.append(level - elsewhere if level > FAINT_DBFS else -127.0)
    return float(np.median(found))


def holds(sound: Sound, frequency_hz: float) -> bool:
    """Say whether a tone is clearly there."""
    return clearness_db(sound, frequency_hz) >= CLEAR_DB


async def run(*command: str, within_s: float = 40.0) -> bytes:
    """Run a program to its end; return its standard output. AssertionError tells why it failed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within_s):
            output, errors = await process.communicate()
    except BaseException as error:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if isinstance(error, TimeoutError):
            raise AssertionError(f"{command[0]} did not end within {within_s} s: {command}") from error
        raise
    assert process.returncode == 0, f"{' '.join(command)}\n{errors.decode(errors='replace')[-3000:]}"
    return output


async def decode(source: str | Path, *, seconds: float | None = None, within_s: float = 40.0) -> Sound:
    """What FFmpeg hears at an address or in a file, mono at 48 kHz."""
    limit = () if seconds is None else ("-t", str(seconds))
    raw = await run(
        *("ffmpeg", "-hide_banner", "-loglevel", "warning", "-nostdin", "-i", str(source), *limit),
        *("-map", "0:a:0", "-f", "s16le", "-ac", "1", "-ar", str(RATE), "-"),
        within_s=within_s,
    )
    return np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768


def lag_samples(one: Sound, other: Sound, *, most: int = 4_800) -> int:
    """By how many samples ``other`` is later than ``one``: the peak of their cross-correlation."""
    length = min(len(one), len(other))
    size = 1 << (2 * length - 1).bit_length()
    spectrum = np.fft.rfft(one[:length], size).conj() * np.fft.rfft(other[:length], size)
    correlation = np.fft.irfft(spectrum, size)
    around = np.concatenate([correlation[-most:], correlation[: most + 1]])
    return int(np.argmax(around)) - most
