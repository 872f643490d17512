"""What every answer has in common: limits, one shape of error, security headers; pages and reference."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from rostra.control import pages


async def test_a_body_over_the_limit_is_refused_before_it_is_sent(site: Any) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000000\r\n\r\n{"
    )
    async with asyncio.timeout(3):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_body_that_grows_over_the_limit_is_refused(site: Any) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 4096

    answer = await site.client().post("/api/v1/session", content=endless())
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"


async def test_every_error_has_the_same_shape(site: Any) -> None:
    http = await site.set_up()
    as_json = {"content-type": "application/json"}
    for answer, status, code in (
        (await http.get("/api/v1/nothing"), 404, "not_found"),
        (await http.get("/nothing"), 404, "not_found"),
        (await http.get("/assets/nothing.js"), 404, "not_found"),
        (await http.get("/assets/..%2f..%2fpy.typed"), 404, "not_found"),
        (await http.put("/api/v1/session"), 405, "method_not_allowed"),
        (await http.post("/api/v1/session", content=b"{", headers=as_json), 400, "bad_request"),
        (await http.post("/api/v1/session", content=b"\xff", headers=as_json), 400, "bad_request"),
        (await http.post("/api/v1/session", content=b"[" * 9000, headers=as_json), 400, "bad_request"),
        (await http.post("/api/v1/session", content=b"{}"), 400, "bad_request"),
        (await http.get("/api/v1/spaces", params={"limit": "many"}), 400, "bad_request"),
        (await http.get("/api/v1/site", headers={"host": "a b"}), 400, "bad_request"),
        (await http.get("/api/v1/site", headers={"host": "x/../y"}), 400, "bad_request"),
    ):
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert error["code"] == code
        assert error["message"].endswith(".")
        assert "Traceback" not in answer.text


async def test_an_error_nobody_foresaw_is_a_plain_sentence(site: Any, monkeypatch: Any) -> None:
    async def broken(self: Any) -> bool:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("rostra.control.accounts.Accounts.setup_needed", broken)
    with structlog.testing.capture_logs() as logged:
        answer = await site.client().get("/api/v1/site")
    assert answer.status_code == 500
    assert logged[0]["event"] == "request_failed"
    assert answer.json()["error"]["code"] == "error"
    assert "secret" not in answer.text


async def test_every_answer_forbids_framing_foreign_scripts_and_sniffing(site: Any) -> None:
    for path in ("/", "/docs", "/api/v1/site", "/nothing", "/healthz"):
        headers = (await site.client().get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http://127.0.0.1:8001" in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


async def test_it_says_that_it_is_well_as_door_and_edge_do(site: Any) -> None:
    assert (await site.client().get("/healthz")).json() == {"ok": True}


async def test_pages_before_the_web_build_say_what_to_run(
    site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pages, "PAGES", tmp_path / "none")
    answer = await site.client().get("/console")
    assert answer.status_code == 503
    assert "make web" in answer.text


async def test_pages_load_the_scripts_and_styles_of_the_web_build(
    site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(
        '{"src/backstage/main.ts": {"file": "assets/b.js", "css": ["assets/b.css"], "imports": ["_look"]},'
        ' "_look": {"file": "assets/look.js", "css": ["assets/look.css"], "imports": ["_look"]}}'
    )
    monkeypatch.setattr(pages, "PAGES", tmp_path)
    for path in ("/", "/setup", "/signin", "/console", "/studio/abcdefgh22"):
        text = (await site.client().get(path)).text
        assert 'src="/assets/b.js"' in text
        assert text.index("/assets/look.css") < text.index("/assets/b.css")


async def test_the_reference_page_stands_alone_and_names_every_address(site: Any) -> None:
    http = site.client()
    document = (await http.get("/api/v1/openapi.json")).json()
    page = (await http.get("/docs")).text
    for path in document["paths"]:
        assert path in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "<script" not in page
    assert (await http.get("/docs.css")).headers["content-type"].startswith("text/css")


async def test_a_refusal_is_said_in_the_language_of_who_asks_with_the_same_code(site: Any) -> None:
    await site.set_up()
    reader = site.browser()
    reader.headers["accept-language"] = "es-MX, en;q=0.5"
    answer = await reader.post("/api/v1/session", json={"handle": "ada", "password": "wrong"})
    assert answer.json()["error"]["message"] == "El identificador y la contraseña no coinciden."
    assert answer.json()["error"]["code"] == "sign_in_needed"
    nowhere = await reader.get("/api/v1/nowhere", params={"lang": "en"})
    assert nowhere.json()["error"]["message"] == "There is nothing at this address."
