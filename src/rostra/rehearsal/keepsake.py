"""The file in which a listener without a screen keeps what it heard.

What was in it before goes only when there is something to keep. A disk that fails ends the keeping, not the
listening: what is wrong is told once, at the end.
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

    def __init__(self, file: BinaryIO | None = None, path: Path = Path()) -> None:
        self.trouble = ""
        """The sentence that says why not everything was kept; empty while it is."""
        self._file = file
        self._path = path
        self._begun = False

    @classmethod
    @contextmanager
    def opened(cls, path: Path | None) -> Iterator[Keepsake]:
        """Keep in the file at ``path``, closed with the block. Raises NotKept.

        A block that keeps nothing leaves the file as it was, and makes none.
        """
        if path is None:
            yield cls()
            return
        try:
            made = not path.exists()
            kept = cls(path.open("ab"), path)
        except OSError as error:
            raise NotKept(f"{path} cannot be written: {error.strerror}.") from error
        try:
            yield kept
        finally:
            kept.close()
            if made and not kept._begun:
                path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        if self._file is None:
            return
        try:
            if not self._begun and self._path.is_file():  # a device or a pipe holds nothing that could go
                self._file.truncate(0)
            self._begun = True
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
        self.trouble = f"What was heard is not all in {self._path}: {error.strerror}."
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()
