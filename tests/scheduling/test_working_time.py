"""Which days and hours are worked: the library, and the administrator over it."""

from __future__ import annotations

from datetime import date, time

from flask import Flask

from meetings import clock
from meetings.database import db
from meetings.official.working_days import OFFICE_HOURS
from meetings.scheduling import rules, working_time
from meetings.scheduling.models import DayOverride, OfficeSpan
from tests import make


def test_the_administrators_days_win_over_the_librarys(app: Flask) -> None:
    assert working_time.calendar().is_working(date(2026, 12, 10))
    for day, worked in ((date(2026, 12, 10), False), (date(2026, 12, 12), True)):
        db.session.add(DayOverride(day=day, worked=worked, name="Bão số 15", made_at=clock.now()))
    calendar = working_time.calendar()
    assert (calendar.is_working(date(2026, 12, 10)), calendar.is_working(date(2026, 12, 12))) == (False, True)
    assert calendar.add_working_days(date(2026, 12, 9), 1) == date(2026, 12, 11)
    assert [row.day.day for row in working_time.overrides(2026)] == [10, 12]
    assert working_time.overrides(2027) == []


def test_the_office_hours_are_the_usual_ones_until_others_are_set(app: Flask) -> None:
    assert working_time.hours() == OFFICE_HOURS
    begins, ends = make.at("2026-12-10 07:00"), make.at("2026-12-10 11:00")
    assert not rules.in_working_hours(begins, ends, working_time.calendar(), working_time.hours())
    db.session.add(OfficeSpan(begins=time(13, 0), ends=time(16, 30)))
    db.session.add(OfficeSpan(begins=time(7, 0), ends=time(11, 30)))
    assert [tuple(span) for span in working_time.hours()] == [(time(7), time(11, 30)), (time(13), time(16, 30))]
    assert rules.in_working_hours(begins, ends, working_time.calendar(), working_time.hours())
