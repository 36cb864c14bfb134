"""Action items followed to their end: by the unit's link, by whoever gave them, by the letters of the ladder."""

from __future__ import annotations

import io
import random
import re
from datetime import date, time, timedelta
from email import message_from_bytes, policy
from typing import Any

import docx
import openpyxl
import pytest
import sqlalchemy as sa

from meetings import i18n, journal, links, worker
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import SYSTEM, Actor
from meetings.database import db
from meetings.directory.models import Contact
from meetings.errors import Gone, Refused
from meetings.invitations.models import Link
from meetings.minutes import (
    blocks,
    door_queries,
    following,
    following_agenda,
    following_desk,
    following_doors,
    following_queries,
    following_rules,
    following_up,
    handing,
    letters,
    life,
    queries,
    receipts,
    record_numbers,
)
from meetings.minutes.content import Given, Spoken
from meetings.minutes.following_queries import Asked, Sight
from meetings.minutes.following_rules import Facts, State, Tab, Way
from meetings.minutes.handing import Numbers
from meetings.minutes.models import ActionItem, Assignment, AssignmentDoor, AssignmentNote
from meetings.minutes.record_numbers import Book
from meetings.official.working_days import STANDARD
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import MeetingSeries
from meetings.scheduling.rules import Secrecy, Status
from tests import make
from tests.minutes.test_hand_out import statements
from tests.scheduling.test_race import at_once

GIVEN = (
    Given("Nâng cấp đường truyền", "UBND tỉnh Nghệ An", "Hà Tĩnh", date(2026, 12, 21)),
    Given("Báo cáo tiến độ", "UBND tỉnh Nghệ An", "", date(2027, 1, 29)),
    Given("Cử đầu mối", "Điểm cầu Hà Tĩnh", "", None),
)


@pytest.fixture
def issued(begun: Any, hoa: Any, approver: Any, held: Any) -> Any:
    """The minutes, issued with three tasks: two of Nghệ An, one of Hà Tĩnh."""
    item = queries.written(begun).items[0]
    blocks.add(begun, Spoken("Đề nghị tỉnh Nghệ An hoàn thành trước Tết."), item=item, actor=hoa)
    for one in GIVEN:
        blocks.add(begun, one, actor=hoa)
    rows = queries.written(begun)
    rows.tasks[0].statement_id = rows.said(rows.items[0])[0].id
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    numbers = Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 10))
    handing.issue(begun, numbers, [make.person()], [], actor=hoa)
    return begun


def assignments() -> list[Assignment]:
    return list(db.session.scalars(sa.select(Assignment).order_by(Assignment.id)))


def token_of(one: Assignment) -> str:
    door = door_queries.door_of(one.lead_unit_id or 0, one.organiser_id)
    assert door is not None and door.link is not None
    return links.token("t", door.link.id, door.link.issue)


def oracle(f: Facts, today: date, soon: date) -> State:
    """The table said in another way: the end first, then the claim, then the calendar."""
    if f.withdrawn:
        return State.WITHDRAWN
    if f.confirmed:
        late = f.due_on is not None and f.done_on is not None and (f.done_on - f.due_on).days > 0
        return State.DONE_LATE if late else State.DONE
    if f.claimed:
        return State.AWAITING
    left = (f.due_on - today).days if f.due_on else 10_000
    if left < 0:
        return State.OVERDUE
    if left <= (soon - today).days:
        return State.DUE_SOON
    return State.IN_PROGRESS if f.reported else State.GIVEN


