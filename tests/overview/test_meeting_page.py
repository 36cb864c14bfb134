"""The page of a meeting, as those who arrange it and those who only see it meet it."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.invitations.models import Reply
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock
from tests.minutes.conftest import close_roll


@pytest.fixture
def meeting(secretary: User) -> Meeting:
    """A meeting whose sites have been asked, on 10 December at 08:00."""
    return make.meeting(status=Status.SCHEDULED, secretary=secretary)


def test_those_who_only_see_the_meeting_find_the_video_room(
    meeting: Meeting, leader: User, browser: Any, clock: Clock
) -> None:
    path = f"/meetings/{meeting.code}"
    assert "Văn phòng chưa đặt phòng họp." in browser(leader).get(path).words
    meeting.platform_link, meeting.dial_string = "https://hop.example/147", "147@10.1.2.3"
    page = browser(leader).get(path)
    assert "Các điểm cầu vào được từ" in page.words and "09/12/2026 bằng đường dẫn vào họp" in page.words
    assert not page.soup.select(f"a[href='{path}/join']") and not page.soup.select("#platform_link")
    clock.at("2026-12-10 07:30")
    reader = browser(leader)
    page = reader.get(path)
    button = page.soup.find("a", href=f"{path}/join")
    assert button is not None and set(button["rel"]) == {"noopener", "noreferrer"}
    assert [tag.get_text() for tag in page.soup.select("main code")] == ["147@10.1.2.3"]
    assert reader.get(f"{path}/join").location == "https://hop.example/147"
    clock.at("2026-12-10 23:00")
    late = browser(leader)
    assert not late.get(path).soup.select(f"a[href='{path}/join']")
    assert late.get(f"{path}/join").location.endswith(f"{path}#video-room")


def test_those_who_arrange_the_meeting_find_its_letters(
    meeting: Meeting, secretary: User, leader: User, browser: Any
) -> None:
    path = f"/meetings/{meeting.code}"
    link = browser(secretary).get(path).soup.find("a", href=f"{path}/sending")
    assert link is not None and link.get_text(strip=True) == "Thư đã gửi"
    assert browser(leader).get(path).soup.find("a", href=f"{path}/sending") is None


def test_the_room_is_typed_on_the_page_and_kept(meeting: Meeting, secretary: User, browser: Any) -> None:
    values = {"platform_link": " https://hop.example/147 ", "dial_string": "147 @  10.1.2.3"}
    page = browser(secretary).submit(f"/meetings/{meeting.code}", values, form="/room")
    assert page.status_code == 200 and "Đã lưu." in page.words
    db.session.expire_all()
    assert (meeting.platform_link, meeting.dial_string) == ("https://hop.example/147", "147 @ 10.1.2.3")
    assert page.soup.find("a", href=f"/meetings/{meeting.code}/join") is not None


def test_a_bad_room_is_refused_at_its_fields_and_the_typing_is_kept(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    values = {"platform_link": "javascript:alert(1)", "dial_string": "1" * 201}
    page = browser(secretary).submit(f"/meetings/{meeting.code}", values, form="/room")
    assert page.status_code == 422
    assert "https://" in page.soup.select_one("#platform_link-error").get_text()
    assert "200" in page.soup.select_one("#dial_string-error").get_text()
    assert page.soup.select_one("#platform_link")["value"] == "javascript:alert(1)"
    assert page.soup.select_one("#dial_string")["value"] == "1" * 201
    assert page.soup.select_one(".summary-box") is not None
    assert page.soup.select_one(".tabs [aria-current]").get_text(strip=True) == "Tổng quan"
    db.session.expire_all()
    assert (meeting.platform_link, meeting.dial_string) == ("", "")


# ------------------------------------------------------------------ an invited unit sees its own part


@pytest.fixture
def held(secretary: User) -> Meeting:
    """A closed meeting: Nghệ An came with 12, Hà Tĩnh did not, 18 sat at the host."""
    made = make.meeting(status=Status.CLOSED, secretary=secretary)
    close_roll(made)
    return made


def test_the_organiser_reads_the_whole_roll_on_the_page_of_a_held_meeting(
    held: Meeting, secretary: User, browser: Any
) -> None:
    card = browser(secretary).get(f"/meetings/{held.code}").soup.find(attrs={"aria-labelledby": "held"})
    words = " ".join(card.get_text(" ").split())
    assert "1/2 điểm cầu" in words and "30 đại biểu" in words and "Hà Tĩnh" in words


def test_an_invited_unit_reads_its_own_part_of_the_roll(held: Meeting, browser: Any) -> None:
    officer = browser(make.user(Role.SITE_OFFICER, make.NGHE_AN))
    page = officer.get(f"/meetings/{held.code}")
    words = " ".join(page.soup.find(attrs={"aria-labelledby": "held"}).get_text(" ").split())
    assert "1/1 điểm cầu" in words and "12 đại biểu" in words
    assert "Hà Tĩnh" not in page.words
    for path in ("", "/print"):
        roll = officer.get(f"/meetings/{held.code}/roll-call{path}")
        assert "Nghệ An" in roll.words and "30 đại biểu" not in roll.words
        assert "Hà Tĩnh" not in roll.words


def test_an_invited_unit_counts_its_own_answers_on_its_home_page(
    meeting: Meeting, secretary: User, browser: Any
) -> None:
    make.invitation_of(make.sites_of(meeting)[1]).reply = Reply.ACCEPTED
    assert "1/2 điểm cầu đã trả lời" in browser(secretary).get("/").words
    assert "0/1 điểm cầu đã trả lời" in browser(make.user(Role.SITE_OFFICER, make.NGHE_AN)).get("/").words
    page = browser(make.user(Role.SITE_OFFICER, make.NGHE_AN)).get(f"/meetings/{meeting.code}")
    assert "Trả lời của 1 điểm cầu" in page.words
