"""The page of sending: figures that are counted from the letters, one letter mended, many tried again, a test, paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from icalendar import Calendar

from config import MailboxServer, MailServer
from meetings import journal, worker
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import SYSTEM, Role
from meetings.clock import now
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Contact, Duty
from meetings.invitations import answering, asking, batch, enclosures, private_link, queries, services, trial
from meetings.invitations.answering import Answer
from meetings.invitations.models import Invitation, Link, Reply
from meetings.post.models import Letter, Outage
from meetings.post.rules import LetterStatus
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e.post import Letter as Mail

FATES = {
    make.NGHE_AN: LetterStatus.REFUSED,
    make.HA_TINH: LetterStatus.BOUNCED,
    make.HO_CHI_MINH: LetterStatus.UNCERTAIN,
    make.KIM_LIEN: LetterStatus.WAITING,
    make.VINH_HUNG: LetterStatus.SENT,
}


@pytest.fixture
def meeting(secretary: User) -> Meeting:
    """A meeting of six sites: five letters with five fates (the waiting one was put off), one site without e-mail."""
    sites = [make.site(code) for code in FATES] + [make.site(make.SAI_GON, email="")]
    made = make.meeting(status=Status.SCHEDULED, asked=False, secretary=secretary, sites=sites)
    asking.issue(journal.record("meeting.sent", made, actor=SYSTEM))
    for site, status in zip(make.sites_of(made), FATES.values(), strict=False):
        letter = letter_to(site)
        letter.status, letter.attempts = status, 1
        letter.settled_at = None if status is LetterStatus.WAITING else now()
        letter.phase, letter.code, letter.answer = "rcpt", 550, "5.1.1 no such user"
        if status is LetterStatus.WAITING:
            letter.next_at = now() + timedelta(hours=1)
        if status is LetterStatus.BOUNCED:
            letter.bounce_code, letter.bounce_text = "5.2.2", "mailbox full"
    db.session.commit()
    return made


def letter_to(site: MeetingSite) -> Letter:
    invitation = make.invitation_of(site)
    return db.session.query(Letter).filter_by(link_purpose="m", link_id=invitation.link_id).one()


def letters_of(meeting: Meeting) -> dict[str, Letter]:
    """By the code of the site's unit, of the five that have one."""
    return {site.site.code: letter_to(site) for site in make.sites_of(meeting) if make.invitation_of(site).by_post}


def listed(page: Any) -> list[str]:
    return [
        row.th.get_text(" ").strip()
        for row in page.soup.select("#list ~ table tbody tr, section[aria-labelledby=list] tbody tr")
    ]