def test_the_table_of_states_agrees_with_an_oracle_and_every_rung_is_a_working_day() -> None:
    chance = random.Random(28)
    for _ in range(4000):
        today = date(2026, 1, 1) + timedelta(days=chance.randrange(700))
        soon = following_rules.soon_until(today, STANDARD)
        due = today + timedelta(days=chance.randrange(-20, 20)) if chance.random() < 0.8 else None
        done = today + timedelta(days=chance.randrange(-20, 1)) if chance.random() < 0.7 else None
        flags = [chance.random() < 0.4 for _ in range(4)]
        facts = Facts(due, *flags, done)
        found = following_rules.state(facts, today=today, soon=soon)
        assert found is oracle(facts, today, soon), facts
        said = following_rules.state_words(found, due_on=due, percent=40, today=today)
        assert said and found in following_rules.TABS
        if due is not None:
            rungs = following_rules.rungs(due, STANDARD)
            assert rungs == sorted(rungs) and all(STANDARD.is_working(day) for day in rungs)
            assert rungs[1] < due < rungs[2] and len(rungs) == 2 + following_rules.WEEKLY_AT_MOST


def test_a_rung_is_done_once_made_good_after_a_pause_and_never_on_a_day_off() -> None:
    due, last, sent = date(2027, 1, 15), date(2026, 12, 10), []
    for n in range(120):
        today = due - timedelta(days=20) + timedelta(days=n)
        if following_rules.to_remind(due, last, STANDARD, today=today):
            sent.append(today)
            last = today
    assert sent == following_rules.rungs(due, STANDARD)
    slept = date(2027, 1, 14)
    assert following_rules.to_remind(due, date(2026, 12, 10), STANDARD, today=slept)
    assert not following_rules.to_remind(due, slept, STANDARD, today=slept)
    assert not following_rules.to_remind(due, None, STANDARD, today=date(2027, 1, 16)), "a Saturday"
    assert not following_rules.to_remind(None, None, STANDARD, today=slept)


@pytest.mark.only("sqlite")
def test_the_lists_hold_what_the_table_says_and_one_unit_never_sees_another(app: Any, issued: Any, hoa: Any) -> None:
    rows, sight = assignments(), Sight.now()
    assert [one.lead_unit.name for one in rows] == ["Nghệ An", "Nghệ An", "Hà Tĩnh"]
    given = [one.due_on for one in rows]
    for days in ((-1, 0, 1), (0, 1, 2)):  # either side of today, and of the last day that is due soon
        for one, day in zip(rows, days, strict=True):
            one.due_on = (sight.today if days[0] else sight.soon - timedelta(days=1)) + timedelta(days=day)
        for tab in Tab:
            of_sql = set(db.session.scalars(sa.select(Assignment.id).where(sight.on(tab))))
            assert of_sql == {one.id for one in rows if following_rules.TABS[sight.state(one)] is tab}, (tab, days)
    for one, due in zip(rows, given, strict=True):
        one.due_on = due
    for tab in Tab:
        of_sql = set(db.session.scalars(sa.select(Assignment.id).where(sight.on(tab))))
        assert of_sql == {one.id for one in rows if following_rules.TABS[sight.state(one)] is tab}
    door = following.behind(token_of(rows[0]))
    assert [one.id for one in door_queries.behind_door(door)] == [rows[0].id, rows[1].id]
    with pytest.raises(Gone):
        following.own_task(door, rows[2].id)
    other = following.behind(token_of(rows[2]))
    assert [one.id for one in door_queries.supported_by(other)] == [rows[0].id], "it supports there, and reads"
    with pytest.raises(Gone):
        following.behind(links.token("m", door.link.id, door.link.issue))
    door.link.issue += 1
    with pytest.raises(Gone):
        following.behind(links.token("t", door.link.id, door.link.issue - 1))


