"""What is wrong with a request is said in the reader's language; to browsers on a page."""

from __future__ import annotations

from typing import Any

import pytest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SPACE, SITE, INVITE = ("POST", "/spaces"), ("PATCH", "/site"), ("POST", "/accounts/invitations")
WRONG: list[tuple[tuple[str, str], Any, str, str, str]] = [
    # call, body, field, in English, in Spanish
    (SPACE, {}, "title", "“title” is missing.", "Falta «título»."),
    (
        SPACE,
        {"title": "x" * 201},
        "title",
        "at most 200 characters",
        "«título» admite 200 caracteres como máximo",
    ),
    (SPACE, {"title": " "}, "title", "“title” is empty.", "«título» está vacío."),
    (SPACE, {"title": 7}, "title", "“title” must be text.", "«título» debe ser texto."),
    (SPACE, {"title": "a\u202eb"}, "title", "one line", "una sola línea"),
    (
        SPACE,
        {"title": "T", "description": "a\x00"},
        "description",
        "control characters",
        "caracteres de control",
    ),
    (SPACE, {"title": "T", "visibility": "open"}, "visibility", "one of", "«visibilidad» debe ser"),
    (
        SPACE,
        {"title": "T", "colour": "red"},
        "colour",
        "“colour” is not known here.",
        "«colour» no se conoce aquí.",
    ),
    (SPACE, {"title": "T", "passphrase": "short"}, "passphrase", "at least 6", "al menos 6 caracteres"),
    (SPACE, {"title": "T", "host": "Not A Handle"}, "host", "lower-case letters", "minúsculas"),
    (SPACE, {"title": "T", "starts_at": "soon"}, "starts_at", "The start is not a time", "no es una hora"),
    (
        SPACE,
        {"title": "T", "starts_at": "2020-01-31T20:00:00Z"},
        "starts_at",
        "The start lies in the past.",
        "El inicio ya ha pasado.",
    ),
    (SPACE, {"title": "T", "time_zone": "Mars"}, "time_zone", "This time zone is", "esa zona horaria"),
    (SPACE, {"title": "T", "recording_policy": "x"}, "recording_policy", "“what becomes of", "destino"),
    (SITE, {"color": "blue"}, "color", "#2244aa", "#2244aa"),
    (SITE, {"open_sign_up": "perhaps"}, "open_sign_up", "“open sign-up” must be true or false", "sí o no"),
    (INVITE, {"email": "nowhere"}, "email", "mail address", "dirección de correo"),
    (INVITE, {"role": "king"}, "role", "one of", "«función» debe ser"),
    (("GET", "/spaces?limit=0"), None, "limit", "at least 1", "como mínimo 1"),
    (("GET", "/spaces?limit=1000"), None, "limit", "at most 100", "como máximo 100"),
    (("GET", "/spaces?limit=many"), None, "limit", "whole number", "número entero"),
]


@pytest.mark.parametrize(("call", "body", "field", "english", "spanish"), WRONG)
async def test_a_wrong_field_is_named_with_what_is_wrong_in_the_reader_s_language(
    site: Any, call: tuple[str, str], body: Any, field: str, english: str, spanish: str
) -> None:
    http = await site.set_up()
    method, path = call
    for language, words in (("en", english), ("es", spanish)):
        headers = {"accept-language": language}
        answer = await http.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 400, answer.text
        error = answer.json()["error"]
        assert error["code"] == "bad_request"
        assert words in error["message"], error["message"]
        if field:
            assert error["detail"] == {"field": field}


async def test_a_body_that_is_no_json_or_missing_is_said_so(site: Any) -> None:
    http = await site.set_up()
    for content, english, spanish in (
        (b"{", "The body is not valid JSON.", "El cuerpo no es JSON válido."),
        (b"", "A JSON body is missing.", "Falta un cuerpo JSON."),
        (b"[]", "The body must be a JSON object.", "El cuerpo debe ser un objeto JSON."),
    ):
        for language, words in (("en", english), ("es", spanish)):
            headers = {"accept-language": language, "content-type": "application/json"}
            answer = await http.post("/api/v1/spaces", content=content, headers=headers)
            assert answer.json()["error"]["message"] == words


@pytest.mark.parametrize(
    "path", ["/nowhere", "/studio", "/console/deeper", "/pass/zzzzzzzzzz", "/api/v2/spaces"]
)
async def test_a_browser_that_asks_for_what_is_not_there_gets_a_page(site: Any, path: str) -> None:
    await site.set_up()
    for language, words in (("en", "There is "), ("es", "No hay ")):
        headers = {"accept": BROWSER, "accept-language": language}
        answer = await site.client().get(path, headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'<html lang="{language}"' in answer.text
        assert words in answer.text
        assert 'href="/console"' in answer.text
        assert "content-security-policy" in answer.headers


async def test_a_program_gets_the_same_as_json(site: Any) -> None:
    for headers in ({}, {"accept": "*/*"}, {"accept": "application/json, text/html;q=0.5"}):
        answer = await site.client().get("/nowhere", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    posted = await site.client().post("/nowhere", headers={"accept": BROWSER})
    assert posted.json()["error"]["code"] in ("not_found", "method_not_allowed")


async def test_a_page_of_refusal_says_nothing_that_came_with_the_request(site: Any) -> None:
    answer = await site.client().get("/<script>alert(1)</script>", headers={"accept": BROWSER})
    assert answer.status_code == 404
    assert "alert(1)" not in answer.text
