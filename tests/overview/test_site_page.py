"""The pages of a site's private link, as a coordinator without an account meets them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from docx import Document
from flask import Flask

from meetings import journal, links
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Actor
from meetings.attendance import services as attendance_services
from meetings.database import db
from meetings.directory import services as directory
from meetings.invitations import answering
from meetings.invitations.rules import Reply
from meetings.minutes import blocks, handing, life
from meetings.minutes import queries as minutes
from meetings.minutes import services as writing
from meetings.minutes.content import Concluded, Spoken
from meetings.minutes.handing import Numbers
from meetings.overview.site_page import wrong_links
from meetings.readiness import filing, roster, services
from meetings.readiness import queries as readiness
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from meetings.web.assets import STATIC
from tests import make
from tests.conftest import Clock
from tests.overview.conftest import PASTED, everything, said
from tests.pages import Client, Page

PAGES = ("", "/reply", "/roster", "/line-test", "/check-in")


# ------------------------------------------------------------------ looking changes nothing


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_and_tells_no_one_else(client: Client, link: str, page: str) -> None:
    answer = client.get(link + page)
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert not re.findall(r'(?:src|href|action)="https?:', answer.get_data(as_text=True))


def test_opening_every_page_twenty_times_changes_nothing(client: Client, link: str) -> None:
    db.session.commit()
    before = everything()
    papers = ("/invitation.docx", "/calendar.ics", "/notice-of-conclusions.docx", "/done/reply", "/done/roster")
    for _ in range(20):
        for page in (*PAGES, *papers):
            assert client.get(link + page).status_code < 500
            assert client.head(link + page).status_code < 500
    for page in PAGES:
        client.options(link + page)
    assert everything() == before


def test_a_page_that_only_ran_a_script_is_a_hint_and_no_answer(client: Client, here: MeetingSite, link: str) -> None:
    client.get(link)
    assert client.post(link + "/seen").status_code == 204
    assert client.post(link + "/seen").status_code == 204
    found = said(here)
    assert found.seen_at is not None
    assert found.reply is Reply.ASKED
    assert len(journal.queries.of(here.meeting.code, fact="invitation.seen")) == 1


# ------------------------------------------------------------------ the video room


@pytest.mark.parametrize("page", ["", "/check-in"])
def test_the_video_room_is_entered_by_the_join_link_alone_and_in_its_hours(
    client: Client, here: MeetingSite, link: str, clock: Clock, page: str
) -> None:
    meeting = here.meeting
    meeting.platform_link, meeting.dial_string = "https://hop.example/147?a=1&b=2", "147@10.1.2.3##1234"
    shown = client.get(link + page)
    assert "Vào phòng họp được từ 13 giờ 00 ngày 09/12/2026." in shown.words and not shown.soup.select(".room a")
    clock.at("2026-12-10 07:10")
    shown = client.get(link + page)
    button = shown.soup.select_one(".room a.btn")
    assert button is not None and button["href"] == make.joining(here)
    assert set(button["rel"]) == {"noopener", "noreferrer"}
    assert shown.soup.select_one(".room code").get_text() == "147@10.1.2.3##1234"
    assert "hop.example/147?" not in shown.get_data(as_text=True)
    assert client.get(button["href"]).location == "https://hop.example/147?a=1&b=2"
    meeting.platform_link = ""
    assert not client.get(link + page).soup.select(".room a.btn")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.CANCELLED, Status.POSTPONED])
def test_a_meeting_that_is_over_or_off_shows_no_room(
    client: Client, here: MeetingSite, link: str, status: Status
) -> None:
    here.meeting.platform_link, here.meeting.status = "https://hop.example/147", status
    for page in ("", "/check-in"):
        assert "hop.example/147" not in client.get(link + page).get_data(as_text=True)


def test_a_meeting_without_a_room_says_nothing_of_one_once_it_runs(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    clock.at("2026-12-10 08:10")
    assert not client.get(link).soup.select(".room")


# ------------------------------------------------------------------ before, after, and when it is off


def test_a_cancelled_meeting_says_so_and_asks_for_nothing(client: Client, here: MeetingSite, link: str) -> None:
    here.meeting.status = Status.CANCELLED
    page = client.get(link)
    assert "Cuộc họp đã hủy" in page.words
    assert not page.soup.select("ol.tasks")
    for path in ("/roster", "/line-test", "/check-in"):
        assert not client.get(link + path).soup.select("main form")


def test_after_the_meeting_the_pages_can_be_read_and_not_written(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    filing.file_roster(here, roster.rows_of(PASTED), actor=Actor.link(1, "x"))
    token = client.get(link + "/roster").soup.select_one("input[name=csrf_token]")["value"]
    here.meeting.status = Status.CLOSED
    clock.at("2026-12-10 12:00")
    for path in PAGES:
        page = client.get(link + path)
        assert page.status_code == 200
        assert not page.soup.select("main form")
    assert "Hoàng Văn Lộc" in client.get(link + "/roster").words
    posts: dict[str, dict[str, str]] = {
        "/roster": {"pasted": "Ông A B\tC\tD"},
        "/line-test": {"line": "pass"},
        "/check-in": {"head_count": "3"},
        "/reply": {"answer": "accepted"},
    }
    for path, data in posts.items():
        assert client.post(link + path, data={**data, "csrf_token": token}).status_code == 409
    assert client.get(link + "/notice-of-conclusions.docx").status_code == 404


def test_after_its_issue_the_site_reads_the_notice_of_conclusions_and_never_the_record(
    client: Client, here: MeetingSite, link: str, clock: Clock, approver: Any, records_clerk: Any
) -> None:
    meeting, secretary = here.meeting, actor_of(here.meeting.secretary)
    clock.at("2026-12-10 08:00")
    attendance_services.open_roll(meeting, actor=secretary)
    clock.at("2026-12-10 11:20")
    attendance_services.close_roll(meeting, {}, actor=secretary)
    record = writing.start(meeting, actor=secretary)
    item = minutes.written(record).items[2]
    blocks.add(record, Spoken("Canary of the record.", "Nghệ An", "Ông Lộc"), item=item, actor=secretary)
    blocks.add(record, Concluded("Giao các địa phương hoàn thành trong quý I."), actor=secretary)
    assert "Thông báo kết luận" not in client.get(link).words
    life.submit(record, actor=secretary)
    life.approve(record, actor=actor_of(approver))
    handing.issue(
        record,
        Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 14)),
        [],
        [],
        actor=actor_of(records_clerk),
        silent=True,
    )
    assert "Thông báo kết luận" in client.get(link).words
    paper = client.get(link + "/notice-of-conclusions.docx")
    text = " ".join(paragraph.text for paragraph in Document(io.BytesIO(paper.get_data())).paragraphs)
    assert "quý\u00a0I" in text
    assert "Canary" not in text and "Canary" not in client.get(link).words


# ------------------------------------------------------------------ the link itself


def _gone(page: Page, here: MeetingSite) -> None:
    assert page.status_code == 410
    for secret in (here.meeting.title, here.meeting.code, here.name, "Lê Minh Khang", "10 tháng 12"):
        assert secret not in page.get_data(as_text=True)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.AWAITING_APPROVAL])
def test_a_link_opens_nothing_before_the_invitation_is_sent(
    client: Client, here: MeetingSite, link: str, status: Status
) -> None:
    here.meeting.status = status
    for path in (*PAGES, "/invitation.docx", "/calendar.ics"):
        _gone(client.get(link + path), here)
    page = client.get(link)
    assert page.soup.h1.get_text() == "Đường dẫn chưa mở"
    assert "024 000 1234" in page.words


def test_the_link_ends_seven_days_after_the_meeting(client: Client, here: MeetingSite, link: str, clock: Clock) -> None:
    clock.at("2026-12-17 11:15")
    assert client.get(link).status_code == 200
    clock.forward(seconds=1)
    page = client.get(link)
    _gone(page, here)
    assert "024 000 1234" in page.words


@pytest.mark.parametrize(
    ("undo", "why"),
    [
        (lambda here: setattr(here, "removed_at", make.at("2026-12-01 08:00")), "không còn được mời dự cuộc họp"),
        (
            lambda here: setattr(make.invitation_of(here).link, "issue", 2),
            "Đường dẫn này đã được thu hồi. Gọi Văn phòng",
        ),
        (
            lambda here: setattr(make.invitation_of(here).link, "ended_at", make.at("2026-12-01 08:00")),
            "Đường dẫn này đã được thu hồi. Gọi Văn phòng",
        ),
    ],
    ids=["removed site", "newer link", "link taken back"],
)
def test_a_link_that_was_taken_back_opens_nothing_and_says_whom_to_ring(
    client: Client, here: MeetingSite, link: str, undo: Callable[[MeetingSite], None], why: str
) -> None:
    token = client.get(link + "/reply").soup.select_one("input[name=csrf_token]")["value"]
    undo(here)
    for path in (*PAGES, "/invitation.docx", "/calendar.ics"):
        _gone(client.get(link + path), here)
    assert why in client.get(link).words
    assert "024 000 1234" in client.get(link).words
    assert client.post(link + "/reply", data={"answer": "accepted", "csrf_token": token}).status_code == 410
    assert said(here).reply is Reply.ASKED


def test_why_a_link_ended_is_told_to_who_once_held_a_good_one_and_to_no_guesser(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    invitation = make.invitation_of(here)
    wrong = [f"/m/{links.token('m', *claim)}" for claim in ((invitation.link_id + 999, 1), (invitation.link_id, 2))]
    for address in ("/m/" + "A" * 30, *wrong):
        page = client.get(address)
        _gone(page, here)
        assert "đã hết hạn, đã được thay bằng đường dẫn mới hoặc sao chép chưa đủ" in page.words
        assert "024 000 1234" not in page.words
    invitation.link.issue = 2
    assert "Đường dẫn này đã được thu hồi." in client.get(link).words
    clock.at("2027-01-01 08:00")
    page = client.get(link)
    _gone(page, here)
    assert "chỉ dùng được đến bảy ngày sau cuộc họp" in page.words


def test_a_link_of_a_merged_unit_names_the_unit_that_follows_while_the_meeting_is_near(
    client: Client, app: Flask, clock: Clock
) -> None:
    state = make.units()
    meeting = make.meeting(status=Status.SCHEDULED, sites=[make.site(make.KIM_LIEN)])
    here = make.sites_of(meeting)[0]
    link, never = make.private(here), f"/m/{links.token('m', make.invitation_of(here).link_id, 2)}"
    administrator = make.actor(make.user("administrator", make.NATION))
    closing = [state[make.KIM_LIEN], state[make.VINH_HUNG]]
    make.site(make.VINH_HUNG)
    day = make.clock.today() + timedelta(days=1)
    directory.merge(closing, name="Làng Sen", type="xã", code="17999", on_date=day, actor=administrator)
    assert client.get(link).status_code == 200
    clock.at(f"{day} 08:00")
    page = client.get(link)
    _gone(page, here)
    assert "Đơn vị của điểm cầu này đã sáp nhập vào Xã Làng Sen." in page.words
    assert "024 000 1234" in page.words
    assert "Làng Sen" not in client.get(never).words
    clock.at("2027-01-01 08:00")
    assert "Làng Sen" not in client.get(link).words


def test_a_token_of_another_purpose_opens_no_site(client: Client, here: MeetingSite, app: Flask) -> None:
    invitation = make.invitation_of(here)
    for purpose in ("j", "v", "t"):
        assert client.get(f"/m/{links.token(purpose, invitation.link_id, 1)}").status_code == 410


def test_every_changed_character_makes_a_wrong_link(client: Client, here: MeetingSite, link: str) -> None:
    token = link.removeprefix("/m/")
    client.look = False
    for at in range(len(token)):
        wrong_links.forget()
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert client.get(f"/m/{changed}").status_code == 410
    for other in (token[:-1], token + "A", token + "=", " " + token, token.lower(), token * 50):
        wrong_links.forget()
        assert client.get(f"/m/{other}").status_code in (404, 410)


def test_a_guesser_is_told_to_wait_by_the_thirtieth_try_and_a_good_link_still_opens(
    client: Client, here: MeetingSite, link: str
) -> None:
    client.look = False
    answers = [client.get(f"/m/{'x' * 30}{n:02d}").status_code for n in range(40)]
    assert answers[:29] == [410] * 29
    assert set(answers[29:]) == {429}
    assert client.get(link).status_code == 200


# ------------------------------------------------------------------ forms without cookies


def test_every_form_works_in_a_browser_that_keeps_no_cookie(app: Flask, here: MeetingSite, link: str) -> None:
    bare = Client(app, Page, use_cookies=False)
    bare.before_request = db.session.commit
    assert bare.submit(link + "/reply", {"answer": "accepted"}, follow=False).status_code == 303
    assert said(here).reply is Reply.ACCEPTED


def test_a_form_token_of_another_link_or_none_is_refused(client: Client, here: MeetingSite, link: str) -> None:
    other = make.private(make.sites_of(here.meeting)[1])
    theirs = client.get(other + "/reply").soup.select_one("input[name=csrf_token]")["value"]
    for token in (theirs, "", "0" * 40, "é"):
        answer = client.post(link + "/reply", data={"answer": "accepted", "csrf_token": token})
        assert answer.status_code == 400
    assert said(here).reply is Reply.ASKED


def test_the_language_is_chosen_on_the_page(client: Client, link: str) -> None:
    page = client.submit(link, {"locale": "en"}, form="/language")
    assert "What the site answers" in page.words


# ------------------------------------------------------------------ no other site's facts


def test_nothing_of_another_site_is_on_any_page_or_paper(client: Client, here: MeetingSite, link: str) -> None:
    other = make.sites_of(here.meeting)[1]
    theirs = make.invitation_of(other)
    officer = Actor.link(theirs.link_id, other.name)
    filing.file_roster(other, roster.rows_of("Ông Canary Roster\tCanary Title\tCanary Org"), actor=officer)
    answer = answering.Answer(
        Reply.SUBSTITUTE,
        substitute_name="Canary Substitute",
        substitute_title="Canary Deputy",
        reason="Canary Reason",
        day_phone="0912999888",
    )
    answering.reply(theirs, answer, actor=officer)
    services.save_line_test(
        other,
        {services.rules.Item.LINE: services.rules.Verdict.FAULT},
        {services.rules.Item.LINE: "Canary Fault"},
        actor=officer,
    )
    for path in (*PAGES, "/calendar.ics"):
        text = client.get(link + path).get_data(as_text=True)
        assert "Canary" not in text
        assert "0912999888" not in text and "0912 999 888" not in text
        assert links.token("m", theirs.link_id, 1) not in text


def test_a_delegate_or_row_of_another_site_cannot_be_touched(client: Client, here: MeetingSite, link: str) -> None:
    other = make.sites_of(here.meeting)[1]
    theirs = filing.add_delegate(other, {"name": "Trần Của Họ", "title": "Giám đốc"}, actor=Actor.link(9, "x"))
    db.session.flush()
    client.get(link + "/roster")
    assert client.post(f"{link}/roster/remove/{theirs.id}").status_code in (404, 422)
    assert client.post(f"{link}/roster/remove/{2**40}").status_code in (404, 422)
    assert readiness.delegate_count(other) == 1


# ------------------------------------------------------------------ papers


def test_the_calendar_entry_carries_the_sites_own_link(client: Client, link: str) -> None:
    answer = client.get(link + "/calendar.ics")
    assert answer.mimetype == "text/calendar"
    unfolded = answer.get_data(as_text=True).replace("\r\n ", "")
    assert link in unfolded
    assert "METHOD:PUBLISH" in unfolded


def test_the_giay_moi_can_be_read_on_the_telephone(client: Client, link: str) -> None:
    answer = client.get(link + "/invitation.docx")
    assert answer.status_code == 200
    assert answer.get_data()[:2] == b"PK"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_first_view_of_the_page_weighs_less_than_sixty_kilobytes(client: Client, link: str) -> None:
    page = client.get(link)
    addresses = {tag.get("href") or tag.get("src") for tag in page.soup.select("link[href], script[src]")}
    addresses |= {tag["href"].partition("#")[0] for tag in page.soup.select("use")}
    sent = [client.get(address, headers={"Accept-Encoding": "gzip"}).get_data() for address in addresses]
    fonts = [file.stat().st_size for file in (STATIC / "fonts").glob("*.woff2")]
    assert len(addresses) >= 6
    assert sum(map(len, (page.get_data(), *sent))) + sum(fonts) < 60 * 1024


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize("bad", ["\x00", "a\x07b", "x" * 400_000, "\u202e" * 3])
def test_bad_text_is_refused_in_a_sentence_and_never_a_fault_of_the_server(
    client: Client, here: MeetingSite, link: str, bad: str
) -> None:
    client.look = False
    client.get(link + "/reply")
    values = {"substitute_name": bad, "substitute_title": bad, "reason": bad, "day_phone": bad, "answer": "substitute"}
    assert client.post(link + "/reply", data=values).status_code == 422
    assert client.post(link + "/roster", data={"pasted": bad}).status_code == 422
    assert client.post(link + "/roster/add", data={"name": bad, "title": bad}).status_code == 422
    assert client.post(link + "/line-test", data={"line": bad, "once": bad, "age": bad}).status_code == 422
    assert said(here).reply is Reply.ASKED
    assert readiness.roster_of(here) is None


# ------------------------------------------------------------------ lost behind the link


def test_whoever_is_refused_behind_the_link_finds_back_to_the_page_and_never_to_an_account(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    token = client.get(link).soup.select_one("[name=csrf_token]")["value"]
    gone = (client.get(f"{link}/roster/999"), client.get(f"{link}/no-such-page"), client.get(f"{link}/seen"))
    for page in (*gone, client.post(f"{link}/check-in/left", data={"csrf_token": token})):
        assert page.status_code in (403, 404, 405, 409), page.words
        doors = [one["href"] for one in page.soup.select("main a, footer a")]
        assert doors and "/" not in doors, doors
        assert link in doors or page.soup.select_one(".back")["href"] == link
    assert f"tel:{here.meeting.contact_phone.replace(' ', '')}" in str(gone[0].soup) or not here.meeting.contact_phone


def test_an_address_that_only_takes_a_form_opens_the_page_of_the_form(client: Client, link: str) -> None:
    for posted, page in {
        "/roster/add": "/roster",
        "/roster/7/move/2": "/roster/7",
        "/check-in/lost": "/check-in",
        "/line-test/slot": "/line-test",
        "/sites/5/answer": "/sites/5",
    }.items():
        answer = client.get(link + posted)
        assert (answer.status_code, answer.headers["Location"].removeprefix("http://localhost")) == (303, link + page)