@pytest.mark.only("sqlite")
def test_what_is_said_by_link_and_decided_by_account_ends_the_task_and_a_press_counts_once(
    app: Any, browser: Any, clock: Any, issued: Any, hoa: Any
) -> None:
    one, later, _far = assignments()
    token, foreign, number, last = token_of(one), token_of(_far), one.id, later.id
    make.done()
    guest = browser()
    page = guest.get(f"/t/{token}").get_data(as_text=True)
    assert "Nâng cấp đường truyền" in page and "Cử đầu mối" not in page
    assert guest.get(f"/t/{foreign}/{number}").status_code == 410
    assert guest.get(f"/t/{token[:-2]}xx").status_code == 410
    field = re.search(r'name="csrf_token"[^>]*value="(\w+)"', guest.get(f"/t/{token}/{number}").text)
    assert field is not None
    form = {"csrf_token": field[1], "percent": "40 %", "words": "Đã kéo cáp", "progress": "1"}
    for _ in range(2):
        assert guest.post(f"/t/{token}/{number}", data=form).status_code == 303
    bad = {**form, "file": (io.BytesIO(b"MZ"), "chay.pdf"), "words": "Kèm tệp"}
    refused = guest.post(f"/t/{token}/{number}", data=bad, content_type="multipart/form-data")
    assert refused.status_code == 422 and "Kèm tệp" in refused.text
    for _ in range(2):
        good = {**form, "file": (io.BytesIO(b"%PDF-1.7"), "Báo cáo.pdf"), "words": "Kèm tệp"}
        assert guest.post(f"/t/{token}/{number}", data=good, content_type="multipart/form-data").status_code == 303
    assert guest.post(f"/t/{token}/{number}", data={"progress": "1"}).status_code == 422, "a form of no page of ours"
    make.done()
    notes = following_queries.notes([number])[number]
    assert [row.note.percent for row in notes] == [40, 40] and notes[0].files[0].file_name == "Báo cáo.pdf"

    one = db.session.get(Assignment, number)
    unit = actor_of(make.user(email="kinhte@bo.example"))
    with pytest.raises(Refused, match="trước ngày|before"):
        following.ask_extension(one, date(2026, 12, 20), "Mưa", Way.LINK, actor=unit)
    following.ask_extension(one, date(2027, 1, 8), "Mưa bão", Way.LINK, actor=unit)
    assert one.due_on == date(2026, 12, 21), "until it is consented to the day stands"
    with pytest.raises(Refused, match="08/01/2027"):
        following.decide_extension(one, date(2027, 1, 5), "", actor=hoa, seen=date(2027, 1, 5))
    following.decide_extension(one, one.asked_due, "", actor=hoa, seen=date(2027, 1, 8))
    assert (one.due_on, one.given_due, one.asked_due) == (date(2027, 1, 8), date(2026, 12, 21), None)
    with pytest.raises(Refused):
        following.decide_extension(one, date(2027, 2, 8), "", actor=hoa)
    for _ in range(2):
        following.claim(one, "Xong", Way.LINK, actor=unit)
    assert Sight.now().state(one) is State.AWAITING
    with pytest.raises(Refused):
        following.claim(one, "Xong, kèm số liệu khác", Way.LINK, actor=unit)  # not dropped without a word
    with pytest.raises(Refused):
        following.report(one, 50, "", Way.LINK, actor=unit)
    following.send_back(one, "Chưa đủ băng thông", actor=hoa)
    assert Sight.now().state(one) in following_rules.OPEN and one.percent is None
    following.claim(one, "Xong thật", Way.LINK, actor=unit)
    for _ in range(2):
        following.confirm(one, actor=hoa)
    assert Sight.now().state(one) is State.DONE
    with pytest.raises(Refused):
        following.reopen(one, "", actor=hoa)
    for _ in range(2):
        following.reopen(one, "Nhầm nhiệm vụ", actor=hoa)
    assert Sight.now().state(one) in following_rules.OPEN
    following.confirm(one, actor=hoa)
    told = list(db.session.scalars(sa.select(AssignmentNote.told).where(AssignmentNote.assignment_id == number)))
    assert told == [
        "progress", "progress", "extension_asked", "extension_granted", "done", "sent_back", "done", "confirmed",
        "reopened", "confirmed",
    ]  # fmt: skip
    later = db.session.get(Assignment, last)
    following.withdraw(later, "Không cần nữa", actor=hoa)
    following.behind(token)  # thirty days it still shows the end
    clock.at("2027-01-20 09:00")
    with pytest.raises(Gone):
        following.behind(token)


