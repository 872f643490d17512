"""Times as people read them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.core import moments

EVENING_MS = 1_795_546_800_000
"""2026-11-24T19:00Z."""
CASES = json.loads((Path(__file__).parents[3] / "web" / "test" / "times.json").read_text(encoding="utf-8"))
"""What the pages' scripts are held to as well."""


@pytest.mark.parametrize(
    ("zone", "text", "short"),
    [
        ("Europe/Berlin", "Tue 24 Nov, 8:00 pm", "CET"),
        ("America/New_York", "Tue 24 Nov, 2:00 pm", "EST"),
        ("America/Sao_Paulo", "Tue 24 Nov, 4:00 pm", "UTC−3"),
        ("Asia/Kathmandu", "Wed 25 Nov, 12:45 am", "UTC+5:45"),
        ("Nowhere/Land", "Tue 24 Nov, 7:00 pm", "UTC"),
        ("../../etc/passwd", "Tue 24 Nov, 7:00 pm", "UTC"),
        ("", "Tue 24 Nov, 7:00 pm", "UTC"),
    ],
)
def test_a_time_is_told_in_the_hosts_zone(zone: str, text: str, short: str) -> None:
    assert moments.local_text(EVENING_MS, zone, now_ms=EVENING_MS) == text
    assert moments.zone_text(EVENING_MS, zone) == short


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']}: {case['text']}")
def test_a_time_is_written_as_the_scripts_write_it(case: dict[str, str]) -> None:
    utc_ms = int(datetime.fromisoformat(case["utc"]).timestamp() * 1000)
    text = moments.local_text(utc_ms, case["zone"], now_ms=EVENING_MS, language=case["language"])
    assert text == case["text"]
    assert moments.zone_text(utc_ms, case["zone"]) == case["zone_name"]


def test_another_year_is_named() -> None:
    assert (
        moments.local_text(EVENING_MS, "UTC", now_ms=EVENING_MS - 365 * 86_400_000)
        == "Tue 24 Nov 2026, 7:00 pm"
    )


def test_programs_get_utc() -> None:
    assert moments.iso(EVENING_MS) == "2026-11-24T19:00:00Z"


@given(st.integers(-(2**63), 2**63), st.sampled_from(["Pacific/Apia", "UTC", "America/Adak"]))
def test_no_number_is_too_large_for_a_page(utc_ms: int, zone: str) -> None:
    assert moments.local_text(utc_ms, zone, now_ms=EVENING_MS)
    assert moments.iso(utc_ms)
    assert moments.zone_text(utc_ms, zone)
