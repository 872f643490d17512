"""ICY titles, unwoven as a radio does it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.radio import unwoven
from rostra.media import icy


@given(st.lists(st.integers(1, 40_000), max_size=12))
def test_however_the_audio_comes_blocks_stand_after_every_16_000_bytes(sizes: list[int]) -> None:
    phase, spoken, sent = icy.Phase(), b"", b""
    for number, size in enumerate(sizes):
        audio = bytes((number + at) % 251 for at in range(size))
        spoken += audio
        woven, phase = phase.weave(audio, icy.block("An evening"))
        sent += woven
    audio, titles = unwoven(sent)
    assert audio == spoken
    assert titles == ["An evening"][: len(spoken) // icy.EVERY_BYTES]


def test_a_title_is_said_again_only_when_it_changes() -> None:
    phase, sent = icy.Phase(), b""
    for title in ("Ada", "Ada", "Bob", "Bob"):
        woven, phase = phase.weave(bytes(icy.EVERY_BYTES), icy.block(title))
        sent += woven
    assert unwoven(sent)[1] == ["Ada", "Bob"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("¿Qué pasó? Año nuevo, pingüinos", "Que paso? Ano nuevo, pinguinos"),
        ("Ada’s ﬁrst evening – live", "Ada's first evening - live"),
        ("Cafe\N{COMBINING ACUTE ACCENT} 東京", "Cafe ??"),
    ],
)
def test_a_name_loses_its_marks_in_a_header_and_keeps_them_in_a_title(name: str, told: str) -> None:
    assert dict(icy.headers(name=name, bit_rate=64_000, metadata=False))["icy-name"] == told
    assert name in icy.block(name).decode()


@given(st.text(max_size=2_000))
def test_a_name_in_a_header_is_printable_ascii(name: str) -> None:
    told = dict(icy.headers(name=name, bit_rate=64_000, metadata=False))["icy-name"]
    assert told.isascii()
    assert told.isprintable()
    assert len(told) <= 100


@given(st.text(max_size=2_000))
def test_no_title_breaks_out_of_its_block(title: str) -> None:
    block = icy.block(title)
    assert len(block) == 1 + block[0] * 16
    said = block[1:].rstrip(b"\0").decode()
    assert said.startswith("StreamTitle='")
    assert said.endswith("';")
    assert "'" not in said[13:-2]
    assert ";" not in said[13:-2]


def test_the_interval_is_told_only_to_whoever_asked() -> None:
    asked = dict(icy.headers(name="Ein Abend\r\n", bit_rate=64_000, metadata=True))
    assert asked == {"icy-name": "Ein Abend??", "icy-br": "64", "icy-pub": "0", "icy-metaint": "16000"}
    assert "icy-metaint" not in dict(icy.headers(name="x", bit_rate=1, metadata=False))
