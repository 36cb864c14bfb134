"""Reminding, through the worker and the clock: the silent, their provinces, once each, as the meeting stands then."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import worker
from meetings.accounts.rules import SYSTEM, Role
from meetings.adapters.mail import Fate, Outcome, Parcel, Phase
from meetings.clock import now, wall
from meetings.database import db
from meetings.directory.models import Contact, Site
from meetings.errors import Refused
from meetings.invitations import answering, ladders, reminding, reminding_by_hand
from meetings.invitations.answering import Answer
from meetings.invitations.chasing import DEFAULTS
from meetings.invitations.models import Chase, Reply
from meetings.invitations.reminders import Task
from meetings.invitations.rules import ChaseState, ChaseStep
from meetings.journal.models import Entry
from meetings.post import carry
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.readiness import filing, slotting
from meetings.readiness import queries as rosters
from meetings.readiness.models import LineTestSlot
from meetings.readiness.sharing import Grid
from meetings.scheduling import moving
from meetings.scheduling.models import DayOverride, Meeting, MeetingSite
from meetings.scheduling.rules import MeetingType, Status
from meetings.units.models import Unit
from tests import make
from tests.conftest import Clock

WHY = "Trùng lịch công tác của Bộ trưởng"


def tick(app: Flask, clock: Clock, at: str = "") -> None:
    """What the worker does at a moment, until nothing is left."""
    if at:
        clock.at(at)
    db.session.commit()
    assert any(not worker.tick(app) for _pass in range(20)), "the worker finds no end"
    db.session.expire_all()


def reminded(kind: str = "reminder") -> list[Letter]:
    """The reminders that were written, in their order."""
    return list(db.session.scalars(sa.select(Letter).where(Letter.kind == kind).order_by(Letter.id)))


def steps() -> list[tuple[str, int, int]]:
    return [(row.step.value, row.told, row.to_ring) for row in db.session.scalars(sa.select(Chase).order_by(Chase.id))]


def at_site(of: Meeting, name: str) -> MeetingSite:
    return next(site for site in make.sites_of(of) if site.name == name)


def answers(of: Meeting, name: str, reply: Reply = Reply.ACCEPTED) -> None:
    said = Answer(reply, reason="Bận" if reply is Reply.DECLINED else "")
    answering.reply(make.invitation_of(at_site(of, name)), said, actor=SYSTEM)
    db.session.commit()


@pytest.fixture
def cascade(app: Flask) -> Meeting:
    """Nghệ An and Hà Tĩnh with their sites; of Nghệ An two communes, of Hồ Chí Minh one whose province is not invited."""
    make.units()
    sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.KIM_LIEN, make.VINH_HUNG, make.SAI_GON)]
    make.site(make.HO_CHI_MINH)
    return make.meeting(status=Status.SCHEDULED, sites=sites)


def test_scenario_15_only_the_silent_are_reminded_and_each_province_gets_one_list(
    app: Flask, cascade: Meeting, clock: Clock
) -> None:
    # a day off before the deadline: the working day before Tuesday 8 December is Friday the 4th
    db.session.add(
        DayOverride(day=make.at("2026-12-07 12:00").date(), worked=False, name="Bão", made_at=cascade.sent_at)
    )
    answers(cascade, "Hà Tĩnh")
    tick(app, clock, "2026-12-04 16:59")
    assert reminded() == []
    tick(app, clock, "2026-12-04 17:00")
    first = reminded()
    assert [letter.fills["site"] for letter in first] == [
        "Điểm cầu Nghệ An", "Điểm cầu Xã Kim Liên", "Điểm cầu Phường Vinh Hưng", "Điểm cầu Phường Sài Gòn",
    ]  # fmt: skip
    assert {letter.status for letter in first} == {LetterStatus.SENT}
    assert first[0].subject == f"Nhắc: điểm cầu Nghệ An chưa trả lời, hạn 08/12 [{cascade.code}]"
    assert first[0].not_after == cascade.reply_by
    text = letter_box.readable(first[0]).text
    assert "Điểm cầu Nghệ An chưa trả lời giấy mời. Đề nghị trả lời trước 17 giờ 00" in text
    assert "Điểm cầu Nghệ An còn 2 việc:" in text and "- gửi danh sách đại biểu (hạn 17 giờ 00" in text
    tick(app, clock, "2026-12-04 17:00")
    tick(app, clock, "2026-12-07 17:00")  # the day off itself
    assert len(reminded()) == 4

    answers(cascade, "Nghệ An", Reply.DECLINED)
    answers(cascade, "Phường Sài Gòn")
    tick(app, clock, "2026-12-08 17:00")
    late = reminded()[4:]
    assert [letter.fills["site"] for letter in late] == ["Điểm cầu Xã Kim Liên", "Điểm cầu Phường Vinh Hưng"]
    assert "đã đến hạn 08/12" in late[0].subject
    lists = reminded("province_reminder")
    assert [letter.to_address for letter in lists] == ["diemcau.40@40.example"], "one message, to the one province"
    told = letter_box.readable(lists[0])
    for body in (told.text, told.html):
        assert "Xã Kim Liên" in body and "Phường Vinh Hưng" in body
        assert "Sài Gòn" not in body and "0912" not in body, "neither the sites of another, nor anybody's telephone"
    assert "2 điểm cầu của Nghệ An chưa trả lời" in lists[0].subject
    own = make.invitation_of(at_site(cascade, "Nghệ An"))
    assert lists[0].link_id == own.link_id, "the only link leads to the province's own page"

    answers(cascade, "Xã Kim Liên")
    tick(app, clock, "2026-12-10 07:00")
    day = reminded()[6:]
    assert [letter.fills["site"] for letter in day] == ["Điểm cầu Phường Vinh Hưng"]
    assert day[0].subject == f"Hôm nay 08 giờ 00: vào phòng họp trước 07 giờ 45 [{cascade.code}]"
    assert day[0].not_after == cascade.starts_at
    assert "/j/" in letter_box.readable(day[0]).text
    tick(app, clock, "2026-12-10 07:30")
    tick(app, clock, "2026-12-10 08:30")
    assert (len(reminded()), len(reminded("province_reminder"))) == (7, 1)
    assert steps() == [("before_deadline", 4, 0), ("at_deadline", 2, 0), ("province", 1, 0), ("on_the_day", 1, 0)]
    told_of = db.session.scalars(sa.select(Entry.fact).where(Entry.fact.in_(("meeting.chased", "invitation.reminded"))))
    assert sorted(told_of) == ["invitation.reminded"] * 7 + ["meeting.chased"] * 4


def test_a_reminder_says_when_the_line_of_the_site_is_tested_where_that_is_known_and_still_to_come(
    app: Flask, cascade: Meeting, clock: Clock
) -> None:
    grid = Grid(make.at("2026-12-09 14:00"), make.at("2026-12-09 17:00"), 20, 1)
    slotting.share_out(cascade, grid, [], actor=SYSTEM)
    unknown = at_site(cascade, "Xã Kim Liên")
    db.session.execute(sa.delete(LineTestSlot).where(LineTestSlot.meeting_site_id == unknown.id))
    found = reminding_by_hand.readers(cascade, rosters.filed, at=now()).now[0]
    shown = reminding_by_hand.sample(cascade, found, reminding.by_hand(cascade, now()), slotting.to_come)
    assert shown is not None and "Kiểm tra kỹ thuật: 14 giờ 00, ngày 09 tháng 12 năm 2026" in shown.text
    tick(app, clock, "2026-12-08 17:00")
    said = {letter.fills["site"]: letter_box.readable(letter).text for letter in reminded()}
    assert "Kiểm tra kỹ thuật: 14 giờ 20, ngày 09 tháng 12 năm 2026" in said["Điểm cầu Hà Tĩnh"]
    assert "Kiểm tra kỹ thuật" not in said["Điểm cầu Xã Kim Liên"], "nothing is said that is not known"
    tick(app, clock, "2026-12-10 07:20")
    day = reminded()[len(said) :]
    assert day and not any("Kiểm tra kỹ thuật" in letter_box.readable(letter).text for letter in day)


def test_who_has_no_address_is_counted_to_be_rung_and_a_province_that_is_not_invited_gets_its_list_without_a_link(
    app: Flask, cascade: Meeting, clock: Clock
) -> None:
    for code in (make.VINH_HUNG, make.NGHE_AN):
        db.session.scalars(sa.select(Contact).join(Site).where(Site.code == code)).one().email = ""
    db.session.scalars(sa.select(Contact).join(Site).where(Site.code == make.KIM_LIEN)).one().locale = "en"
    for site in make.sites_of(cascade):  # added to the meeting an hour before the first reminder
        make.invitation_of(site).asked_at = make.at("2026-12-07 16:00")
    tick(app, clock, "2026-12-07 17:00")
    assert steps() == [("before_deadline", 0, 0)]
    tick(app, clock, "2026-12-08 17:00")
    assert steps()[1:] == [("at_deadline", 3, 2), ("province", 1, 1)]
    lists = reminded("province_reminder")
    assert [(letter.to_address, letter.link_id) for letter in lists] == [("diemcau.79@79.example", None)]
    text = letter_box.readable(lists[0]).text
    assert "Phường Sài Gòn" in text and "Xã Kim Liên" not in text and "/m/" not in text
    late = {one.province.name: list(one.names) for one in reminding.late_provinces(cascade)}
    assert late == {"Nghệ An": ["Xã Kim Liên", "Phường Vinh Hưng"], "Hồ Chí Minh": ["Phường Sài Gòn"]}
    english = next(letter for letter in reminded() if letter.to_address == "diemcau.17971@17971.example")
    assert english.subject.startswith("Reminder: the site Xã Kim Liên has not answered, the deadline was 8 Dec")
    counted = reminding_by_hand.silent(cascade, rosters.filed)
    assert (counted.silent, counted.unwritable) == (5, 2)
    assert [row.meeting_site.name for row in counted.to_ring] == ["Nghệ An", "Phường Vinh Hưng"]
    assert all(row.officer and row.officer.phone for row in counted.to_ring)


def test_a_clock_that_jumps_neither_loses_a_step_nor_does_it_twice(app: Flask, clock: Clock) -> None:
    meeting = make.meeting(status=Status.SCHEDULED)
    jumps = [
        "2026-12-07 16:00", "2026-12-07 18:00", "2026-12-07 16:30", "2026-12-07 17:00",  # ± 2 hours over the first step
        "2026-12-06 17:00", "2026-12-07 17:01", "2026-12-08 16:59",  # a day back
        "2026-12-08 17:01", "2026-12-07 17:01", "2026-12-08 17:02", "2026-12-08 15:00",
        "2026-12-11 09:00",  # a mistake of days: past the meeting, nothing goes and nothing is given up
        "2026-12-09 09:00", "2026-12-10 07:00", "2026-12-10 06:00", "2026-12-10 07:01", "2026-12-10 08:01",
    ]  # fmt: skip
    for moment in jumps:
        tick(app, clock, moment)
    assert [step for step, _told, _ring in steps()] == ["before_deadline", "at_deadline", "province", "on_the_day"]
    assert len(reminded()) == 6
    assert all(letter.written_at < meeting.starts_at for letter in reminded())


@pytest.mark.prove
def test_two_hundred_sites_are_reminded_once_each_through_twelve_jumps_of_the_clock(app: Flask, clock: Clock) -> None:
    """Half an hour after half an hour, the clock of the host wrong twelve times, by two hours or by a day, either way."""
    make.units()
    sites = [
        make.site(make.unit(f"9{n:04d}", parent=db.session.query(Unit).filter_by(code=make.NGHE_AN).one()))
        for n in range(200)
    ]
    meeting = make.meeting(status=Status.SCHEDULED, sites=[*sites, make.site(make.NGHE_AN)])
    assert meeting.starts_at is not None
    chance = random.Random(4)
    real, wrong, left, jumps = make.at("2026-12-07 15:00"), timedelta(), 0, 0
    while real < meeting.starts_at + timedelta(hours=1):
        if left == 0 and jumps < 12 and chance.random() < 0.25:
            wrong = chance.choice((1, -1)) * timedelta(hours=chance.choice((2, 24)))
            left, jumps = chance.randint(1, 4), jumps + 1
        clock.at(f"{wall(real + wrong):%Y-%m-%d %H:%M}")
        tick(app, clock)
        left -= left > 0
        wrong = wrong if left else timedelta()
        real += timedelta(minutes=30)
    assert jumps == 12
    assert sorted(step for step, _told, _ring in steps()) == sorted(
        step.value for step in DEFAULTS if DEFAULTS[step].on
    )
    assert len(reminded()) == 3 * 201 == len({(letter.link_id, letter.subject[:9]) for letter in reminded()}) + 201
    assert len(reminded("province_reminder")) == 1
    assert all(letter.written_at < meeting.starts_at for letter in reminded())


def test_a_worker_that_comes_back_late_sends_what_still_makes_sense_and_nothing_after_the_beginning(
    app: Flask, clock: Clock
) -> None:
    make.meeting(status=Status.SCHEDULED)
    tick(app, clock, "2026-12-10 07:20")
    assert [step for step, _told, _ring in steps()] == ["province", "on_the_day"], "one letter, the newest"
    assert len(reminded()) == 2
    other = make.meeting(status=Status.SCHEDULED, starts="2026-12-11 08:00", reply_by=make.at("2026-12-09 17:00"))
    other.sent_at = make.at("2026-12-01 09:00")
    tick(app, clock, "2026-12-11 08:00")
    assert len(reminded()) == 2


def test_a_step_that_is_killed_half_way_goes_on_where_it_stopped(
    app: Flask, cascade: Meeting, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "BATCH", 2)
    clock.at("2026-12-08 17:00")
    db.session.commit()
    wanted = next(one for one in reminding.due(make.at("2026-12-08 17:00")) if one.step is ChaseStep.AT_DEADLINE)
    for round in range(9):
        reminding.run(wanted, rosters.filed, slotting.to_come)
        if round % 2:  # every other batch is lost before it was kept
            db.session.commit()
        else:
            db.session.rollback()
    assert len(reminded()) == 5 == len({letter.link_id for letter in reminded()})
    chase = db.session.scalars(sa.select(Chase)).one()
    assert (chase.state, chase.told) == (ChaseState.DONE, 5)


def test_what_waits_to_be_carried_is_taken_back_when_the_site_answers_or_the_meeting_moves(
    app: Flask, cascade: Meeting, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "carry", lambda: 0)  # the mailer is away
    tick(app, clock, "2026-12-08 17:00")
    answers(cascade, "Xã Kim Liên")
    by_site = {letter.fills["site"]: letter.status for letter in reminded()}
    assert by_site["Điểm cầu Xã Kim Liên"] is LetterStatus.WITHDRAWN
    assert list(by_site.values()).count(LetterStatus.WAITING) == 4
    moving.reschedule(cascade, make.at("2026-12-17 14:00"), 120, WHY, actor=SYSTEM)
    tick(app, clock)
    assert {letter.status for letter in reminded() + reminded("province_reminder")} == {LetterStatus.WITHDRAWN}


class PutsOff:
    """A far server that wants every letter later; *meanwhile* is done while it holds the first."""

    repeatable = False

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.meanwhile, self.given = meanwhile, list[str]()

    def open(self) -> None:
        return None

    def carry(self, parcel: Parcel) -> Outcome:
        if not self.given:
            self.meanwhile()
        self.given.append(parcel.name)
        return Outcome(Fate.DEFERRED, Phase.RCPT, 451, "greylisted")

    def close(self) -> None:
        pass


@pytest.mark.parametrize("what", ["answered", "moved"])
def test_a_letter_that_was_on_the_wire_when_it_lost_its_reason_is_not_tried_again(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED)
    monkeypatch.setattr(worker, "carry", lambda: 0)
    tick(app, clock, "2026-12-08 17:00")
    first, other = (letter.key for letter in reminded()[:2])

    def meanwhile() -> None:
        if what == "answered":
            answers(meeting, make.sites_of(meeting)[0].name)
        else:
            moving.reschedule(meeting, make.at("2026-12-17 14:00"), 120, WHY, actor=SYSTEM)
            db.session.commit()

    wire = PutsOff(meanwhile)
    carry.carry_due(wire, now())
    assert wire.given[0] == first
    clock.forward(hours=2)
    again = PutsOff()
    carry.carry_due(again, now())
    assert (first in again.given, other in again.given) == (False, what == "answered")
    left = letter_box.at(first)
    assert left is not None and left.status is LetterStatus.WITHDRAWN and left.settled_at == now()


def test_the_ladder_of_a_moved_meeting_counts_to_its_new_time_and_all_are_asked_again(
    app: Flask, cascade: Meeting, clock: Clock
) -> None:
    for site in make.sites_of(cascade):
        answers(cascade, site.name)
    tick(app, clock, "2026-12-08 17:00")
    assert reminded() == []
    moving.reschedule(cascade, make.at("2026-12-17 14:00"), 120, WHY, actor=SYSTEM)
    tick(app, clock, "2026-12-10 07:00")
    assert reminded() == [], "nothing of the old hour"
    answers(cascade, "Hà Tĩnh")
    assert cascade.reply_by == make.at("2026-12-11 17:00")
    tick(app, clock, "2026-12-10 17:00")
    assert len(reminded()) == 4
    assert "hạn 11/12" in reminded()[0].subject
    assert "14 giờ 00 – 16 giờ 00" in letter_box.readable(reminded()[0]).text
    tick(app, clock, "2026-12-11 17:00")
    assert len(reminded()) == 8, "the deadline of the old hour had been done, that of the new one has not"
    moving.postpone(cascade, WHY, actor=SYSTEM)
    tick(app, clock, "2026-12-16 14:00")
    moving.reschedule(cascade, make.at("2026-12-24 08:00"), 120, WHY, actor=SYSTEM)
    moving.cancel(cascade, WHY, actor=SYSTEM)
    for day in ("2026-12-18 17:00", "2026-12-21 17:00", "2026-12-22 17:00", "2026-12-24 07:00"):
        tick(app, clock, day)
    assert len(reminded()) == 8


def test_the_switch_of_one_meeting_stops_its_ladder_and_what_came_due_meanwhile_is_not_made_up_for(
    app: Flask, cascade: Meeting, clock: Clock, secretary: Any
) -> None:
    who = make.actor(secretary)
    with pytest.raises(Refused):
        ladders.switch_off(cascade, "x", actor=who)
    ladders.switch_off(cascade, "Đã gọi điện từng nơi", actor=who)
    with pytest.raises(Refused):
        ladders.switch_off(cascade, "Đã gọi điện từng nơi", actor=who)
    assert reminding.on_the_day(cascade) == []
    tick(app, clock, "2026-12-07 17:00")
    assert reminded() == []
    clock.at("2026-12-08 09:00")
    ladders.switch_on(cascade, actor=who)
    tick(app, clock, "2026-12-08 16:00")
    assert reminded() == [], "yesterday's is not sent today"
    tick(app, clock, "2026-12-08 17:00")
    assert len(reminded()) == 5
    facts = db.session.scalars(sa.select(Entry).where(Entry.fact == "chase.switched").order_by(Entry.id)).all()
    assert [(fact.details["on"], fact.actor) for fact in facts] == [(False, who.key), (True, who.key)]


def test_the_ladder_is_data_for_each_type_of_meeting(app: Flask, clock: Clock) -> None:
    who = make.actor(make.user(Role.ADMINISTRATOR, make.NATION))
    make.meeting(status=Status.SCHEDULED)  # a review
    asked = {step: (rung.on, rung.offset) for step, rung in ladders.ladder(None).items()}
    asked |= {ChaseStep.BEFORE_DEADLINE: (False, 1), ChaseStep.PROVINCE: (True, 1), ChaseStep.ON_THE_DAY: (True, 90)}
    assert ladders.lay_down(MeetingType.REVIEW, asked, actor=who) == 3
    assert ladders.lay_down(MeetingType.REVIEW, asked, actor=who) == 0
    with pytest.raises(Refused):
        ladders.lay_down(None, {ChaseStep.ON_THE_DAY: (True, 5)}, actor=who)
    tick(app, clock, "2026-12-07 17:00")
    assert reminded() == []
    tick(app, clock, "2026-12-10 06:30")
    assert [step for step, _told, _ring in steps()] == ["province", "on_the_day"]
    assert ladders.give_back(MeetingType.REVIEW, actor=who) == 3
    assert all(rung.default for rung in ladders.ladder(MeetingType.REVIEW).values())
    assert db.session.scalar(sa.select(sa.func.count()).where(Entry.fact == "chase_rule.laid_down")) == 6


def test_sites_that_come_are_asked_for_their_list_only_where_somebody_switched_that_on(
    app: Flask, clock: Clock
) -> None:
    who = make.actor(make.user(Role.ADMINISTRATOR, make.NATION))
    meeting = make.meeting(status=Status.SCHEDULED)
    ladders.lay_down(None, {ChaseStep.ROSTER: (True, 1), ChaseStep.BEFORE_DEADLINE: (False, 1)}, actor=who)
    answers(meeting, "Nghệ An")
    answers(meeting, "Hà Tĩnh")
    filing.file_roster(at_site(meeting, "Hà Tĩnh"), [["Ông", "Nguyễn Văn An", "Chánh Văn phòng"]], actor=SYSTEM)
    tick(app, clock, "2026-12-07 17:00")
    assert [letter.subject for letter in reminded()] == [
        f"Nhắc: điểm cầu Nghệ An chưa gửi danh sách đại biểu, hạn 08/12 [{meeting.code}]"
    ]
    assert "Nghệ An còn 1 việc" in letter_box.readable(reminded()[0]).text


def test_by_hand_goes_exactly_to_whom_the_preview_named_and_not_twice_in_four_hours(
    app: Flask, cascade: Meeting, clock: Clock, secretary: Any
) -> None:
    who = make.actor(secretary)
    clock.at("2026-12-03 10:00")
    db.session.commit()

    def preview(about: Task = Task.ANSWER) -> reminding_by_hand.Readers:
        return reminding_by_hand.readers(cascade, rosters.filed, about=about, at=clock_now())

    def clock_now() -> Any:
        from meetings.clock import now

        return now()

    seen = reminding_by_hand.shown(preview().now)
    answers(cascade, "Xã Kim Liên")
    with pytest.raises(Refused) as refused:
        reminding_by_hand.remind(cascade, rosters.filed, seen, actor=who)
    assert "1 điểm cầu không còn trong danh sách: Xã Kim Liên" in str(refused.value.message)
    db.session.rollback()
    contact = db.session.scalars(sa.select(Contact).join(Site).where(Site.code == make.HA_TINH)).one()
    seen, contact.email = reminding_by_hand.shown(preview().now), "khac@hatinh.example"
    with pytest.raises(Refused) as refused:
        reminding_by_hand.remind(cascade, rosters.filed, seen, actor=who)
    assert "1 điểm cầu mới hoặc đổi địa chỉ: Hà Tĩnh" in str(refused.value.message)

    seen = reminding_by_hand.shown(preview().now)
    assert reminding_by_hand.remind(cascade, rosters.filed, seen, actor=who) == (4, 0)
    with pytest.raises(Refused):  # pressed twice
        reminding_by_hand.remind(cascade, rosters.filed, seen, actor=who)
    answers(cascade, "Phường Sài Gòn")  # between the press and the letter
    tick(app, clock)
    assert [letter.fills["site"] for letter in reminded()] == [
        "Điểm cầu Nghệ An", "Điểm cầu Hà Tĩnh", "Điểm cầu Phường Vinh Hưng",
    ]  # fmt: skip
    assert {letter.made_by for letter in reminded()} == {who.key}
    found = preview()
    assert (found.now, len(found.later)) == ([], 3)
    with pytest.raises(Refused):
        reminding_by_hand.remind(cascade, rosters.filed, "", actor=who)
    db.session.rollback()
    clock.forward(hours=4, seconds=1)
    assert len(preview().now) == 3
    assert {row.meeting_site.name for row in preview(Task.ROSTER).now} == {"Xã Kim Liên", "Phường Sài Gòn"}


def test_a_reminder_is_no_news_of_the_meeting_to_a_site_that_was_never_reached(
    app: Flask, cascade: Meeting, clock: Clock
) -> None:
    """A change is told as a change only to whom an invitation came; a reminder alone is none."""
    from meetings.invitations import posted

    tick(app, clock, "2026-12-07 17:00")
    link_ids = [letter.link_id for letter in reminded()]
    assert posted.reached([id for id in link_ids if id is not None]) == {}


@pytest.mark.only("sqlite")
def test_thousands_of_meetings_to_come_cost_a_look_of_few_statements(app: Flask, clock: Clock) -> None:
    first = make.meeting(status=Status.SCHEDULED)
    values = {c.name: getattr(first, c.name) for c in Meeting.__table__.columns if c.name not in ("id", "code", "uid")}
    rows = [{**values, "code": f"HN-2026-{n}", "uid": f"{n}@x"} for n in range(20000, 22000)]
    db.session.execute(sa.insert(Meeting), rows)
    db.session.commit()
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert reminding.due(make.at("2026-12-07 16:00")) == []
    assert len(asked) < 20
    assert len(reminding.due(make.at("2026-12-07 16:00") + timedelta(hours=1))) == 2001


@pytest.mark.only("postgresql")
def test_who_answers_while_the_reminder_is_being_written_takes_it_back(app: Flask, clock: Clock) -> None:
    """Two at once: the answer waits for the batch that holds its row, and finds the letter that stands there then."""
    meeting = make.meeting(status=Status.SCHEDULED)
    name = make.sites_of(meeting)[0].name
    clock.at("2026-12-08 17:00")
    db.session.commit()
    wanted = next(one for one in reminding.due(make.at("2026-12-08 17:00")) if one.step is ChaseStep.AT_DEADLINE)
    reminding.run(wanted, rosters.filed, slotting.to_come)  # written, and not committed yet

    def answered() -> None:
        with app.app_context():
            answers(db.session.get(Meeting, meeting_id), name)
            db.session.remove()

    meeting_id = meeting.id
    thread = threading.Thread(target=answered)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive(), "the answer did not wait"
    db.session.commit()
    thread.join(10)
    db.session.expire_all()
    assert [letter.status for letter in reminded()] == [LetterStatus.WITHDRAWN, LetterStatus.WAITING]
