"""One national conference, from the booking to the leader's phone, on nothing but the loaded units and the product's pages."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from tests.e2e import journey
from tests.e2e.installation import Installation, answer
from tests.e2e.journey import vi
from tests.e2e.post import Letter

Open = Callable[..., Page]
BODY = "G06"
COMMUNES_OF_HO_CHI_MINH = 168


@dataclass(frozen=True)
class Size:
    """How large a conference: provinces alone, or with every commune of Hồ Chí Minh City."""

    communes: int

    @property
    def sites(self) -> int:
        return 34 + self.communes

    def __str__(self) -> str:
        return f"34-provinces-and-{self.communes}-communes" if self.communes else "34-provinces"


def the_contacts(installation: Installation, size: Size) -> str:
    """A list as an office keeps it, one line for each site that will be invited."""
    rows = installation.ask(
        "SELECT code, name, kind FROM unit WHERE kind = 'province' OR (kind = 'commune' AND ? AND parent_id ="
        " (SELECT id FROM unit WHERE code = '79')) ORDER BY kind DESC, code",
        size.communes,
    )
    lines = ["Mã\tĐơn vị\tHọ tên đầu mối\tChức vụ\tĐiện thoại\tThư điện tử"]
    for number, (code, name, _kind) in enumerate(rows):
        lines.append(
            f"{code}\t{name}\tTrần Thị Đầu Mối {number}\tChuyên viên\t0912 000 {number:03d}\tdiemcau.{code}@diaphuong.example"
        )
    return "\n".join(lines)


# the larger conference holds the smaller one, and its provinces are opened as often
@pytest.mark.parametrize(
    "size", [Size(COMMUNES_OF_HO_CHI_MINH), pytest.param(Size(0), marks=pytest.mark.prove)], ids=str
)
def test_a_national_conference_from_the_booking_to_the_leaders_phone(
    installation: Installation, open_browser: Open, size: Size
) -> None:
    plan = journey.a_plan()

    # -- the first start, and the people
    admin = open_browser(installation.url)
    email, password = journey.first_password(installation)
    journey.sign_in(admin, email, password)
    journey.change_password(admin, password, journey.PASSWORD)
    people = {}
    for role, name, title in (
        ("secretary", "Nguyễn Thị Hoa", "Chuyên viên Văn phòng"),
        ("leader", "Lê Minh Khang", "Bộ trưởng"),
        ("finance", "Đỗ Thị Thu", "Kế toán trưởng"),
    ):
        people[role] = f"{role}@coquan.example"
        once = journey.create_user(admin, name=name, email=people[role], role=role, unit=BODY, title=title)
        page = open_browser(installation.url)
        journey.sign_in(page, people[role], once)
        journey.change_password(page, once, journey.PASSWORD)
        page.close()
    journey.import_contacts(admin, the_contacts(installation, size), size.sites)

    # -- the booking; nothing is sent before the last button
    desk = open_browser(installation.url)
    journey.sign_in(desk, people["secretary"], journey.PASSWORD)
    code = journey.book_details(desk, plan)
    journey.pick_provinces(desk)
    if size.communes:
        journey.pick_communes_of(desk, "Hồ Chí Minh", str(size.sites))
    journey.book_rest(desk, plan)
    installation.work()
    assert not installation.letters(), "a letter went out before the last button"
    journey.send(desk)
    installation.work()

    # -- one letter for each site, each with a link, a calendar entry and the giấy mời of its own
    letters = [Letter.read(path) for path in installation.letters()]
    links = the_links_of(letters, size, installation.url)
    by_site = {re.search(r"diemcau\.(\w+)@", to)[1]: link for to, link in links.items()}
    # 8,080 openings take a hundred seconds: the links of the communes have them all in the long version
    thorough = os.environ.get("PROVE") == "1"
    assert_that_opening_changes_nothing(
        installation, {link: 20 if thorough or is_province(code) else 2 for code, link in by_site.items()}
    )

    # -- three coordinators, on their phones, without an account
    phone = open_browser(installation.url, phone=True)
    journey.answer_attends(phone, by_site["40"])
    journey.file_roster(phone, by_site["40"])
    journey.answer_substitute(phone, by_site["42"], "Trần Thị Lan", "Phó Chủ tịch")
    journey.answer_declines(phone, by_site["01"], "Trùng kỳ họp Hội đồng nhân dân")
    journey.line_test(phone, by_site["40"])
    journey.line_test(phone, by_site["42"], fault="microphone")
    desk.goto(f"/meetings/{code}")
    journey.well(desk)

    # -- the day: from 45 minutes before, the sites check in and the board is live
    installation.clock_at(plan.starts_at - timedelta(minutes=30))
    journey.sign_in(desk, people["secretary"], journey.PASSWORD)
    desk.goto(f"/meetings/{code}/roll-call/live")
    journey.check_in(phone, by_site["40"], 3)
    installation.clock_at(plan.starts_at + timedelta(minutes=1))
    journey.open_session(desk, code)
    journey.check_in(phone, by_site["42"], 12)
    journey.call_one_by_one(desk, code, present=5)
    installation.clock_at(plan.ends_at)
    journey.close_roll(desk, code)
    closed = installation.ask("SELECT status FROM meeting WHERE code = ?", code)
    assert closed == [("closed",)]

    # -- the record: drafted from what is known, written, approved, issued and handed out
    journey.write_the_minutes(desk, code)
    leader = open_browser(installation.url)
    journey.sign_in(leader, people["leader"], journey.PASSWORD)
    journey.approve_the_minutes(leader, code)
    before = set(installation.letters())
    journey.issue_the_minutes(desk, code, to="Lê Minh Khang <khang@lanhdao.example>", on=plan.ends_at)
    installation.work()
    handed = [Letter.read(path) for path in installation.letters() if path not in before]
    to_leader = [letter for letter in handed if letter.to == "khang@lanhdao.example"]
    assert len(to_leader) == 1
    assert any(name.endswith(".docx") for name in to_leader[0].enclosures)
    for name, document in to_leader[0].enclosures.items():
        if name.endswith(".docx"):
            assert Document(io.BytesIO(document)).paragraphs, name

    # -- the savings, with the norms and assumptions they stand on
    desk.goto(f"/meetings/{code}/savings")
    journey.well(desk)
    expect(desk.locator("main")).to_contain_text("đồng")

    # -- the case file
    case = desk.request.get(f"/meetings/{code}/case-file.zip")
    assert case.status == 200
    names = zipfile.ZipFile(io.BytesIO(case.body())).namelist()
    for wanted in (r"\.docx$", r"\.eml$", r"\.ics$", r"\.xlsx$", r"(?i)manifest"):
        assert any(re.search(wanted, name) for name in names), f"no {wanted} in the case file: {names[:20]}"

    # -- the case file by command says the same
    folder = installation.folder / "ho-so"
    installation.flask("export-meeting", code, "--to", str(folder))
    assert list(folder.rglob("*.docx"))
    assert "Traceback" not in installation.faults(), installation.faults()[-4000:]


def the_links_of(letters: list[Letter], size: Size, base: str) -> dict[str, str]:
    """Address of each letter → its link; fails unless every site has exactly one letter, complete and its own."""
    assert len(letters) == size.sites
    found: dict[str, str] = {}
    for letter in letters:
        assert len(letter.tokens) == 1, f"{letter.path.name} holds {len(letter.tokens)} different links"
        assert letter.to not in found, f"two letters to {letter.to}"
        found[letter.to] = f"{base}/m/{next(iter(letter.tokens))}"
        requests = [part for part, _ in letter.calendars if part.get_param("method") == "REQUEST"]
        assert requests, f"{letter.path.name} has no calendar request"
        for _part, calendar in letter.calendars:
            assert str(calendar["METHOD"]) == "REQUEST"
            events = list(calendar.walk("VEVENT"))
            assert len(events) == 1
            assert str(events[0]["UID"])
        assert [name for name in letter.enclosures if name.endswith(".docx")], f"{letter.path.name} has no giấy mời"
    assert len(set(found.values())) == size.sites, "two sites share a link"
    return found


def is_province(code: str) -> bool:
    """A province has a code of two digits, a commune one of five."""
    return len(code) == 2


def assert_that_opening_changes_nothing(installation: Installation, links: dict[str, int]) -> None:
    """A mail gateway opens every link so many times, with GET and with HEAD: nothing is answered, nothing used up."""
    before = installation.dump()

    def scan(link: str) -> set[int]:
        return {answer(link, method)[0] for _ in range(links[link]) for method in ("GET", "HEAD")}

    with ThreadPoolExecutor(4) as scanners:
        said = set().union(*scanners.map(scan, links))
    assert said == {200}
    assert installation.dump() == before, "opening a link has changed the database"


def test_the_words_of_the_journey_stand_in_the_catalogue() -> None:
    """Buttons are found by their Vietnamese; a word that left the catalogue would be looked for in English."""
    from pathlib import Path

    source = Path(journey.__file__).read_text(encoding="utf-8")
    msgids = set(re.findall(r'\b(?:vi\(|(?:press|button)\(\w+, )"([^"\n]+)"', source))
    assert msgids
    untold = sorted(msgid for msgid in msgids if vi(msgid) == msgid)
    assert not untold, f"no Vietnamese for {untold}"