@pytest.mark.only("sqlite")
def test_the_ladder_writes_before_and_after_the_day_and_a_new_officer_gets_the_link_alone(
    app: Any, clock: Any, issued: Any, hoa: Any
) -> None:
    one = assignments()[0]
    token = token_of(one)

    def sent() -> int:
        return db.session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.kind == "task_reminder")) or 0

    written = []
    for day in ("2026-12-15", "2026-12-16", "2026-12-17", "2026-12-18", "2026-12-21", "2026-12-22", "2026-12-23"):
        clock.at(f"{day} 09:00")
        before = sent()
        following_up.remind(make.at(f"{day} 09:00"))
        following_up.remind(make.at(f"{day} 09:00"))
        written.append(sent() - before)
    assert written == [0, 1, 0, 1, 0, 1, 0], "three working days before, one before, the next after; each once"
    letter = db.session.scalars(sa.select(Letter).order_by(Letter.id.desc()).limit(1)).one()
    assert letter.subject.startswith("Đôn đốc: nhiệm vụ quá hạn từ 21/12/2026 – Ủy ban nhân dân tỉnh Nghệ An")
    officer = db.session.scalars(sa.select(Contact).where(Contact.email == "diemcau.40@40.example")).one()
    clock.at("2026-12-24 09:00")
    officer.valid_to = make.at("2026-12-24 09:00")
    fresh = make.contact(officer.site, name="Trần Thị Mới", email="moi@40.example")
    journal.record("contact.named", fresh, actor=SYSTEM, site_id=officer.site_id, duty="coordinator", before="cũ")
    with pytest.raises(Gone):
        following.behind(token)
    make.done()
    worker.follow_up()
    following.behind(token_of(db.session.get(Assignment, one.id)))
    assert db.session.scalars(
        sa.select(Letter).where(Letter.to_address == "moi@40.example", Letter.kind == "task_reminder")
    ).one()
    one = db.session.get(Assignment, one.id)
    following.claim(one, "Xong", Way.TELEPHONE, actor=hoa)
    clock.at("2026-12-29 09:00")
    assert following_up.remind(make.at("2026-12-29 09:00")) == 0, "what is reported done is waited for"
    following.send_back(one, "Còn thiếu", actor=hoa)
    assert following_up.remind(make.at("2026-12-29 09:00")) == 1


