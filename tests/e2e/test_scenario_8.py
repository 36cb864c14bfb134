"""Approval: a deputy reads the draft invitation on a phone, as it will be printed, and presses "Duyệt"; nothing leaves before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock, worker
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.official import dates
from meetings.official.working_days import STANDARD
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.journey import vi
from tests.e2e.post import Letter

Open = Callable[..., Page]


@pytest.fixture
def deputy(app: Flask) -> User:
    return make.user(Role.APPROVER, name="Vũ Hải Yến", honorific="Bà", title="Phó Chánh Văn phòng")


@pytest.fixture
def draft(app: Flask) -> Meeting:
    """A draft that invites two provinces, in three weeks, with every step done."""
    day = STANDARD.add_working_days(clock.today(), 15)
    rehearsal = clock.now() + timedelta(days=14)
    made = make.meeting(starts=f"{day.isoformat()} 08:00", reply_by=None, rehearsal_at=rehearsal)
    make.done()
    return made


def carried(app: Flask, instance: Path) -> list[Letter]:
    """Everything the worker has carried into the outbox by now."""
    while worker.tick(app):
        pass
    return [Letter.read(path) for path in sorted((instance / "outbox").rglob("*.eml"))]


@pytest.mark.only("sqlite")
def test_a_deputy_approves_on_a_phone_and_nothing_leaves_before(
    app: Flask, instance: Path, served: str, draft: Meeting, deputy: User, open_browser: Open
) -> None:
    code, secretary, title, address = draft.code, draft.secretary.email, draft.title, deputy.email
    make.done()

    # -- the secretary hands it in; the only letter is the one that asks the deputy
    desk = open_browser(served)
    journey.sign_in(desk, secretary, make.PASSWORD)
    desk.goto(f"/meetings/{code}/book/send")
    expect(desk.locator("main")).to_contain_text("Bà Vũ Hải Yến, Phó Chánh Văn phòng")
    journey.press(desk, "Hand in for approval")
    desk.wait_for_url(f"**/meetings/{code}")
    journey.well(desk)
    asked = carried(app, instance)
    assert [(letter.to, letter.tokens) for letter in asked] == [(address, set())]
    (enclosed,) = asked[0].enclosures.values()

    # -- the deputy, on a phone: from the home page to the paper
    phone = open_browser(served, phone=True)
    journey.sign_in(phone, address, make.PASSWORD)
    phone.get_by_role("link", name=vi("Read and approve")).click()
    phone.wait_for_url(f"**/meetings/{code}/approval")
    paper = phone.locator("article.paper")
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "GIẤY MỜI", title, "Nghệ An", "Trần Văn Duyệt"):
        expect(paper).to_contain_text(words)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    approve = phone.locator(".decide-bar button")
    expect(approve).to_be_in_viewport()  # without scrolling down
    with phone.expect_download() as download:
        phone.get_by_role("link", name=vi("Download .docx")).click()
    assert Path(download.value.path()).read_bytes() == enclosed
    assert [letter.to for letter in carried(app, instance)] == [address]

    # -- one press
    before = clock.now()
    approve.click()
    phone.wait_for_url(f"**/meetings/{code}")
    journey.well(phone)
    day = dates.date_short(before)
    expect(phone.locator("main")).to_contain_text(f"{vi('Approved by')}Bà Vũ Hải Yến, Phó Chánh Văn phòng")
    expect(phone.locator("main")).to_contain_text(day)

    # -- now the letters leave, with the very file that was read, and name and time stand on the record
    letters = [letter for letter in carried(app, instance) if letter.tokens]
    assert len(letters) == 2
    assert {data for letter in letters for name, data in letter.enclosures.items() if name.endswith(".docx")} == {
        enclosed
    }
    desk.goto(f"/meetings/{code}/history")
    entry = desk.locator("main li, main tr").filter(has_text="Giấy mời được duyệt").first
    expect(entry).to_contain_text("Vũ Hải Yến")
    expect(entry).to_contain_text(day)
    db.session.rollback()
    kept = db.session.get(Meeting, draft.id)
    assert kept is not None and kept.status is Status.SCHEDULED
