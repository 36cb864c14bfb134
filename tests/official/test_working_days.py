"""Working days with Vietnamese holidays."""

from datetime import date

import pytest

from meetings.official.working_days import Calendar, add_working_days, working_days_between


def test_weekends_are_not_worked():
    assert add_working_days(date(2026, 12, 10), 2) == date(2026, 12, 14)


def test_new_year_of_the_moon_is_not_worked():
    assert add_working_days(date(2027, 2, 3), 1) == date(2027, 2, 11)
    assert Calendar().holiday(date(2027, 2, 6)) != ""


def test_counting_back_gives_the_deadline_before_a_meeting():
    assert add_working_days(date(2026, 12, 10), -2) == date(2026, 12, 8)
    assert add_working_days(date(2026, 12, 14), -2) == date(2026, 12, 10)


def test_no_days_from_a_day_off_is_the_next_worked_day():
    assert add_working_days(date(2026, 12, 12), 0) == date(2026, 12, 14)
    assert add_working_days(date(2026, 12, 14), 0) == date(2026, 12, 14)


def test_a_saturday_worked_instead_of_a_friday_counts():
    calendar = Calendar()
    assert not calendar.is_working(date(2026, 8, 31))
    assert calendar.is_working(date(2026, 8, 22))


def test_an_override_wins_over_the_library():
    calendar = Calendar({date(2026, 12, 11): False, date(2026, 12, 12): True})
    assert calendar.add_working_days(date(2026, 12, 10), 1) == date(2026, 12, 12)


def test_days_between_count_the_end_and_not_the_start():
    assert working_days_between(date(2026, 12, 10), date(2026, 12, 17)) == 5
    assert working_days_between(date(2026, 12, 17), date(2026, 12, 10)) == -5
    assert working_days_between(date(2026, 12, 10), date(2026, 12, 10)) == 0


def test_a_calendar_without_working_days_is_named_as_the_fault():
    class Closed(Calendar):
        def is_working(self, day: date) -> bool:
            return False

    with pytest.raises(ValueError, match="overrides"):
        Closed().add_working_days(date(2026, 12, 10), 1)