@pytest.mark.only("sqlite")
def test_the_secretary_is_told_what_a_unit_says_and_a_unit_what_it_leads_now(app: Any, issued: Any, hoa: Any) -> None:
    first, second, third = (one.id for one in assignments())
    unit = Actor.link(1, "Ủy ban nhân dân tỉnh Nghệ An")
    following.report(db.session.get_one(Assignment, first), 40, "Đã kéo cáp", Way.LINK, actor=unit)
    following.report(db.session.get_one(Assignment, first), 50, "Đã nối", Way.LINK, actor=unit)
    following.ask_extension(db.session.get_one(Assignment, first), date(2027, 1, 8), "Mưa bão", Way.LINK, actor=unit)
    following.claim(db.session.get_one(Assignment, second), "Đã gửi", Way.LINK, actor=unit)
    following.report(db.session.get_one(Assignment, third), 10, "Bà Lan: đang chọn", Way.TELEPHONE, actor=hoa)
    other = make.site(make.HO_CHI_MINH)
    following.name_lead(db.session.get_one(Assignment, third), other.unit_id, actor=hoa)
    make.done()
    worker.follow_up()

    def sent(kind: str) -> list[tuple[str, str]]:
        query = sa.select(Letter.to_address, Letter.subject).where(Letter.kind == kind)
        return [(to, subject) for to, subject in db.session.execute(query.order_by(Letter.id))]

    desk = sent("task_office")
    for n in range(27):
        following.report(db.session.get_one(Assignment, first), 60, str(n), Way.LINK, actor=unit)
    with pytest.raises(Refused, match="hôm nay"):  # whoever holds the link needs no account
        following.report(db.session.get_one(Assignment, first), 60, "x", Way.LINK, actor=unit)
    assert {to for to, _subject in desk} == {issued.meeting.secretary.email}
    assert [subject.partition(" – ")[0] for _to, subject in desk] == [
        "Báo cáo tiến độ nhiệm vụ", "Xin lùi hạn nhiệm vụ", "Báo cáo hoàn thành nhiệm vụ",
    ], "progress once a day; nothing of what the office noted itself"  # fmt: skip
    assert [(to, subject.partition(" – ")[0]) for to, subject in sent("task_decided")] == [
        ("diemcau.79@79.example", "Giao nhiệm vụ"), ("diemcau.42@42.example", "Chuyển nhiệm vụ sang đơn vị khác"),
    ]  # fmt: skip
    into = make.unit("91999", "Xã Hợp Nhất", parent=make.units()[make.HO_CHI_MINH])
    make.site(into)
    journal.record("unit.merged", into, actor=SYSTEM, units=[other.unit_id], names=["cũ"])
    for n in range(25):
        one = db.session.get_one(Assignment, first)
        journal.record("assignment.extension_asked", one, actor=unit, due="2027-01-08", reason=str(n), way=Way.LINK)
    make.done()
    worker.follow_up()
    worker.follow_up()
    assert db.session.get_one(Assignment, third).lead_unit_id == into.id
    assert sent("task_decided")[2][0] == "diemcau.91999@91999.example", "the merged one is written to no more"
    assert len(sent("task_office")) == following_desk.MOST


def test_a_task_whose_words_were_changed_in_word_is_said_to_be_in_other_words() -> None:
    notice = letters.Said(frozenset(), "ubnd tỉnh nghệ an nâng cấp đường truyền; hoàn thành trước ngày 21/12/2026.")
    assert not notice.differs("Nâng cấp  đường truyền.") and notice.differs("Nâng cấp hai đường truyền")
    assert not letters.Said(frozenset(), "").differs("Nâng cấp đường truyền")


@pytest.mark.only("sqlite")
def test_where_documents_go_by_link_alone_no_letter_about_a_task_says_what_they_say(
    app: Any, clock: Any, issued: Any, hoa: Any, secretary: Any, browser: Any
) -> None:
    meeting, number = issued.meeting, assignments()[0].id
    meeting.secrecy = Secrecy.INTERNAL
    unit = Actor.link(1, "Ủy ban nhân dân tỉnh Nghệ An")
    following.ask_extension(assignments()[0], date(2027, 1, 8), "Lý do kín", Way.LINK, actor=unit)
    following.decide_extension(assignments()[0], None, "Phải xong sớm", actor=hoa)
    following.ask_extension(assignments()[0], date(2027, 1, 9), "Lý do kín", Way.LINK, actor=unit)
    following.claim(assignments()[1], "Kết quả kín", Way.LINK, actor=unit)
    make.done()
    worker.follow_up()
    clock.at("2026-12-22 09:00")
    following_up.remind(make.at("2026-12-22 09:00"))
    make.done()
    sent = db.session.scalars(sa.select(Letter).where(Letter.kind.startswith("task"))).all()
    assert {one.kind for one in sent} >= {"task_reminder", "task_decided", "task_office"} and len(sent) >= 5
    for one in sent:
        whole = letter_box.eml(one, hide=False)
        text = "".join(
            part.get_content()
            for part in message_from_bytes(whole, policy=policy.default).walk()
            if part.get_content_maintype() == "text"
        )
        for secret in ("Nâng cấp", "kín", "Phải xong", "Hà Tĩnh", "trước Tết"):
            assert secret not in text + one.subject, (one.kind, one.subject, secret)
    door = door_queries.door_of(assignments()[0].lead_unit_id or 0, meeting.organiser_id)
    where = f"/action-items/urging-letter?unit={door.unit_id}&organiser={door.organiser_id}"
    assert browser(secretary).post(where, data={"send": "y"}).status_code == 422, "on paper alone"
    assert number


