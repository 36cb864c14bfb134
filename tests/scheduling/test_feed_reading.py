"""Calendars that are kept elsewhere, read down to their busy hours."""

from __future__ import annotations

from datetime import datetime

import pytest

from meetings.scheduling import feed_reading
from meetings.scheduling.feed_reading import Unclear, Unreadable
from tests.make import at

FROM, UNTIL = at("2026-12-01 00:00"), at("2028-01-05 00:00")


def calendar(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y", *lines, "END:VCALENDAR", ""]).encode()


def event(*lines: str, uid: str = "1") -> list[str]:
    return ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT"]


def walls(data: bytes, *, first: datetime = FROM, last: datetime = UNTIL, titles: bool = False) -> list[str]:
    """The busy times as a wall in Hà Nội shows them: ``10/12 08:00-09:00``."""
    from meetings.clock import wall

    return [
        f"{wall(s.starts_at):%d/%m %H:%M}-{wall(s.ends_at):%d/%m %H:%M} {s.title}".strip()
        for s in feed_reading.read(data, first, last, titles=titles)
    ]


EIGHT_TO_NINE = ["10/12 08:00-10/12 09:00"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["DTSTART:20261210T010000Z", "DTEND:20261210T020000Z"], EIGHT_TO_NINE),
        (["DTSTART;TZID=Asia/Ho_Chi_Minh:20261210T080000", "DURATION:PT1H"], EIGHT_TO_NINE),
        (["DTSTART;TZID=SE Asia Standard Time:20261210T080000", "DTEND:20261210T020000Z"], EIGHT_TO_NINE),
        # without a zone, or with one that nobody knows: as in Hà Nội
        (["DTSTART:20261210T080000", "DTEND:20261210T090000"], EIGHT_TO_NINE),
        (["DTSTART;TZID=Nowhere/Land:20261210T080000", "DTEND;TZID=Nowhere/Land:20261210T090000"], EIGHT_TO_NINE),
        (["DTSTART;TZID=Europe/Berlin:20261210T020000", "DTEND;TZID=Europe/Berlin:20261210T030000"], EIGHT_TO_NINE),
        # whole days are days in Hà Nội; one without an end is one day
        (["DTSTART;VALUE=DATE:20261210", "DTEND;VALUE=DATE:20261212"], ["10/12 00:00-12/12 00:00"]),
        (["DTSTART;VALUE=DATE:20261210"], ["10/12 00:00-11/12 00:00"]),
        # what takes no time
        (["DTSTART:20261210T010000Z"], []),
        (["DTSTART:20261210T010000Z", "DTEND:20261210T020000Z", "TRANSP:TRANSPARENT"], []),
        (["DTSTART:20261210T010000Z", "DTEND:20261210T020000Z", "STATUS:CANCELLED"], []),
        (["DTSTART:20261210T010000Z", "DTEND:20261210T020000Z", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"], []),
        (["DTSTART:20261210T010000Z", "DTEND:20261210T020000Z", "STATUS:TENTATIVE"], EIGHT_TO_NINE),
        # cut to the horizon
        (["DTSTART:20261101T010000Z", "DTEND:20261201T020000Z"], ["01/12 00:00-01/12 09:00"]),
        (["DTSTART:20281210T010000Z", "DTEND:20281210T020000Z"], []),
        # a rule, less one date
        (
            ["DTSTART:20261210T010000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20261217T010000Z"],
            ["10/12 08:00-10/12 09:00", "24/12 08:00-24/12 09:00"],
        ),
        (
            ["DTSTART;TZID=Asia/Ho_Chi_Minh:20251210T080000", "DURATION:PT1H", "RRULE:FREQ=YEARLY"],
            ["10/12 08:00-10/12 09:00", "10/12 08:00-10/12 09:00"],
        ),
    ],
)
def test_an_event_is_busy_in_its_hours_as_they_fall_in_ha_noi(lines: list[str], said: list[str]) -> None:
    assert walls(calendar(*event(*lines))) == said


def test_one_date_of_a_series_that_was_moved_or_called_off_is_busy_where_it_is_now() -> None:
    zone = "TZID=Asia/Ho_Chi_Minh"
    data = calendar(
        *event(f"DTSTART;{zone}:20261210T080000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3"),
        *event(f"RECURRENCE-ID;{zone}:20261217T080000", f"DTSTART;{zone}:20261218T140000", "DURATION:PT1H"),
        *event(f"RECURRENCE-ID;{zone}:20261224T080000", f"DTSTART;{zone}:20261224T080000", "STATUS:CANCELLED"),
    )
    assert walls(data) == ["10/12 08:00-10/12 09:00", "18/12 14:00-18/12 15:00"]


def test_busy_times_alone_are_read_as_well() -> None:
    data = calendar(
        "BEGIN:VFREEBUSY",
        "FREEBUSY;FBTYPE=BUSY:20261210T010000Z/PT1H,20261211T010000Z/20261211T020000Z",
        "FREEBUSY;FBTYPE=FREE:20261212T010000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261213T010000Z/PT1H",
        "END:VFREEBUSY",
    )
    assert [said[:11] for said in walls(data)] == ["10/12 08:00", "11/12 08:00", "13/12 08:00"]


def test_only_hours_are_kept_and_the_title_where_it_was_asked_for() -> None:
    hour = ("DTSTART:20261210T010000Z", "DTEND:20261210T020000Z")
    data = calendar(
        *event(*hour, "SUMMARY:Họp\\n riêng \u0007", "LOCATION:ở nhà"),
        *event("DTSTART:20261210T020000Z", "DTEND:20261210T030000Z", "SUMMARY:Khám bệnh", uid="2"),
    )
    assert walls(data) == ["10/12 08:00-10/12 10:00"], "what touches is one where no title tells it apart"
    assert walls(data, titles=True) == ["10/12 08:00-10/12 09:00 Họp riêng", "10/12 09:00-10/12 10:00 Khám bệnh"]


HOUR = ["DTSTART:20261210T010000Z", "DURATION:PT1H"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Unclear.NO_CALENDAR),
        (b"<!doctype html><title>Sign in</title>", Unclear.NO_CALENDAR),
        (b"\xff\xfe\x00\x01", Unclear.NO_CALENDAR),
        (calendar(*event(*HOUR))[:-20], Unclear.NO_CALENDAR),  # it broke off
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", Unclear.NO_CALENDAR),
        (calendar(*event("DTSTART:2026zz", "DURATION:PT1H")), Unclear.BROKEN_EVENTS),
        (calendar(*event("DURATION:PT1H")), Unclear.BROKEN_EVENTS),
        (calendar(*event(*HOUR, "RRULE:FREQ=FOO")), Unclear.BROKEN_EVENTS),
        (calendar(*event(*HOUR, "RRULE:FREQ=DAILY;COUNT=2", "RDATE:zzz")), Unclear.BROKEN_EVENTS),
        (calendar(*event(*HOUR, "RECURRENCE-ID:zzz")), Unclear.BROKEN_EVENTS),
        (calendar("BEGIN:VFREEBUSY", "FREEBUSY:yesterday", "END:VFREEBUSY"), Unclear.NO_CALENDAR),
        (calendar(*(["BEGIN:VEVENT", "END:VEVENT"] * 5001)), Unclear.TOO_MANY),
        (calendar(*event(*HOUR, "RRULE:FREQ=SECONDLY")), Unclear.ENDLESS),
        (calendar(*event(*HOUR, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")), Unclear.ENDLESS),
        (calendar(*event(*HOUR, "RRULE:FREQ=WEEKLY;BYSETPOS=300;BYDAY=MO")), Unclear.ENDLESS),
        (calendar(*event("DTSTART:00010101T010000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")), Unclear.ENDLESS),
        (
            calendar(
                *event(*HOUR, "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=" + ",".join(map(str, range(60))))
            ),
            Unclear.ENDLESS,
        ),
    ],
)
def test_what_cannot_be_read_is_said_and_never_taken_for_free(data: bytes, why: Unclear) -> None:
    with pytest.raises(Unreadable) as caught:
        feed_reading.read(data, FROM, UNTIL)
    assert caught.value.why is why


def test_a_calendar_with_nothing_in_it_is_free() -> None:
    assert walls(calendar()) == []
