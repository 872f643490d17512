"""The file in which a listener without a screen keeps what it heard.

A disk that fails ends the keeping, not the listening: what is wrong is told once, at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from rostra.core.errors import RostraError


class NotKept(RostraError):
    """The file for what is heard cannot be written."""

    code = "not_kept"


class Keepsake:
    """Takes bytes; none are written after the first that could not be. Nowhere to write is fine."""

    def __init__(self, file: BinaryIO | None = None, name: str = "") -> None:
        self.trouble = ""
        """The sentence that says why not everything was kept; empty while it is."""
        self._file = file
        self._name = name

    @classmethod
    @contextmanager
    def opened(cls, path: Path | None) -> Iterator[Keepsake]:
        """Keep in the file at ``path``, closed with the block. Raises NotKept."""
        try:
            kept = cls(path.open("wb") if path else None, str(path))
        except OSError as error:
            raise NotKept(f"{path} cannot be written: {error.strerror}.") from error
        try:
            yield kept
        finally:
            kept.close()

    def write(self, data: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(data)
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Nothing is kept from now on. What was waiting to be written may turn out not to fit."""
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as error:
            self._give_up(error)
        self._file = None

    def _give_up(self, error: OSError) -> None:
        self.trouble = f"What was heard is not all in {self._name}: {error.strerror}."
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()
