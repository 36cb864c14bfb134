"""The national scale: 34 provinces and all 3,321 communes, booked, asked and called on one machine without a time-out."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import journey
from tests.e2e.installation import Installation
from tests.e2e.post import Letter

SITES = 34 + 3321


@pytest.mark.prove
def test_every_commune_of_the_country_is_booked_asked_and_called(
    installation: Installation, open_browser: Callable[..., Page], record_property: Callable[[str, object], None]
) -> None:
    plan = journey.a_plan()
    page = open_browser(installation.url)
    page.set_default_timeout(120_000)
    email, password = journey.first_password(installation)
    journey.sign_in(page, email, password)
    journey.change_password(page, password, journey.PASSWORD)
    once = journey.create_user(page, name="Nguyễn Thị Hoa", email="thuky@coquan.example", role="secretary", unit="G06")
    rows = installation.ask("SELECT code, name FROM unit WHERE kind IN ('province', 'commune') ORDER BY code")
    lines = ["Mã\tĐơn vị\tHọ tên đầu mối\tĐiện thoại\tThư điện tử"]
    lines += [
        f"{code}\t{name}\tTrần Thị Đầu Mối\t0912 000 {n % 1000:03d}\tdiemcau.{code}@diaphuong.example"
        for n, (code, name) in enumerate(rows)
    ]
    took: dict[str, float] = {}

    def timed(what: str, act: Callable[[], object]) -> None:
        began = time.monotonic()
        act()
        took[what] = time.monotonic() - began
        record_property(what, round(took[what], 1))

    timed("import of all contacts", lambda: journey.import_contacts(page, "\n".join(lines), SITES))
    desk = open_browser(installation.url)
    desk.set_default_timeout(120_000)
    expect.set_options(timeout=120_000)
    journey.sign_in(desk, "thuky@coquan.example", once)
    journey.change_password(desk, once, journey.PASSWORD)
    code = journey.book_details(desk, plan)
    journey.pick_provinces(desk)

    def pick_all() -> None:
        desk.locator('button[name="what"][value="all-communes"]').click()
        expect(desk.locator("[data-sites]")).to_have_text("3.355")

    timed("choosing all communes", pick_all)
    timed("the steps from the time to the last", lambda: journey.book_rest(desk, plan))
    timed("pressing send", lambda: journey.send(desk))
    timed("the worker: links, letters, folder", installation.work)
    letters = installation.letters()
    assert len(letters) == SITES
    assert len({token for path in letters for token in Letter.read(path).tokens}) == SITES
    installation.clock_at(plan.starts_at - timedelta(minutes=30))
    journey.sign_in(desk, "thuky@coquan.example", journey.PASSWORD)
    timed("opening the session", lambda: journey.open_session(desk, code))
    timed("opening the board", lambda: desk.goto(f"/meetings/{code}/roll-call/live"))
    timed("opening the list of sites", lambda: desk.goto(f"/meetings/{code}/sites"))
    print("\n".join(f"{what}: {seconds:.1f} s" for what, seconds in took.items()))
    desk.goto(f"/meetings/{code}/roll-call/live")
    expect(desk.locator("main")).to_contain_text("3.355")
    assert "Traceback" not in installation.faults(), installation.faults()[-4000:]
