"""From a change to the letter box: what each site is told, once, and what its calendar makes of it."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar, Event

from meetings import worker
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory import services as directory
from meetings.directory.models import Duty
from meetings.errors import Gone
from meetings.invitations import answering, asking, changes, posted, private_link, renewing
from meetings.invitations.answering import Answer
from meetings.invitations.models import Paper
from meetings.invitations.rules import Consent, Reply
from meetings.journal.models import Entry
from meetings.official import dates
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.readiness import queries as readiness_queries
from meetings.readiness import rules as readiness_rules
from meetings.readiness import services as readiness
from meetings.scheduling import moving
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.moving import Facts
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("app")
WHY = "Chủ trì họp Chính phủ đột xuất"
SITE = Actor.link(1, "Ông Trần Đầu Mối")
AFTERNOON = "2026-12-10 14:00"


@pytest.fixture
def meeting() -> Meeting:
    """A meeting of two sites whose invitations were carried."""
    return invited()


def invited(**more: object) -> Meeting:
    from meetings import journal

    made = make.meeting(status=Status.SCHEDULED, asked=False, **more)
    journal.record("meeting.sent", made, actor=SYSTEM, sites=2)
    worked()
    return made


def worked() -> None:
    """Everything the worker has to do about what was recorded."""
    db.session.commit()
    while worker.follow_up() or worker.carry():
        pass
    assert not db.session.query(worker.Delivery).filter(worker.Delivery.attempts > 0).count()
    db.session.commit()


def moved(meeting: Meeting, to: str = AFTERNOON, **more: object) -> Change:
    return moving.reschedule(meeting, make.at(to), 195, WHY, actor=SYSTEM, **more)


def letters_to(site: MeetingSite) -> list[Letter]:
    """The letters that left for a site, the oldest first."""
    found = posted.letters_to(make.invitation_of(site))
    return [letter for letter in reversed(found) if letter.status is LetterStatus.SENT]


def read(letter: Letter) -> EmailMessage:
    message = email.message_from_bytes(letter_box.eml(letter, hide=False), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(letter: Letter) -> str:
    part = read(letter).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def entry_of(letter: Letter) -> tuple[str, Event]:
    """What the letter's calendar part asks, and for which event; both places of the method agree."""
    (part,) = [part for part in read(letter).walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert str(calendar["METHOD"]) == part["Content-Type"].params["method"]
    (event,) = calendar.events
    return str(calendar["METHOD"]), event


# ------------------------------------------------------------------ the calendar of one reader, through a whole life


def test_one_reader_s_calendar_through_invitation_move_postponement_new_time_and_cancellation(meeting: Meeting) -> None:
    stays, goes = make.sites_of(meeting)
    link = private_link.token(make.invitation_of(goes))
    moved(meeting)
    worked()
    moving.postpone(meeting, WHY, actor=SYSTEM)
    worked()
    moved(meeting, "2026-12-15 08:00")
    worked()
    moving.remove_sites(meeting, [goes.id], WHY, actor=SYSTEM)
    with pytest.raises(Gone, match="không còn được mời"):
        private_link.opened(link)  # at once, before any letter
    worked()
    moving.cancel(meeting, WHY, actor=SYSTEM)
    worked()

    got = [entry_of(letter) for letter in letters_to(stays)]
    assert [(method, event["SEQUENCE"]) for method, event in got] == [
        ("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 3), ("CANCEL", 5),
    ]  # fmt: skip
    stamps = [event["DTSTAMP"].dt for _method, event in got]
    assert stamps == sorted(set(stamps)), "each message is newer than the one before"
    assert len({str(event["UID"]) for _method, event in got}) == 1
    assert {str(event["ATTENDEE"]) for _method, event in got} == {f"mailto:{letters_to(stays)[0].to_address}"}
    assert len({str(event["ORGANIZER"]) for _method, event in got}) == 1
    starts = ["2026-12-10 08:00", AFTERNOON, AFTERNOON, "2026-12-15 08:00", "2026-12-15 08:00"]
    assert [event.start for _method, event in got] == [make.at(start) for start in starts]
    assert [str(event["STATUS"]) for _method, event in got] == [
        "CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED", "CANCELLED",
    ]  # fmt: skip

    told = [entry_of(letter) for letter in letters_to(goes)]
    assert [(method, event["SEQUENCE"]) for method, event in told] == [
        ("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2), ("REQUEST", 3), ("CANCEL", 4),
    ]  # fmt: skip
    # RFC 5546 §3.2.5: who alone is uninvited is not told that the meeting is cancelled
    assert "STATUS" not in told[-1][1] and "URL" not in told[-1][1]


def test_a_change_of_the_agenda_renews_the_stamp_only_and_keeps_what_the_site_answered(meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    answering.reply(make.invitation_of(site), Answer(Reply.ACCEPTED), actor=SITE)
    change = changed(meeting, composition="Chủ tịch Ủy ban nhân dân")
    worked()
    before, after = (entry_of(letter)[1] for letter in letters_to(site))
    assert (change.sequence, after["SEQUENCE"]) == (0, 0)
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert (before["ATTENDEE"].params["PARTSTAT"], after["ATTENDEE"].params["PARTSTAT"]) == ("NEEDS-ACTION", "ACCEPTED")
    assert make.invitation_of(site).reply is Reply.ACCEPTED
    assert letters_to(site)[-1].subject.startswith("THAY ĐỔI: Thành phần – họp trực tuyến 08 giờ 00, 10/12/2026 [HN-")
    assert "Trước: Lãnh đạo Ủy ban nhân dân; Chánh Văn phòng" in text_of(letters_to(site)[-1])
    assert "Nay: Chủ tịch Ủy ban nhân dân" in text_of(letters_to(site)[-1])


def test_a_new_title_raises_the_sequence(meeting: Meeting) -> None:
    assert changed(meeting, title="Hội nghị tổng kết năm 2026").sequence == 1


def changed(meeting: Meeting, **more: object) -> Change:
    names = Facts.__dataclass_fields__
    facts = Facts(**{**{name: getattr(meeting, name) for name in names}, **more})
    agenda = [moving.Item(i.title, i.minutes, i.presenter) for i in moving.queries.agenda_of(meeting)]
    return moving.change_facts(meeting, facts, None, agenda, WHY, actor=SYSTEM)


# ------------------------------------------------------------------ what is said


def test_a_moved_meeting_says_so_in_its_subject_shows_before_and_now_and_asks_again(meeting: Meeting) -> None:
    site, other = make.sites_of(meeting)
    answering.reply(make.invitation_of(site), Answer(Reply.SUBSTITUTE, "Bà", "Trần Thị Quỳnh", "Phó"), actor=SITE)
    answering.consent(make.invitation_of(site), True, "Bộ trưởng", actor=SYSTEM)
    moved(meeting)
    worked()
    letter = letters_to(site)[-1]
    assert letter.subject == f"ĐỔI GIỜ 08:00 → 14:00, 10/12/2026: họp trực tuyến [{meeting.code}]"
    text = text_of(letter)
    for said in ("Trước: 08 giờ 00 – 11 giờ 15\r\n",
                 "Nay: 14 giờ 00 – 17 giờ 15, thứ Năm, ngày 10 tháng 12 năm 2026 (UTC+7)\r\n",
                 f"Lý do: {WHY}", f"Xác nhận lại: trước {dates.moment(meeting.reply_by)}\r\n",
                 f"http://hop.example/m/{private_link.token(make.invitation_of(site))}", "024 000 1234"):  # fmt: skip
        assert said in text, said
    assert other.name not in text
    html = read(letter).get_body(("html",))
    assert html is not None and "<s>08\xa0giờ\xa000" in html.get_content()
    invitation = make.invitation_of(site)
    assert (invitation.reply, invitation.consent, invitation.substitute_name) == (Reply.ASKED, Consent.NOT_NEEDED, "")
    (lapsed,) = db.session.query(Entry).filter_by(fact="invitation.asked_again").all()
    assert lapsed.details["before"]["reply"] == "substitute"
    assert lapsed.details["before"]["substitute_name"] == "Trần Thị Quỳnh"


@pytest.mark.parametrize(
    ("to", "minutes", "subject"),
    [
        ("2026-12-11 14:00", 195, "ĐỔI LỊCH 08:00, 10/12 → 14:00, 11/12/2026: họp trực tuyến ["),
        ("2026-12-10 08:00", 120, "ĐỔI GIỜ KẾT THÚC 11:15 → 10:00, 10/12/2026: họp trực tuyến ["),
    ],
)
def test_the_subject_names_the_day_only_where_it_differs(meeting: Meeting, to: str, minutes: int, subject: str) -> None:
    change = moving.reschedule(meeting, make.at(to), minutes, WHY, actor=SYSTEM)
    assert changes.subject(changes.CHANGE, meeting, [change]).startswith(subject)


def test_an_answer_given_for_the_new_time_before_the_worker_came_is_kept(meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    moved(meeting)
    answering.reply(make.invitation_of(site), Answer(Reply.ACCEPTED), actor=SITE)
    worked()
    assert make.invitation_of(site).reply is Reply.ACCEPTED


def test_a_line_test_of_the_last_hour_says_nothing_of_another_day(meeting: Meeting, clock: Clock) -> None:
    clock.at("2026-12-10 07:30")
    site = make.sites_of(meeting)[0]
    passed = dict.fromkeys(readiness_rules.Item, readiness_rules.Verdict.PASS)
    readiness.save_line_test(site, passed, {}, actor=SITE)
    assert set(readiness_queries.line_tests(site)) == {readiness_rules.Round.ON_DAY}
    moved(meeting, "2026-12-11 08:00")
    worked()
    assert set(readiness_queries.line_tests(site)) == {readiness_rules.Round.REHEARSAL}


def test_two_changes_before_the_worker_came_are_told_in_one_letter(meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    moved(meeting)
    moved(meeting, "2026-12-10 15:00")
    changed(meeting, note="Mang theo tài liệu")
    worked()
    assert len(letters_to(site)) == 2
    text = text_of(letters_to(site)[-1])
    assert "Trước: 08 giờ 00" in text and "Nay: 15 giờ 00" in text and "14 giờ 00 –" not in text
    assert "Mang theo tài liệu" in text


# ------------------------------------------------------------------ once, and in order


def test_done_twice_it_writes_no_letter_twice(meeting: Meeting) -> None:
    moved(meeting)
    worked()
    written = db.session.query(Letter).count()
    (entry,) = db.session.query(Entry).filter_by(fact="meeting.rescheduled").all()
    renewing.renew(entry)
    renewing.renew(entry)
    worked()
    assert db.session.query(Letter).count() == written == 4


def test_what_still_waits_is_withdrawn_and_whom_nothing_reached_is_invited_to_the_new_hour() -> None:
    from meetings import journal

    meeting = make.meeting(status=Status.SCHEDULED, asked=False)
    journal.record("meeting.sent", meeting, actor=SYSTEM)
    db.session.commit()
    worker.follow_up()  # written, not carried
    moved(meeting)
    db.session.commit()
    assert {letter.status for letter in db.session.query(Letter)} == {LetterStatus.WITHDRAWN}
    worked()
    (letter,) = letters_to(make.sites_of(meeting)[0])
    assert letter.kind == "invitation" and letter.subject.startswith("Giấy mời họp trực tuyến 14 giờ 00, 10/12/2026")
    assert (entry_of(letter)[0], entry_of(letter)[1]["SEQUENCE"]) == ("REQUEST", 1)


def test_a_meeting_cancelled_before_anything_left_is_told_to_nobody() -> None:
    from meetings import journal

    meeting = make.meeting(status=Status.SCHEDULED, asked=False)
    journal.record("meeting.sent", meeting, actor=SYSTEM)
    db.session.commit()
    worker.follow_up()
    moving.cancel(meeting, WHY, actor=SYSTEM)
    worked()
    assert {letter.status for letter in db.session.query(Letter)} == {LetterStatus.WITHDRAWN}


def test_a_change_in_the_middle_of_inviting_reaches_every_site_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "BATCH", 2)
    sites = [make.site(make.unit(f"1{n:04d}", f"Xã Số {n}", parent=make.units()[make.NGHE_AN])) for n in range(5)]
    from meetings import journal

    meeting = make.meeting(status=Status.SCHEDULED, asked=False, sites=sites)
    journal.record("meeting.sent", meeting, actor=SYSTEM)
    db.session.commit()
    worker.follow_up(1)
    worker.carry()  # two of five have their invitation
    moved(meeting)
    worked()
    left = [letters_to(site) for site in make.sites_of(meeting)]
    assert [[letter.kind for letter in letters] for letters in left] == [["invitation", "change"]] * 2 + [
        ["invitation"]
    ] * 3
    assert all(entry_of(letters[-1])[1].start == make.at(AFTERNOON) for letters in left)


def test_what_changes_while_a_meeting_is_put_off_is_told_with_the_new_time(meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    moving.postpone(meeting, WHY, actor=SYSTEM)
    worked()
    changed(meeting, chair_name="Trần Thị Bình")
    worked()
    assert [letter.kind for letter in letters_to(site)] == ["invitation", "postponement"]
    assert "Thời gian mới chưa được ấn định" in text_of(letters_to(site)[-1])
    moved(meeting, "2026-12-15 08:00")
    worked()
    letter = letters_to(site)[-1]
    assert letter.subject == f"GIỜ MỚI 08:00, 15/12/2026: họp trực tuyến đã hoãn [{meeting.code}]"
    assert "Nay: Ông Trần Thị Bình, Bộ trưởng" in text_of(letter)


# ------------------------------------------------------------------ sites that come and go


def test_a_site_added_later_gets_the_meeting_as_it_stands_and_the_others_nothing(meeting: Meeting) -> None:
    moved(meeting)
    worked()
    moving.add_sites(meeting, [make.site(make.HO_CHI_MINH)], WHY, actor=SYSTEM)
    worked()
    first, _second, late = make.sites_of(meeting)
    (letter,) = letters_to(late)
    assert letter.kind == "invitation" and letter.subject.startswith("Giấy mời họp trực tuyến 14 giờ 00")
    assert entry_of(letter)[1]["SEQUENCE"] == 1
    assert entry_of(letter)[1]["DTSTAMP"].dt > entry_of(letters_to(first)[-1])[1]["DTSTAMP"].dt
    assert len(letters_to(first)) == 2


def test_a_farewell_that_still_waits_goes_whatever_becomes_of_the_meeting(meeting: Meeting) -> None:
    stays, goes = make.sites_of(meeting)
    moving.remove_sites(meeting, [goes.id], WHY, actor=SYSTEM)
    db.session.commit()
    worker.follow_up()  # written, not carried
    moved(meeting)
    moving.cancel(meeting, WHY, actor=SYSTEM)
    worked()
    assert [letter.kind for letter in letters_to(goes)] == ["invitation", "removal"]
    assert [letter.kind for letter in letters_to(stays)] == ["invitation", "cancellation"]


def test_a_site_that_comes_back_gets_a_new_link_and_an_entry_its_calendar_takes_up(meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    old = private_link.token(make.invitation_of(site))
    moving.remove_sites(meeting, [site.id], WHY, actor=SYSTEM)
    worked()
    moving.add_sites(meeting, [site.site], WHY, actor=SYSTEM)
    worked()
    invitation = make.invitation_of(site)
    assert private_link.opened(private_link.token(invitation)) is invitation and private_link.token(invitation) != old
    with pytest.raises(Gone):
        private_link.opened(old)
    method, event = entry_of(letters_to(site)[-1])
    assert (method, event["SEQUENCE"]) == ("REQUEST", 2)


def test_a_site_that_comes_back_while_a_meeting_is_put_off_is_asked_with_the_new_time(meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    moving.postpone(meeting, WHY, actor=SYSTEM)
    moving.remove_sites(meeting, [site.id], WHY, actor=SYSTEM)
    worked()
    moving.add_sites(meeting, [site.site], WHY, actor=SYSTEM)
    worked()
    moved(meeting, "2026-12-15 08:00")
    worked()
    assert [letter.kind for letter in letters_to(site)] == ["invitation", "removal", "invitation"]
    method, event = entry_of(letters_to(site)[-1])
    assert (method, event.start) == ("REQUEST", make.at("2026-12-15 08:00"))
    assert private_link.opened(letter_box.token(letters_to(site)[-1])) is make.invitation_of(site)


def test_a_link_stays_open_while_a_meeting_is_put_off_and_a_new_officer_gets_one_that_opens(meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    moving.postpone(meeting, WHY, actor=SYSTEM)
    worked()
    invitation = make.invitation_of(site)
    meeting.ends_at = now() - timedelta(days=30)  # long after the hour it had
    assert private_link.opened(private_link.token(invitation)) is invitation
    directory.name_contact(site.site, Duty.COORDINATOR, name="Lê Người Mới", email="moi@nghean.example", actor=SYSTEM)
    worked()
    moved(meeting, "2026-12-15 08:00")
    worked()
    letter = letters_to(site)[-1]
    assert letter.to_address == "moi@nghean.example"
    assert private_link.opened(letter_box.token(letter)) is make.invitation_of(site)


# ------------------------------------------------------------------ the document


def test_a_moved_meeting_has_a_new_giay_moi_that_names_the_one_it_replaces(meeting: Meeting) -> None:
    meeting.invitation_number, meeting.invitation_on = "12", "2026-12-01"
    before = letters_to(make.sites_of(meeting)[0])[-1].enclosures[0]["sha256"]
    moved(meeting)
    worked()
    after = letters_to(make.sites_of(meeting)[0])[-1].enclosures[0]["sha256"]
    papers = db.session.query(Paper).filter_by(meeting_id=meeting.id).order_by(Paper.id).all()
    assert [paper.sha256 for paper in papers] == [before, after] and before != after
    assert meeting.invitation_number == ""
    from meetings.invitations import letters

    assert letters.giay_moi(meeting).replaces == "Giấy mời số 12/GM-BĐPS ngày 01 tháng 12 năm 2026"
