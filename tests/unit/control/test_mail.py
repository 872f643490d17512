"""Mails: what goes out, and what is never risked for it."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.certificates import write_pair
from harness.post_office import post_office
from rostra.control import letters
from rostra.control.mail import Letter, Mailer, MailFailed, MailMisconfigured
from rostra.core.settings import Settings

DEPLOY = Path(__file__).parents[3] / "deploy"
LETTER = Letter("grace@example.org", "Subject with ü", "Text.\n.\nA line with one full stop before it.\n")


def mailer(url: str, sender: str = "rostra@example.org") -> Mailer:
    return Mailer(Settings(smtp_url=url, mail_from=sender))


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with post_office() as office:
        await mailer(office.url).send(LETTER, sender="Casa Lola")
    (arrived,) = office.letters
    assert arrived["from"] == "Casa Lola <rostra@example.org>"
    assert (arrived["to"], arrived["subject"]) == (LETTER.to, LETTER.subject)
    assert arrived.get_content() == LETTER.text
    assert arrived["auto-submitted"] == "auto-generated"


async def test_many_letters_go_by_one_connection() -> None:
    async with post_office() as office:
        many = mailer(office.url_for("ada:secret@"))
        async with many.line() as line:
            for _ in range(3):
                await many.send(LETTER, sender="Rostra", line=line)
    assert (office.conversations, len(office.letters), office.logins) == (1, 3, [("ada", "secret")])


@pytest.mark.parametrize("who", ["the server", "we"])
async def test_after_so_many_letters_the_next_goes_by_another_connection_and_none_goes_twice(
    monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    async with post_office() as office:
        if who == "we":
            monkeypatch.setattr("rostra.control.mail.MOST_LETTERS", 2)
        else:
            office.most_letters = 2
        many = mailer(office.url)
        async with many.line() as line:
            for _ in range(5):
                await many.send(LETTER, sender="Rostra", line=line)
    assert (office.conversations, len(office.letters)) == (3, 5)


async def test_after_a_refusal_the_next_letter_goes_out() -> None:
    async with post_office() as office:
        office.will_not_take["eve@example.org"] = b"554 no"
        many = mailer(office.url)
        async with many.line() as line:
            with pytest.raises(MailFailed) as refused:
                await many.send(Letter("eve@example.org", "S", "T"), sender="Rostra", line=line)
            await many.send(LETTER, sender="Rostra", line=line)
    assert refused.value.is_of_letter
    assert [letter["To"] for letter in office.letters] == [LETTER.to]


async def test_without_a_server_nothing_is_tried() -> None:
    silent = Mailer(Settings())
    assert not silent.enabled
    assert not await silent.try_to_send(LETTER, sender="Rostra")
    with pytest.raises(MailFailed):
        await silent.send(LETTER, sender="Rostra")


async def test_a_server_that_refuses_or_is_not_there_is_one_kind_of_failure() -> None:
    async with post_office() as office:
        office.refusing = True
        with pytest.raises(MailFailed):
            await mailer(office.url).send(LETTER, sender="Rostra")
    assert not await mailer("smtp://127.0.0.1:9").try_to_send(LETTER, sender="Rostra")


async def test_nobody_is_mailed_a_line_of_the_headers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async with post_office() as office:
        forged = Letter("grace@example.org\r\nBcc: eve@example.org", "S", "T")
        with pytest.raises(MailFailed):
            await mailer(office.url).send(forged, sender="Rostra")
    assert office.letters == []


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q??=@b.c",
        "=?utf-8?b?!?=@b.c",
        "=?utf-8?q?=0a?=@b.c",
        "a@=?utf-8?q?b?=.c",
        "grace@example.org\r\nBcc: eve@b.c",
    ],
)
async def test_what_is_no_address_is_one_kind_of_failure_and_of_that_letter_alone(address: str) -> None:
    async with post_office() as office:
        with pytest.raises(MailFailed) as failed:
            await mailer(office.url).send(Letter(address, "S", "T"), sender="Rostra")
        assert failed.value.is_of_letter
    assert office.letters == []


async def test_a_password_is_never_sent_where_others_could_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rostra.control.mail._is_this_machine", lambda host: False)
    async with post_office() as office:
        url = office.url.replace("smtp://", "smtp://user:secret@")
        with pytest.raises(MailFailed):
            await mailer(url).send(LETTER, sender="Rostra")
    assert office.letters == []


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate that this machine trusts, and its key."""
    chain, key = write_pair(tmp_path, "mail")
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    return chain, key


