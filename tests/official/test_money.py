"""Numbers and money."""

import pytest

from meetings.official import money, numbers


def test_thousands_have_dots_and_decimals_a_comma():
    assert numbers.number(3264) == "3.264"
    assert numbers.number(1234.5, 1) == "1.234,5"
    assert numbers.number(1234.5, 1, "en") == "1,234.5"
    assert numbers.number(-1200) == "-1.200"


def test_a_half_is_rounded_away_from_zero():
    assert numbers.number(0.125, 2) == "0,13"


def test_percent_of_nothing_is_a_dash():
    assert numbers.percent(33, 34) == "97,1%"
    assert numbers.percent(0, 0) == "–"


def test_counts_in_documents_have_two_digits():
    assert [numbers.counted(n) for n in (0, 5, 12, 3355)] == ["0", "05", "12", "3.355"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "không"),
        (5, "năm"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (11, "mười một"),
        (101, "một trăm linh một"),
        (1_200_000, "một triệu hai trăm nghìn"),
        (1_200_005, "một triệu hai trăm nghìn không trăm linh năm"),
        (2_000_000_000, "hai tỷ"),
        (1_000_000_000_000, "một nghìn tỷ"),
        (3_045_000_010, "ba tỷ không trăm bốn mươi lăm triệu không trăm mười"),
    ],
)
def test_numbers_in_words(value, said):
    assert numbers.words(value) == said


def test_money_is_whole_dong():
    assert money.money(1_200_000) == "1.200.000 đồng"
    assert money.money(1_200_000, "en") == "VND 1,200,000"
    assert money.settlement(1_200_000) == "1.200.000 đồng (Một triệu hai trăm nghìn đồng)"


def test_large_sums_are_short_in_charts():
    assert money.money_short(1_234_000_000) == "1,23 tỷ đồng"
    assert money.money_short(845_300_000) == "845 triệu đồng"
    assert money.money_short(999_600_000) == "1,00 tỷ đồng"
    assert money.money_short(450_000) == "450.000 đồng"


def test_sizes_are_read_in_kilobytes():
    assert numbers.size(48 * 1024) == "48 KB"
    assert numbers.size(1_468_006) == "1,4 MB"