@pytest.mark.only("sqlite")
def test_what_is_unfinished_comes_before_the_date_that_is_held_next_whichever_becomes_it(
    app: Any, issued: Any, hoa: Any, secretary: Any, clock: Any
) -> None:
    held = issued.meeting
    series = MeetingSeries(
        uid="s@x", rule="FREQ=WEEKLY", first_on=date(2026, 12, 10), starts=time(8), minutes_long=60, title="Giao ban",
        organiser_id=held.organiser_id, made_by="Hoa", made_at=held.created_at,
    )  # fmt: skip
    db.session.add(series)
    db.session.flush()
    days = ("2026-12-17 08:00", "2026-12-24 08:00", "2026-12-31 08:00")
    dates = [
        make.meeting(status=Status.SCHEDULED, starts=day, secretary=secretary, series_id=series.id) for day in days
    ]
    second, third, fourth = dates
    held.series_id = series.id

    def put(fact: str, about: Any) -> list[bool]:
        journal.record(fact, about, actor=hoa)
        make.done()
        worker.follow_up()
        agendas = [scheduling.agenda_of(one) for one in dates]
        return [any(following_agenda.reviews(item.title) for item in agenda) for agenda in agendas]

    assert put("record.issued", issued) == [True, False, False]
    for item in scheduling.agenda_of(second):
        if following_agenda.reviews(item.title):
            db.session.delete(item)
    assert put("record.issued", issued) == [False, False, False], "who took it out has decided"
    second.status = Status.POSTPONED
    assert put("meeting.postponed", second) == [False, True, False]
    third.status = Status.CLOSED
    clock.at("2026-12-24 12:00")
    assert put("meeting.closed", third) == [False, True, True], "though of the third no minutes were ever issued"
    with i18n.in_locale("en"):
        said = following_agenda.in_the_minutes(fourth)
    assert said[0].endswith("(giao tại cuộc họp ngày 10/12/2026). Quá hạn 3 ngày.") and len(said) == 3


def test_many_tasks_are_given_listed_and_reminded_of_in_a_handful_of_statements(
    app: Any, clock: Any, issued: Any, hoa: Any
) -> None:
    above, record_id = make.units()[make.HA_TINH], issued.id
    units = [make.unit(f"910{n:02}", parent=above) for n in range(60)]
    for unit in units[:-1]:
        make.site(unit)
    make.site(units[-1], email="")
    for n, unit in enumerate(units * 3, 10):
        row = ActionItem(record_id=record_id, position=n, text="Báo cáo", lead=unit.full_name, lead_unit_id=unit.id)
        row.due_on = date(2026, 12, 21 + n % 3)
        db.session.add(row)
    db.session.flush()
    with statements() as said:
        following.take_up(issued, actor=hoa)
    asked = [one for one in said if not one.startswith("INSERT")]  # SQLite inserts row by row
    assert len(asked) < 30, asked
    make.done()
    for idle in ("2026-12-18 07:30", "2026-12-19 09:00"):
        clock.at(idle)
        assert following_up.remind(make.at(idle)) == 0, "not before offices open, not on a Saturday"
    clock.at("2026-12-21 09:00")
    with statements() as said:
        written = following_up.remind(make.at("2026-12-21 09:00"))
    assert written == 60, "one letter a unit for its three tasks; whom nobody can write to is rung; and Nghệ An"
    asked = [
        one for one in said if not one.startswith("INSERT") and "enclosure" not in one
    ]  # each letter has words of its own
    assert len(asked) < 30, asked
    assert following_up.remind(make.at("2026-12-21 09:00")) == 0
    with statements() as said:
        sight = Sight.now()
        counts = following_queries.counts(hoa, Asked(Tab.SOON), sight)
        rows = following_queries.page(hoa, Asked(Tab.SOON), sight, 2)
        assert {one.lead_unit.full_name for one in rows} and all(one.item.text and one.meeting.code for one in rows)
    assert (counts[Tab.SOON], len(rows), len(said)) == (181, 50, 3)
    receipts.recall(issued, None, "Sai số liệu", actor=hoa)
    clock.at("2026-12-22 09:00")
    assert following_up.remind(make.at("2026-12-22 09:00")) == 0, "of documents that were taken back nobody is reminded"


