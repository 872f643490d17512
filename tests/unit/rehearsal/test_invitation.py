import io

from rich.console import Console

from rostra.rehearsal.backstage import SignIn
from rostra.rehearsal.invitation import Invitation


def shown(invitation: Invitation, *, keys: bool = True) -> str:
    out = io.StringIO()
    invitation.show(Console(file=out, width=60), keys=keys)
    return out.getvalue()


LONG = "http://localhost:8002/studio/abcdefgh23#k=" + "k" * 64


def test_links_are_printed_whole_however_narrow_the_terminal() -> None:
    text = shown(
        Invitation("http://localhost:8000/s/abcdefgh23", LONG, "http://localhost:8002/console", None, None)
    )
    assert LONG in text
    assert "http://localhost:8000/s/abcdefgh23" in text


def test_the_phones_address_has_a_code_to_scan_and_the_word_about_https() -> None:
    text = shown(Invitation("http://l", LONG, "http://c", None, "http://192.0.2.7:8000/s/abcdefgh23"))
    assert "http://192.0.2.7:8000/s/abcdefgh23" in text
    assert "HTTPS" in text
    assert text.count("█") + text.count("▀") + text.count("▄") > 50


def test_without_a_way_to_the_phone_there_is_no_code_but_the_reason() -> None:
    text = shown(Invitation("http://l", LONG, "http://c", None, None))
    assert "HTTPS" not in text
    assert "No link for a phone: without a default route" in text
    assert "No link" not in shown(Invitation("http://l", LONG, "http://c", None, "http://192.0.2.7:8000/s/a"))


def test_without_a_terminal_the_keys_are_not_promised() -> None:
    assert "Press e" in shown(Invitation("http://l", LONG, "http://c", None, None))
    assert "Ctrl-C" in shown(Invitation("http://l", LONG, "http://c", None, None), keys=False)


def test_the_console_says_how_to_sign_in() -> None:
    text = shown(Invitation("http://l", LONG, "http://c", SignIn("demo", "abcd-efgh"), None))
    assert "sign in as demo with the password abcd-efgh" in text
