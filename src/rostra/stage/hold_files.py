"""The hold loops that hosts uploaded: decoded once, behind the stage, and kept in the data folder.

A file a space, mono 48 kHz 16-bit, as loud as the built-in loop, gone when the space is over; a space without
one has the built-in loop. Bounded in bytes in, time decoding and sound out.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from rostra.audio.frame import Sound
from rostra.audio.looping import Looping, seamless
from rostra.audio.music import shipped
from rostra.core.errors import BadRequest, DiskFull
from rostra.core.ids import SpaceId
from rostra.core.samples import SAMPLE_RATE
from rostra.stage import behind, decoding

DECODE_S: Final = 30.0
SHORTEST_S: Final = 2
_BYTES_A_SAMPLE: Final = 2


class NoMusic(BadRequest):
    """This file cannot be played. Choose an Ogg, MP3, M4A, FLAC or WAV file of at least two seconds."""

    code = "no_music"


class HoldFiles:
    """``folder`` holds one file per space; made when first needed. Looked through once, at the start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._decoding = asyncio.Lock()
        """One file at a time, whoever uploads."""
        self._spaces = {path.stem for path in folder.glob("*.pcm")}

    async def keep(self, space: SpaceId, file: bytes) -> int:
        """Decode ``file`` and keep it for ``space``; beyond two minutes it is cut. NoMusic, DiskFull.

        Return how many samples it has.
        """
        async with self._decoding:
            pcm = await _decode(file)
        if len(pcm) < SHORTEST_S * SAMPLE_RATE * _BYTES_A_SAMPLE:
            raise NoMusic
        await asyncio.to_thread(self._write, space, pcm)
        self._spaces.add(space)
        return len(pcm) // _BYTES_A_SAMPLE

    def music(self, space: SpaceId) -> Looping:
        """What plays on a space's empty stage, ready to begin. For another thread: takes half a second."""
        own = self.load(space)
        return Looping(shipped() if own is None else seamless(own))

    def load(self, space: SpaceId) -> Sound | None:
        """Read a space's loop, if it has one of its own. For another thread."""
        if space not in self._spaces:
            return None
        try:
            return _sound(self._path(space).read_bytes())
        except OSError:
            return None

    def forget(self, space: SpaceId) -> None:
        """Delete a space's loop; having none is fine, and touches no disk."""
        if space in self._spaces:
            self._spaces.discard(space)
            with suppress(OSError):
                self._path(space).unlink(missing_ok=True)

    def _write(self, space: SpaceId, pcm: bytes) -> None:
        path = self._path(space)
        fresh = path.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            fresh.write_bytes(pcm)
            os.replace(fresh, path)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise DiskFull("The music could not be stored: the disk is full or cannot be written.") from error

    def _path(self, space: SpaceId) -> Path:
        return self._folder / f"{space}.pcm"


async def _decode(file: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", behind.__name__, decoding.__name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(DECODE_S):
            pcm, _ = await process.communicate(file)
    except TimeoutError as error:
        raise NoMusic from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise NoMusic
    return pcm


def _sound(pcm: bytes) -> Sound:
    return np.frombuffer(pcm, np.int16).astype(np.float32) * np.float32(1 / 32768)
