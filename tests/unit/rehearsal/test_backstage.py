import httpx
import msgspec
import pytest

from rostra.core.errors import BadRequest
from rostra.rehearsal.backstage import Backstage, StudioLink
from rostra.rehearsal.replies import Refused, Strange, Unreachable


def test_a_studio_link_tells_where_which_space_and_the_key() -> None:
    link = StudioLink.parse("http://host:8002/studio/abcdefgh23#k=se-cret_1")
    assert link == StudioLink("http://host:8002", "abcdefgh23", "se-cret_1")


@pytest.mark.parametrize(
    "url",
    ["", "host:8002", "http://host:8002/studio/abc", "http://host/s/abc#k=1", "ftp://host/studio/abc#k=1"],
)
def test_what_is_not_a_studio_link_is_refused(url: str) -> None:
    with pytest.raises(BadRequest, match="studio link"):
        StudioLink.parse(url)


async def test_the_operator_makes_a_space_that_starts_now() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"id": "abcdefgh23", "title": "T", "more": [1]})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        operator = Backstage.of_operator(http, "http://host:8002/", "token")
        assert await operator.create_space(title="T", description="D") == "abcdefgh23"
    assert str(seen[0].url) == "http://host:8002/api/v1/spaces"
    assert seen[0].headers["authorization"] == "Bearer token"
    assert msgspec.json.decode(seen[0].content)["starts_at"] == "now"


@pytest.mark.parametrize(
    ("response", "error", "sentence"),
    [
        (
            httpx.Response(409, json={"error": {"code": "conflict", "message": "Already live."}}),
            Refused,
            "Already live",
        ),
        (httpx.Response(502, text="<html>bad gateway</html>"), Refused, "answered 502"),
        (httpx.Response(200, text="<html>hello</html>"), Strange, "Rostra server"),
        (None, Unreachable, "http://host:8002/api/v1/spaces"),
    ],
)
async def test_every_failure_is_one_sentence(
    response: httpx.Response | None, error: type[Exception], sentence: str
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if response is None:
            raise httpx.ConnectError("refused", request=request)
        return response

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        operator = Backstage.of_operator(http, "http://host:8002", "token")
        with pytest.raises(error, match=sentence):
            await operator.create_space(title="T", description="D")
