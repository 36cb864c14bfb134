"""From the first invitation to the cancellation, as the calendars of others make it: one entry, moved, then cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from email import message_from_bytes
from itertools import count

import pytest

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM, Actor
from meetings.database import db
from meetings.directory import services as directory
from meetings.directory.models import Contact, Duty
from meetings.invitations import answering, queries, services, suggestion_letters
from meetings.invitations.answering import Answer
from meetings.invitations.models import Received, Suggestion
from meetings.invitations.rules import ReceivedStatus, Reply, SuggestionDecision, SuggestionKind
from meetings.post import queries as letter_box
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import moving, series, series_moves
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.moving import Facts
from meetings.scheduling.rules import Status
from meetings.scheduling.series_moves import Which
from meetings.scheduling.services import Item
from tests import make
from tests.conftest import Clock
from tests.invitations.calendar_programs import Program, all_of
from tests.invitations.itip import Told, check, check_life
from tests.invitations.test_changes import worked
from tests.invitations.test_series import MONDAYS

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.only("sqlite")]
WHY = "Chủ trì họp Chính phủ đột xuất"
LONG = timedelta(minutes=195)
_numbers = count(1)
NGHE_AN, HA_TINH = "diemcau.40@40.example", "diemcau.42@42.example"


@dataclass
class Desk:
    """The calendars of one reader, her four programs side by side, and what was delivered to them."""

    address: str
    got: list[bytes] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    read: int = 0

    def deliver(self) -> int:
        """Everything new to every program; then once more, and the oldest again, as mail does. Returns how many were new."""
        worked()
        letters = db.session.query(Letter).filter(
            Letter.to_address == self.address, Letter.id > self.read, Letter.status == LetterStatus.SENT
        )
        new = [(letter.id, letter_box.eml(letter, hide=False)) for letter in letters.order_by(Letter.id)]
        self.programs = self.programs or all_of(self.address)
        for id, raw in new:
            self.read = id
            self.told += check(raw)
            self.got.append(raw)
            for program in self.programs:
                program.receive(raw)
        for raw in [*self.got, *reversed(self.got)]:
            for program in self.programs:
                program.receive(raw)
        check_life(self.told)
        return len(new)

    def holds(self, *begins: str, long: timedelta = LONG) -> None:
        """Every program shows these hours as those her owner would go to, and no other."""
        expected = [(make.at(one), make.at(one) + long) for one in begins]
        for program in self.programs:
            assert program.held == expected, (program.name, program.shows())

    @property
    def methods(self) -> list[tuple[str, int]]:
        return [(one.method, one.sequence) for one in self.told]


def invited(*, sites: int = 2) -> Meeting:
    made = make.meeting(status=Status.SCHEDULED, asked=False)
    journal.record("meeting.sent", made, actor=SYSTEM, sites=sites)
    return made


def other_facts(meeting: Meeting, **more: object) -> None:
    standing = {field.name: getattr(meeting, field.name) for field in fields(Facts)}
    items = [Item(item.title, item.minutes, item.presenter) for item in scheduling.agenda_of(meeting)]
    moving.change_facts(meeting, Facts(**{**standing, **more}), None, items, WHY, actor=SYSTEM)


def test_after_invitation_change_of_hour_and_cancellation_every_calendar_has_one_entry_moved_then_cancelled() -> None:
    """Scenario 10."""
    meeting, desk = invited(), Desk(NGHE_AN)
    assert desk.deliver() == 1
    desk.holds("2026-12-10 08:00")
    moving.reschedule(meeting, make.at("2026-12-10 14:00"), 195, WHY, actor=SYSTEM)
    assert desk.deliver() == 1
    desk.holds("2026-12-10 14:00")
    other_facts(meeting, technical_phone="024 000 9999")  # what no calendar asks its owner about again
    assert desk.deliver() == 1
    moving.cancel(meeting, WHY, actor=SYSTEM)
    assert desk.deliver() == 1
    desk.holds()
    for program in desk.programs:
        assert len(program.known) == 1, "one entry, however often it was told"
        struck = [(line.starts_at, line.cancelled) for line in program.shows()]
        assert struck == ([(make.at("2026-12-10 14:00"), True)] if program.strikes else [])
    assert desk.methods == [("REQUEST", 0), ("REQUEST", 1), ("REQUEST", 1), ("CANCEL", 2)]


def test_postponed_taken_out_taken_back_and_written_to_again_the_entry_stays_one(clock: Clock) -> None:
    clock.at("2026-12-01 09:05")  # and there it stands: all of it happens within one second
    meeting = invited()
    stays, goes = Desk(NGHE_AN), Desk(HA_TINH)
    kept, taken = make.sites_of(meeting)
    both = stays, goes

    def step(*begins: str, gone: bool = False) -> None:
        for desk in both:
            desk.deliver()
            desk.holds(*(() if gone and desk is goes else begins))

    step("2026-12-10 08:00")
    answering.reply(make.invitation_of(kept), Answer(Reply.ACCEPTED), actor=Actor.link(1, "x"))
    moving.postpone(meeting, WHY, actor=SYSTEM)
    step()
    moving.reschedule(meeting, make.at("2026-12-15 08:00"), 195, WHY, actor=SYSTEM)
    step("2026-12-15 08:00")
    moving.remove_sites(meeting, [taken.id], WHY, actor=SYSTEM)
    step("2026-12-15 08:00", gone=True)
    assert goes.told[-1].status == "", "the meeting itself is held"
    moving.add_sites(meeting, [taken.site], WHY, actor=SYSTEM)
    step("2026-12-15 08:00")
    # a new link twice, and a change of what no calendar asks about
    for _n in range(2):
        services.reissue_link(make.invitation_of(kept), actor=SYSTEM)
    other_facts(meeting, note="Mang theo tài liệu")
    step("2026-12-15 08:00")
    moving.cancel(meeting, WHY, actor=SYSTEM)
    step()
    assert all(len(program.known) == 1 for desk in both for program in desk.programs)


def test_a_new_officer_gets_the_entry_as_it_stands_and_every_change_after_it() -> None:
    meeting, before, after = invited(), Desk(NGHE_AN), Desk("moi@40.example")
    moving.reschedule(meeting, make.at("2026-12-10 14:00"), 195, WHY, actor=SYSTEM)
    before.deliver()
    site = make.sites_of(meeting)[0].site
    directory.name_contact(site, Duty.COORDINATOR, name="Bà Mới", email="moi@40.example", locale="en", actor=SYSTEM)
    assert after.deliver() == 1
    after.holds("2026-12-10 14:00")
    moving.reschedule(meeting, make.at("2026-12-10 15:00"), 195, WHY, actor=SYSTEM)
    after.deliver()
    after.holds("2026-12-10 15:00")
    letter = db.session.query(Letter).filter_by(to_address="moi@40.example").order_by(Letter.id.desc()).first()
    assert letter is not None and letter.subject.startswith("NEW HOUR 14:00 → 15:00")


def suggestion(site: MeetingSite, kind: SuggestionKind, **more: object) -> Suggestion:
    received = Received(
        mailbox="x", uid_validity=1, uid=next(_numbers), source="", sha256="", size=0, received_at=make.at("2026-12-02 08:00"),
        message_id="<a@b>", from_address=NGHE_AN, from_name="Ông Đầu Mối", subject="x", status=ReceivedStatus.SETTLED,
    )  # fmt: skip
    db.session.add(received)
    db.session.flush()
    made = Suggestion(
        invitation_id=make.invitation_of(site).id,
        received_id=received.id,
        kind=kind,
        made_at=received.received_at,
        **more,
    )
    db.session.add(made)
    db.session.flush()
    return made


def test_a_proposal_that_is_refused_and_a_delegate_are_told_in_words_their_calendars_understand() -> None:
    meeting, desk, hers = invited(), Desk(NGHE_AN), Desk("bui.thi.thay@40.example")
    desk.deliver()
    site = make.sites_of(meeting)[0]
    begins = make.at("2026-12-10 09:00")
    asked = suggestion(site, SuggestionKind.NEW_TIME, starts_at=begins, ends_at=begins + LONG, comment="Trùng lịch")
    post.hand_in(suggestion_letters.declined_counter(make.invitation_of(site), asked, "Phòng đã có lịch"))
    assert desk.deliver() == 1
    assert desk.methods[-1] == ("DECLINECOUNTER", 0)
    desk.holds("2026-12-10 08:00")
    named = suggestion(site, SuggestionKind.DELEGATE, name="Bà Bùi Thị Thay", address=hers.address)
    post.hand_in(suggestion_letters.to_delegate(make.invitation_of(site), named.name, named.address))
    named.decision = SuggestionDecision.TAKEN_UP
    assert hers.deliver() == 1
    hers.holds("2026-12-10 08:00")
    assert b'DELEGATED-FROM="mailto:diemcau.40@40.example"' in _ics(hers.got[-1])
    moving.reschedule(meeting, make.at("2026-12-10 14:00"), 195, WHY, actor=SYSTEM)
    for each in (desk, hers):
        assert each.deliver() == 1
        each.holds("2026-12-10 14:00")
    letter = db.session.query(Letter).filter_by(to_address=hers.address).order_by(Letter.id.desc()).first()
    assert letter is not None and letter.kind == "delegate"
    assert "Kính gửi: Bà Bùi Thị Thay, dự thay Ủy ban" in letter_box.readable(letter).text


def _ics(raw: bytes) -> bytes:
    (part,) = [part for part in message_from_bytes(raw).walk() if part.get_content_type() == "text/calendar"]
    return bytes(part.get_payload(decode=True)).replace(b"\r\n ", b"")


@pytest.fixture
def weekly(secretary: User) -> Meeting:
    """Four Mondays at 08:00 from 7 December, ninety minutes each."""
    first = make.meeting(secretary=secretary, asked=False, starts="2026-12-07 08:00", minutes=90, code="HN-2026-0901")
    series.make(first, replace(MONDAYS, until=date(2026, 12, 28)), {}, actor=make.actor(secretary))
    series.send(first, make.at("2026-12-03 17:00"), actor=make.actor(secretary))
    return first


def test_a_series_is_one_entry_whose_dates_move_and_fall_out_one_by_one(weekly: Meeting) -> None:
    desk, long = Desk(NGHE_AN), timedelta(minutes=90)
    days = ["2026-12-07 08:00", "2026-12-14 08:00", "2026-12-21 08:00", "2026-12-28 08:00"]

    def step(change: Callable[[], object] | None = None) -> None:
        if change is not None:
            change()
        desk.deliver()
        desk.holds(*sorted(days), long=long)

    def at(day: str) -> datetime:
        return make.at(day)

    step()
    first, second, third, _fourth = scheduling.dates_of_series(weekly)
    days[1] = "2026-12-14 14:00"
    step(lambda: moving.reschedule(second, at(days[1]), 90, WHY, actor=SYSTEM))
    days[2] = ""
    days.remove("")
    step(lambda: moving.cancel(third, WHY, actor=SYSTEM))
    days[1] = "2026-12-15 09:00"
    step(lambda: moving.reschedule(second, at(days[1]), 90, WHY, actor=SYSTEM))
    # who answers for the site from now on gets the whole series as it stands, at the same address
    site = make.sites_of(first)[0].site
    step(lambda: directory.name_contact(site, Duty.COORDINATOR, name="Bà Mới", email=NGHE_AN, actor=SYSTEM))
    step(lambda: other_facts(first, technical_phone="024 000 9999"))
    days.remove("2026-12-07 08:00")
    step(lambda: moving.postpone(first, WHY, actor=SYSTEM))
    days.append("2026-12-09 08:00")
    step(lambda: moving.reschedule(first, at("2026-12-09 08:00"), 90, WHY, actor=SYSTEM))
    days.clear()
    step(lambda: series_moves.cancel(first, Which.ALL, WHY, actor=SYSTEM))
    assert len({one.uid for one in desk.told}) == 1
    assert desk.told[-1].method == "CANCEL" and desk.told[-1].instance is None, "the entry is struck whole"


def test_each_site_is_written_to_in_the_language_of_its_officer_one_pattern_a_language() -> None:
    make.site(make.NGHE_AN)
    db.session.query(Contact).update({"locale": "en"})
    meeting = invited()
    worked()
    english, vietnamese = (db.session.query(Letter).filter_by(to_address=one).one() for one in (NGHE_AN, HA_TINH))
    assert english.subject == f"Invitation: video conference 08:00, 10 Dec 2026 – reply before 8 Dec [{meeting.code}]"
    assert vietnamese.subject.startswith("Giấy mời họp trực tuyến 08 giờ 00, 10/12/2026")
    assert english.pattern != vietnamese.pattern
    raw = letter_box.eml(english, hide=False)
    assert check(raw) and b"Content-Language: en" in raw
    assert "08:00 – 11:15, Thursday 10 December 2026 (UTC+7)" in letter_box.readable(english).text
    moving.cancel(meeting, WHY, actor=SYSTEM)
    worked()
    told = db.session.query(Letter).filter_by(kind="cancellation").order_by(Letter.to_address)
    assert [one.subject.split(":")[0] for one in told] == ["CANCELLED", "HỦY"]
    assert queries.of_site(make.sites_of(meeting)[0]) is not None
