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
