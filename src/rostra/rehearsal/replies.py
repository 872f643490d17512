"""What servers answer, as values or as the error tree. Knows JSON and HTTP statuses, no addresses."""

from __future__ import annotations

from typing import Final, TypeVar

import httpx
import msgspec

from rostra.core.errors import RostraError

T = TypeVar("T")

TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0, read=5.0)
"""Reads may take a held request's time; an edge gives up on a silent segment after two seconds."""

NOT_REACHED: Final = (httpx.HTTPError, httpx.InvalidURL, OverflowError, UnicodeError)
"""What a request raises where nobody answers, or where nobody could: the last three are of the address."""


class Unreachable(RostraError):
    """Nobody answers there. Is the server running?"""

    code = "unreachable"
    status = 503


class Refused(RostraError):
    """The server refused."""

    code = "refused"
    status = 502

    def __init__(self, sentence: str, *, status: int, code: str) -> None:
        super().__init__(sentence)
        self.http_status = status
        self.answer_code = code
        """The code in the server's own error tree; empty when it named none."""


class Strange(RostraError):
    """The answer is not one that Rostra gives. Is this the address of a Rostra server?"""

    code = "strange_answer"
    status = 502


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


class _ErrorBody(msgspec.Struct):
    error: _Error


def client() -> httpx.AsyncClient:
    """A client that measures the server and nothing between: no proxy, no redirect to elsewhere."""
    return httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)


def unreachable(url: str) -> Unreachable:
    """The sentence for a connection that was not made."""
    return Unreachable(f"Nobody answers at {url}. Is the server running?")


def refusal(response: httpx.Response) -> Refused:
    """Read an error answer, whose body must be loaded, into the sentence it carries."""
    status = response.status_code
    try:
        error = msgspec.json.decode(response.content, type=_ErrorBody).error
    except msgspec.DecodeError:
        error = _Error()
    sentence = (
        error.message or f"The server answered {status} {response.reason_phrase} to {response.url.path}."
    )
    return Refused(sentence, status=status, code=error.code)


def decoded(response: httpx.Response, type: type[T]) -> T:
    """Return a JSON answer as a value. Refused on an error status, Strange on anything unexpected."""
    if response.is_error:
        raise refusal(response)
    try:
        return msgspec.json.decode(response.content, type=type)
    except msgspec.DecodeError as error:
        raise Strange(f"{Strange().sentence} ({response.url})") from error


async def post(
    http: httpx.AsyncClient, url: str, type: type[T], body: object = None, *, token: str = ""
) -> T:
    """POST JSON and decode what comes back. Unreachable, Refused or Strange when that fails."""
    return await _send(http, "POST", url, type, body, token)


async def put(http: httpx.AsyncClient, url: str, type: type[T], body: object, *, token: str = "") -> T:
    """PUT JSON, and the same."""
    return await _send(http, "PUT", url, type, body, token)


async def _send(http: httpx.AsyncClient, method: str, url: str, type: type[T], body: object, token: str) -> T:
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = token
    try:
        response = await http.request(
            method, url, content=msgspec.json.encode(body if body is not None else {}), headers=headers
        )
    except NOT_REACHED as error:
        raise unreachable(url) from error
    return decoded(response, type)


async def get(http: httpx.AsyncClient, url: str, type: type[T], *, token: str = "") -> T:
    """GET JSON. Unreachable, Refused or Strange when that fails."""
    try:
        response = await http.get(url, headers={"authorization": token} if token else {})
    except NOT_REACHED as error:
        raise unreachable(url) from error
    return decoded(response, type)