def test_of_two_presses_at_one_time_one_counts_and_every_unit_has_one_door(app: Any, issued: Any, hoa: Any) -> None:
    number, (unit, organiser) = assignments()[0].id, (make.units()[make.HO_CHI_MINH].id, issued.meeting.organiser_id)
    make.done()

    def here() -> Assignment:
        return db.session.get_one(Assignment, number)

    def claim() -> None:
        following.claim(here(), "Xong", Way.LINK, actor=hoa)

    def later() -> None:
        following.ask_extension(here(), date(2027, 1, 8), "Mưa", Way.LINK, actor=hoa)

    def door() -> None:
        following_doors.door_for(unit, organiser)

    ended = at_once(app, [door, door, door, door])
    assert ended == [None] * 4, ended
    assert db.session.scalar(sa.select(sa.func.count(Link.id)).where(Link.purpose == "t")) == 3
    ended = at_once(app, [later, later])
    assert ended == [None] * 2, ended
    ended = at_once(app, [claim, claim, claim, lambda: following.withdraw(here(), "Thôi", actor=hoa)])
    assert all(one is None or isinstance(one, Refused) for one in ended), ended
    told = list(db.session.scalars(sa.select(AssignmentNote.told).order_by(AssignmentNote.id)))
    assert told.count("extension_asked") == 1 and told.count("done") <= 1 and told[-1] == "withdrawn"


@pytest.mark.only("sqlite")
def test_a_new_version_keeps_what_became_of_a_task_and_withdraws_what_it_no_longer_gives(
    app: Any, issued: Any, hoa: Any, approver: Any
) -> None:
    first, second, third = assignments()
    following.report(first, 40, "", Way.TELEPHONE, actor=hoa)
    following.withdraw(third, "Không cần nữa", actor=hoa)
    new = life.renew(issued, "Sửa hạn", actor=hoa)
    rows = queries.written(new)
    assert [row.origin_id for row in rows.tasks] == [one.origin_id for one in assignments()]
    assert rows.tasks[0].statement_id == rows.said(rows.items[0])[0].id, "the sentence of this version"
    rows.tasks[0].due_on = date(2027, 2, 26)
    db.session.delete(rows.tasks[1])
    db.session.flush()
    life.submit(new, actor=hoa)
    life.approve(new, actor=actor_of(approver))
    handing.issue(new, Numbers("32", date(2026, 12, 10), "413", date(2026, 12, 10)), [make.person()], [], actor=hoa)
    assert len(assignments()) == 3
    assert (first.percent, first.due_on, first.item.record_id) == (40, date(2027, 2, 26), new.id)
    assert Sight.now().state(second) is State.WITHDRAWN
    with pytest.raises(Refused, match="Biên bản|minutes"):
        following.reopen(second, "Vẫn cần", actor=hoa)
    assert Sight.now().state(third) is State.WITHDRAWN, "by hand: a copy from version to version does not give it anew"
    first.due_on, made = date(2027, 3, 5), new.id
    make.done()
    worker.follow_up()
    told = sa.select(Letter.to_address, Letter.subject).where(Letter.key.startswith(f"{letters.TASKS}-{made}-"))
    [(address, subject)] = db.session.execute(told).all()
    assert address == "diemcau.40@40.example" and "05/03/2027" in subject, "what is open, with the day that counts"


