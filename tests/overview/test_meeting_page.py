"""The page of a meeting, as those who arrange it and those who only see it meet it."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.database import db
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock


@pytest.fixture
def meeting(secretary: User) -> Meeting:
    """A meeting whose sites have been asked, on 10 December at 08:00."""
    return make.meeting(status=Status.SCHEDULED, secretary=secretary)


def test_those_who_only_see_the_meeting_find_the_video_room(
    meeting: Meeting, leader: User, browser: Any, clock: Clock
) -> None:
    reader, path = browser(leader), f"/meetings/{meeting.code}"
    page = reader.get(path)
    assert "Đường dẫn phòng họp sẽ hiện ở đây trước giờ họp." in page.words
    meeting.platform_link, meeting.dial_string = "https://hop.example/147", "147@10.1.2.3"
    page = reader.get(path)
    button = page.soup.find("a", href="https://hop.example/147")
    assert button is not None and set(button["rel"]) == {"noopener", "noreferrer"}
    assert [tag.get_text() for tag in page.soup.select("main code")] == ["147@10.1.2.3"]
    assert not page.soup.select("#platform_link")
    clock.at("2026-12-10 23:00")
    assert "hop.example/147" not in reader.get(path).get_data(as_text=True)


def test_the_room_is_typed_on_the_page_and_kept(meeting: Meeting, secretary: User, browser: Any) -> None:
    values = {"platform_link": " https://hop.example/147 ", "dial_string": "147 @  10.1.2.3"}
    page = browser(secretary).submit(f"/meetings/{meeting.code}", values, form="/room")
    assert page.status_code == 200 and "Đã lưu." in page.words
    db.session.expire_all()
    assert (meeting.platform_link, meeting.dial_string) == ("https://hop.example/147", "147 @ 10.1.2.3")
    assert page.soup.find("a", href="https://hop.example/147") is not None


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
