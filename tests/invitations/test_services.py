"""From "send" to the letter box, and what sites answer."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from icalendar import Calendar

from meetings import adapters, journal, worker
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory import queries as directory_queries
from meetings.directory import services as directory
from meetings.directory.models import Contact, Duty
from meetings.errors import Gone, Refused
from meetings.invitations import answering, asking, batch, enclosures, letters, private_link, queries, replies, services
from meetings.invitations.answering import Answer
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Consent, Reply, Source
from meetings.official.paper import CONTENT_TYPE
from meetings.post import queries as letter_box
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import ruling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.regime import Setting
from meetings.scheduling.rules import Status
from tests import make

pytestmark = pytest.mark.usefixtures("app")
SITE = Actor.link(1, "Ông Trần Đầu Mối")


def released(**more: Any) -> Meeting:
    """A meeting whose invitations were just released: the fact stands in the journal, no site is asked yet."""
    meeting = make.meeting(status=Status.SCHEDULED, asked=False, **more)
    journal.record("meeting.sent", meeting, actor=SYSTEM)
    db.session.commit()
    return meeting


def worked() -> None:
    """Everything the worker has to do about what was recorded."""
    db.session.commit()
    while worker.follow_up() or worker.carry():
        pass
    db.session.commit()


def read(letter: Letter) -> EmailMessage:
    message = email.message_from_bytes(letter_box.eml(letter, hide=False), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def parts(message: EmailMessage) -> dict[str, EmailMessage]:
    found = {part.get_content_type(): part for part in message.walk()}
    return {kind: part for kind, part in found.items() if isinstance(part, EmailMessage)}


def worded(letter: Letter) -> dict[str, str]:
    """What each part says, however its lines are broken."""
    inside = parts(read(letter))
    return {kind: " ".join(inside[kind].get_content().split()) for kind in ("text/plain", "text/html", "text/calendar")}


def test_each_site_gets_one_letter_with_its_own_link_the_calendar_and_the_giay_moi(instance: Path) -> None:
    meeting = released()
    worked()
    links = set()
    for site in make.sites_of(meeting):
        letter = letter_box.at(f"invitation-{site.id}-0")
        assert letter is not None and letter.status is LetterStatus.SENT
        inside = parts(read(letter))
        token = private_link.token(make.invitation_of(site))
        address = f"http://hop.example/m/{token}"
        join = f"http://hop.example/j/{private_link.join_token(make.invitation_of(site))}"
        text, html = inside["text/plain"].get_content(), inside["text/html"].get_content()
        assert address in text and site.unit_name in text and meeting.title in text
        linked = {str(a["href"]) for a in BeautifulSoup(html, "html.parser").find_all("a")}
        assert linked == {address, join, "tel:0240001234", "tel:0240001235"}
        calendar = inside["text/calendar"]
        assert calendar["Content-Type"].params["method"] == "REQUEST"
        event = Calendar.from_ical(calendar.get_payload(decode=True)).events[0]
        assert str(event["ATTENDEE"]) == f"mailto:{letter.to_address}"
        assert str(event["ORGANIZER"]) == "mailto:diemcau@hop.example"
        assert event.start == meeting.starts_at and str(event["URL"]) == join and address in str(event["DESCRIPTION"])
        docx = inside[CONTENT_TYPE]
        assert docx.get_filename() == f"Giay-moi-{meeting.code}.docx"
        assert docx.get_payload(decode=True)[:2] == b"PK"
        links.add(address)
    assert len(links) == 2
    assert len(list((instance / "outbox").glob("*.eml"))) == 2


def test_lines_typed_below_each_other_are_one_sentence_of_the_giay_moi() -> None:
    typed = "UBND tỉnh;\n- Chánh Văn phòng."
    letter = letters.giay_moi(make.meeting(composition=typed, recipients="Lưu: VT, VP. ĐTL.(40)"))
    assert letter.composition == "UBND tỉnh; Chánh Văn phòng"
    assert letter.recipients == ("Như trên;", "Lưu: VT, VP. ĐTL.(40)")


def test_a_province_invites_by_its_full_name() -> None:
    letter = letters.giay_moi(make.meeting(organiser=make.units()[make.NGHE_AN]))
    assert letter.issuer.name == "Ủy ban nhân dân tỉnh Nghệ An"


def test_the_sites_share_one_pattern_and_one_giay_moi() -> None:
    released()
    worked()
    letters_ = db.session.query(Letter).all()
    assert len({letter.pattern for letter in letters_}) == 1
    assert len({letter.enclosures[0]["sha256"] for letter in letters_}) == 1


def test_the_subject_tells_time_deadline_and_code_and_fits_a_telephone() -> None:
    meeting = released()
    assert letters.subject(meeting) == (
        f"Giấy mời họp trực tuyến 08 giờ 00, 10/12/2026 – xác nhận trước 08/12 [{meeting.code}]"
    )
    assert len(letters.subject(meeting).rpartition(" [")[0]) <= 70


def test_a_deadline_on_the_day_itself_is_told_by_its_hour() -> None:
    meeting = make.meeting(status=Status.SCHEDULED, starts="2026-12-10 15:00", reply_by=make.at("2026-12-10 14:00"))
    assert "trước 14 giờ 00 [" in letters.subject(meeting)


def test_a_letter_of_the_last_minute_asks_nobody_into_the_room_before_it_is_read() -> None:
    for sent, asked in [("2026-12-10 14:10", True), ("2026-12-10 14:40", False)]:
        meeting = make.meeting(status=Status.SCHEDULED, starts="2026-12-10 15:00", sent_at=make.at(sent))
        assert (letters.giay_moi(meeting, None).join_by is not None) is asked


def test_the_text_alone_says_everything_and_names_no_other_site() -> None:
    meeting = released()
    worked()
    first, second = make.sites_of(meeting)
    letter = letter_box.at(f"invitation-{first.id}-0")
    assert letter is not None
    text = parts(read(letter))["text/plain"].get_content()
    for said in ("08 giờ 00 – 11 giờ 15, thứ Năm, ngày 10 tháng 12 năm 2026", "Ông Lê Minh Khang, Bộ trưởng",
                 "17 giờ 00, ngày 08 tháng 12 năm 2026", "024 000 1234", "024 000 1235", "không chuyển tiếp"):  # fmt: skip
        assert said in text
    whole = read(letter).as_bytes().decode()
    assert private_link.token(make.invitation_of(second)) not in whole
    assert second.name not in text


def test_a_hostile_title_adds_no_link_and_no_tag() -> None:
    meeting = released(title="<a href='http://evil.example'>Bấm vào đây</a> & <script>alert(1)</script>")
    worked()
    letter = db.session.query(Letter).first()
    assert letter is not None
    html = BeautifulSoup(parts(read(letter))["text/html"].get_content(), "html.parser")
    assert {re.split("/[mj]/", str(a["href"]))[0] for a in html.select('a:not([href^="tel:"])')} == {
        "http://hop.example"
    }
    assert html.find("script") is None and meeting.title in html.get_text()


def test_a_site_without_an_address_is_asked_and_noted() -> None:
    meeting = released(sites=[make.site(make.NGHE_AN, email=""), make.site(make.HA_TINH)])
    worked()
    without, with_ = (make.invitation_of(site) for site in make.sites_of(meeting))
    assert without.reply is with_.reply is Reply.ASKED
    assert (without.by_post, with_.by_post) == (False, True)
    assert db.session.query(Letter).count() == 1
    progress = batch.progress(meeting)
    assert (progress.sites, progress.sent, progress.without_email, progress.done) == (2, 1, 1, True)
    listed = batch.page(meeting, batch.rounds(meeting)[0], batch.Figure.WITHOUT_EMAIL).rows
    assert [line.meeting_site.name for line in listed if line.meeting_site] == ["Nghệ An"]


def test_asking_twice_asks_nobody_twice() -> None:
    meeting = released()
    worked()
    entry = journal.queries.of(meeting.code, fact="meeting.sent")[0]
    asking.issue(entry)
    assert db.session.query(Letter).count() == db.session.query(Invitation).count() == 2
    assert len(journal.queries.of(meeting.code, fact="invitation.issued")) == 2


def test_many_sites_are_asked_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "BATCH", 2)
    state = make.units()
    communes = [make.site(make.unit(f"9000{n}", parent=state[make.NGHE_AN])) for n in range(5)]
    meeting = released(sites=communes)
    assert worker.follow_up(1) == 1
    db.session.commit()
    assert batch.progress(meeting).unasked == 3
    worked()
    progress = batch.progress(meeting)
    assert (progress.unasked, progress.sent, progress.done) == (0, 5, True)


def test_a_draft_asks_nobody() -> None:
    meeting = make.meeting(asked=False)
    asking.issue(journal.record("meeting.sent", meeting, actor=SYSTEM))
    assert db.session.query(Invitation).count() == 0


# ------------------------------------------------------------------ answers


@pytest.fixture
def asked() -> Invitation:
    """An invitation of a meeting on 10 December 08:00, to be answered before 8 December 17:00."""
    meeting = make.meeting(status=Status.SCHEDULED)
    return make.invitation_of(make.sites_of(meeting)[0])


def test_a_site_accepts(asked: Invitation) -> None:
    assert answering.reply(asked, Answer(Reply.ACCEPTED, day_phone="0912 000 345"), actor=SITE) is False
    assert asked.reply is Reply.ACCEPTED and asked.reply_source is Source.LINK
    assert (asked.replied_by, asked.day_phone, asked.late) == ("Ông Trần Đầu Mối", "0912 000 345", False)
    assert asked.seen_at is not None


def test_a_changed_answer_keeps_the_earlier_one_in_the_history(asked: Invitation) -> None:
    answering.reply(asked, Answer(Reply.DECLINED, reason="Ứng phó bão"), actor=SITE)
    answering.reply(asked, Answer(Reply.ACCEPTED), actor=SITE)
    assert asked.reply is Reply.ACCEPTED and asked.reason == ""
    last = journal.queries.about(asked.journal_subject)[-1]
    assert last.details["before"]["reply"] == "declined" and last.details["before"]["reason"] == "Ứng phó bão"
    assert last.details["after"]["reply"] == "accepted"


def test_the_same_answer_twice_is_written_down_once(asked: Invitation) -> None:
    answering.reply(asked, Answer(Reply.ACCEPTED), actor=SITE)
    answering.reply(asked, Answer(Reply.ACCEPTED), actor=SITE)
    assert len(journal.queries.about(asked.journal_subject)) == 1


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer(Reply.DECLINED), "reason"),
        (Answer(Reply.DECLINED, reason="  "), "reason"),
        (Answer(Reply.SUBSTITUTE), "substitute_name"),
        (Answer(Reply.ASKED), "reply"),
        (Answer(Reply.NOT_ASKED), "reply"),
    ],
)
def test_an_answer_that_is_not_complete_is_refused_at_its_field(asked: Invitation, answer: Answer, field: str) -> None:
    with pytest.raises(Refused) as refused:
        answering.reply(asked, answer, actor=SITE)
    assert refused.value.field == field and asked.reply is Reply.ASKED


def test_a_late_answer_is_taken_and_marked(asked: Invitation, clock: Any) -> None:
    clock.at("2026-12-08 17:01")
    assert answering.reply(asked, Answer(Reply.ACCEPTED), actor=SITE) is True
    assert asked.late


def test_a_reply_after_the_meeting_began_is_refused(asked: Invitation, clock: Any) -> None:
    clock.at("2026-12-10 08:00")
    with pytest.raises(Refused):
        answering.reply(asked, Answer(Reply.ACCEPTED), actor=SITE)
    assert asked.reply is Reply.ASKED


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.POSTPONED, Status.IN_SESSION, Status.CLOSED])
def test_a_meeting_that_is_not_ahead_takes_no_answer(asked: Invitation, status: Status) -> None:
    asked.meeting_site.meeting.status = status
    with pytest.raises(Refused):
        answering.reply(asked, Answer(Reply.ACCEPTED), actor=SITE)


def test_a_substitute_waits_for_the_chairs_consent_and_a_new_answer_asks_afresh(asked: Invitation) -> None:
    secretary = make.actor(make.user("secretary"))
    answer = Answer(Reply.SUBSTITUTE, "Bà", "Trần Thị Lan", "Phó Chủ tịch", "Đi công tác")
    answering.reply(asked, answer, actor=SITE)
    assert asked.consent is Consent.PENDING
    answering.consent(asked, True, "Ông Lê Minh Khang", actor=secretary)
    assert asked.consent is Consent.GIVEN and asked.consent_by == "Ông Lê Minh Khang" and asked.consent_at is not None
    answering.reply(asked, Answer(Reply.SUBSTITUTE, "Ông", "Hồ Văn Nam"), actor=SITE)
    assert asked.consent is Consent.PENDING and asked.consent_at is None


def test_where_the_regime_does_not_ask_for_consent_a_substitute_waits_for_none(asked: Invitation) -> None:
    rule = replace(ruling.rules_on(today())["substitute"], setting=Setting.OFF, valid_from=today())
    ruling.change(rule, "Quy chế của cơ quan", actor=SITE)
    answering.reply(asked, Answer(Reply.SUBSTITUTE, "Bà", "Trần Thị Lan"), actor=SITE)
    assert asked.consent is Consent.NOT_NEEDED


def test_there_is_no_consent_without_a_substitute(asked: Invitation) -> None:
    with pytest.raises(Refused):
        answering.consent(asked, True, "Ông Lê Minh Khang", actor=SITE)


def test_an_answer_by_telephone_names_who_rang_and_who_took_the_call(asked: Invitation) -> None:
    secretary = make.actor(make.user("secretary"))
    with pytest.raises(Refused):
        answering.record_by_telephone(asked, Answer(Reply.ACCEPTED), " ", actor=secretary)
    answering.record_by_telephone(asked, Answer(Reply.ACCEPTED), "Ông Tám", actor=secretary)
    assert asked.reply_source is Source.TELEPHONE and asked.replied_by == "Ông Tám"
    entry = journal.queries.about(asked.journal_subject)[-1]
    assert entry.actor_name == secretary.name and entry.details["said_by"] == "Ông Tám"


def test_seen_is_a_hint_and_written_down_once(asked: Invitation) -> None:
    answering.seen(asked, actor=SITE)
    answering.seen(asked, actor=SITE)
    assert asked.seen_at is not None and asked.reply is Reply.ASKED
    assert len(journal.queries.about(asked.journal_subject)) == 1


def test_an_answer_settles_an_uncertain_letter() -> None:
    meeting = released()
    worked()
    site = make.sites_of(meeting)[0]
    letter = letter_box.at(f"invitation-{site.id}-0")
    assert letter is not None
    letter.status = LetterStatus.UNCERTAIN
    answering.reply(make.invitation_of(site), Answer(Reply.ACCEPTED), actor=SITE)
    assert letter.status is LetterStatus.SENT


# ------------------------------------------------------------------ links


def token_of(site: MeetingSite) -> str:
    return make.private(site).removeprefix("/m/")


def test_a_new_link_kills_the_old_one_and_is_sent(asked: Invitation) -> None:
    old = private_link.token(asked)
    assert private_link.opened(old) is asked
    letter = services.reissue_link(asked, actor=SYSTEM)
    assert letter is not None and letter.key.endswith("-link-2")
    with pytest.raises(Gone) as gone:
        private_link.opened(old)
    assert gone.value.phone == "024 000 1234"
    assert private_link.opened(private_link.token(asked)) is asked
    assert private_link.token(asked) in parts(read(letter))["text/plain"].get_content()


@pytest.mark.parametrize(
    ("locale", "begins", "sentence"),
    [
        ("vi", "ĐƯỜNG DẪN MỚI: họp trực tuyến ", "Đường dẫn trong các thư trước không còn mở được."),
        ("en", "NEW LINK: video conference ", "The link in earlier letters opens nothing any more."),
    ],
)
def test_a_letter_with_a_new_link_says_so_and_one_with_the_link_as_it_stands_does_not(
    asked: Invitation, locale: str, begins: str, sentence: str
) -> None:
    contact = queries.officer(asked.meeting_site)
    assert contact is not None
    contact.locale = locale
    again = services.write_again(asked, "refresh-1")
    assert again is not None and not again.subject.startswith(begins)
    assert not any(sentence in words for words in worded(again).values())
    letter = services.reissue_link(asked, actor=SYSTEM)
    assert letter is not None and letter.subject.startswith(begins)
    assert len(letter.subject.partition(" [")[0]) <= 70
    made = worded(letter)
    assert sentence in made["text/plain"] and sentence in made["text/html"]
    assert sentence not in made["text/calendar"] and begins.strip() not in made["text/calendar"]


def test_a_letter_with_a_dead_link_does_not_leave() -> None:
    meeting = released()
    worker.follow_up()
    db.session.commit()
    site = make.sites_of(meeting)[0]
    services.reissue_link(make.invitation_of(site), actor=SYSTEM)
    worked()
    first, new = letter_box.at(f"invitation-{site.id}-0"), letter_box.at(f"invitation-{site.id}-0-link-2")
    assert first is not None and first.status is LetterStatus.WITHDRAWN
    assert new is not None and new.status is LetterStatus.SENT
    assert new.enclosures == first.enclosures


def test_a_site_without_an_address_gets_a_new_link_to_be_read_out(asked: Invitation) -> None:
    for contact in db.session.query(Contact):
        contact.email = ""
    assert services.reissue_link(asked, actor=SYSTEM) is None
    assert private_link.opened(private_link.token(asked)) is asked


def test_a_withdrawn_site_opens_nothing(asked: Invitation) -> None:
    token = private_link.token(asked)
    services.withdraw(asked.meeting_site, actor=SYSTEM)
    services.withdraw(asked.meeting_site, actor=SYSTEM)
    with pytest.raises(Gone):
        private_link.opened(token)
    assert len(journal.queries.about(asked.journal_subject)) == 1


def test_removing_a_site_kills_its_link_at_once(asked: Invitation) -> None:
    asked.meeting_site.removed_at = asked.asked_at
    with pytest.raises(Gone):
        private_link.opened(private_link.token(asked))


def test_a_link_ends_seven_days_after_the_meeting(asked: Invitation, clock: Any) -> None:
    clock.at("2026-12-17 11:15")
    assert private_link.opened(private_link.token(asked)) is asked
    clock.at("2026-12-17 11:16")
    with pytest.raises(Gone):
        private_link.opened(private_link.token(asked))


@pytest.mark.parametrize("token", ["", "x", "x" * 40, "đ" * 30, "../../etc/passwd", "A" * 500])
def test_a_token_of_no_meaning_opens_nothing_and_tells_no_number(asked: Invitation, token: str) -> None:
    with pytest.raises(Gone) as gone:
        private_link.opened(token)
    assert gone.value.phone == ""


def test_a_token_is_good_for_its_purpose_only(asked: Invitation) -> None:
    from meetings import links

    for purpose in ("j", "v", "t"):
        with pytest.raises(Gone):
            private_link.opened(links.token(purpose, asked.link_id, 1))


def test_the_old_officers_link_ends_the_moment_another_is_named(asked: Invitation, clock: Any) -> None:
    token = private_link.token(asked)
    clock.forward(minutes=1)
    holder = queries.officer(asked.meeting_site)
    assert holder is not None
    holder.valid_to = make.clock.now()
    make.contact(asked.meeting_site.site, name="Bà Người Mới", valid_from=make.clock.now())
    with pytest.raises(Gone):
        private_link.opened(token)
    clock.forward(minutes=1)
    services.reissue_link(asked, actor=SYSTEM)
    assert private_link.opened(private_link.token(asked)) is asked


def test_a_new_officer_ends_the_old_ones_link_and_gets_the_coming_meeting(asked: Invitation) -> None:
    old = private_link.token(asked)
    site = asked.meeting_site.site
    holder = queries.officer(asked.meeting_site)
    assert holder is not None
    holder.valid_to = make.at("2026-12-01 08:59")
    new = make.contact(site, name="Bà Người Mới", email="nguoimoi@tinh.example")
    entry = journal.record("contact.named", new, actor=SYSTEM, site_id=site.id, before=holder.name)
    services.renew_for_new_officer(entry)
    with pytest.raises(Gone):
        private_link.opened(old)
    letter = db.session.query(Letter).one()
    assert letter.to_address == "nguoimoi@tinh.example"


def test_the_first_officer_of_a_site_gets_the_link_that_was_handed_over_on_paper() -> None:
    meeting = released(sites=[make.site(make.NGHE_AN, email="")])
    worked()
    invitation = make.invitation_of(make.sites_of(meeting)[0])
    token = private_link.token(invitation)
    site = invitation.meeting_site.site
    holder = queries.officer(invitation.meeting_site)
    assert holder is not None and not invitation.by_post
    holder.email = "moi@tinh.example"
    services.renew_for_new_officer(journal.record("contact.named", holder, actor=SYSTEM, site_id=site.id, before=""))
    assert private_link.opened(token) is invitation and invitation.by_post
    assert db.session.query(Letter).one().to_address == "moi@tinh.example"


def test_who_was_named_before_the_sites_were_asked_gets_one_letter_however_late_that_is_come_to() -> None:
    meeting = released(sites=[make.site(make.NGHE_AN, email="moi@tinh.example")])
    worked()
    invitation = make.invitation_of(make.sites_of(meeting)[0])
    holder = queries.officer(invitation.meeting_site)
    assert holder is not None
    site_id = invitation.meeting_site.site_id
    services.renew_for_new_officer(journal.record("contact.named", holder, actor=SYSTEM, site_id=site_id, before=""))
    assert db.session.query(Letter).one().to_address == "moi@tinh.example"


@pytest.fixture
def by_the_deputy() -> Invitation:
    """An invitation whose letter went to the deputy: the coordinator has no address."""
    site = make.site(make.NGHE_AN, email="")
    make.contact(site, duty=Duty.DEPUTY, name="Ông Phó Cũ", email="phocu@tinh.example")
    meeting = released(sites=[site])
    worked()
    assert db.session.query(Letter).one().to_address == "phocu@tinh.example"
    return make.invitation_of(make.sites_of(meeting)[0])


def named(site: Any, duty: Duty, name: str, email: str, clock: Any) -> None:
    """Name somebody and let the worker do what follows."""
    clock.forward(minutes=1)
    directory.name_contact(site, duty, name=name, email=email, actor=SYSTEM)
    clock.forward(seconds=1)
    db.session.commit()


def test_a_new_deputy_ends_the_old_ones_link_and_gets_the_coming_meeting(by_the_deputy: Invitation, clock: Any) -> None:
    old, site = private_link.token(by_the_deputy), by_the_deputy.meeting_site.site
    named(site, Duty.DEPUTY, "Bà Phó Mới", "phomoi@tinh.example", clock)
    with pytest.raises(Gone):
        private_link.opened(old)  # at once, before the worker comes to it
    worked()
    with pytest.raises(Gone):
        private_link.opened(old)
    newest = db.session.query(Letter).order_by(Letter.id.desc()).first()
    assert newest is not None and newest.to_address == "phomoi@tinh.example"
    assert private_link.opened(private_link.token(by_the_deputy)) is by_the_deputy


def test_a_new_deputy_changes_nothing_about_a_link_that_went_to_the_coordinator(clock: Any) -> None:
    site = make.site(make.NGHE_AN)
    make.contact(site, duty=Duty.DEPUTY, name="Ông Phó Cũ", email="phocu@tinh.example")
    meeting = released(sites=[site])
    worked()
    invitation = make.invitation_of(make.sites_of(meeting)[0])
    token = private_link.token(invitation)
    named(site, Duty.DEPUTY, "Bà Phó Mới", "phomoi@tinh.example", clock)
    worked()
    assert private_link.opened(token) is invitation
    assert db.session.query(Letter).count() == 1


def test_the_deputys_link_ends_with_her_though_the_coordinator_got_an_address_since(
    by_the_deputy: Invitation, clock: Any
) -> None:
    old, site = private_link.token(by_the_deputy), by_the_deputy.meeting_site.site
    coordinator = directory_queries.contact(site, Duty.COORDINATOR)
    assert coordinator is not None
    directory.correct_contact(coordinator, email="daumoi@tinh.example", actor=SYSTEM)
    named(site, Duty.DEPUTY, "Bà Phó Mới", "phomoi@tinh.example", clock)
    worked()
    with pytest.raises(Gone):
        private_link.opened(old)
    newest = db.session.query(Letter).order_by(Letter.id.desc()).first()
    assert newest is not None and newest.to_address == "daumoi@tinh.example"


def test_the_first_deputy_of_a_site_gets_the_link_where_nobody_could_be_written_to(clock: Any) -> None:
    site = make.site(make.NGHE_AN, email="")
    meeting = released(sites=[site])
    worked()
    invitation = make.invitation_of(make.sites_of(meeting)[0])
    token = private_link.token(invitation)
    named(site, Duty.DEPUTY, "Bà Phó Mới", "phomoi@tinh.example", clock)
    worked()
    assert private_link.opened(token) is invitation and invitation.by_post
    assert db.session.query(Letter).one().to_address == "phomoi@tinh.example"


def test_a_new_technician_changes_no_link(by_the_deputy: Invitation, clock: Any) -> None:
    token, site = private_link.token(by_the_deputy), by_the_deputy.meeting_site.site
    for name in ("Ông Kỹ Thuật", "Bà Kỹ Thuật"):
        named(site, Duty.TECHNICIAN, name, "kythuat@tinh.example", clock)
    worked()
    assert private_link.opened(token) is by_the_deputy
    assert db.session.query(Letter).count() == 1


def test_a_refused_letter_is_sent_again_to_the_corrected_address() -> None:
    meeting = released()
    worker.follow_up()
    site = make.sites_of(meeting)[0]
    letter = letter_box.at(f"invitation-{site.id}-0")
    assert letter is not None
    letter.status = LetterStatus.REFUSED
    listed = batch.page(meeting, batch.rounds(meeting)[0], batch.Figure.REFUSED).rows
    assert [line.meeting_site for line in listed] == [site]
    services.resend(letter, to_address="dung@tinh.example", actor=SYSTEM)
    worked()
    assert letter.status is LetterStatus.SENT
    event = Calendar.from_ical(parts(read(letter))["text/calendar"].get_payload(decode=True)).events[0]
    assert str(event["ATTENDEE"]) == "mailto:dung@tinh.example"


def test_the_published_calendar_has_the_sites_own_link_and_the_case_files_none(asked: Invitation) -> None:
    own = Calendar.from_ical(enclosures.calendar_for(asked))
    assert own["METHOD"] == "PUBLISH" and str(own.events[0]["URL"]).endswith(private_link.join_token(asked))
    assert private_link.token(asked) in str(own.events[0]["DESCRIPTION"])
    common = enclosures.calendar(asked.meeting_site.meeting).decode()
    assert private_link.token(asked) not in common and private_link.join_token(asked) not in common
    assert letter_box.HIDDEN in common.replace("\r\n ", "")
    assert own.events[0]["UID"] == Calendar.from_ical(common).events[0]["UID"]


def test_replies_are_counted_and_found_by_what_was_said() -> None:
    meeting = make.meeting(status=Status.SCHEDULED)
    first, second = make.sites_of(meeting)
    answering.reply(make.invitation_of(first), Answer(Reply.ACCEPTED), actor=SITE)
    answering.seen(make.invitation_of(second), actor=SITE)
    told = replies.counts(meeting)
    assert (told.counts["accepted"], told.counts["seen"], told.silent, told.all) == (1, 1, 1, 2)
    assert told.shown["accepted"] == 1 and told.filter["seen"] == "asked"
    assert "2 điểm cầu" in told.sentence
    found = db.session.execute(replies.chosen(meeting, said="accepted")).all()
    assert [site.id for site, _ in found] == [first.id]
    silent = db.session.execute(replies.chosen(meeting, said="asked")).all()
    assert [site.id for site, _ in silent] == [second.id]
    named = db.session.execute(replies.chosen(meeting, words="ha tinh")).all()
    assert [site.name for site, _ in named] == ["Hà Tĩnh"]


def test_what_is_handed_in_names_the_installations_own_address_only(asked: Invitation) -> None:
    assert post.sender_address() == adapters.config().mail_from
    assert re.fullmatch(r"http://hop\.example/m/[\w-]+", private_link.address(asked))
