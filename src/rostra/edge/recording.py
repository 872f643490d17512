"""One recording: a finished tape as files and playlists, read once when opened, then kept in memory.

The ``.mp4`` itself goes out in bounded portions (``recorded_file.py``). Holds one descriptor per
rendition, shared by all who read, and nothing of the index.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Set
from concurrent.futures import Executor
from pathlib import Path
from urllib.parse import quote

import msgspec
import structlog

from rostra.core.errors import NotFound, RangeNotSatisfiable
from rostra.edge import answers, byte_ranges
from rostra.edge.holding import Holding
from rostra.edge.portions import PORTION_BYTES, stream
from rostra.edge.recorded_file import RecordedFile
from rostra.edge.segments import CONTENT_TYPE
from rostra.media import dash, hls, webvtt
from rostra.media.boxes import MalformedMedia
from rostra.media.cmaf import AAC, OPUS, Track
from rostra.media.events import Caption
from rostra.media.track import MP3
from rostra.serving.codings import takes_gzip
from rostra.serving.exchange import Exchange
from rostra.serving.request import Request
from rostra.serving.response import JSON, Headers, head, response
from rostra.tape.finished import FinishedTape

log = structlog.get_logger()

DOWNLOAD = "download"
"""What is asked for with a file's address by whoever wants to keep it, not to hear it there."""
MOST_LANGUAGES = 16
"""Whose captions are kept; a stranger to the tape's host writes none at all."""
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ._-]")


class Recording:
    """Made by :meth:`open`, which takes some 50 ms for three hours of sound (call it in a thread)."""

    def __init__(self, tape: FinishedTape, *, threads: Executor) -> None:
        self._run = tape.genesis.run
        self._saved_as = _attachment(tape.genesis.title)
        self._threads = threads
        self._files: dict[str, RecordedFile] = {}
        self._documents: dict[str, Document] = {}
        self._variants: list[hls.Variant] = []
        self._subtitles: list[hls.Subtitles] = []
        self.closed = False
        try:
            recorded = [self._add(tape, track) for track in tape.genesis.tracks]
        except BaseException:
            self.close()
            raise
        self._add_captions(tape)
        self._add_multivariant("index.m3u8", AAC)
        self._add_multivariant("opus.m3u8", OPUS)
        listed = [each for each in recorded if each.codec != MP3]
        self._add_document("manifest.mpd", dash.recording(listed), dash.CONTENT_TYPE)

    @classmethod
    def open(cls, folder: Path, *, threads: Executor) -> Recording:
        """Open a tape that has ended; ``threads`` read from it.

        Raises UnknownTape, TapeStillOpen, TapeDamaged.
        """
        return cls(FinishedTape.open(folder), threads=threads)

    @property
    def readers(self) -> int:
        """Answers that read from the files now."""
        return sum(file.readers for file in self._files.values())

    @property
    def names(self) -> Set[str]:
        """All that can be asked for."""
        return self._documents.keys() | self._files.keys()

    def answer(self, name: str, request: Request, exchange: Exchange, *, kept: Headers) -> None:
        """Answer the document or file of that name, such as ``aac64.mp4``. Raises NotFound.

        ``kept`` are headers that say who may keep the answer and for how long.
        """
        if name in self._documents:
            self._documents[name].answer(request, exchange, kept=kept)
        elif name in self._files:
            self._answer_file(self._files[name], request, exchange, kept)
        else:
            raise NotFound

    def close(self) -> None:
        """Break off who reads, and free the files."""
        self.closed = True
        for file in self._files.values():
            file.retire()
        for document in self._documents.values():
            document.retire()

    def _add(self, tape: FinishedTape, track: Track) -> dash.Recorded:
        name = f"{track.name}.mp4"
        self._files[name] = RecordedFile(
            tape.media_path(track.name), etag=f'"{self._run}-{track.name}"', threads=self._threads
        )
        ranges = [hls.ByteRange(each.samples, each.offset, each.length) for each in tape.segments(track.name)]
        variant = hls.measured(f"{track.name}/index.m3u8", track.codec, ranges)
        self._variants.append(variant)
        init = f"{track.name}/{hls.INIT_URI}"
        playlist = hls.recording(ranges, media_uri=f"../{name}", anchor_utc_ns=tape.genesis.anchor_utc_ns)
        self._add_document(f"{track.name}/index.m3u8", playlist, hls.CONTENT_TYPE)
        self._add_document(init, tape.init(track.name), CONTENT_TYPE)
        return dash.Recorded(track.name, track.codec, variant.bandwidth, init, name, ranges)

    def _add_captions(self, tape: FinishedTape) -> None:
        """A file of captions per language, ``captions.vtt`` being the one with most, and a list of them."""
        told, duration = _captions(tape), tape.end.duration_samples
        listed = []
        for number, language in enumerate(webvtt.languages(told)[:MOST_LANGUAGES]):
            name = f"captions.{language}.vtt"
            vtt = webvtt.document(webvtt.cues(told, language, duration_samples=duration))
            self._add_document(name, vtt, webvtt.CONTENT_TYPE)
            if number == 0:
                self._add_document("captions.vtt", vtt, webvtt.CONTENT_TYPE)
            playlist = webvtt.playlist(name, duration_samples=duration)
            self._add_document(f"captions.{language}.m3u8", playlist, hls.CONTENT_TYPE)
            self._subtitles.append(hls.Subtitles(f"captions.{language}.m3u8", language))
            listed.append({"language": language, "vtt": name})
        self._add_document("captions.json", msgspec.json.encode({"v": 1, "captions": listed}), JSON)

    def _add_multivariant(self, name: str, codec: str) -> None:
        variants = [variant for variant in self._variants if variant.codec == codec]
        variants.sort(key=lambda variant: -variant.bandwidth)
        if variants:
            self._add_document(name, hls.multivariant(variants, self._subtitles), hls.CONTENT_TYPE)

    def _add_document(self, name: str, body: bytes, content_type: str) -> None:
        self._documents[name] = Document(body, content_type)

    def _answer_file(self, file: RecordedFile, request: Request, exchange: Exchange, kept: Headers) -> None:
        kept = [("ETag", file.etag), *kept, ("Accept-Ranges", "bytes"), *answers.OPEN]
        if byte_ranges.not_modified(request.headers, etag=file.etag):
            exchange.send(response(304, b"", headers=kept))
            return
        try:
            wanted = _wanted(request, file)
        except RangeNotSatisfiable as error:
            exchange.send(answers.refusal(error, [("Content-Range", f"bytes */{file.size}")]))
            return
        start, end = wanted or (0, file.size)
        headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(end - start)), *kept]
        if request.query == DOWNLOAD:
            headers.append(("Content-Disposition", self._saved_as))
        if wanted:
            headers.append(("Content-Range", f"bytes {start}-{end - 1}/{file.size}"))
        file.send(head(206 if wanted else 200, headers), start, end, exchange)