def test_each_figure_is_counted_from_the_letters_and_leads_to_exactly_those(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    client, path = browser(secretary), f"/meetings/{meeting.code}/sending"
    page = client.get(path)
    figures = {tag["data-count"]: tag.get_text() for tag in page.soup.select(".kpi [data-count]")}
    assert figures == {"waiting": "1", "sent": "1", "refused": "2", "bounced": "1", "uncertain": "1"}
    assert page.soup.select_one(".under-kpis [data-count=sites]").get_text() == "6"
    assert listed(page)[:3] == ["Nghệ An", "Hà Tĩnh", "Hồ Chí Minh"], "what needs a person stands first"
    wanted = {
        "waiting": ["Xã Kim Liên"],
        "accepted": ["Phường Vinh Hưng"],
        "refused": ["Nghệ An", "Hà Tĩnh"],
        "bounced": ["Hà Tĩnh"],
        "uncertain": ["Hồ Chí Minh"],
        "without_email": ["Phường Sài Gòn"],
    }
    hrefs = {str(tag["href"]).partition("#")[0] for tag in page.soup.select("a.kpi, .under-kpis a")}
    assert {href.partition("status=")[2] for href in hrefs} == set(wanted)
    for href in hrefs:
        assert listed(client.get(href)) == wanted[href.partition("status=")[2]], href
    # the reason in office words, the server's own words, the telephone
    refused = client.get(f"{path}?status=refused")
    for words in ("hộp thư đã đầy", "5.2.2 mailbox full", "550 5.1.1 no such user", "0912 000 345"):
        assert words in refused.words
    assert refused.soup.find("a", href="tel:0912000345") is not None
    # by name without diacritics, by address, and nothing at all
    assert listed(client.get(f"{path}?q=ha+tinh")) == ["Hà Tĩnh"]
    assert listed(client.get(f"{path}?status=refused&q=diemcau.40@")) == ["Nghệ An"]
    assert listed(client.get(f"{path}?status=nothing&q=%25&round=c999999&page=77")) == []
    told = client.get(f"{path}.json").json
    assert (told["refused"], told["bounced"], told["failed"], told["done"]) == (2, 1, 3, False)


def test_the_page_asks_the_database_as_often_for_six_sites_as_for_two(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    small = make.meeting(status=Status.SCHEDULED, asked=False, secretary=secretary)
    asking.issue(journal.record("meeting.sent", small, actor=SYSTEM))
    client, asked = browser(secretary), list[str]()
    make.done()

    def note(*given: Any) -> None:
        asked.append(given[2])

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        counts = []
        for code in (small.code, meeting.code, small.code, meeting.code):
            asked.clear()
            assert client.get(f"/meetings/{code}/sending").status_code == 200
            counts.append(len([said for said in asked if said.startswith("SELECT")]))
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert counts[2] == counts[3] <= 20, counts


def test_a_mended_address_gets_its_letter_alone_and_stays_in_the_directory_where_that_is_ticked(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    site = make.sites_of(meeting)[1]
    letter, link = letter_to(site), make.private(site)
    client, path = browser(secretary), f"/meetings/{meeting.code}/letters/{letter.id}/resend"
    ticked = client.get(path).soup.find("input", {"name": "directory"})
    assert ticked is not None and ticked.has_attr("checked"), "the next letter would go to the dead address again"
    assert client.submit(path, {"email": "hatinh@@tinh.example"}, follow=False).status_code == 422
    assert client.submit(path, {"email": "dung@hatinh.example", "directory": "y"}, follow=False).status_code == 303
    db.session.expire_all()
    waiting = db.session.query(Letter).filter_by(status=LetterStatus.WAITING).all()
    assert {one.to_address for one in waiting if not one.attempts} == {"dung@hatinh.example"}
    contact = directory.in_office([site.site_id])[site.site_id][Duty.COORDINATOR]
    assert contact.email == "dung@hatinh.example"
    facts = [entry.fact for entry in journal.queries.about(letter.journal_subject)]
    assert facts == ["letter.resent"] and journal.queries.about(contact.journal_subject)[-1].fact == "contact.corrected"
    while worker.follow_up():
        pass
    assert client.get(link).status_code == 200, "the same person: her link stays good"
    # not ticked: the letter goes, the directory stays as it is
    first = make.sites_of(meeting)[0]
    before = directory.in_office([first.site_id])[first.site_id][Duty.COORDINATOR].email
    path = f"/meetings/{meeting.code}/letters/{letter_to(first).id}/resend"
    assert client.submit(path, {"email": "khac@nghean.example", "directory": None}, follow=False).status_code == 303
    db.session.expire_all()
    assert letter_to(first).to_address == "khac@nghean.example"
    assert directory.in_office([first.site_id])[first.site_id][Duty.COORDINATOR].email == before


def test_many_are_tried_again_at_one_press_and_what_nobody_asked_about_is_left(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    other = make.meeting(status=Status.SCHEDULED, asked=False, secretary=secretary)
    asking.issue(journal.record("meeting.sent", other, actor=SYSTEM))
    strange = letter_to(make.sites_of(other)[0])
    strange.status = LetterStatus.REFUSED
    by_code, client = letters_of(meeting), browser(secretary)
    ids = {code: letter.id for code, letter in by_code.items()}
    path = f"/meetings/{meeting.code}/letters/again"
    shown = client.get(f"/meetings/{meeting.code}/sending")
    ticks = {int(tag["value"]) for tag in shown.soup.select('input[name="letter"]')}
    assert ticks == {ids[make.NGHE_AN], ids[make.HA_TINH], ids[make.KIM_LIEN]}
    told = client.post(path, data={"letter": [*ids.values(), strange.id, "x", 9**20]}, follow_redirects=True)
    assert "Đang gửi lại 3 thư" in told.words and "Chưa gửi lại 2 thư" in told.words
    db.session.expire_all()
    by_code = letters_of(meeting)
    assert {code: letter.status for code, letter in by_code.items()} == {
        make.NGHE_AN: LetterStatus.WAITING,
        make.HA_TINH: LetterStatus.WAITING,
        make.HO_CHI_MINH: LetterStatus.UNCERTAIN,
        make.KIM_LIEN: LetterStatus.WAITING,
        make.VINH_HUNG: LetterStatus.SENT,
    }
    assert by_code[make.KIM_LIEN].next_at <= now(), "one that was put off goes at once"
    assert strange.status is LetterStatus.REFUSED, "a letter of another meeting"
    # all of a round: what came back is left, its address is to be mended first
    by_code[make.NGHE_AN].status, by_code[make.HA_TINH].status = LetterStatus.REFUSED, LetterStatus.BOUNCED
    client.post(path, data={"all": "1", "round": "first"})
    db.session.expire_all()
    by_code = letters_of(meeting)
    assert by_code[make.NGHE_AN].status is LetterStatus.WAITING
    assert by_code[make.HA_TINH].status is LetterStatus.BOUNCED


def test_every_occasion_has_its_own_round_of_letters(meeting: Meeting, secretary: User, browser: Any) -> None:
    site = make.sites_of(meeting)[4]
    services.reissue_link(make.invitation_of(site), actor=SYSTEM)
    rounds = batch.rounds(meeting)
    assert {one.key for one in rounds} == {"first", "new_link"}
    assert batch.progress(meeting).sent == 1, "a new link is no second invitation"
    client = browser(secretary)
    page = client.get(f"/meetings/{meeting.code}/sending")
    assert [row.th.a.get_text() for row in page.soup.select("section[aria-labelledby=rounds] tbody tr")] == [
        "Đường dẫn mới",
        "Giấy mời",
    ]
    assert listed(client.get(f"/meetings/{meeting.code}/sending?round=new_link")) == ["Phường Vinh Hưng"]


def test_the_page_says_why_letters_wait(secretary: User, browser: Any, app: Flask) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, asked=False, secretary=secretary)
    asking.issue(journal.record("meeting.sent", meeting, actor=SYSTEM))
    client, before = browser(secretary), app.extensions["config"]
    path = f"/meetings/{meeting.code}/sending"
    app.extensions["config"] = replace(before, mail_rate=1)
    try:
        assert "tối đa 1 thư mỗi phút" in client.get(path).words
    finally:
        app.extensions["config"] = before
    assert "mỗi phút" not in client.get(path).words
    at = now() + timedelta(minutes=5)
    db.session.add(Outage(since_at=now(), retry_at=at, failures=1, phase="connect", code=None, answer="refused"))
    page = client.get(path)
    assert "Máy chủ thư không nhận thư từ 09 giờ 00" in page.words and "Thư được giữ lại" in page.words


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SCHEDULED])
def test_a_test_goes_to_the_person_who_sends_and_invites_nobody(
    secretary: User, browser: Any, instance: Any, app: Flask, status: Status
) -> None:
    meeting = make.meeting(status=status, asked=False, secretary=secretary, reply_by=None)
    client = browser(secretary)
    before = db.session.query(Invitation).count(), db.session.query(Link).count()
    path = f"/meetings/{meeting.code}/trial-letter"
    wrong = client.submit(path, {"site": "Cà Mau"}, follow=False)
    assert wrong.status_code == 422 and "Cuộc họp không có điểm cầu tên như vậy" in wrong.words
    assert client.submit(path, {"site": "ha tinh"}, follow=False).status_code == 303
    db.session.expire_all()
    while worker.tick(app):
        pass
    (mail,) = [Mail.read(path) for path in (instance / "outbox").rglob("*.eml")]
    assert mail.to == secretary.email and mail.subject.startswith("[Thử] ") and meeting.code in mail.subject
    assert "Ủy ban nhân dân tỉnh Hà Tĩnh" in mail.text, "the letter of the site that was named"
    assert mail.tokens == {private_link.SAMPLE} and f"Giay-moi-{meeting.code}.docx" in mail.enclosures
    ((part, calendar),) = mail.calendars
    (event,) = calendar.events
    assert calendar["METHOD"] == "PUBLISH" and part.get_param("method") == "PUBLISH"
    assert "ATTENDEE" not in event and str(event["UID"]).startswith("trial-") and private_link.SAMPLE in event["URL"]
    assert event["UID"] != Calendar.from_ical(enclosures.calendar(meeting)).events[0]["UID"]
    if status is Status.DRAFT:
        assert "Hạn" in mail.subject or "trước" in mail.subject, "with the deadline that it will have"
    assert (db.session.query(Invitation).count(), db.session.query(Link).count()) == before
    assert meeting.reply_by is None and meeting.status is status
    assert "trial" not in {one.key for one in batch.rounds(meeting)}
    gone = browser().get(f"/m/{private_link.SAMPLE}")
    assert gone.status_code == 410 and "đường dẫn mẫu" in gone.words
    letter = db.session.query(Letter).filter_by(kind=trial.KIND).one()
    assert letter.made_by == f"user:{secretary.id}" and letter.link_id is None
    assert journal.queries.of(meeting.code, fact="letter.tried")[0].details == {"site": "Hà Tĩnh"}


def test_the_site_that_is_proposed_for_a_test_is_one_that_gets_a_letter(meeting: Meeting) -> None:
    first, second = make.sites_of(meeting)[:2]
    contact = queries.officer(first)
    assert contact is not None
    contact.email = ""
    db.session.commit()
    offered = trial.offered(meeting)
    assert offered[0] is second and first in offered


def test_the_page_of_a_site_tells_what_a_server_said_and_no_name_of_a_file(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    site = make.sites_of(meeting)[0]
    letter = letter_to(site)
    letter.status, letter.phase, letter.code, letter.answer = LetterStatus.SENT, "folder", None, "invitation-1-0.eml"
    db.session.commit()
    client = browser(secretary)
    assert ".eml" not in client.get(f"/meetings/{meeting.code}/sites/{site.id}").text
    letter.code, letter.answer = 250, "2.0.0 queued as 7Q"
    db.session.commit()
    assert "queued as 7Q" in client.get(f"/meetings/{meeting.code}/sites/{site.id}").text


def test_the_paper_of_a_site_bears_its_own_link_and_no_other(meeting: Meeting, secretary: User, browser: Any) -> None:
    sites, client = make.sites_of(meeting), browser(secretary)
    without, first = sites[-1], sites[0]
    path = f"/meetings/{meeting.code}/paper-letters"
    page = client.get(path)
    (leaf,) = page.soup.select("article.leaf")
    typed = leaf.select_one(".address")
    assert typed.get_text() == private_link.address(make.invitation_of(without)), "a copy of it has nothing added"
    assert typed.select_one(".host").get_text().endswith("/m/")
    assert {len(group.get_text()) for group in typed.select(".group")[:-1]} == {4}
    assert str(leaf.img["src"]).startswith("data:image/svg+xml")
    for words in (
        "Kính gửi: Ủy ban nhân dân phường Phường Sài Gòn",
        "17 giờ 00, ngày 08 tháng 12 năm 2026",
        "024 000 1234",
    ):
        assert words in " ".join(leaf.get_text(" ").split()), words
    one = client.get(f"{path}?site={first.id}")
    assert [each.get_text() for each in one.soup.select(".address")] == [
        private_link.address(make.invitation_of(first))
    ]
    make.invitation_of(without).link.ended_at = now()
    assert not client.get(path).soup.select("article.leaf"), "a link that has ended is not printed"
    assert client.get(f"{path}?site=abc").status_code == 200


def test_the_settings_of_the_letters_show_what_is_set_and_no_secret(
    administrator: User, browser: Any, app: Flask, instance: Any
) -> None:
    before = app.extensions["config"]
    app.extensions["config"] = replace(
        before,
        mail=MailServer("smtp.tinh.example", 587, "lichhop", "mật khẩu thư", tls=True),
        mailbox=MailboxServer("imap.tinh.example", 993, "lichhop", "mật khẩu hộp", "INBOX", "imaps"),
        mail_rate=200,
    )
    try:
        client = browser(administrator)
        page = client.get("/settings/mail")
        for words in (
            "smtp.tinh.example:587",
            "imap.tinh.example:993/INBOX",
            "200 thư mỗi phút",
            "chưa đặt cổng gửi tin",
        ):
            assert words in page.words, words
        assert "mật khẩu thư" not in page.text and "mật khẩu hộp" not in page.text
        assert client.submit("/settings/mail", form="trial").status_code == 200
    finally:
        app.extensions["config"] = before
    address = administrator.email
    make.done()  # no transaction of ours holds the writer's lock
    while worker.tick(app):
        pass
    (mail,) = [Mail.read(path) for path in (instance / "outbox").rglob("*.eml")]
    letter = db.session.query(Letter).filter_by(kind=trial.KIND).one()
    assert (letter.to_address, letter.root, letter.link_id) == (address, "", None)
    assert mail.subject == "Thư thử: thư của Điểm Cầu đến được hộp thư này" and "/settings/mail" in mail.text
    assert journal.queries.about(letter.journal_subject)[0].fact == "mail.tried"


def test_what_a_person_must_still_do_is_said_where_every_letter_is_handled_and_the_list_of_sites_marks_it(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    client, path = browser(secretary), f"/meetings/{meeting.code}/sending"
    unnamed = make.sites_of(meeting)[-1]
    db.session.query(Contact).filter_by(site_id=unnamed.site_id).one().phone = ""
    waiting = letters_of(meeting)[make.KIM_LIEN]
    waiting.status = LetterStatus.SENT
    db.session.commit()
    said = "Đã xử lý xong mọi thư; còn 4 điểm cầu cần gọi điện hoặc gửi bản giấy."
    page = client.get(path)
    assert said in page.words and "open" in page.soup.find("progress")["class"]
    assert "chưa có số điện thoại" in client.get(f"{path}?status=without_email").words
    db.session.add(Grant(user_id=secretary.id, role=Role.SECRETARY, unit_id=unnamed.site.unit_id))
    db.session.commit()
    page = browser(secretary).get(f"{path}?status=without_email")
    assert "Nhập đầu mối" in page.soup.select_one(f"a[href$='/sites/{unnamed.site.code}']").get_text()

    client = browser(secretary)
    page = client.get(f"/meetings/{meeting.code}/sites")
    marks = [tag for tag in page.soup.select("td a") if "thư bị trả lại" in tag.get_text()]
    assert [tag.get_text(" ", strip=True) for tag in marks] == ["thư bị trả lại Nghệ An", "thư bị trả lại Hà Tĩnh"]
    assert [listed(client.get(str(tag["href"]).partition("#")[0])) for tag in marks] == [["Nghệ An"], ["Hà Tĩnh"]]

    # the site without e-mail has answered by telephone, what failed has been put right: nothing is left
    answering.reply(make.invitation_of(unnamed), Answer(Reply.ACCEPTED), actor=SYSTEM)
    db.session.query(Letter).update({"status": LetterStatus.SENT})
    db.session.commit()
    page = client.get(path)
    assert "Đã xử lý xong mọi thư." in page.words and "open" not in page.soup.find("progress")["class"]
    assert "thư bị trả lại" not in client.get(f"/meetings/{meeting.code}/sites").words
