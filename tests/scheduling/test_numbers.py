"""The numbers of giấy mời: typed, given by the clerk, counted by the product; each body and each year for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.errors import Refused
from meetings.invitations import approval, enclosures, letters
from meetings.invitations import services as inviting
from meetings.numbering.models import GivenNumber, Series
from meetings.overview import site_view
from meetings.post import queries as letter_box
from meetings.scheduling import moving, numbers, register, services
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.units.models import Unit
from tests import make
from tests.conftest import Clock
from tests.invitations.test_approval import DEADLINE, printed, worked
from tests.pages import Client
from tests.scheduling.conftest import wording

TODAY = date(2026, 12, 1)


def book(body: Unit, year: int = 2026) -> list[int]:
    return sorted(line.number for line, _meeting in register.lines(body, year))


def typed(meeting: Meeting, number: str, on: str, who: Actor) -> None:
    services.word(meeting, replace(wording(), invitation_number=number, invitation_on=on), actor=who)


# ------------------------------------------------------------------ typed in the booking


def test_a_number_that_was_typed_is_registered_and_no_second_giay_moi_of_the_year_bears_it(
    app: Flask, who: Actor, ministry: Unit
) -> None:
    first, second = make.meeting(), make.meeting()
    typed(first, "7", "2026-12-01", who)
    with pytest.raises(Refused, match=f"Số 07 của năm 2026 đã cấp cho {first.code}. Số kế tiếp là 08") as refused:
        typed(second, "007", "2026-12-02", who)
    assert refused.value.field == "invitation_number"
    db.session.rollback()


def test_the_year_is_that_of_the_date_and_another_body_counts_for_itself(
    app: Flask, who: Actor, ministry: Unit
) -> None:
    old, new = make.meeting(starts="2027-01-20 08:00"), make.meeting(starts="2027-01-21 08:00")
    other = make.meeting(organiser=make.units()[make.NGHE_AN], sites=[make.site(make.KIM_LIEN)])
    typed(old, "1", "2026-12-31", who)
    typed(new, "1", "2027-01-01", who)
    typed(other, "1", "2026-12-01", make.actor(other.secretary))
    assert (book(ministry, 2026), book(ministry, 2027)) == ([1], [1])
    typed(old, "2", "2027-01-02", who)  # dated into the new year after all: the old one has it no more
    assert (book(ministry, 2026), book(ministry, 2027)) == ([], [1, 2])
    assert register.following(ministry, 2026) == 1


def test_a_number_needs_its_date_and_is_free_again_when_it_is_taken_out_or_the_draft_given_up(
    app: Flask, who: Actor, ministry: Unit
) -> None:
    draft = make.meeting()
    for number, on, field in (("5", "", "invitation_on"), ("0", "2026-12-01", "invitation_number")):
        with pytest.raises(Refused) as refused:
            typed(draft, number, on, who)
        assert refused.value.field == field
    typed(draft, "5", "2026-12-01", who)
    typed(draft, "", "", who)
    assert book(ministry) == [] and register.following(ministry, 2026) == 1
    typed(draft, "5", "2026-12-01", who)
    services.drop_draft(draft, actor=who)
    assert book(ministry) == []


# ------------------------------------------------------------------ by the product


@pytest.fixture
def counted(ministry: Unit, who: Actor) -> Unit:
    """The ministry, whose giấy mời the product numbers."""
    numbers.count_by_system(ministry, True, None, actor=who)
    return ministry


def sent(who: Actor, day: int = 10) -> Meeting:
    meeting = make.meeting(starts=f"2027-01-{day} 08:00", agenda=("Khai mạc",))
    approval.release(meeting, make.at("2027-01-08 17:00"), actor=who)
    return meeting


def test_the_product_counts_at_the_moment_of_release_and_from_01_on_the_first_of_january(
    app: Flask, counted: Unit, who: Actor, clock: Clock
) -> None:
    make.meeting()  # a draft takes none
    clock.at("2026-12-31 23:59")
    assert [(m.invitation_number, m.invitation_on) for m in (sent(who, 11), sent(who, 12))] == [
        ("1", "2026-12-31"),
        ("2", "2026-12-31"),
    ]
    clock.at("2027-01-01 00:00")
    third = sent(who, 13)
    assert (third.invitation_number, third.invitation_on) == ("1", "2027-01-01")
    third.status = Status.CANCELLED
    db.session.flush()
    assert sent(who, 14).invitation_number == "2"
    assert book(counted, 2027) == [1, 2]


def test_where_the_product_counts_nobody_types_and_no_gap_is_made(app: Flask, counted: Unit, who: Actor) -> None:
    before = make.meeting(status=Status.SCHEDULED, starts="2027-01-15 08:00")  # left before the product counted
    with pytest.raises(Refused) as refused:
        typed(make.meeting(), "4", "2026-12-01", who)
    assert refused.value.field == "invitation_number"
    sent(who)
    with pytest.raises(Refused) as refused:
        numbers.give(before, 5, TODAY, actor=who, reason="Nhảy số")
    assert refused.value.field == "number"
    numbers.give(before, 2, TODAY, actor=who)
    assert book(counted) == [1, 2]


def test_the_product_counts_on_from_the_last_number_on_paper(app: Flask, ministry: Unit, who: Actor) -> None:
    numbers.count_by_system(ministry, True, 46, actor=who)
    assert sent(who).invitation_number == "47"
    with pytest.raises(Refused):
        numbers.count_by_system(ministry, True, 46, actor=who)
    numbers.count_by_system(ministry, False, None, actor=who)
    assert sent(who, 11).invitation_number == ""


# ------------------------------------------------------------------ by the records clerk


def test_what_the_clerk_gives_stands_on_every_paper_from_then_on(
    app: Flask, who: Actor, records_clerk: User, ministry: Unit
) -> None:
    meeting = make.meeting()
    approval.release(meeting, DEADLINE, actor=who)
    worked()
    before = enclosures.document(meeting)
    assert "Số:      /GM-BĐPS" in printed(before)
    clerk = make.actor(records_clerk)
    approval.number(meeting, 1, date(2026, 12, 2), actor=clerk)
    make.done()
    found = make.invitation_of(make.sites_of(meeting)[0])
    letter = inviting.reissue_link(found, actor=who)
    assert letter is not None
    (paper,) = [file for file in letter.enclosures if file["name"] == letters.file_name(meeting)]
    papers = (letter_box.enclosure(paper["sha256"]), site_view.giay_moi(meeting), enclosures.document(meeting))
    for docx in papers:  # the next letter, the page of the site, the case file
        assert "Số: 01/GM-BĐPS" in printed(docx) and "ngày 02 tháng 12 năm 2026" in printed(docx)


def test_a_number_out_of_order_and_a_correction_take_a_reason(
    app: Flask, who: Actor, ministry: Unit, clock: Clock
) -> None:
    one, two = (make.meeting(status=Status.SCHEDULED) for _ in range(2))
    with pytest.raises(Refused, match="05 không phải số kế tiếp") as refused:
        numbers.give(one, 5, TODAY, actor=who)
    assert refused.value.field == "reason"
    numbers.give(one, 5, TODAY, actor=who, reason="Số 01 đến 04 cấp cho giấy mời bản giấy")
    assert (register.left_out(ministry, 2026), register.following(ministry, 2026)) == ([], 6)
    with pytest.raises(Refused, match=f"đã cấp cho {one.code}"):
        numbers.give(two, 5, TODAY, actor=who, reason="Nhầm")
    db.session.rollback()


def test_a_correction_frees_the_number_that_was_wrong(app: Flask, who: Actor, ministry: Unit) -> None:
    one, two = (make.meeting(status=Status.SCHEDULED) for _ in range(2))
    numbers.give(one, 51, TODAY, actor=who, reason="Ghi nhầm")
    with pytest.raises(Refused) as refused:
        numbers.give(one, 15, TODAY, actor=who)
    assert refused.value.field == "reason"
    numbers.give(one, 15, TODAY, actor=who, reason="Sửa 51 thành 15")
    numbers.give(two, 16, TODAY, actor=who)
    assert book(ministry) == [15, 16]
    three, draft = make.meeting(status=Status.SCHEDULED), make.meeting()
    for slip in (date(2026, 12, 11), date(2025, 12, 8)):  # the day after the meeting, and a year that is mistyped
        with pytest.raises(Refused) as refused:
            numbers.give(three, 17, slip, actor=who, reason="Sửa ngày")
        assert refused.value.field == "on"
        with pytest.raises(Refused) as refused:
            typed(draft, "17", slip.isoformat(), who)
        assert refused.value.field == "invitation_on"


def test_the_number_that_is_given_while_it_waits_is_what_the_approver_sees(
    app: Flask, who: Actor, approver: User, records_clerk: User
) -> None:
    meeting = make.meeting()
    first = approval.submit(meeting, DEADLINE, actor=who).sha256
    approval.number(meeting, 1, TODAY, actor=make.actor(records_clerk))
    with pytest.raises(Refused):
        approval.approve(meeting, first, actor=make.actor(approver))
    assert "Số: 01/GM-BĐPS" in printed(enclosures.document(meeting))


def test_the_clerk_lists_gives_and_corrects_by_the_pages(
    browser: Callable[..., Client], records_clerk: User, secretary: User, who: Actor
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    make.meeting(secretary=secretary)  # a draft is not asked for
    desk = browser(records_clerk)
    assert "1 giấy mời chưa có số." in desk.get("/").words
    page = desk.get("/numbers")
    assert "Chưa có số · 1" in page.words and meeting.code in page.words
    page = desk.get(f"/meetings/{meeting.code}/number")
    assert (page.soup.find(id="number")["value"], page.soup.find(id="on")["value"]) == ("1", "01/12/2026")
    page = desk.submit(f"/meetings/{meeting.code}/number", {"number": "9"})
    assert page.status_code == 422 and page.soup.find(id="reason-error")
    page = desk.submit(f"/meetings/{meeting.code}/number", {"number": "1"})
    assert "Giấy mời mang số 01." in page.words and "Mọi giấy mời đã gửi đều có số." in page.words
    assert "số 01 ngày 01/12/2026" in browser(secretary).get(f"/meetings/{meeting.code}").words


def test_only_who_may_number_does(
    browser: Callable[..., Client], leader: User, stranger: User, administrator: User, who: Actor
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED)
    for person, status in ((leader, 403), (administrator, 403), (stranger, 404)):
        answer = browser(person).post(f"/meetings/{meeting.code}/number", data={"number": "1", "on": "01/12/2026"})
        assert answer.status_code == status
    abroad = make.user(Role.RECORDS_CLERK, make.NGHE_AN, name="Văn Thư Tỉnh")
    assert browser(abroad).get(f"/meetings/{meeting.code}/number").status_code == 403
    assert meeting.code not in browser(abroad).get("/numbers").words


def test_an_administrator_chooses_who_counts(
    browser: Callable[..., Client], administrator: User, secretary: User
) -> None:
    page = browser(administrator).submit("/settings/numbering", {"unit": make.MINISTRY, "by": "system", "last": "12"})
    assert "Bộ Điều phối số" in page.soup.find(class_="plain").text
    draft = make.meeting(secretary=secretary)
    desk = browser(secretary)
    assert not desk.get(f"/meetings/{draft.code}/book/invitation").soup.find(id="invitation_number")
    assert "là số 13 nếu không có giấy mời khác gửi trước" in desk.get(f"/meetings/{draft.code}/book/send").words
    page = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN, name="Quản Trị Tỉnh")).submit(
        "/settings/numbering", {"unit": make.MINISTRY, "by": "clerk"}
    )
    assert page.status_code == 422 and page.soup.find(id="unit-error")


def test_the_register_keeps_the_line_of_a_paper_that_another_has_replaced(
    browser: Callable[..., Client], counted: Unit, who: Actor, records_clerk: User
) -> None:
    meeting = sent(who)
    moving.reschedule(meeting, make.at("2027-01-12 14:00"), 195, "Chủ trì đi công tác đột xuất", actor=who)
    assert (book(counted), meeting.invitation_number) == ([1, 2], "2")
    make.done()
    rows = browser(records_clerk).get("/numbers?year=2026").soup.find_all("tr")
    told = [" ".join(row.get_text(" ").split()) for row in rows if meeting.code in row.text]
    assert len(told) == 2 and told[0].startswith("02 01/12/2026") and told[1].startswith("01 –")


# ------------------------------------------------------------------ fifty at once


def test_fifty_released_at_once_get_the_numbers_1_to_50_though_a_third_turned_back_first(
    app: Flask, counted: Unit, who: Actor
) -> None:
    """Each releases its own meeting in a connection of its own; every third rolls back once and comes again."""
    her = db.session.get(User, who.user_id)
    ids = []
    for n in range(50):
        hour = f"2027-{1 + n // 25:02d}-{1 + n % 25:02d} 08:00"  # an hour of its own: they race for the number only
        ids.append(make.meeting(starts=hour, agenda=(), sites=(), secretary=her).id)
    make.done()
    faults: list[BaseException] = []
    begun = threading.Barrier(50)

    def releaser(id: int, turns_back: bool) -> None:
        try:
            with app.app_context():
                begun.wait(60)
                for again in (True, False) if turns_back else (False,):
                    meeting = db.session.get(Meeting, id)
                    assert meeting is not None
                    numbers.at_release(meeting, actor=who)
                    if again:
                        db.session.rollback()
                db.session.commit()
        except BaseException as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=lambda id=id, n=n: Context().run(releaser, id, n % 3 == 0), daemon=True)
        for n, id in enumerate(ids)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    db.session.rollback()
    assert book(counted) == list(range(1, 51))
    borne = db.session.scalars(sa.select(Meeting.invitation_number).where(Meeting.id.in_(ids))).all()
    assert sorted(map(int, borne)) == list(range(1, 51))
    assert db.session.scalar(sa.select(Series.last).where(Series.name == register.series_of(counted))) == 50
    assert db.session.scalar(sa.select(sa.func.count()).select_from(GivenNumber)) == 50
