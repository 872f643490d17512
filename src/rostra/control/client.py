"""The command line's way to backstage: HTTP with a token, errors as one sentence.

Knows nothing of tables or of the bus: what the command line can do, any program can.
"""

from __future__ import annotations

from typing import Any

import httpx

from rostra.core.authorization import authorization
from rostra.core.errors import RostraError, Unavailable

_API = "/api/v1"


class Refused(RostraError):
    """Backstage refused."""

    code = "refused"
    status = 502

    def __init__(self, sentence: str, *, status: int, field: str = "") -> None:
        super().__init__(sentence)
        self.http_status = status
        self.field = field
        """What it found wrong, by the API's name; empty where that is not one thing."""


class BackstageClient:
    """``with BackstageClient(url, token) as backstage:``"""

    def __init__(self, url: str, token: str, *, own: bool = False, host: str = "") -> None:
        """``own``: an address of this machine, as backstage itself says it. Its certificate, if it has
        one, is for the public name and is not compared. ``host`` is asked for in place of the url's.
        TokenUnusable; Unavailable where ``url`` is none.
        """
        self._url = url.rstrip("/")
        headers = {"Authorization": authorization("Bearer", token)} | ({"Host": host} if host else {})
        try:
            self._http = httpx.Client(
                base_url=f"{self._url}{_API}",
                headers=headers,
                timeout=httpx.Timeout(20.0, connect=3.0),
                trust_env=False,
                verify=not own,
            )
        except httpx.InvalidURL as error:
            raise self._unavailable() from error

    def __enter__(self) -> BackstageClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> dict[str, Any]:
        """Return the answer; Unavailable when nobody answers, Refused with backstage's own sentence.

        A redirect is refused, naming where it leads: a token goes nowhere but to the address that was given.
        """
        try:
            response = self._http.request(method, path, json=body, params=query)
        except (httpx.HTTPError, httpx.InvalidURL, OverflowError, UnicodeError) as error:
            raise self._unavailable() from error
        if not response.is_success:
            sentence, field = _read(response)
            raise Refused(self._moved(response) or sentence, status=response.status_code, field=field)
        try:
            answer = response.json() if response.content else {}
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Refused(f"{self._url} does not answer as backstage does.", status=response.status_code)
        return answer

    def _moved(self, response: httpx.Response) -> str:
        """The sentence for a redirect to another address; empty for anything else."""
        onward = response.next_request
        there = str(onward.url).partition(_API)[0] if onward else self._url
        return "" if there == self._url else f"{self._url} leads to {there}: give that as --url."

    def _unavailable(self) -> Unavailable:
        return Unavailable(f"Nobody answers at {self._url}. Is rostra serve running?")


def _read(response: httpx.Response) -> tuple[str, str]:
    """The sentence of a refusal, and the field that it is about."""
    try:
        error = response.json()["error"]
        return str(error["message"]), str(error.get("detail", {}).get("field", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"Backstage answered {response.status_code} {response.reason_phrase}.", ""
