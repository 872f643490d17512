"""Speak the message that radios hear when all places are taken, in the three forms of an endless stream.

Writes ``full.aac``, ``full.opus`` and ``full.mp3`` into ``src/rostra/edge/messages``. Needs espeak-ng and
ffmpeg. Running Rostra does not need this script: its output is committed.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

MESSAGES = Path(__file__).parents[1] / "src/rostra/edge/messages"
SPOKEN = (
    ("en-us+f2", "All places are taken just now. Please stay tuned or try again."),
    ("es+f2", "Ahora mismo no quedan plazas. Espere o vuelva a intentarlo."),
)
PAUSE_S, LENGTH_S = 0.6, 11.52
"""Of silence between the two, and of the whole: below what lies between two repeats."""
FORMS = {
    "aac": ["-c:a", "aac", "-b:a", "32k", "-f", "adts"],
    "opus": ["-c:a", "libopus", "-b:a", "16k", "-application", "voip", "-f", "ogg"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "32k", "-write_xing", "0", "-id3v2_version", "0"],
}
RAW = ["-ar", "48000", "-ac", "1", "-f", "s16le"]


def speak(voice: str, text: str) -> bytes:
    """Return ``text`` spoken, as raw samples."""
    wav = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", "165", "--stdout", text], check=True, capture_output=True
    )
    return ffmpeg(["-i", "-", *RAW, "-"], wav.stdout)


def ffmpeg(arguments: list[str], data: bytes) -> bytes:
    """Run ffmpeg on ``data``; return what it writes."""
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *arguments]
    return subprocess.run(command, input=data, check=True, capture_output=True).stdout


def main() -> None:
    """Write the three files."""
    pause = bytes(round(PAUSE_S * 48_000) * 2)
    samples = pause.join(speak(voice, text) for voice, text in SPOKEN)
    samples = samples.ljust(round(LENGTH_S * 48_000) * 2, b"\0")
    MESSAGES.mkdir(exist_ok=True)
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    for extension, codec in FORMS.items():
        path = MESSAGES / f"full.{extension}"
        ffmpeg([*RAW, "-i", "-", *codec, *plain, str(path)], samples)
        print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