@pytest.mark.only("sqlite")
def test_the_pages_of_the_desk_urge_report_and_write_the_official_letter(
    app: Any, browser: Any, clock: Any, issued: Any, secretary: Any
) -> None:
    one = assignments()[0]
    number, unit, organiser = one.id, one.lead_unit_id, one.organiser_id
    make.done()
    clock.at("2026-12-28 09:00")
    desk = browser(secretary)
    listed = desk.get("/action-items").text
    assert "Quá hạn <b>1</b>" in listed and "Quá hạn 7 ngày" in listed
    assert "Đề nghị tỉnh Nghệ An hoàn thành trước Tết." in desk.get(f"/action-items/{number}").text
    assert "Chuyển nhiệm vụ" in desk.get(f"/action-items/{number}").text
    assert desk.post(f"/action-items/{number}/lead", data={"lead-unit": "Xã Không Có"}).status_code == 422
    preview = desk.get(f"/action-items/urge?task={number}").text
    assert "Gửi 1 đơn vị" in preview and "Đôn đốc: nhiệm vụ quá hạn" in preview
    assert desk.post("/action-items/urge", data={"task": number}).status_code == 303
    again = desk.post("/action-items/urge", data={"task": number})
    assert again.status_code == 422, "written to today"
    assert "Nghệ An" in desk.get("/action-items/report?from=01/12/2026&to=31/12/2026").text
    assert "Nâng cấp" in desk.get(f"/action-items/report/overdue?unit={unit}&from=2026-12-01&to=2026-12-31").text
    sheet = desk.get("/action-items/report.xlsx?from=2026-12-01&to=2026-12-31")
    book = openpyxl.load_workbook(io.BytesIO(sheet.data))
    rows = {line[0]: line[1:] for line in book.worksheets[0].iter_rows(min_row=4, values_only=True)}
    assert rows["Ủy ban nhân dân tỉnh Nghệ An"] == (2, 0, 0, 2, 1, 0) and list(rows.values())[-1][0] == 3
    where = f"/action-items/urging-letter?unit={unit}&organiser={organiser}"
    assert desk.get(where).status_code == 200
    letter = desk.post(where, data={"number": "45", "on": "28/12/2026"})
    assert letter.status_code == 200 and letter.data[:2] == b"PK"
    twice = desk.post(where, data={"number": "45", "on": "28/12/2026"})
    assert twice.status_code == 200 and twice.data == letter.data, "the same letter on the same day keeps its number"
    page = desk.get(f"/action-items/{number}").text
    assert page.count("Cong-van-don-doc-40-2026-12-28.docx") == 1, "kept once with what was done, for the office alone"
    assert "Cong-van" not in browser().get(f"/t/{token_of(db.session.get_one(Assignment, number))}/{number}").text
    body = db.session.get_one(Assignment, number).organiser
    record_numbers.count_by_system(body, Book.URGING, True, 50, actor=actor_of(secretary))
    make.done()
    clock.at("2026-12-29 09:00")
    desk = browser(secretary)
    assert desk.post(where, data={"on": "", "send": "y"}).status_code == 303
    assert desk.post(where, data={"on": "", "send": "y"}).status_code == 409, "sent already"
    assert desk.post(where, data={"number": "99", "on": "29/12/2026"}).status_code == 422
    book = desk.get(f"/numbers/minutes?kind=urging&body={body.id}").text
    assert '<th scope="row" data-label="Số">51</th>' in book and ">52</th>" not in book and "29/12/2026" in book
    sent = db.session.scalars(
        sa.select(Letter).where(Letter.kind == "task_reminder").order_by(Letter.id.desc())
    ).first()
    document = docx.Document(io.BytesIO(letter_box.enclosure(sent.enclosures[0]["sha256"])))
    assert "51/BĐPS-VP" in document.tables[0].cell(0, 0).text + document.tables[0].cell(1, 0).text
    assert "Trần Văn Duyệt" in document.tables[-1].cell(0, 1).text, (
        "whoever signed the notice, where the body lists nobody"
    )
    assert db.session.scalars(sa.select(AssignmentDoor)).first() is not None
