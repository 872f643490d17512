"""The built web pages: files under ``/assets/`` in memory, and which of them a page needs.

Read once at start from ``rostra/pages``; names carry a hash, so browsers keep them for good.
Without a web build there is nothing, and pages stand without script and style.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from rostra.core.errors import NotFound
from rostra.gateway.answers import ANY_ORIGIN, Answer, answer

log = structlog.get_logger()

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_TEXTUAL = {".css", ".js", ".json", ".map", ".svg", ".txt", ".webmanifest"}
_HEADERS = (
    ("Cache-Control", "public, max-age=31536000, immutable"),
    ("X-Content-Type-Options", "nosniff"),
    ANY_ORIGIN,
)
ICON = Path(__file__).with_name("favicon.svg")


class Chunk(msgspec.Struct, frozen=True):
    """One entry of Vite's manifest."""

    file: str
    css: list[str] = []
    imports: list[str] = []


@dataclass(frozen=True, slots=True)
class Needs:
    """Addresses of the style sheets and scripts of one page, in the order to load them."""

    css: tuple[str, ...] = ()
    js: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    """Scripts that those import: fetched at the same time, not one after the other."""


class Assets:
    """All files of a web build."""

    def __init__(self, pages: Path) -> None:
        self._answers = {f"/{path.relative_to(pages).as_posix()}": _file(path) for path in _files(pages)}
        self._manifest = _manifest(pages / ".vite" / "manifest.json")
        self.icon = _icon(pages)

    def get(self, path: str) -> Answer:
        """Return the answer for an address under ``/assets/``; NotFound."""
        found = self._answers.get(path)
        if found is None:
            raise NotFound
        return found

    def needs(self, entry: str) -> Needs:
        """Return what the page with that entry in the manifest loads; nothing without a build."""
        chunk = self._manifest.get(entry)
        if chunk is None:
            return Needs()
        css = dict.fromkeys(f"/{file}" for part in self._reach(entry) for file in part.css)
        *imported, _ = (f"/{part.file}" for part in self._reach(entry))
        return Needs(css=tuple(css), js=(f"/{chunk.file}",), ahead=tuple(imported))

    def words(self, page: str, language: str) -> tuple[str, ...]:
        """Return the addresses of the words that the script of ``page`` will ask for."""
        chunk = self._manifest.get(f"virtual:words/{page}/{language}")
        return () if chunk is None else (f"/{chunk.file}",)

    def _reach(self, entry: str) -> Iterator[Chunk]:
        """Yield the chunks that an entry loads at once, imported ones first."""
        seen: set[str] = set()

        def visit(name: str) -> Iterator[Chunk]:
            chunk = self._manifest.get(name)
            if chunk is None or name in seen:
                return
            seen.add(name)
            for imported in chunk.imports:
                yield from visit(imported)
            yield chunk

        return visit(entry)


def _files(pages: Path) -> list[Path]:
    return [path for path in sorted((pages / "assets").rglob("*")) if path.is_file()]


def _file(path: Path) -> Answer:
    suffix = path.suffix.lower()
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return answer(
        200,
        path.read_bytes(),
        content_type=_TYPES.get(suffix, guessed),
        headers=_HEADERS,
        gzip_level=9 if suffix in _TEXTUAL else 0,
    )


def _icon(pages: Path) -> Answer:
    built = pages / "favicon.svg"
    headers = (("Cache-Control", "max-age=86400"), ("X-Content-Type-Options", "nosniff"))
    body = (built if built.is_file() else ICON).read_bytes()
    return answer(200, body, content_type="image/svg+xml", headers=headers)


def _manifest(path: Path) -> dict[str, Chunk]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Chunk])
    except FileNotFoundError:
        log.warning("web_build_missing", hint="run `make web`")
    except msgspec.MsgspecError as error:
        log.error("web_manifest_malformed", reason=str(error))
    return {}
