"""Fifty at once mark, answer and test on the same meetings, while viewers follow by what has changed: nothing is lost, and
whoever put the changes together has the board of whoever loads it anew."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random

import sqlalchemy as sa
from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.attendance import kept, queries, services
from meetings.attendance.board import SiteRow
from meetings.attendance.models import Mark, Presence
from meetings.attendance.rules import MarkSource, Move
from meetings.database import db
from meetings.errors import Refused
from meetings.invitations import answering
from meetings.invitations.answering import Answer
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Reply, Source
from meetings.journal import changes
from meetings.journal.models import Change, Entry
from meetings.readiness import services as readiness
from meetings.readiness.rules import Item, Verdict
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock
from tests.scheduling.test_race import at_once

MANY = 50
EACH = 6  # so that the viewers ask while they work


class Viewer:
    """A board that was loaded once and then told only what changed."""

    def __init__(self, meeting: Meeting) -> None:
        self.id, self.code = meeting.id, meeting.code
        self.seen = queries.version(meeting)
        self.rows = loaded(meeting)
        self.told = 0

    def poll(self) -> None:
        meeting = db.session.get_one(Meeting, self.id)
        now = queries.version(meeting)
        if now != self.seen:
            changed = queries.changed_since(meeting, self.seen)
            if changed is None:  # what opens a meeting is about all of it
                self.rows = loaded(meeting)
            else:
                self.rows |= {row.id: row for row in queries.some_sites(meeting, changed)}
            self.seen = now
            self.told += 1
        db.session.rollback()


def loaded(meeting: Meeting) -> dict[int, SiteRow]:
    return {row.id: row for row in queries.sites(meeting)}


def test_fifty_at_once_lose_nothing_and_changes_add_up_to_the_board(app: Flask, clock: Clock, secretary: User) -> None:
    province = make.units()[make.NGHE_AN]
    places = [make.site(make.unit(f"900{n:02}", parent=province)) for n in range(12)]
    meetings = [
        make.meeting(
            status=Status.SCHEDULED, starts=f"2026-12-10 08:0{n}", secretary=secretary, sites=places, agenda=()
        )
        for n in range(2)
    ]
    of = {meeting.id: [site.id for site in make.sites_of(meeting)] for meeting in meetings}
    clock.at("2026-12-10 07:20")
    make.done()
    viewers = [Viewer(meeting) for meeting in meetings for _n in range(2)]
    boards = [kept.Board(meeting.code) for meeting in meetings]
    done: list[int] = []
    refused: Counter[str] = Counter()

    def officer(number: int) -> Callable[[], None]:
        dice, who = Random(number), Actor(f"user:{900 + number}", f"Officer {number}")

        def work() -> None:
            for step in range(EACH):
                site = db.session.get_one(MeetingSite, dice.choice(of[dice.choice(list(of))]))
                try:
                    match (number + step) % 5:
                        case 0:
                            invitation = db.session.query(Invitation).filter_by(meeting_site_id=site.id).one()
                            answer = Answer(Reply.ACCEPTED, day_phone=f"0912 000 {number:03}")
                            answering.reply(invitation, answer, actor=who, source=Source.TELEPHONE)
                        case 1:
                            tested = {item: dice.choice([Verdict.PASS, Verdict.FAULT]) for item in Item}
                            notes = dict.fromkeys(Item, "Lỗi")
                            readiness.save_line_test(
                                site, tested, notes, actor=who, source=readiness.TestSource.TECHNICIAN, age=0
                            )
                        case _:
                            move, once = dice.choice([Move.IN, Move.ABSENT]), f"{number}-{step}"
                            for _twice in range(2):  # every mark is sent twice
                                made = services.mark(
                                    site, move, actor=who, source=MarkSource.SECRETARY, head_count=number + 1,
                                    with_notice=False, once=once,
                                )  # fmt: skip
                                db.session.commit()
                            done.append(made.id)
                    db.session.commit()
                except Refused as fault:
                    db.session.rollback()
                    refused[str(fault.message)] += 1

        return work

    def viewer(one: Viewer) -> Callable[[], None]:
        def watch() -> None:
            while not ended.is_set():
                one.poll()
                time.sleep(0.005)

        return watch

    ended = threading.Event()
    deeds = [officer(n) for n in range(MANY)]
    gone: list[int] = []

    def last_puts_out_the_light(work: Callable[[], None]) -> Callable[[], None]:
        def act() -> None:
            try:
                work()
            finally:
                gone.append(1)
                if len(gone) == MANY:
                    ended.set()

        return act

    faults = at_once(app, [*map(last_puts_out_the_light, deeds), *map(viewer, viewers)])
    assert not any(faults), [fault for fault in faults if fault]
    assert not refused, refused

    marks = db.session.scalars(sa.select(Mark)).all()
    assert sorted(mark.id for mark in marks) == sorted(done), "a mark was lost or doubled"
    assert len(marks) == sum((n + step) % 5 > 1 for n in range(MANY) for step in range(EACH))
    facts = db.session.query(Entry).filter(Entry.fact == "presence.marked").count()
    assert facts == len(marks)
    for stands in db.session.scalars(sa.select(Presence)):
        newest = max((m for m in marks if m.meeting_site_id == stands.meeting_site_id), key=lambda m: (m.at, m.id))
        assert (stands.state, stands.by) == (newest.after, newest.by)
    for meeting in meetings:
        number = changes.of(meeting.code)
        steps = db.session.scalars(sa.select(Change.number).where(Change.root == meeting.code).order_by(Change.number))
        assert list(steps)[-1] == number
    db.session.rollback()
    for one in viewers:
        one.poll()
        fresh = loaded(db.session.get_one(Meeting, one.id))
        assert one.rows == fresh
    assert sum(one.told for one in viewers) > len(viewers), "they were hardly asked while the others worked"
    for board in boards:
        board.bring(0, changes.of(board.code))
        made = db.session.query(Meeting).filter_by(code=board.code).one()
        assert board.rows == loaded(made)


def test_a_kept_board_moved_step_by_step_is_the_board_loaded_anew(
    app: Flask, clock: Clock, secretary: User, who: Actor
) -> None:
    clock.at("2026-12-10 08:20")
    meeting = make.meeting(status=Status.IN_SESSION, secretary=secretary)
    ids = [site.id for site in make.sites_of(meeting)]
    make.done()
    board = kept.Board(meeting.code)
    dice = Random(5)
    for step in range(40):
        site = db.session.get_one(MeetingSite, dice.choice(ids))
        meeting = site.meeting
        stands = queries.presence(site.id)
        moves = [Move.IN, Move.ABSENT] if stands is None or stands.state.value != "in" else [Move.LOST, Move.IN]
        services.mark(
            site, dice.choice(moves), actor=who, source=MarkSource.SECRETARY, head_count=step + 1, with_notice=False
        )
        if step % 7 == 0:
            services.count_host(meeting, step + 1, actor=who)
        make.done()
        if step % 3 == 0:
            board.bring(0, changes.of(meeting.code))
            made = db.session.query(Meeting).filter_by(code=board.code).one()
            assert board.rows == loaded(made)
            assert board.roll is not None and board.roll.host_head_count == queries.host_people(made)
            sums = queries.tally(made)
            assert +board.sums.by_status == +sums.by_status
            assert board.sums.people + (board.roll.host_head_count or 0) == sums.people
            assert [mark.id for mark in board.log] == [mark.id for mark in queries.recent(made, 4)]
    assert board.reading == 1, "it was read anew instead of moved"
