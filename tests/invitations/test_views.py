"""The pages from which a secretary follows the letters and the answers."""

from __future__ import annotations

from typing import Any

import pytest

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.invitations import answering, asking, awaiting, queries
from meetings.invitations.answering import Answer
from meetings.invitations.rules import Consent, Reply, Source
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make


@pytest.fixture
def meeting(secretary: User) -> Meeting:
    """A meeting whose two sites have been asked; the letters wait."""
    made = make.meeting(status=Status.SCHEDULED, asked=False, secretary=secretary)
    asking.issue(journal.record("meeting.sent", made, actor=SYSTEM))
    db.session.commit()
    return made


def test_the_page_of_sending_counts_and_shows_failures_with_a_telephone(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    letter = db.session.query(Letter).first()
    assert letter is not None
    letter.status, letter.phase, letter.code, letter.answer = LetterStatus.REFUSED, "rcpt", 550, "no such user"
    page = browser(secretary).get(f"/meetings/{meeting.code}/sending")
    assert page.status_code == 200
    assert "550 no such user" in page.words and "0912 000 345" in page.words
    counts = {tag["data-count"]: tag.get_text() for tag in page.soup.find_all(attrs={"data-count": True})}
    assert counts == {"waiting": "1", "sent": "0", "refused": "1", "uncertain": "0", "sites": "2"}
    told = browser(secretary).get(f"/meetings/{meeting.code}/sending.json").json
    assert (told["sites"], told["waiting"], told["refused"], told["failed"], told["done"]) == (2, 1, 1, 1, False)


def test_a_corrected_address_is_sent_to_and_the_others_are_left_alone(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    letter = db.session.query(Letter).first()
    assert letter is not None
    letter.status = LetterStatus.REFUSED
    client = browser(secretary)
    path = f"/meetings/{meeting.code}/letters/{letter.id}/resend"
    bad = client.submit(path, {"email": "không phải thư"}, follow=False)
    assert bad.status_code == 422 and "vanphong@nghean.example" in bad.words
    assert client.submit(path, {"email": "dung@tinh.example"}, follow=False).status_code == 303
    db.session.expire_all()
    assert letter.status is LetterStatus.WAITING and letter.to_address == "dung@tinh.example"
    assert len(journal.queries.about(letter.journal_subject)) == 1


def test_an_uncertain_letter_that_arrived_is_noted(meeting: Meeting, secretary: User, browser: Any) -> None:
    letter = db.session.query(Letter).first()
    assert letter is not None
    letter.status = LetterStatus.UNCERTAIN
    client = browser(secretary)
    page = client.get(f"/meetings/{meeting.code}/sending")
    assert page.form("arrived") is not None
    assert client.post(f"/meetings/{meeting.code}/letters/{letter.id}/arrived").status_code == 303
    db.session.expire_all()
    assert letter.status is LetterStatus.SENT


def test_a_letter_of_another_meeting_is_not_found(meeting: Meeting, secretary: User, browser: Any) -> None:
    other = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    letter = db.session.query(Letter).first()
    assert letter is not None
    client = browser(secretary)
    assert client.get(f"/meetings/{other.code}/letters/{letter.id}/resend").status_code == 404
    assert client.get(f"/meetings/{meeting.code}/letters/99999999999/resend").status_code == 404


def test_an_answer_on_the_telephone_is_kept_with_who_rang(meeting: Meeting, secretary: User, browser: Any) -> None:
    site = make.sites_of(meeting)[0]
    client = browser(secretary)
    path = f"/meetings/{meeting.code}/sites/{site.id}/reply"
    page = client.submit(path, {"caller": "Ông Tám, Văn phòng", "reply": "declined"}, follow=False)
    assert page.status_code == 422 and "lý do" in page.words
    done = client.submit(path, {"caller": "Ông Tám, Văn phòng", "reply": "declined", "reason": "Ứng phó bão"})
    assert done.status_code == 200 and "Ứng phó bão" in done.words and "qua điện thoại" in done.words
    invitation = make.invitation_of(site)
    assert (invitation.reply, invitation.reply_source, invitation.replied_by) == (
        Reply.DECLINED,
        Source.TELEPHONE,
        "Ông Tám, Văn phòng",
    )


def test_consent_to_a_substitute_is_recorded_in_the_chairs_name(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    site = make.sites_of(meeting)[0]
    answering.reply(make.invitation_of(site), Answer(Reply.SUBSTITUTE, "Bà", "Trần Thị Lan"), actor=SYSTEM)
    client = browser(secretary)
    path = f"/meetings/{meeting.code}/sites/{site.id}"
    page = client.get(path)
    assert "Trần Thị Lan" in page.words
    refused = client.submit(path, {}, form="consent", follow=False)
    assert refused.status_code == 422
    assert client.submit(path, {"given": "yes"}, form="consent").status_code == 200
    db.session.expire_all()
    invitation = make.invitation_of(site)
    assert invitation.consent is Consent.GIVEN and invitation.consent_by == "Ông Lê Minh Khang"


def test_a_link_is_taken_back_with_a_reason_and_no_letter_brings_a_new_one(
    meeting: Meeting, secretary: User, browser: Any, client: Any
) -> None:
    site, other = make.sites_of(meeting)
    pages, theirs = (make.private(site), make.joining(site)), make.private(other)
    desk, path = browser(secretary), f"/meetings/{meeting.code}/sites/{site.id}"
    written = len(letter_box.of(meeting.code))
    shown = desk.get(path)
    assert [tag["data-copy"].rpartition(".example")[2] for tag in shown.soup.select("[data-copy]")] == list(pages)
    refused = desk.submit(path, {"reason": "x"}, form="/take-back")
    assert refused.status_code == 422 and client.get(pages[0]).status_code == 200
    told = desk.submit(path, {"reason": "Chuyển nhầm người"}, form="/take-back")
    assert "không còn hiệu lực" in told.words
    db.session.expire_all()
    assert [client.get(page).status_code for page in pages] == [410, 410]
    assert client.get(theirs).status_code == 200
    assert len(letter_box.of(meeting.code)) == written
    invitation = make.invitation_of(site)
    assert invitation.link.ended_at is None and awaiting.back_again(meeting, 9) == [], "it is still invited"
    desk.submit(path, form=f"{site.id}/link")
    db.session.expire_all()
    assert client.get(make.private(site)).status_code == 200
    (entry,) = journal.queries.of(meeting.code, fact="invitation.link_taken_back")
    assert entry.details == {"site": site.name, "reason": "Chuyển nhầm người"}


def test_a_new_link_is_given_and_the_old_one_ends(meeting: Meeting, secretary: User, browser: Any) -> None:
    site = make.sites_of(meeting)[0]
    old = make.private(site)
    client = browser(secretary)
    page = client.get(f"/meetings/{meeting.code}/sites/{site.id}")
    assert old in str(page.soup.find(attrs={"data-copy": True})["data-copy"])
    told = client.post(f"/meetings/{meeting.code}/sites/{site.id}/link", follow_redirects=True)
    assert "đường dẫn mới" in told.words
    db.session.expire_all()
    assert make.private(site) != old
    assert letter_box.at(f"invitation-{site.id}-0-link-2") is not None


def test_the_tab_of_sites_filters_and_searches_without_diacritics(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    first, _second = make.sites_of(meeting)
    answering.reply(make.invitation_of(first), Answer(Reply.ACCEPTED), actor=SYSTEM)
    client = browser(secretary)
    page = client.get(f"/meetings/{meeting.code}/sites")
    assert page.status_code == 200
    rows = [row.th.get_text(" ").strip() for row in page.soup.select("tbody tr")]
    assert rows == ["Nghệ An", "Hà Tĩnh"]
    accepted = client.get(f"/meetings/{meeting.code}/sites?reply=accepted")
    assert [row.th.get_text(" ").strip() for row in accepted.soup.select("tbody tr")] == ["Nghệ An"]
    found = client.get(f"/meetings/{meeting.code}/sites?q=ha+tinh")
    assert [row.th.get_text(" ").strip() for row in found.soup.select("tbody tr")] == ["Hà Tĩnh"]
    nothing = client.get(f"/meetings/{meeting.code}/sites?q=kh%C3%B4ng+c%C3%B3&page=abc")
    assert nothing.status_code == 200 and not nothing.soup.select("tbody tr")


def test_an_invited_unit_sees_its_own_part_without_telephones_and_links(
    meeting: Meeting, site_officer: User, browser: Any
) -> None:
    page = browser(site_officer).get(f"/meetings/{meeting.code}/sites")
    assert page.status_code == 200
    assert [row.th.get_text(" ").strip() for row in page.soup.select("tbody tr")] == ["Nghệ An"]
    assert "0912 000 345" not in page.words and page.soup.find(attrs={"data-copy": True}) is None


@pytest.mark.parametrize("path", ["/sending", "/sending.json", "/sites", "/sites/1", "/documents/giay-moi.docx"])
def test_a_stranger_is_told_nothing(meeting: Meeting, stranger: User, browser: Any, path: str) -> None:
    assert browser(stranger).get(f"/meetings/{meeting.code}{path}").status_code == 404


def test_the_giay_moi_can_be_downloaded(meeting: Meeting, secretary: User, browser: Any) -> None:
    answer = browser(secretary).get(f"/meetings/{meeting.code}/documents/giay-moi.docx")
    assert answer.status_code == 200 and answer.data[:2] == b"PK"
    assert f"Giay-moi-{meeting.code}.docx" in answer.headers["Content-Disposition"]


def test_opening_every_link_by_get_and_head_changes_nothing(meeting: Meeting, browser: Any) -> None:
    def picture() -> list[Any]:
        db.session.rollback()
        return [
            tuple(row)
            for table in reversed(db.metadata.sorted_tables)
            if table.name != "sign_in_attempt"
            for row in db.session.execute(db.select(table))
        ]

    before = picture()
    for site in make.sites_of(meeting):
        path = make.private(site)
        client = browser()
        for _ in range(3):
            for address in (path, f"{path}/reply", f"{path}/invitation.docx", f"{path}/calendar.ics"):
                assert client.get(address).status_code == 200, address
                assert client.head(address).status_code == 200, address
    assert picture() == before


def test_the_site_sees_what_was_told_on_the_telephone(meeting: Meeting, secretary: User, client: Any) -> None:
    site = make.sites_of(meeting)[0]
    answering.record_by_telephone(
        make.invitation_of(site), Answer(Reply.ACCEPTED), "Ông Tám", actor=make.actor(secretary)
    )
    page = client.get(make.private(site))
    assert page.status_code == 200 and queries.may_answer(make.invitation_of(site)).value == "open"
