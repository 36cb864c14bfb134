"""A series from its release to the letter boxes: one letter a site, one calendar entry, a page for every date."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

import pytest
import recurring_ical_events
import sqlalchemy as sa
from docx import Document as docx_of
from icalendar import Calendar

from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import wall
from meetings.database import db
from meetings.directory import services as directory
from meetings.directory.models import Duty
from meetings.errors import Refused
from meetings.invitations import approval, batch, enclosures, private_link, queries, trial
from meetings.invitations import letters as invitation_letters
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.scheduling import holding, moving, numbers, series, series_moves, services
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Booking, Meeting
from meetings.scheduling.moving import Facts
from meetings.scheduling.recurrence import Choice, Pace, Rule
from meetings.scheduling.rules import Status
from meetings.scheduling.series_moves import Which
from meetings.scheduling.services import Item
from tests import make
from tests.conftest import Clock
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
        assert batch.progress(one).sent == 2, "its sites were written to, from the first date"
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
    text = text_of(enclosures.document(briefing))
    assert "08 giờ 00, hằng tuần vào thứ Hai, từ ngày 07 tháng 12 năm 2026 đến ngày 01 tháng 3 năm 2027" in text
    assert "13 buổi, lịch họp tại Phụ lục I kèm theo" in text and "Chương trình tại Phụ lục II" in text
    assert "Thứ Năm, ngày 11 tháng 02 năm 2027" in text and "17 giờ 00, 30/12/2026" in text
    assert text_of(enclosures.document(scheduling.dates_of_series(briefing)[5])).count("Thứ Hai, ngày") == 12


def test_a_short_series_names_its_dates_in_the_letter_itself(secretary: User, who: Actor) -> None:
    first = make.meeting(secretary=secretary, asked=False, starts="2026-12-07 08:00", code="HN-2026-0903")
    series.make(first, Rule(Pace.WEEKLY, weekdays=(0,), count=3), {}, actor=who)
    text = text_of(enclosures.document(first))
    assert "- thứ Hai, ngày 14 tháng 12 năm 2026;" in text and "Lịch họp" not in text


def test_one_number_stands_on_all_dates(briefing: Meeting, who: Actor) -> None:
    numbers.count_by_system(briefing.organiser, True, 11, actor=who)
    services.set_agenda(scheduling.dates_of_series(briefing)[2], [Item("Chuyên đề", 30, "")], actor=who)
    series.send(briefing, make.at("2026-12-03 17:00"), actor=who)
    assert {one.invitation_number for one in scheduling.dates_of_series(briefing)} == {"12"}


# ------------------------------------------------------------------ changing some of its dates

AFTERNOON = "2026-12-21 14:00"


def told(calendar: Calendar) -> dict[str, str]:
    """RECURRENCE-ID → DTSTART of every entry, on the wall."""
    return {
        f"{wall(event['RECURRENCE-ID'].dt):%d/%m %H:%M}": f"{wall(event['DTSTART'].dt):%d/%m %H:%M}"
        for event in calendar.walk("VEVENT")
    }


def merged(letters: list[Letter]) -> Calendar:
    """What a calendar program holds after these letters: the newest entry of each date; a struck one leaves an exception."""
    whole = calendar_of(letters[0])
    (series_entry,) = [e for e in whole.walk("VEVENT") if "RRULE" in e]
    single: dict[datetime, Any] = {}
    for letter in letters[1:]:
        calendar = calendar_of(letter)
        assert str(calendar["METHOD"]) in ("REQUEST", "CANCEL")
        for event in calendar.walk("VEVENT"):
            assert event["UID"] == series_entry["UID"]
            at = event["RECURRENCE-ID"].dt
            assert event["SEQUENCE"] > single.get(at, series_entry)["SEQUENCE"]
            single[at] = event
    for at, event in single.items():
        if event["STATUS"] == "CANCELLED":
            series_entry.add("exdate", at)
        else:
            whole.add_component(event)
    return whole


def to(address: str) -> list[Letter]:
    return [letter for letter in letters() if letter.to_address == address]


NGHE_AN = "diemcau.40@40.example"


def test_one_date_is_moved_by_an_entry_of_the_series_for_that_date_alone(sent: Meeting, who: Actor) -> None:
    third = scheduling.dates_of_series(sent)[2]
    series_moves.reschedule(third, Which.THIS, make.at(AFTERNOON), 90, "Chủ trì họp Chính phủ", actor=who)
    worked()
    assert len(letters()) == 4
    change = to(NGHE_AN)[-1]
    assert told(calendar_of(change)) == {"21/12 08:00": "21/12 14:00"}
    assert dates_in(merged(to(NGHE_AN))) == dates_of(sent)


def test_this_and_following_dates_are_told_in_one_letter_a_site_and_only_those(sent: Meeting, who: Actor) -> None:
    dates = scheduling.dates_of_series(sent)
    series_moves.reschedule(dates[5], Which.THIS, make.at("2027-01-11 14:00"), 90, "Lý do riêng của buổi", actor=who)
    worked()
    before = len(letters())
    series_moves.reschedule(dates[2], Which.FOLLOWING, make.at(AFTERNOON), 90, "Chủ trì họp Chính phủ", actor=who)
    worked()
    assert len(letters()) == before + 2, "one letter a site"
    changed = [one for n, one in enumerate(dates) if n >= 2 and n != 5]
    assert [one.sequence for one in dates] == [0, 0, *[1] * 11], "the sixth had that hour already"
    found = told(calendar_of(to(NGHE_AN)[-1]))
    assert list(found) == [f"{one.series_on:%d/%m} 08:00" for one in changed]
    assert {at[-5:] for at in found.values()} == {"14:00"}
    text = parts(read(to(NGHE_AN)[-1]))["text/plain"].get_content()
    assert "thứ Hai, 11/01/2027" not in text and "thứ Hai, 18/01/2027" in text and "14/12/2026" not in text
    assert dates_in(merged(to(NGHE_AN))) == dates_of(sent)
    for one in changed:
        (asked, _other) = [queries.of_site(site) for site in scheduling.sites_of(one)]
        assert asked is not None and asked.asked_again_at is not None and asked.told_id is not None
    worked()
    assert len(letters()) == before + 2, "done twice it tells nobody twice"


def test_a_clash_on_one_date_keeps_every_date_where_it_was(sent: Meeting, who: Actor, secretary: User) -> None:
    other = make.meeting(
        secretary=secretary, asked=False, starts="2027-01-18 14:30", chair_name="Phạm Khác", code="HN-2026-0904"
    )
    holding.take(other, actor=who)
    make.done()
    with pytest.raises(Refused) as refused:
        series_moves.reschedule(sent, Which.ALL, make.at("2026-12-07 14:00"), 90, "Chủ trì bận buổi sáng", actor=who)
    assert "18/01/2027" in str(refused.value.message) and refused.value.field == "in_spite_of"
    db.session.rollback()
    assert {f"{at:%H:%M}" for at in dates_of(sent)} == {"08:00"}
    worked()
    assert len(letters()) == 2


def test_dates_that_were_held_or_called_off_are_never_touched(sent: Meeting, who: Actor, clock: Clock) -> None:
    dates = scheduling.dates_of_series(sent)
    series_moves.cancel(dates[4], Which.THIS, "Nghỉ lễ kéo dài", actor=who)
    worked()
    clock.at("2026-12-15 09:00")
    series_moves.reschedule(dates[6], Which.ALL, make.at("2027-01-18 09:00"), 90, "Đổi giờ giao ban", actor=who)
    worked()
    assert [f"{wall(one.starts_at):%H:%M}" for one in dates if one.starts_at] == ["08:00"] * 2 + ["09:00"] * 2 + [
        "08:00"
    ] + ["09:00"] * 8
    assert dates_in(merged(to(NGHE_AN))) == [at for n, at in enumerate(dates_of(sent)) if n != 4]


def test_dates_that_are_called_off_are_struck_one_by_one(sent: Meeting, who: Actor) -> None:
    dates = scheduling.dates_of_series(sent)
    series_moves.cancel(dates[11], Which.FOLLOWING, "Kết thúc đợt giao ban", actor=who)
    worked()
    assert len(to(NGHE_AN)) == 2
    last = calendar_of(to(NGHE_AN)[-1])
    assert str(last["METHOD"]) == "CANCEL" and len(told(last)) == 2
    assert dates_in(merged(to(NGHE_AN))) == dates_of(sent)[:11]
    assert {one.status for one in dates[11:]} == {Status.CANCELLED}


def test_a_fact_is_changed_on_the_dates_meant_and_what_is_their_own_stays(sent: Meeting, who: Actor) -> None:
    dates = scheduling.dates_of_series(sent)
    facts = Facts(**{f.name: getattr(dates[3], f.name) for f in fields(Facts)})
    own = [Item("Chuyên đề", 30, "")]
    moving.change_facts(dates[4], facts, None, own, "Chương trình riêng của buổi", actor=who)
    worked()
    new = replace(facts, chair_name="Trần Thị Phó", chair_title="Thứ trưởng", chair_honorific="Bà")
    agenda = [Item(i.title, i.minutes, i.presenter) for i in scheduling.agenda_of(dates[3])]
    series_moves.change_facts(dates[3], Which.FOLLOWING, new, None, agenda, "Phân công lại chủ trì", actor=who)
    worked()
    assert [one.chair_name for one in dates[2:5]] == ["Lê Minh Khang", "Trần Thị Phó", "Trần Thị Phó"]
    assert [item.title for item in scheduling.agenda_of(dates[4])] == ["Chuyên đề"]
    text = parts(read(to(NGHE_AN)[-1]))["text/plain"].get_content()
    assert text.count("Trần Thị Phó") == 1, "said once for all dates"


def test_the_giay_moi_of_dates_that_were_moved_together_names_those(sent: Meeting, who: Actor) -> None:
    dates = scheduling.dates_of_series(sent)
    series_moves.reschedule(dates[11], Which.FOLLOWING, make.at("2027-02-22 14:00"), 90, "Chủ trì bận sáng", actor=who)
    text = text_of(enclosures.document(dates[12]))
    assert "14 giờ 00 (02 buổi" in text and "- thứ Hai, ngày 01 tháng 3 năm 2027." in text
    approval.number(dates[11], 1, date(2026, 12, 2), actor=who)
    assert [one.invitation_number for one in dates[10:]] == ["", "1", "1"], "one giấy mời, one number"


# ------------------------------------------------------------------ approval


def test_a_series_waits_for_approval_as_a_whole_and_leaves_with_its_first_date(
    briefing: Meeting, who: Actor, approver: User
) -> None:
    by = make.at("2026-12-03 17:00")
    handed_in = approval.submit(briefing, by, actor=who)
    dates = scheduling.dates_of_series(briefing)
    assert {one.status for one in dates} == {Status.AWAITING_APPROVAL}
    assert db.session.scalars(sa.select(Booking.expires_at).where(Booking.expires_at.is_not(None))).all() == []
    approval.withdraw(dates[4], actor=who)
    assert {one.status for one in dates} == {Status.DRAFT}
    handed_in = approval.submit(briefing, by, actor=who)
    worked()
    assert [letter for letter in letters() if letter.kind == "invitation"] == []
    approval.approve(briefing, handed_in.sha256, actor=make.actor(approver))
    worked()
    assert {one.status for one in dates} == {Status.SCHEDULED}
    invited = [letter for letter in letters() if letter.kind == "invitation"]
    assert len(invited) == 2 and invited[0].enclosures[0]["sha256"] == handed_in.sha256


def test_a_new_officer_gets_the_dates_ahead_in_one_letter_and_old_links_end(sent: Meeting, clock: Clock) -> None:
    site = scheduling.sites_of(sent)[0].site
    before = {make.private(scheduling.sites_of(one)[0]) for one in scheduling.dates_of_series(sent)[1:]}
    clock.at("2026-12-08 09:00")
    directory.name_contact(site, Duty.COORDINATOR, name="Lê Thị Mới", email="moi@40.example", actor=SYSTEM)
    worked()
    (letter,) = to("moi@40.example")
    assert dates_in(calendar_of(letter)) == dates_of(sent)[1:], "the first date is over"
    now = {make.private(scheduling.sites_of(one)[0]) for one in scheduling.dates_of_series(sent)[1:]}
    assert not before & now


def test_the_calendar_file_of_a_site_holds_all_its_dates_and_that_of_the_case_file_one(
    sent: Meeting, who: Actor
) -> None:
    dates = scheduling.dates_of_series(sent)
    series_moves.reschedule(dates[2], Which.THIS, make.at(AFTERNOON), 90, "Chủ trì họp Chính phủ", actor=who)
    series_moves.cancel(dates[4], Which.THIS, "Nghỉ lễ kéo dài", actor=who)
    mine = make.invitation_of(scheduling.sites_of(dates[3])[0])
    expected = [at for n, at in enumerate(dates_of(sent)) if n != 4]
    assert dates_in(Calendar.from_ical(enclosures.calendar_for(mine))) == expected
    assert dates_in(Calendar.from_ical(enclosures.calendar(dates[3]))) == [dates_of(sent)[3]]


def test_a_letter_on_trial_of_a_series_lists_its_dates_and_changes_none(
    briefing: Meeting, secretary: User, who: Actor
) -> None:
    site = make.sites_of(briefing)[0]
    letter = trial.send(briefing, site, secretary, actor=who)
    text = letter_box.readable(letter).text
    assert letter.subject.startswith("[Thử] ") and text.lower().count("thứ hai, ") >= 12 and private_link.SAMPLE in text
    assert text.count(" – trả lời trước ") >= 12, "each with the deadline that it will have"
    db.session.flush()
    assert {one.reply_by for one in scheduling.dates_of_series(briefing)[1:]} == {None}
    (event,) = Calendar.from_ical(letter_box.readable(letter).calendar).events
    assert "RRULE" not in event and "RECURRENCE-ID" not in event and str(event["UID"]).startswith("trial-")
