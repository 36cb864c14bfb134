"""What Outlook, Gmail, Apple Mail, Thunderbird and Zimbra need to show their buttons, checked on the bytes."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from meetings.invitations.calendar import CalendarEntry, Method, pattern, written
from meetings.post.message import Address, slot

START = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)
ENTRY = CalendarEntry(
    uid="9f0c3d3e-7a51-4b0f-8a55-0d3a4f1f8a11@hop.example",
    sequence=0,
    stamp=datetime(2026, 12, 1, 2, 20, 11, tzinfo=UTC),
    starts_at=START,
    ends_at=START + timedelta(minutes=195),
    summary="Hội nghị trực tuyến toàn quốc; sơ kết, đánh giá",
    description=f"Trang của điểm cầu: https://hop.example/m/{slot('token', 'text')}\nĐầu mối: Bà Hoa",
    location=slot("place", "text"),
    url=f"https://hop.example/m/{slot('token')}",
    organiser=Address('Bộ "Điều phối" số', "lichhop@hop.example"),
)
FILLS = {
    "site": "Điểm cầu tỉnh Nghệ An",
    "address": "nghean@tinh.example",
    "place": "Phòng 2A, 03 Trường Thi",
    "token": "t0ken",
    "partstat": "NEEDS-ACTION",
}
ONCE = (
    "UID",
    "DTSTAMP",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "ORGANIZER",
    "STATUS",
    "LOCATION",
    "DESCRIPTION",
    "URL",
)


def lines_of(data: bytes) -> list[str]:
    """The content lines of an iCalendar object; fails where RFC 5545 §3.1 is broken."""
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b"")
    pieces = data.split(b"\r\n")[:-1]
    assert all(len(piece) <= 75 for piece in pieces), "folded at 75 octets"
    for piece in pieces:
        piece.decode()  # no character is torn
    lines = data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert all(re.match(r'[A-Z-]+(;[A-Z-]+=("[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*))*:', line) for line in lines), lines
    return lines


def value(lines: list[str], name: str) -> str:
    found = [line for line in lines if re.match(f"{name}[;:]", line)]
    assert len(found) == 1, (name, found)
    return re.sub(r'^[^:"]*("[^"]*"[^:"]*)*:', "", found[0])


@pytest.mark.parametrize("method", [Method.REQUEST, Method.CANCEL])
def test_a_message_has_what_calendars_need_and_each_of_it_once(method: Method) -> None:
    lines = lines_of(written(ENTRY, method, FILLS))
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    event = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    event = event[: event.index("BEGIN:VALARM")] if "BEGIN:VALARM" in event else event
    head = lines[: lines.index("BEGIN:VTIMEZONE")]
    names = Counter(re.split("[;:]", line)[0] for line in head + event)
    assert all(names[name] == 1 for name in (*ONCE, "VERSION", "PRODID", "CALSCALE", "METHOD", "ATTENDEE"))
    assert value(lines, "METHOD") == method.value
    assert value(lines, "UID") == ENTRY.uid
    assert "DTSTART;TZID=Asia/Ho_Chi_Minh:20261210T080000" in lines
    assert "DTEND;TZID=Asia/Ho_Chi_Minh:20261210T111500" in lines
    assert value(lines, "DTSTAMP") == "20261201T022011Z"
    assert value(lines, "STATUS") == ("CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    assert value(lines, "ORGANIZER") == "mailto:lichhop@hop.example"
    assert value(lines, "SUMMARY") == "Hội nghị trực tuyến toàn quốc\\; sơ kết\\, đánh giá"
    assert value(lines, "URL") == "https://hop.example/m/t0ken"
    assert value(lines, "LOCATION") == "Phòng 2A\\, 03 Trường Thi"


def test_the_reader_is_the_one_attendee_and_is_asked() -> None:
    lines = lines_of(written(ENTRY, Method.REQUEST, FILLS))
    attendee = next(line for line in lines if line.startswith("ATTENDEE"))
    assert attendee.endswith(":mailto:nghean@tinh.example")
    for said in ("RSVP=TRUE", "PARTSTAT=NEEDS-ACTION", "ROLE=REQ-PARTICIPANT", 'CN="Điểm cầu tỉnh Nghệ An"'):
        assert said in attendee


def test_what_misleads_outlook_is_not_said() -> None:
    text = written(ENTRY, Method.REQUEST, FILLS).decode()
    assert "X-MICROSOFT-CDO-APPT-SEQUENCE" not in text and "OWNERAPPTID" not in text
    assert "X-MICROSOFT-DISALLOW-COUNTER" not in text and "X-MICROSOFT-CDO-BUSYSTATUS:BUSY" in text


def test_a_published_entry_asks_nobody() -> None:
    lines = lines_of(written(ENTRY, Method.PUBLISH, FILLS))
    assert not any(line.startswith("ATTENDEE") for line in lines)
    assert value(lines, "UID") == ENTRY.uid


def test_another_reader_of_the_format_reads_the_same() -> None:
    calendar = Calendar.from_ical(written(ENTRY, Method.REQUEST, FILLS))
    event = calendar.events[0]
    assert event.errors == []
    assert event["SUMMARY"] == ENTRY.summary
    assert event.start == ENTRY.starts_at and event.end == ENTRY.ends_at
    assert event["DESCRIPTION"] == "Trang của điểm cầu: https://hop.example/m/t0ken\nĐầu mối: Bà Hoa"
    assert event["ATTENDEE"].params["CN"] == FILLS["site"]


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=80)


@given(site=names, place=names, summary=names)
def test_no_name_can_add_a_property(site: str, place: str, summary: str) -> None:
    plain = lines_of(written(ENTRY, Method.REQUEST, FILLS))
    hostile = CalendarEntry(
        **{
            **{f: getattr(ENTRY, f) for f in ENTRY.__slots__},
            "summary": "x" + "".join(c for c in summary if c.isprintable()),
        }
    )
    lines = lines_of(written(hostile, Method.REQUEST, {**FILLS, "site": site, "place": place}))
    assert [re.split("[;:]", line)[0] for line in lines] == [re.split("[;:]", line)[0] for line in plain]


def test_the_pattern_holds_no_reader() -> None:
    text = pattern(ENTRY, Method.REQUEST)
    assert "nghean" not in text and slot("address", "line") in text
