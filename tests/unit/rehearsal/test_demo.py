import shlex
import webbrowser
from pathlib import Path

import pytest

from rostra.rehearsal.demo import open_browser, serve_again
from rostra.rehearsal.deployment import Ports


class Window(webbrowser.BaseBrowser):
    """A browser with windows of its own."""

    def __init__(self) -> None:
        super().__init__("window")
        self.opened: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.append(url)
        return True


def test_the_replay_opens_in_the_persons_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    window = Window()
    monkeypatch.setattr(webbrowser, "get", lambda: window)
    assert open_browser("http://localhost:8000/s/x")
    assert window.opened == ["http://localhost:8000/s/x"]


def test_a_browser_inside_the_terminal_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("/bin/false"))
    assert not open_browser("http://localhost:8000/s/x")


def test_without_a_browser_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    assert not open_browser("http://localhost:8000/s/x")


def test_the_command_that_serves_a_demo_again_keeps_its_addresses() -> None:
    program, *rest = shlex.split(serve_again(Path("data/demo/an evening"), Ports.from_first(8000)))
    assert Path(program).name == "rostra"
    assert rest == ["serve", "--data", "data/demo/an evening"]
    elsewhere = serve_again(Path("d"), Ports.from_first(8010))
    assert elsewhere.endswith("--data d --door-port=8010 --edge-port=8011 --control-port=8012")