def _wanted(request: Request, file: RecordedFile) -> tuple[int, int] | None:
    """The range asked for; None for all. HEAD has none (RFC 9110 section 14.2). RangeNotSatisfiable."""
    if request.method != "GET":
        return None
    return byte_ranges.requested(request.headers, etag=file.etag, size=file.size)


def _attachment(title: str) -> str:
    """The value of Content-Disposition by which browsers save it as it is called (RFC 6266, RFC 8187)."""
    plain = _NOT_PLAIN.sub("", title).strip() or "recording"
    return f"attachment; filename=\"{plain}.mp4\"; filename*=UTF-8''{quote(title, safe='')}.mp4"


def _captions(tape: FinishedTape) -> list[Caption]:
    """The tape's captions; none where what carries them is damaged, for the audio is not."""
    try:
        return tape.captions()
    except MalformedMedia as error:
        log.warning("captions_unreadable", run=tape.genesis.run, reason=repr(error))
        return []


class Document:
    """An answer that never changes, with what a cache compares before it keeps it longer.

    Text is zipped for clients that read gzip. What is long goes out in portions.
    """

    __slots__ = ("_body", "_content_type", "_etag", "_readers", "_zipped")

    def __init__(self, body: bytes, content_type: str) -> None:
        self._readers: Holding[None] = Holding()
        self._body = body
        self._content_type = content_type
        self._etag = hashlib.blake2b(body, digest_size=9).hexdigest()
        is_text = content_type in (hls.CONTENT_TYPE, dash.CONTENT_TYPE, webvtt.CONTENT_TYPE, JSON)
        self._zipped = gzip.compress(body, compresslevel=6, mtime=0) if is_text else b""

    def answer(self, request: Request, exchange: Exchange, *, kept: Headers) -> None:
        """Answer with it, or that whoever asks holds it already."""
        zipped = bool(self._zipped) and takes_gzip(request.headers)
        etag = f'"{self._etag}{"-gzip" * zipped}"'
        lines = [("ETag", etag), *kept, *answers.OPEN]
        if self._zipped:
            lines.append(("Vary", "Accept-Encoding"))
        if byte_ranges.not_modified(request.headers, etag=etag):
            exchange.send(response(304, b"", headers=lines))
            return
        if zipped:
            lines.append(("Content-Encoding", "gzip"))
        body = self._zipped if zipped else self._body
        if len(body) <= PORTION_BYTES:
            exchange.send(response(200, body, content_type=self._content_type, headers=lines))
            return
        lines += [("Content-Type", self._content_type), ("Content-Length", str(len(body)))]
        self._readers.hold(exchange, None)
        stream(head(200, lines), body, exchange)

    def retire(self) -> None:
        """Break off who reads it."""
        for exchange in tuple(self._readers):
            exchange.drop()


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
