"""What an office lives through with its directory: the list that arrives as Excel, the merger, the new coordinator."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from meetings import clock
from tests.e2e import journey
from tests.e2e.installation import Installation
from tests.e2e.journey import fill, press, sign_in, vi, well
from tests.e2e.post import Letter

Open = Callable[..., Page]
LAM_DONG, LAI_CHAU = "68", "12"
HEADS = "STT\tĐơn vị\tHọ và tên đầu mối\tChức vụ\tĐiện thoại\tThư điện tử"


def officer(installation: Installation, page: Page, code: str, *, role: str = "secretary", name: str) -> Page:
    """Somebody of the unit *code*, signed in."""
    email = f"{role}.{code.lower()}@coquan.example"
    installation.flask(
        "create-user", email, "--name", name, "--role", role, "--unit", code, typed=f"{journey.PASSWORD}\n"
    )
    sign_in(page, email, journey.PASSWORD)
    return page


def communes(installation: Installation, province: str) -> list[tuple[str, str]]:
    """Code and name of the communes of a province."""
    rows = installation.ask(
        "SELECT c.code, c.name FROM unit c JOIN unit p ON c.parent_id = p.id WHERE p.code = ? ORDER BY c.code", province
    )
    return [(str(code), str(name)) for code, name in rows]


def a_list(units: list[tuple[str, str]], **changed: dict[str, str]) -> str:
    """The list as the office keeps it; *changed* says by line what is wrong in it."""
    lines = [HEADS]
    for number, (code, name) in enumerate(units, 1):
        mend = changed.get(f"line{number}", {})
        cells = {"unit": name, "email": f"vp{code}@xa.example", **mend}
        # a spreadsheet has eaten the zero in front of the telephone number
        person = f"{'Bà' if number % 2 else 'Ông'} Nguyễn Thị Ước {code}"
        lines.append(f"{number}\t{cells['unit']}\t{person}\tChánh Văn phòng\t912000{number:03d}\t{cells['email']}")
    return "\n".join(lines)


def in_office(installation: Installation) -> list[tuple[object, ...]]:
    return installation.ask(
        "SELECT s.code, s.name, c.honorific, c.name, c.phone, c.email FROM contact c JOIN site s ON c.site_id = s.id"
        " WHERE c.duty = 'coordinator' AND c.valid_to IS NULL ORDER BY s.code"
    )


def test_the_provinces_list_arrives_as_excel(installation: Installation, open_browser: Open, tmp_path: Path) -> None:
    page = officer(installation, open_browser(installation.url), LAM_DONG, name="Nguyễn Thị Hoa")
    units = communes(installation, LAM_DONG)
    assert len(units) == 124
    twice, misspelt = units[2][1], units[39][1] + "h"
    text = a_list(
        units,
        line6={"email": ""},
        line10={"email": ""},
        line21={"unit": twice},
        line40={"unit": misspelt},
        line61={"unit": "Xã Sao Hỏa"},
    )

    # what would happen: 119 right, 5 wrong, each with its reason; nothing is stored
    page.goto("/directory/import")
    page.locator('textarea[name="pasted"]').fill(text)
    press(page, "Look at what would happen")
    page.wait_for_url(re.compile(r"/directory/import/\d+"))
    well(page)
    expect(page.locator(".kpis .n")).to_have_text(["119", "5"])
    cards = page.locator("ol.mend > li")
    expect(cards).to_have_count(5)
    expect(cards.nth(0)).to_contain_text(vi("The e-mail address is missing. Enter it: the invitation goes there."))
    expect(cards.nth(2)).to_contain_text("dòng 4")
    expect(cards.nth(3)).to_contain_text(f"Có phải {units[39][1]}")
    assert in_office(installation) == []

    # three are mended in place: two addresses typed before one press, one name chosen
    cards.nth(0).locator('input[name$="-email"]').fill(f"vp{units[5][0]}@xa.example")
    cards.nth(1).locator('input[name$="-email"]').fill(f"vp{units[9][0]}@xa.example")
    press(cards.nth(1), "Check again")
    page.wait_for_load_state()
    well(page)
    expect(page.locator(".kpis .n")).to_have_text(["121", "3"])
    page.get_by_role("button", name=units[39][1]).click()
    page.wait_for_load_state()
    well(page)
    expect(page.locator(".kpis .n")).to_have_text(["122", "2"])

    # one press, and a second one by mistake
    number = page.url.rpartition("/")[2].partition("?")[0]
    page.locator(".dir-go button").click()
    page.wait_for_load_state()
    well(page)
    expect(page.locator("h1")).to_have_text(vi("The list has been taken over"))
    expect(page.locator(".kpis .n")).to_have_text(["122", "2"])
    page.go_back()
    page.reload()
    expect(page.locator("h1")).to_have_text(vi("The list has been taken over"))

    stored = in_office(installation)
    assert len(stored) == 122
    wanted = dict(units)
    assert all(wanted[str(code)] == name for code, name, *_ in stored)
    assert stored[0][2:] == ("Bà", f"Nguyễn Thị Ước {units[0][0]}", "0912000001", f"vp{units[0][0]}@xa.example")

    # the two that were left are taken away as a file
    with page.expect_download() as kept:
        page.get_by_role("link", name=vi("Lines not taken (.xlsx)")).click()
    kept.value.save_as(tmp_path / "left.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO((tmp_path / "left.xlsx").read_bytes())).active
    assert sheet is not None
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == [twice, "Xã Sao Hỏa"]
    assert number.isdigit()


def invited(installation: Installation, open_browser: Open) -> tuple[Page, str, list[tuple[str, str]]]:
    """A conference of Lai Châu with all its communes, sent; the secretary's page, the code, the communes."""
    page = officer(installation, open_browser(installation.url), LAI_CHAU, name="Lò Thị Mai")
    units = communes(installation, LAI_CHAU)
    journey.import_contacts(page, a_list(units), len(units))
    plan = journey.a_plan()
    code = journey.book_details(page, plan)
    journey.pick_communes_of(page, "Lai Châu", str(len(units)))
    journey.book_rest(page, plan)
    journey.send(page)
    installation.work()
    return page, code, units