async def test_a_letter_goes_by_starttls_and_nobody_on_the_way_reads_it(pair: tuple[Path, Path]) -> None:
    async with post_office(starttls=pair) as office:
        await mailer(office.url_for("ada:se%40cret@")).send(LETTER, sender="Casa Lola")
    assert [letter.get_content() for letter in office.letters] == [LETTER.text]
    assert office.logins == [("ada", "se@cret")]
    assert [command.split()[0] for command in office.said_in_clear] == [b"EHLO", b"STARTTLS"]


async def test_a_letter_goes_by_smtps_and_nobody_on_the_way_reads_it(pair: tuple[Path, Path]) -> None:
    async with post_office(tls=pair) as office:
        await mailer(office.url_for("ada:secret@")).send(LETTER, sender="Casa Lola")
    assert [letter.get_content() for letter in office.letters] == [LETTER.text]
    assert office.logins == [("ada", "secret")]
    assert office.said_in_clear == []


@pytest.mark.parametrize("way", ["starttls", "tls"])
@pytest.mark.parametrize("flaw", ["of nobody trusted", "for another name"])
async def test_a_server_whose_certificate_does_not_fit_gets_neither_password_nor_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, flaw: str
) -> None:
    another = flaw == "for another name"
    pair = write_pair(tmp_path, "mail", address="192.0.2.1" if another else "127.0.0.1")
    if another:
        monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    async with post_office(**{way: pair}) as office:
        with pytest.raises(MailFailed) as failed:
            await mailer(office.url_for("ada:secret@")).send(LETTER, sender="Rostra")
    assert isinstance(failed.value.__cause__, ssl.SSLCertVerificationError)
    assert (office.logins, office.letters) == ([], [])


async def test_a_server_that_breaks_its_word_on_starttls_gets_neither(pair: tuple[Path, Path]) -> None:
    async with post_office(starttls=pair) as office:
        office.breaks_upgrade = True
        with pytest.raises(MailFailed):
            await mailer(office.url_for("ada:secret@")).send(LETTER, sender="Rostra")
    assert (office.logins, office.letters) == ([], [])


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("mail.example.org", "rostra@example.org"),
        ("http://mail.example.org", "rostra@example.org"),
        ("smtp://", "rostra@example.org"),
        ("smtp://mail.example.org:port", "rostra@example.org"),
        ("smtp://mail.example.org", ""),
    ],
)
def test_a_setting_that_makes_no_sense_is_said_at_the_start(url: str, sender: str) -> None:
    with pytest.raises(MailMisconfigured):
        mailer(url, sender)


@pytest.mark.parametrize("typed", ["live@example.org", " live@example.org ", "Rostra <live@example.org>"])
async def test_a_name_typed_beside_the_address_is_no_part_of_it(typed: str) -> None:
    async with post_office() as office:
        await mailer(office.url, typed).send(LETTER, sender="Casa Lola")
    (arrived,) = office.letters
    assert arrived["from"] == "Casa Lola <live@example.org>"
    assert arrived["message-id"].endswith("@example.org>")
    assert office.senders == ["<live@example.org>"]
    assert Settings(mail_from=typed).push_sender == "mailto:live@example.org"


@pytest.mark.parametrize(
    "typed",
    ["Rostra", "a@example.org, b@example.org", "a@example.org b@example.org", "a@b@example.org", "@", "<>",
     "live@example.org\r\nBcc: eve@example.org", "Rostra <live@example.org> or so",
     "A <a@b.org>, B <a@b.org>"],
)  # fmt: skip
def test_what_is_not_exactly_one_address_is_refused_at_the_start(typed: str) -> None:
    with pytest.raises(ValidationError, match="must be one mail address, such as"):
        Settings(mail_from=typed)


async def test_the_file_for_a_server_sends_mail_once_its_lines_are_uncommented(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with post_office() as office:
        for name, value in re.findall(r"^#?(ROSTRA_\w+)=(.*)$", (DEPLOY / "rostra.env").read_text(), re.M):
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ROSTRA_SMTP_URL", office.url)
        settings = Settings()
        await Mailer(settings).send(LETTER, sender="Casa Lola")
    (arrived,) = office.letters
    assert arrived["from"].addresses[0].addr_spec == settings.mail_from
    assert str(arrived["from"]) == f"Casa Lola <{settings.mail_from}>"
    assert office.senders == [f"<{settings.mail_from}>"]
    assert arrived["message-id"].endswith("@example.org>")


@pytest.mark.parametrize(
    ("language", "days", "words"), [("en", 7, "7 days"), ("en", 1, "one day"), ("es", 7, "7 días")]
)
def test_an_invitation_says_how_long_it_is_good(language: str, days: int, words: str) -> None:
    facts: dict[str, Any] = {"to": "", "site": "Casa", "inviter": "Ada", "url": "http://x/#t", "days": days}
    letter = letters.invitation(language, **facts)
    assert words in letter.text
    assert "http://x/#t" in letter.text.splitlines()
    assert "{" not in letter.subject + letter.text
