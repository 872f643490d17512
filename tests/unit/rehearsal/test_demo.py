import webbrowser

import pytest

from rostra.rehearsal.demo import open_browser


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
