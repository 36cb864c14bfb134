"""The demonstration data, as far as it is reckoned."""

from __future__ import annotations

import pytest

from meetings.overview import demo


@pytest.mark.parametrize("long", [90, 150, 195])
def test_a_demonstration_agenda_ends_with_its_meeting(long: int) -> None:
    assert sum(item.minutes for item in demo.agenda(long)) == long
    assert min(item.minutes for item in demo.agenda(long)) > 0
