"""One recording: a finished tape as files and playlists, read once when opened, then kept in memory.

The ``.mp4`` itself goes out in bounded slices, as fast as each client takes them. Holds one
descriptor per rendition, shared by all who read, and nothing of the index.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rostra.core.errors import NotFound, RangeNotSatisfiable, RecordingDeleted
from rostra.edge import answers, byte_ranges
from rostra.edge.segments import CONTENT_TYPE
from rostra.media import hls
from rostra.media.cmaf import AAC, OPUS, Track
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import Headers, head, response
from rostra.tape.finished import FinishedTape

SLICE_BYTES = 65_536


class Recording:
    """Made by :meth:`open`, which takes some milliseconds (call it in a thread)."""

    def __init__(self, tape: FinishedTape) -> None:
        self._run = tape.genesis.run
        self._files: dict[str, _File] = {}
        self._documents: dict[str, tuple[bytes, str]] = {}
        """Body and content type by name."""
        try:
            for track in tape.genesis.tracks:
                self._add(tape, track)
        except BaseException:
            self.close()
            raise
        self._add_multivariant("index.m3u8", [track for track in tape.genesis.tracks if track.codec == AAC])
        self._add_multivariant("opus.m3u8", [track for track in tape.genesis.tracks if track.codec == OPUS])

    @classmethod
    def open(cls, folder: Path) -> Recording:
        """Open a tape that has ended. Raises UnknownTape, TapeStillOpen, TapeDamaged."""
        return cls(FinishedTape.open(folder))

    @property
    def readers(self) -> int:
        """Answers that read from the files now."""
        return sum(file.readers for file in self._files.values())

    def answer(self, name: str, request: Request, exchange: Exchange, *, kept: Headers) -> None:
        """Answer the document or file of that name, such as ``aac64.mp4``. Raises NotFound.

        ``kept`` are headers that say who may keep the answer and for how long.
        """
        if name in self._documents:
            body, content_type = self._documents[name]
            exchange.send(response(200, body, content_type=content_type, headers=[*kept, *answers.OPEN]))
        elif name in self._files:
            self._answer_file(self._files[name], request, exchange, kept)
        else:
            raise NotFound

    def close(self) -> None:
        """Free the files; nobody may be reading."""
        for file in self._files.values():
            file.close()

    def retire(self) -> None:
        """Break off who reads, and free the files once they are gone."""
        for file in self._files.values():
            file.retire()

    def _add(self, tape: FinishedTape, track: Track) -> None:
        name = f"{track.name}.mp4"
        self._files[name] = _File(tape.media_path(track.name), etag=f'"{self._run}-{track.name}"')
        ranges = [hls.ByteRange(each.samples, each.offset, each.length) for each in tape.segments(track.name)]
        playlist = hls.recording(ranges, media_uri=f"../{name}", anchor_utc_ns=tape.genesis.anchor_utc_ns)
        self._add_document(f"{track.name}/index.m3u8", playlist, hls.CONTENT_TYPE)
        self._add_document(f"{track.name}/{hls.INIT_URI}", tape.init(track.name), CONTENT_TYPE)

    def _add_multivariant(self, name: str, tracks: list[Track]) -> None:
        if tracks:
            variants = [
                hls.Variant(f"{track.name}/index.m3u8", track.codec, track.bandwidth) for track in tracks
            ]
            self._add_document(name, hls.multivariant(variants), hls.CONTENT_TYPE)

    def _add_document(self, name: str, body: bytes, content_type: str) -> None:
        self._documents[name] = (body, content_type)

    def _answer_file(self, file: _File, request: Request, exchange: Exchange, kept: Headers) -> None:
        kept = [("ETag", file.etag), *kept, ("Accept-Ranges", "bytes"), *answers.OPEN]
        if byte_ranges.not_modified(request.headers, etag=file.etag):
            exchange.send(response(304, b"", headers=kept))
            return
        try:
            wanted = byte_ranges.requested(request.headers, etag=file.etag, size=file.size)
        except RangeNotSatisfiable as error:
            exchange.send(answers.refusal(error, [("Content-Range", f"bytes */{file.size}")]))
            return
        start, end = wanted or (0, file.size)
        headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(end - start)), *kept]
        if wanted:
            headers.append(("Content-Range", f"bytes {start}-{end - 1}/{file.size}"))
        file.readers += 1
        exchange.on_close(file.left)
        exchange.stream(head(206 if wanted else 200, headers), file.slices(start, end))


class _File:
    """An open file that never changes."""

    __slots__ = ("_descriptor", "_retired", "etag", "readers", "size")

    def __init__(self, path: Path, *, etag: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._descriptor).st_size
        self.etag = etag
        self.readers = 0
        self._retired = False

    def slices(self, start: int, end: int) -> Iterator[bytes]:
        """Read a range piece by piece, each when it is asked for. RecordingDeleted once retired."""
        while start < end:
            if self._retired:
                raise RecordingDeleted
            piece = os.pread(self._descriptor, min(SLICE_BYTES, end - start), start)
            if not piece:
                raise OSError("the recording is shorter than it was")
            start += len(piece)
            yield piece

    def left(self) -> None:
        self.readers -= 1
        if self._retired and not self.readers:
            self.close()

    def retire(self) -> None:
        self._retired = True
        if not self.readers:
            self.close()

    def close(self) -> None:
        os.close(self._descriptor)


def events_document(folder: Path) -> bytes:
    """Return ``events.json`` of a finished tape: gaps, and all events in order. Reads it through."""
    tape = FinishedTape.open(folder)
    genesis = tape.genesis
    found = [
        {key: value for key, value in msgspec.to_builtins(event).items() if value is not None}
        for event in tape.events(genesis.tracks[0].name)
    ]
    document = {
        "v": 1,
        "space": genesis.space,
        "run": genesis.run,
        "anchor_utc_ns": genesis.anchor_utc_ns,
        "duration_samples": tape.end.duration_samples,
        "gaps": [{"at": gap.start_sample, "samples": gap.samples} for gap in tape.gaps()],
        "events": found,
    }
    return msgspec.json.encode(document)
