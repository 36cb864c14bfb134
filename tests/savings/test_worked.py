"""The worked example of the method page: its formulas say what the estimate sums, and its parts are the whole."""

from __future__ import annotations

import re
from datetime import date
from math import prod

from meetings.i18n import in_locale
from meetings.savings import worked
from meetings.savings.norms import DEFAULTS
from meetings.savings.trips import total
from meetings.savings.values import in_force

VALUES = in_force(DEFAULTS, date(2026, 12, 10))


def said(formula: str) -> int:
    """What the words of a formula come to: 4 places × 2 half days × 250,000, or (a hall + people × a seat) × half days."""
    found = [int(part) for part in re.findall(r"\d+", formula.replace(",", ""))]
    if "+" in formula:
        hall, people, seat, halves = found
        return (hall + people * seat) * halves
    return prod(found)


def test_the_sites_and_what_counts_once_add_up_to_the_saving() -> None:
    found = worked.example(VALUES)
    parts = [*(site.line.steps.total for site in found.sites), *(item.amounts for item in found.meeting)]
    assert total(parts) == found.whole.saving
    for site in found.sites:
        assert total(item.amounts for item in site.items if item.item != "time_value") == site.line.steps.total


def test_every_formula_of_the_whole_meeting_comes_to_its_amount() -> None:
    with in_locale("en"):
        found = worked.example(VALUES)
    for item in found.meeting:
        for formula, amount in zip(item.formulas, item.amounts, strict=True):
            assert said(formula) == abs(amount), (item.item, formula)
    assert [item.item for item in found.meeting][0] == "hall"
    assert all(item.amounts.mid < 0 for item in found.meeting[1:]), "what meeting online cost is taken off"


def test_the_example_shows_every_way_of_going() -> None:
    found = worked.example(VALUES)
    assert [site.line.mode.value for site in found.sites] == ["car", "air", "none"]
