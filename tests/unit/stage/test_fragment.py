"""News of an ICE session: read within limits, judged by its ETag, and junk is a 400."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.stage.errors import BadFragment, PreconditionFailed, PreconditionNeeded, Unprocessable
from rostra.stage.fragment import MAX_FRAGMENT_BYTES, Credentials, Fragment, IceNews, judge, read_fragment
from rostra.stage.offer import MAX_CANDIDATES

US = Credentials("abcd", "abcdabcdabcdabcdabcdab")
TEXT = (
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdab\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
    "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host generation 0\r\na=end-of-candidates\r\n"
)
HOST = "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host generation 0"


def brings(fragment: Fragment, if_match: str | None) -> IceNews:
    return judge(fragment, if_match=if_match, etag='"now"', remote=US, mids=("0",))


def test_a_fragment_says_who_where_and_by_which_ways() -> None:
    assert read_fragment(TEXT) == Fragment(US, ("0",), (HOST,))


def test_what_is_written_is_read_again() -> None:
    fragment = Fragment(US, ("1",), (HOST,))
    assert read_fragment(fragment.sdp()) == fragment


@pytest.mark.parametrize("if_match", ['"now"', ' "now" ', '"old", "now"', "*"])
def test_more_addresses_for_the_state_of_now_are_taken(if_match: str) -> None:
    assert brings(read_fragment(TEXT), if_match) is IceNews.TRICKLE


@pytest.mark.parametrize("if_match", ["*", '"*"'])
def test_other_credentials_begin_ice_anew(if_match: str) -> None:
    other = TEXT.replace("abcdabcd", "efghefgh").replace(":abcd\r\n", ":efgh\r\n")
    assert brings(read_fragment(other), if_match) is IceNews.RESTART


def test_without_a_state_428_for_an_older_one_412_for_an_unknown_section_422() -> None:
    with pytest.raises(PreconditionNeeded):
        brings(read_fragment(TEXT), None)
    for older in ('"then"', 'W/"now"', '"now', "now"):
        with pytest.raises((PreconditionFailed, BadFragment)):
            brings(read_fragment(TEXT), older)
    with pytest.raises(Unprocessable):
        brings(read_fragment(TEXT.replace("mid:0", "mid:7")), "*")
    assert [e.status for e in (PreconditionNeeded, PreconditionFailed, Unprocessable)] == [428, 412, 422]


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "\r\n",
        "nonsense",
        TEXT.replace("5000", "port"),
        TEXT.replace("typ host", "typ nowhere"),
        TEXT.replace("a=ice-pwd:abcdabcdabcdabcdabcdab\r\n", ""),
        TEXT.replace("ice-ufrag:abcd", "ice-ufrag:a"),
        TEXT + "a=ice-ufrag:other\r\n",
        *[TEXT + f"a=x{character}\r\n" for character in "\x00\r\x0b\x1c\x85\u2028\u2029"],
        TEXT + "a=" + "x" * MAX_FRAGMENT_BYTES,
        TEXT + "a=x\r\n" * 300,
    ],
)
def test_broken_or_huge_fragments_are_refused(broken: str) -> None:
    with pytest.raises(BadFragment):
        read_fragment(broken)


def test_no_more_addresses_are_taken_than_one_person_may_have() -> None:
    many = "".join(f"a=candidate:1 1 udp 1 192.0.2.1 {port} typ host\r\n" for port in range(1, 101))
    assert len(read_fragment(many).candidates) == MAX_CANDIDATES


LINES = st.sampled_from([*TEXT.split("\r\n"), "a=mid:1", "a=candidate:", "m=", "a=ice-ufrag:", "\x00", "é"])


@given(st.one_of(st.text(max_size=400), st.lists(LINES, max_size=30).map("\r\n".join)), st.text(max_size=40))
def test_whatever_comes_is_a_fragment_or_one_refusal(text: str, if_match: str) -> None:
    try:
        fragment = read_fragment(text)
        brings(fragment, if_match)
    except (BadFragment, PreconditionFailed, Unprocessable):
        return
    assert read_fragment(fragment.sdp()).credentials == fragment.credentials
