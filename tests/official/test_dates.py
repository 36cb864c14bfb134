"""Dates and times in the decree's form."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from meetings.official import dates
from tests import make

OPENING = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)


def test_a_long_date_names_the_weekday_with_its_capital():
    assert dates.date_long(date(2026, 12, 10)) == "thứ Năm, ngày 10 tháng 12 năm 2026"
    assert dates.date_long(date(2026, 12, 13)) == "Chủ nhật, ngày 13 tháng 12 năm 2026"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2027, 2, 5), "ngày 05 tháng 02 năm 2027"),
        (date(2027, 1, 15), "ngày 15 tháng 01 năm 2027"),
        (date(2027, 3, 5), "ngày 05 tháng 3 năm 2027"),
        (date(2027, 10, 9), "ngày 09 tháng 10 năm 2027"),
    ],
)
def test_days_to_nine_and_the_first_two_months_carry_a_zero(day, said):
    assert dates.date_plain(day) == said


def test_an_instant_is_shown_on_the_wall_of_ha_noi():
    assert dates.date_short(datetime(2026, 12, 31, 18, 0, tzinfo=UTC)) == "01/01/2027"
    assert dates.clock(OPENING) == "08 giờ 00"
    assert dates.moment_long(OPENING) == "08 giờ 00, thứ Năm, ngày 10 tháng 12 năm 2026"


def test_a_naive_instant_is_a_mistake():
    with pytest.raises(ValueError, match="aware"):
        dates.clock(datetime(2026, 12, 10, 8, 0))


def test_clocks_have_two_digits_and_no_halves_of_the_day():
    assert dates.clock(time(8, 5)) == "08 giờ 05"
    assert dates.clock(time(17, 0)) == "17 giờ 00"
    assert dates.clock_range(time(8), time(11, 15)) == "08 giờ 00 – 11 giờ 15"
    assert dates.clock_seconds(OPENING) == "08:00:00"


def test_an_end_on_another_day_says_which() -> None:
    start, noon, end = (make.at(f"2026-12-{wall}") for wall in ("10 08:00", "10 14:00", "11 14:00"))
    assert dates.clock_range(start, noon) == "08 giờ 00 – 14 giờ 00"
    assert dates.clock_range(start, end) == "08 giờ 00 – 14 giờ 00 (11/12)"
    assert dates.clock_range(start, end, "en") == "08:00 – 14:00 (11 Dec)"
    midnight = make.at("2026-12-11 00:00")  # in Hà Nội, whatever day it is in UTC
    assert dates.clock_range(start, midnight) == "08 giờ 00 – 00 giờ 00 (11/12)"


def test_whole_days_are_said_as_days_and_the_last_of_them_is_the_last_one_taken() -> None:
    start, noon, next_day, third = (
        make.at(f"2026-12-{wall}") for wall in ("10 00:00", "10 12:00", "11 00:00", "13 00:00")
    )
    assert dates.span_short(start, next_day) == "cả ngày 10/12/2026"
    assert dates.span_short(start, third) == "10/12/2026 – 12/12/2026"
    assert dates.span_short(start, noon) == "00 giờ 00 – 12 giờ 00, 10/12/2026"
    assert dates.span_short(noon, next_day) == "12 giờ 00, 10/12/2026 – 00 giờ 00, 11/12/2026"


def test_lengths_are_whole_minutes_on_paper_and_seconds_on_the_board():
    assert dates.duration(timedelta(hours=3, minutes=15)) == "03 giờ 15 phút"
    assert dates.duration(timedelta(minutes=45)) == "45 phút"
    assert dates.elapsed(timedelta(minutes=3, seconds=12)) == "3 phút 12 giây"
    assert dates.elapsed(timedelta(seconds=-4)) == "0 giây"


def test_an_english_reader_gets_english_dates():
    assert dates.date_long(OPENING, "en") == "Thursday 10 December 2026"
    assert dates.date_short(OPENING, "en") == "10 Dec 2026"
    assert dates.clock(OPENING, "en") == "08:00"
    assert dates.duration(timedelta(hours=3, minutes=5), "en") == "3 h 05 min"


def test_a_draft_leaves_its_day_to_the_records_clerk():
    assert dates.place_and_date("Hà Nội", None, 2026).replace("\u00a0", "_") == "Hà Nội, ngày______tháng______năm_2026"
    assert (
        dates.place_and_date("Hà Nội", date(2026, 11, 5))
        == "Hà Nội, ngày\u00a005\u00a0tháng\u00a011\u00a0năm\u00a02026"
    )
