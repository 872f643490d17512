"""Speak the demo's dialogue into small Opus files.

Reads ``src/rostra/rehearsal/voices/dialogue.txt``; writes one mono Ogg Opus file a line and
``lines.json`` beside it. Needs espeak-ng and ffmpeg. Running the demo does not need this script:
its output is committed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

VOICES = Path(__file__).parents[1] / "src/rostra/rehearsal/voices"
SPEAKERS = {
    "nora": ("Nora", ["-v", "en-us+f2", "-s", "172", "-p", "48"]),
    "sam": ("Sam", ["-v", "en-gb-x-rp+m3", "-s", "168", "-p", "42"]),
}
RATE = 48_000
FRAME = RATE // 50
SPOKEN_DBFS = -17.0
"""Loudness of the frames in which somebody speaks, the same for every line."""
PEAK = 0.85
MARGIN = RATE // 25
"""Silence kept at both ends, so that no consonant is cut."""

Signal = npt.NDArray[np.float64]


def speak(voice: list[str], text: str) -> Signal:
    """Return ``text`` spoken, 48 kHz mono, full scale 1.0."""
    wav = subprocess.run(
        ["espeak-ng", *voice, "--stdout", text], check=True, capture_output=True, timeout=60
    ).stdout
    raw = ffmpeg(["-i", "-", "-ar", str(RATE), "-ac", "1", "-f", "s16le", "-"], wav)
    return np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768


def level(signal: Signal) -> Signal:
    """Trim the silence at both ends and bring speech to one loudness without clipping."""
    loud = np.flatnonzero(np.abs(signal) > 0.01)
    signal = signal[max(0, loud[0] - MARGIN) : loud[-1] + MARGIN]
    frames = signal[: len(signal) // FRAME * FRAME].reshape(-1, FRAME)
    power = (frames**2).mean(axis=1)
    spoken = float(np.sqrt(power[power > power.max() * 0.01].mean()))
    signal = signal * (10 ** (SPOKEN_DBFS / 20) / spoken)
    return PEAK * np.tanh(signal / PEAK)


def encode(signal: Signal, path: Path) -> None:
    """Write Ogg Opus, mono, about 24 kbit/s; the same bytes every time."""
    pcm = (signal * 32767).astype("<i2").tobytes()
    source = ["-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-"]
    codec = ["-c:a", "libopus", "-b:a", "24k", "-application", "voip", "-frame_duration", "20"]
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    ffmpeg([*source, *codec, *plain, "-y", str(path)], pcm)


def ffmpeg(arguments: list[str], data: bytes) -> bytes:
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", *arguments]
    return subprocess.run(command, input=data, check=True, capture_output=True, timeout=60).stdout


def main() -> int:
    for old in VOICES.glob("*.opus"):
        old.unlink()
    lines = []
    total_ms = 0
    spoken = (line for line in (VOICES / "dialogue.txt").read_text().splitlines() if line[:1] not in "#")
    for number, line in enumerate(spoken, start=1):
        speaker, pause, text = (part.strip() for part in line.split("|", 2))
        signal = level(speak(SPEAKERS[speaker][1], text))
        file = f"{number:02}-{speaker}.opus"
        encode(signal, VOICES / file)
        duration_ms = round(len(signal) * 1000 / RATE)
        total_ms += duration_ms + int(pause)
        lines.append(
            {
                "speaker": SPEAKERS[speaker][0],
                "file": file,
                "duration_ms": duration_ms,
                "pause_ms": int(pause),
                "text": text,
            }
        )
        print(f"{file}  {duration_ms / 1000:5.2f} s  {text}")
    (VOICES / "lines.json").write_text(json.dumps(lines, indent=1) + "\n")
    print(f"{len(lines)} lines, {total_ms / 1000:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
