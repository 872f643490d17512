"""What a page posts to the door, as a value: JSON alone, whose size is known before it is read."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from rostra.core.errors import BadRequest, BodyTooLarge
from rostra.serving.request import Request

T = TypeVar("T")


def read_posted(request: Request, decoder: msgspec.json.Decoder[T], *, most_bytes: int) -> T:
    """Return what ``decoder`` makes of the body. BadRequest for all but JSON of that shape, BodyTooLarge."""
    if not request.is_json:
        raise BadRequest
    if len(request.body) > most_bytes:
        raise BodyTooLarge
    try:
        return decoder.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest from error
