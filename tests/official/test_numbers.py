from __future__ import annotations

import pytest

from meetings.official import numbers


@pytest.mark.parametrize(
    ("typed", "digits", "meant"),
    [
        ("0", 9, 0), ("7", 9, 7), ("007", 9, 7), ("999999999", 9, 999_999_999), ("1234", 4, 1234),
        ("", 9, None), (None, 9, None), ("12345", 4, None), ("9" * 5000, 9, None),
        ("²", 9, None), ("١٢", 9, None), ("-1", 9, None), ("+1", 9, None), ("1.5", 9, None), ("1 000", 9, None), ("x", 9, None),
    ],
)  # fmt: skip
def test_a_number_of_an_address_is_read_from_plain_digits_only(
    typed: str | None, digits: int, meant: int | None
) -> None:
    assert numbers.read(typed, digits) == meant


def test_a_size_is_said_in_the_unit_that_people_use_for_it() -> None:
    sizes = [1, 48 * 1024, 1_500_000, 2048 * 1024 * 1024]
    assert [numbers.size(octets) for octets in sizes] == ["1 KB", "48 KB", "1,4 MB", "2,0 GB"]
