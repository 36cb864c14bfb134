"""A series from its release to the letter boxes: one letter a site, one calendar entry, a page for every date."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
import recurring_ical_events
import sqlalchemy as sa
from docx import Document as docx_of
from icalendar import Calendar

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.clock import wall
from meetings.database import db
from meetings.invitations import letters as invitation_letters
from meetings.invitations import queries
from meetings.post.models import Letter
from meetings.scheduling import numbers, series, services
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.recurrence import Choice, Pace, Rule
from tests import make
from tests.invitations.test_services import parts, read, worked

MONDAYS = Rule(Pace.WEEKLY, weekdays=(0,), until=date(2027, 3, 1))
TET = date(2027, 2, 8)


@pytest.fixture
def who(secretary: User) -> Actor:
    return make.actor(secretary)


@pytest.fixture
def briefing(secretary: User, who: Actor) -> Meeting:
    """Mondays at 08:00 from 7 December to 1 March, the one at Tết moved to Thursday; not sent yet."""
    first = make.meeting(secretary=secretary, asked=False, starts="2026-12-07 08:00", minutes=90, code="HN-2026-0901")
    series.make(first, MONDAYS, {TET: Choice.MOVE}, actor=who)
    return first


@pytest.fixture
def sent(briefing: Meeting, who: Actor) -> Meeting:
    series.send(briefing, make.at("2026-12-03 17:00"), actor=who)
    worked()
    return briefing


def letters(kind: str = "") -> list[Letter]:
    query = sa.select(Letter).order_by(Letter.id)
    return list(db.session.scalars(query.where(Letter.kind == kind) if kind else query))


def calendar_of(letter: Letter) -> Calendar:
    return Calendar.from_ical(parts(read(letter))["text/calendar"].get_content())


def dates_in(calendar: Calendar) -> list[datetime]:
    """The beginnings that an expander of others finds, on the wall."""
    events = recurring_ical_events.of(calendar).between(date(2026, 11, 1), date(2027, 12, 31))
    return sorted(wall(event["DTSTART"].dt) for event in events)


def dates_of(meeting: Meeting) -> list[datetime]:
    return [wall(one.starts_at) for one in scheduling.dates_of_series(meeting) if one.starts_at]


def test_each_site_gets_one_letter_for_all_dates_and_its_calendar_holds_the_dates_of_the_screen(sent: Meeting) -> None:
    assert [letter.to_address for letter in letters()] == ["diemcau.40@40.example", "diemcau.42@42.example"]
    inside = parts(read(letters()[0]))
    text, html = inside["text/plain"].get_content(), inside["text/html"].get_content()
    for one in scheduling.dates_of_series(sent):
        assert one.starts_at is not None
        assert f"{wall(one.starts_at):%d/%m/%Y}" in text and f"{wall(one.starts_at):%d/%m/%Y}" in html
    assert "08/02/2027" not in text and "thứ Năm, 11/02/2027" in text
    assert "13 buổi họp trực tuyến" in str(read(letters()[0])["Subject"])
    calendar = calendar_of(letters()[0])
    assert dates_in(calendar) == dates_of(sent)
    (event,) = calendar.walk("VEVENT")
    assert sent.series is not None and str(event["UID"]).startswith(sent.series.uid)
    assert str(calendar["METHOD"]) == "REQUEST" and event["SEQUENCE"] == 0


def test_every_date_asks_its_sites_and_gives_each_a_link_of_its_own(sent: Meeting) -> None:
    links = set()
    for one in scheduling.dates_of_series(sent):
        for site in scheduling.sites_of(one):
            invitation = queries.of_site(site)
            assert invitation is not None and invitation.by_post
            links.add(invitation.link_id)
        assert queries.progress(one).sent == 2, "its sites were written to, from the first date"
    assert len(links) == 26
    assert letters()[0].link_id == make.invitation_of(scheduling.sites_of(sent)[0]).link_id


def test_a_site_of_some_dates_is_written_to_once_about_those(briefing: Meeting, who: Actor) -> None:
    third, fourth = scheduling.dates_of_series(briefing)[2:4]
    for one in (third, fourth):
        services.add_sites(one, [make.site(make.HO_CHI_MINH)], actor=who)
    fifth = scheduling.dates_of_series(briefing)[4]
    services.drop_sites(fifth, [make.site(make.HA_TINH).id], actor=who)
    series.send(briefing, make.at("2026-12-03 17:00"), actor=who)
    worked()
    found = {letter.to_address: dates_in(calendar_of(letter)) for letter in letters()}
    assert len(found) == len(letters()) == 3
    assert found["diemcau.79@79.example"] == dates_of(briefing)[2:4]
    assert found["diemcau.42@42.example"] == [at for n, at in enumerate(dates_of(briefing)) if n != 4]


def test_a_date_whose_hour_was_set_apart_stands_in_the_calendar_at_its_own_hour(briefing: Meeting, who: Actor) -> None:
    second = scheduling.dates_of_series(briefing)[1]
    services.place(second, make.at("2026-12-14 14:00"), 60, actor=who)
    series.send(briefing, make.at("2026-12-03 17:00"), actor=who)
    worked()
    assert dates_in(calendar_of(letters()[0])) == dates_of(briefing)
    assert "14 giờ 00 – 15 giờ 00" in parts(read(letters()[0]))["text/plain"].get_content()


def text_of(docx: bytes) -> str:
    document = docx_of(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells).replace("\u00a0", " ")


def test_the_giay_moi_of_a_series_names_every_date_as_it_was_shown_before_it_left(
    briefing: Meeting, who: Actor
) -> None:
    by = make.at("2026-12-03 17:00")
    shown = invitation_letters.giay_moi(briefing, by, make.at("2026-12-01 09:00"))
    series.send(briefing, by, actor=who)
    assert invitation_letters.giay_moi(briefing, by, make.at("2026-12-01 09:00")) == shown
    text = text_of(queries.document(briefing))
    assert "08 giờ 00, hằng tuần vào thứ Hai, từ ngày 07 tháng 12 năm 2026 đến ngày 01 tháng 3 năm 2027" in text
    assert "13 buổi, lịch họp tại Phụ lục I kèm theo" in text and "Chương trình tại Phụ lục II" in text
    assert "Thứ Năm, ngày 11 tháng 02 năm 2027" in text and "17 giờ 00, 30/12/2026" in text
    assert text_of(queries.document(scheduling.dates_of_series(briefing)[5])).count("Thứ Hai, ngày") == 12


def test_a_short_series_names_its_dates_in_the_letter_itself(secretary: User, who: Actor) -> None:
    first = make.meeting(secretary=secretary, asked=False, starts="2026-12-07 08:00", code="HN-2026-0903")
    series.make(first, Rule(Pace.WEEKLY, weekdays=(0,), count=3), {}, actor=who)
    text = text_of(queries.document(first))
    assert "- thứ Hai, ngày 14 tháng 12 năm 2026;" in text and "Lịch họp" not in text


def test_one_number_stands_on_all_dates(briefing: Meeting, who: Actor) -> None:
    numbers.count_by_system(briefing.organiser, True, 11, actor=who)
    series.send(briefing, make.at("2026-12-03 17:00"), actor=who)
    assert {one.invitation_number for one in scheduling.dates_of_series(briefing)} == {"12"}
