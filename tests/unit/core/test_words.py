"""The catalogues are whole, and everyone is answered in a language they read."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core import pseudo, words
from rostra.core.errors import BodyTooLarge, ConsentNeeded, NotFound, RecordingHeld


def _script() -> ModuleType:
    path = Path(__file__).parents[3] / "scripts" / "words.py"
    spec = importlib.util.spec_from_file_location("words_script", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_language_says_all_that_the_code_says_and_nothing_else() -> None:
    problems = _script().check()
    assert not problems, "\n".join(problems)


def test_a_catalogue_with_a_gap_is_told_of() -> None:
    script = _script()
    assert list(script._differences({"event.x": "{count} a"}, "es", {"event.x": "b"})) == [
        "event.x has other placeholders in es"
    ]
    assert list(script._differences({"event.x": "a"}, "es", {})) == ["event.x is missing in es"]
    assert list(script._plural_problems({"event.x.one": "a"})) == ["event.x.one has no .other"]


def test_an_asked_for_language_wins_over_the_cookie_and_that_over_the_browser() -> None:
    assert words.choose(query="lang=es", cookie="lang=en", accept="en") == "es"
    assert words.choose(query="x=1", cookie="a=b; lang=es", accept="en") == "es"
    assert words.choose(accept="fr-CH, es-MX;q=0.9, en;q=0.8") == "es"
    assert words.choose(accept="en;q=0.5, es;q=0.4") == "en"
    assert words.choose(accept="de") == "en"
    assert words.choose(query="lang=klingon", accept="es") == "es"


def test_the_pseudo_language_is_for_those_who_ask_for_it_by_name() -> None:
    assert words.choose(query="lang=qps") == "qps"
    assert words.choose(accept="qps") == "en"
    assert words.direction("qps") == "rtl"
    assert "qps" not in words.LANGUAGES


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_whatever_a_browser_sends_chooses_a_language_there_is(query: str, cookie: str, accept: str) -> None:
    assert words.choose(query=query, cookie=cookie, accept=accept) in words.CATALOGUES


def test_a_refusal_is_said_in_the_readers_language() -> None:
    assert NotFound().said("en") == "There is nothing at this address."
    assert NotFound().said("es") == "No hay nada en esta dirección."
    assert RecordingHeld().said("es").startswith("La grabación queda retenida")
    assert NotFound("There is no such block.").said("es") == "No existe ese bloqueo."


def test_a_refusal_with_a_value_is_said_in_the_readers_language_and_tells_programs_the_value() -> None:
    refused = BodyTooLarge("The music is larger than {max_bytes} bytes.", max_bytes=921_600)
    assert refused.said("es") == "La música ocupa más de 921.600 bytes."
    assert refused.as_dict() == {
        "error": {
            "code": "body_too_large",
            "message": "The music is larger than 921,600 bytes.",
            "detail": {"max_bytes": 921_600},
        }
    }


def test_what_somebody_wrote_is_never_taken_for_a_place() -> None:
    refused = ConsentNeeded("Before the stage, please accept: {text}", text="{text_id}", text_id="x")
    assert refused.sentence == "Before the stage, please accept: {text_id}"


def test_a_refusal_that_nobody_translated_stays_readable_in_both_languages() -> None:
    special = NotFound("There is no such handle.")
    assert special.said("en") == "There is no such handle."
    assert special.said("es") == "No hay nada en esta dirección."


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('raise NotFound("There is no such cake.")', "says what is in no catalogue: There is no such cake."),
        ('fail(errors.NotFound("There is no such cake."))', "says what is in no catalogue"),
        ('raise NotFound("Known." if known else "Unknown.")', "says what is in no catalogue: Unknown."),
        ('raise NotFound(f"There is no {cake}.")', "puts a sentence together"),
        ('raise NotFound("There is no " + cake)', "puts a sentence together"),
        ('raise NotFound("There is no {}.".format(cake))', "puts a sentence together"),
        (
            'class NotFound:\n    def of(cls):\n        return cls("Not here.")',
            "says what is in no catalogue",
        ),
    ],
)
def test_a_refusal_without_words_is_told_of(source: str, problem: str) -> None:
    ((_, told),) = _script().unsaid(source, {"NotFound"}, {"Known."})
    assert told.startswith(problem)


@pytest.mark.parametrize(
    "source",
    [
        'raise NotFound("Known.", cake=f"{cake}")',
        "raise NotFound",
        "raise NotFound(error.template)",
        'raise ValueError("Nobody reads this.")',
        'class Cake:\n    def of(cls):\n        return cls("plum")',
    ],
)
def test_a_refusal_with_words_and_what_is_none_are_let_be(source: str) -> None:
    assert not list(_script().unsaid(source, {"NotFound"}, {"Known."}))


def test_a_missing_key_is_said_in_english_or_by_its_name_and_counted() -> None:
    before = words.missing["es", "event.nobody_wrote_this"]
    assert words.say("es", "event.nobody_wrote_this") == "event.nobody_wrote_this"
    assert words.missing["es", "event.nobody_wrote_this"] == before + 1


def test_numbers_are_parted_as_each_language_parts_them() -> None:
    assert words.number("en", 1234) == "1,234"
    assert words.number("es", 1234) == "1234"
    assert words.number("es", 12345) == "12.345"


@given(st.text(alphabet="abc {}nm", max_size=60))
def test_the_pseudo_language_keeps_placeholders_and_is_a_third_longer(text: str) -> None:
    disguised = pseudo.disguise(text)
    assert pseudo._PLACEHOLDER.findall(disguised) == pseudo._PLACEHOLDER.findall(text)
    assert len(disguised) >= len(text) * 1.35


def test_the_pseudo_language_has_no_words_longer_than_a_language_has_them() -> None:
    disguised = pseudo.disguise("What is told at length is told in more words, and in no longer ones. " * 9)
    assert max(map(len, disguised.split())) <= 30


def test_a_name_keeps_its_own_direction_in_a_sentence_that_reads_the_other_way() -> None:
    said = words.say(words.PSEUDO, "account.people.mailed", email="ada@example.org")
    assert "\u2068ada@example.org\u2069" in said
    assert words.say("es", "account.people.mailed", email="ada@example.org").isprintable()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_what_is_asked_for_is_called_by_people_s_words_not_by_the_api_s(language: str) -> None:
    told = [
        text
        for key, text in words.CATALOGUES[language].items()
        if key.startswith(("error.bad_request.", "field."))
    ]
    assert [text for text in told if re.search(r"(?<!_)\b[a-z]+_[a-z]", text)] == []


def test_who_runs_a_site_has_one_name_in_spanish() -> None:
    assert [text for text in words.CATALOGUES["es"].values() if "administra" in text.lower()] == []


@given(accept=st.text(st.characters(max_codepoint=255), max_size=200))
def test_a_language_is_the_same_when_it_is_asked_for_again(accept: str) -> None:
    assert words.choose(accept=accept) == words.choose(accept=accept) == words._accepted(accept)


def test_what_is_kept_of_headers_is_bounded() -> None:
    words._accepted_again.cache_clear()
    for number in range(2_000):
        words.choose(accept=f"x{number}, es")
        words.choose(accept=f"x{number}, es".ljust(10_000))
    kept = words._accepted_again.cache_info()
    assert (kept.currsize, kept.maxsize) == (256, 256)
    assert words.choose(accept="x1999, es") == "es"
    assert words._accepted_again.cache_info().hits == 1
