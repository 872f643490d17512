"""Built web files from memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rostra.gateway.assets import Assets

from .conftest import SPACE, House, space_state

SCRIPT = "console.log('hello');" * 200
MANIFEST = {
    "src/home/main.ts": {"file": "assets/home-1.js", "css": ["assets/home-1.css"], "isEntry": True},
    "src/event/main.ts": {
        "file": "assets/event-1.js",
        "css": ["assets/event-1.css"],
        "imports": ["_shared-1.js"],
        "dynamicImports": ["src/player/hls.ts"],
        "isEntry": True,
    },
    "_shared-1.js": {
        "file": "assets/shared-1.js",
        "css": ["assets/shared-1.css"],
        "imports": ["_shared-1.js"],
    },
    "src/player/hls.ts": {"file": "assets/hls-1.js", "css": ["assets/late-1.css"]},
}


@pytest.fixture
def built(tmp_path: Path) -> House:
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "assets" / "deep").mkdir(parents=True)
    for name in ("home-1.css", "event-1.js", "deep/picture-1.png", "font-1.woff2", "odd-1.bin"):
        (tmp_path / "assets" / name).write_text(SCRIPT)
    (tmp_path / "secret.txt").write_text("not for the public")
    return House(tmp_path).open(space_state())


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("event-1.js", "text/javascript; charset=utf-8"),
        ("home-1.css", "text/css; charset=utf-8"),
        ("deep/picture-1.png", "image/png"),
        ("font-1.woff2", "font/woff2"),
        ("odd-1.bin", "application/octet-stream"),
    ],
)
def test_a_built_file_is_served_under_its_type_and_kept_for_good(
    built: House, name: str, content_type: str
) -> None:
    answer = built.ask(f"/assets/{name}")
    assert answer.status == 200
    assert answer.text == SCRIPT
    assert answer.headers["content-type"] == content_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_text_is_compressed_and_pictures_are_not(built: House) -> None:
    assert built.ask("/assets/event-1.js", accept_encoding="gzip").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in built.ask("/assets/deep/picture-1.png", accept_encoding="gzip").headers


@pytest.mark.parametrize(
    "path", ["/assets/../secret.txt", "/assets/%2e%2e/secret.txt", "/secret.txt", "/.vite/manifest.json"]
)
def test_nothing_outside_the_assets_is_served(built: House, path: str) -> None:
    assert built.ask(path).status == 404


def test_a_page_loads_what_the_manifest_names_for_it(built: House) -> None:
    page = built.ask(f"/s/{SPACE}", accept="text/html").text
    assert '<script type="module" src="/assets/event-1.js">' in page
    sheets = [page.index(f'href="/assets/{name}-1.css"') for name in ("shared", "event")]
    assert sheets == sorted(sheets)
    assert "late-1" not in page
    assert "hls-1" not in page


def test_pages_stand_without_a_web_build(house: House) -> None:
    page = house.open(space_state()).ask(f"/s/{SPACE}", accept="text/html")
    assert page.status == 200
    assert '<script type="module"' not in page.text


def test_a_broken_manifest_costs_the_script_and_not_the_page(tmp_path: Path) -> None:
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text('{"src/event/main.ts": 5')
    assert House(tmp_path).open(space_state()).ask(f"/s/{SPACE}").status == 200


def test_what_a_script_imports_and_the_words_it_will_ask_for_are_named_ahead(tmp_path: Path) -> None:
    (tmp_path / ".vite").mkdir()
    (tmp_path / "assets").mkdir()
    manifest = {
        "src/event/main.ts": {"file": "assets/event.js", "imports": ["_shared.js"]},
        "_shared.js": {"file": "assets/shared.js"},
        "virtual:words/event/es": {"file": "assets/es.js"},
    }
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    assets = Assets(tmp_path)
    assert assets.needs("src/event/main.ts").ahead == ("/assets/shared.js",)
    assert assets.words("event", "es") == ("/assets/es.js",)
    assert assets.words("event", "xx") == ()
