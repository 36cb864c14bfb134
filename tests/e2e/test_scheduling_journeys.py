"""Finding the hour as a secretary lives it: a national conference in one sitting, and eleven communes that are busy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock, worker
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.i18n import in_locale, ngettext
from meetings.official.working_days import STANDARD
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.units.models import UnitKind
from tests import make
from tests.e2e import journey
from tests.e2e.installation import Installation
from tests.e2e.journey import vi
from tests.e2e.look import inaccessible, too_wide
from tests.e2e.post import Letter

Open = Callable[..., Page]
OTHER = "Hội nghị trực tuyến tỉnh Nghệ An với các xã, phường"


def search(page: Page, first: date, last: date) -> None:
    """Look for the hour between two days."""
    journey.fill(page, first=first.strftime("%d/%m/%Y"), last=last.strftime("%d/%m/%Y"))
    journey.press(page, "Find")
    page.wait_for_url(re.compile("first="))
    journey.well(page)


def test_a_national_conference_in_one_sitting(installation: Installation, open_browser: Open) -> None:
    """Scenario 4: all 3,355 sites, an hour, a chair and a bridge; nothing is sent, and the next day all is as it was left."""
    email, password = journey.first_password(installation)
    admin = open_browser(installation.url)
    journey.sign_in(admin, email, password)
    journey.change_password(admin, password, journey.PASSWORD)
    once = journey.create_user(admin, name="Nguyễn Thị Hoa", email="thuky@coquan.example", role="secretary", unit="G06")
    desk = open_browser(installation.url)
    journey.sign_in(desk, "thuky@coquan.example", once)
    journey.change_password(desk, once, journey.PASSWORD)

    plan = journey.a_plan()
    code = journey.book_details(desk, plan)
    journey.pick_provinces(desk)
    desk.locator('button[name="what"][value="all-communes"]').click()
    expect(desk.locator("[data-sites]")).to_have_text("3.355")
    journey.press(desk, "Go on")
    desk.wait_for_url(re.compile(r"/book/time"))
    began = datetime.now(UTC)
    search(desk, plan.day, plan.day + timedelta(days=4))
    assert datetime.now(UTC) - began < timedelta(seconds=5), "the hours of 3,355 sites are found while one waits"
    best = desk.locator('.offers input[name="slot"]').first
    expect(best).to_be_checked()
    expect(desk.locator(".offers li").first).to_contain_text("3.355/3.355")
    hour = best.get_attribute("value")
    journey.press(desk, "Go on")
    desk.wait_for_url(re.compile(r"/book/agenda"))
    desk.goto(f"/meetings/{code}/book/invitation")
    journey.fill(desk, signer_title="CHÁNH VĂN PHÒNG", signer_name="Trần Văn Duyệt", contact_name="Bà Hoa")
    journey.fill(desk, contact_phone="024.0000.0101", platform_link="https://cau.example/hoi-nghi")
    journey.press(desk, "Save and look again")
    journey.well(desk)

    installation.work()
    assert not installation.letters(), "nothing is sent before the last button"
    desk.goto("/")
    journey.press(
        desk.locator("details.me .menu") if desk.locator("details.me[open]").count() else desk, "Sign out"
    ) if False else None
    installation.clock_at(datetime.now(UTC) + timedelta(days=1))
    back = open_browser(installation.url)
    journey.sign_in(back, "thuky@coquan.example", journey.PASSWORD)
    back.goto(f"/meetings/{code}/book/time")
    expect(back.locator("[data-sites]")).to_have_text("3.355")
    day, start = (back.locator(f'[name="{name}"]').input_value() for name in ("day", "start"))
    assert hour == f"{datetime.strptime(day, '%d/%m/%Y'):%Y-%m-%d}T{start}"
    expect(back.locator("#chosen")).to_contain_text("0 trùng")
    expect(back.locator(".side")).to_contain_text("Lê Minh Khang")
    back.goto(f"/meetings/{code}/book/invitation")
    expect(back.locator('[name="platform_link"]')).to_have_value("https://cau.example/hoi-nghi")
    installation.work()
    assert not installation.letters(), "nothing is sent before the last button"


# ------------------------------------------------------------------ scenario 6


def carried(app: Flask, instance: Path) -> list[Letter]:
    """Everything the worker has carried into the outbox by now."""
    while worker.tick(app):
        pass
    return [Letter.read(path) for path in sorted((instance / "outbox").rglob("*.eml"))]


def look_at_hour(page: Page, code: str, day: date, start: str) -> None:
    """The time step with an hour typed, which is refused for what is busy then."""
    page.goto(f"/meetings/{code}/book/time")
    journey.fill(page, day=day.strftime("%d/%m/%Y"), start=start)
    journey.press(page, "Go on")
    with in_locale("vi"):
        heading = ngettext("%(num)s collision at %(when)s", "", 11, when=f"09 giờ 30, {day:%d/%m/%Y}")
    expect(page.locator("#chosen")).to_have_text(heading)


@pytest.mark.only("sqlite")
def test_eleven_communes_are_busy_with_a_conference_of_their_province(
    app: Flask, instance: Path, served: str, open_browser: Open
) -> None:
    """Scenario 6: seen by name with title and contact; half an hour later is free; left out; or invited all the same."""
    units = make.units()
    day = STANDARD.add_working_days(clock.today(), 15)
    communes = [make.unit(f"9{n:04d}", f"Xã Thứ {n:02d}", parent=units[make.NGHE_AN]) for n in range(1, 12)]
    office = make.unit("X-VP", "Văn phòng Bộ", UnitKind.OFFICE, parent=units[make.MINISTRY])
    busy = [make.site(commune) for commune in communes]
    provincial = make.user(Role.SECRETARY, make.NGHE_AN, name="Hồ Thị Sen", phone="0238 000 0111")
    other = make.meeting(
        status=Status.SCHEDULED, title=OTHER, organiser=units[make.NGHE_AN], secretary=provincial, minutes=120,
        starts=f"{day} 08:00", sites=[*busy, make.site(office)], chair_name="Hoàng Văn Lộc", chair_title="Chủ tịch",
        host_site=make.site(make.NGHE_AN), contact_phone="0238 000 0111", asked=False, reply_by=None,
    )  # fmt: skip
    secretary = make.user(Role.SECRETARY)
    undecided = {"secretary": secretary, "minutes": 60, "starts_at": None, "ends_at": None, "reply_by": None}
    drafts = [
        make.meeting(sites=[make.site(make.HA_TINH), *busy], rehearsal_at=None, **undecided),
        make.meeting(
            sites=[make.site(make.SAI_GON), *busy], host_site=make.site(make.HO_CHI_MINH), chair_name="Trần Văn Phó",
            rehearsal_at=None, **undecided,
        ),
    ]  # fmt: skip
    first, second = (draft.code for draft in drafts)
    names, conference, hoa, told = (
        [c.name for c in communes],
        other.code,
        secretary.email,
        {secretary.email, provincial.email},
    )
    make.done()

    # -- the eleven by name, with the other meeting's title and whom to call; half an hour later nobody is busy
    desk = open_browser(served)
    journey.sign_in(desk, hoa, make.PASSWORD)
    look_at_hour(desk, first, day, "09:30")
    clash = desk.locator(".clash")
    for words in (*names, OTHER, conference, "0238 000 0111"):
        expect(clash).to_contain_text(words)
    later = vi("30 minutes later, %(clock)s: %(busy)s collisions", clock="10 giờ 00", busy="0")
    desk.get_by_role("button", name=later).click()
    expect(desk.locator("#chosen")).to_contain_text("0 trùng")
    assert not inaccessible(desk)
    assert not too_wide(desk)
    assert db.session.query(Meeting.starts_at).filter_by(code=first).scalar() is None, "looking saves nothing"
    db.session.rollback()

    # -- invited all the same, with a reason; both organisers are told when the invitations leave
    look_at_hour(desk, first, day, "09:30")
    journey.fill(desk, in_spite_of="Chủ tịch tỉnh đồng ý cho các xã dự nửa sau")
    journey.press(desk, "Invite all of them all the same")
    desk.wait_for_url(re.compile(r"/book/agenda"))
    assert not carried(app, instance)
    db.session.rollback()
    desk.goto(f"/meetings/{first}/book/send")
    journey.send(desk)
    assert {letter.to for letter in carried(app, instance)} >= told
    db.session.rollback()

    # -- left out, on a phone and without any script
    phone = open_browser(served, phone=True, java_script_enabled=False)
    journey.sign_in(phone, hoa, make.PASSWORD)
    look_at_hour(phone, second, day, "09:30")
    with in_locale("vi"):
        leave = ngettext("Leave this site out", "Leave these %(num)s sites out", 11)
    phone.get_by_role("button", name=leave).click()
    expect(phone.locator("#chosen")).to_contain_text("0 trùng")
    expect(phone.locator("[data-sites]")).to_have_text("1")
    journey.press(phone, "Go on")
    phone.wait_for_url(re.compile(r"/book/agenda"))