def link_of(installation: Installation, address: str) -> str:
    """The private link in the newest letter to *address*."""
    to = [letter for letter in map(Letter.read, installation.letters()) if letter.to == address]
    assert to, f"no letter to {address}"
    return f"/m/{next(iter(to[-1].tokens))}"


def test_two_communes_merge(installation: Installation, open_browser: Open) -> None:
    page, code, units = invited(installation, open_browser)
    (first, first_name), (second, second_name) = units[0], units[1]
    link = link_of(installation, f"vp{first}@xa.example")
    phone = open_browser(installation.url, phone=True)
    phone.goto(link)
    expect(phone.locator("body")).to_contain_text(first_name)

    admin = officer(installation, open_browser(installation.url), "VN", role="administrator", name="Trần Quản Trị")
    admin.goto(f"/directory/units/merge?province={LAI_CHAU}")
    for name in (first_name, second_name):
        admin.get_by_role("checkbox", name=name).first.check()
    fill(admin, name="Mường Hợp", code="99001", on_date=clock.today().isoformat())
    press(admin, "Merge")
    admin.wait_for_url(re.compile("/directory/sites/"))
    well(admin)
    expect(admin.locator("h1")).to_have_text("Xã Mường Hợp")

    # what was booked keeps the old names
    page.goto(f"/meetings/{code}/sites")
    expect(page.locator("main")).to_contain_text(first_name)
    expect(page.locator("main")).not_to_contain_text("Mường Hợp")
    # a new invitation lists only the new one
    journey.book_details(page, journey.a_plan())
    journey.pick_communes_of(page, "Lai Châu", str(len(units) - 1))
    page.goto(f"/directory/sites?province={LAI_CHAU}")
    expect(page.locator("main")).to_contain_text("Xã Mường Hợp")
    expect(page.locator("main")).not_to_contain_text(second)
    # the old coordinator's link stops working and says whom to ring
    answer = phone.goto(link)
    assert answer is not None and answer.status == 410
    expect(phone.locator("h1")).to_have_text(vi("This link is no longer open"))
    expect(phone.locator('a[href^="tel:"]').first).to_be_visible()


def test_a_new_coordinator(installation: Installation, open_browser: Open) -> None:
    page, code, units = invited(installation, open_browser)
    (site, name) = units[4]
    old = link_of(installation, f"vp{site}@xa.example")
    page.goto(f"/directory/sites/{site}/contacts/coordinator")
    journey.choose(page, "change", "new")
    page.locator('select[name="honorific"]').select_option("Ông")
    fill(page, name="Vàng A Páo", title="Phó Chánh Văn phòng", phone="0912 000 777", email="pao@xa.example")
    press(page, "Save")
    page.wait_for_url(re.compile(rf"/directory/sites/{site}$"))
    well(page)
    # the history says who made the change
    history = page.locator("section", has=page.locator("#history"))
    expect(history).to_contain_text("Vàng A Páo")
    expect(history).to_contain_text("Lò Thị Mai")
    expect(page.locator("section", has=page.locator("#former"))).to_contain_text(f"Nguyễn Thị Ước {site}")

    installation.work()
    phone = open_browser(installation.url, phone=True)
    answer = phone.goto(old)
    assert answer is not None and answer.status == 410
    expect(phone.locator("h1")).to_have_text(vi("This link is no longer open"))
    expect(phone.locator('a[href^="tel:"]').first).to_be_visible()
    # the new person gets the meeting that is coming
    new = link_of(installation, "pao@xa.example")
    assert new != old
    phone.goto(new)
    expect(phone.locator("body")).to_contain_text(name)
    expect(phone.locator("h1")).to_have_count(1)
