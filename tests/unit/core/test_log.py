import logging

import pytest

from rostra.core.log import least


@pytest.mark.parametrize(
    ("level", "on_terminal", "severity"),
    [
        ("auto", True, logging.WARNING),
        ("auto", False, logging.INFO),
        ("info", True, logging.INFO),
        ("debug", True, logging.DEBUG),
        ("error", False, logging.ERROR),
    ],
)
def test_a_person_is_spared_what_is_well_unless_they_ask(
    level: str, on_terminal: bool, severity: int
) -> None:
    assert least(level, on_terminal=on_terminal) == severity
