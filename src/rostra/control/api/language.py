"""Which language a visitor reads: asked for by ``?lang=``, else by cookie, else by their browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from rostra.core import words


def get_language(request: Request) -> str:
    """A language that there is a catalogue for."""
    return words.choose(
        query=request.url.query,
        cookie=request.headers.get("cookie", ""),
        accept=request.headers.get("accept-language", ""),
    )


Language = Annotated[str, Depends(get_language)]
