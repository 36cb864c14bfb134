"""The roster by paste, the substitute, and the sheet on paper, lived with a telephone in one hand and a desk in the other."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.units.models import UnitKind
from tests import make
from tests.e2e.journey import choose, press, sign_in
from tests.official.printed import OFFICE
from tests.official.sound import assert_sound, text

pytestmark = pytest.mark.only("sqlite")
Open = Callable[..., Page]
NARROW = {"width": 320, "height": 700}
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ")
ROWS = [
    f"{n}\t{'Ông' if n % 2 else 'Bà'} {FAMILIES[n % 10]} Văn {chr(65 + n % 26)}{n}\tChuyên viên\tSở Nội vụ"
    for n in range(1, 44)
]
"""43 delegates as Excel copies them; a line is empty, one stands twice, one has no post."""
PASTED = "\n".join(
    [
        "DANH SÁCH ĐẠI BIỂU",
        "STT\tHọ và tên\tCV\tĐVCT",
        *ROWS[:20],
        "\t\t\t",
        *ROWS[20:],
        f"44{ROWS[2].removeprefix('3')}",
    ]
).replace("Trần Văn P41\tChuyên viên", "Trần Văn P41\t")
TYPED_WITH_TCVN3 = "Hoµng V¨n Léc\tPhã Chñ tÞch\tUBND tØnh NghÖ An"


@pytest.fixture
def meeting(app: Flask) -> Meeting:
    """A meeting in two days; its lists are due in an hour."""
    starts = clock.wall(clock.now() + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    made = make.meeting(
        status=Status.SCHEDULED,
        starts=starts,
        reply_by=clock.now() + timedelta(hours=1),
        secretary=make.user(Role.SECRETARY, email="thuky@bdps.example"),
        max_delegates=40,
    )
    make.done()
    return made


@dataclass(frozen=True)
class Place:
    """A site of the meeting in plain values: a row of the database would hold the writers' lock while the server waits."""

    id: int
    code: str
    link: str


@pytest.fixture
def here(meeting: Meeting) -> Place:
    site = make.sites_of(meeting)[0]
    made = Place(site.id, meeting.code, make.private(site))
    make.done()
    return made


def due(here: Place, minutes: int) -> None:
    """Lists and answers are due in *minutes*."""
    db.session.execute(
        sa.update(Meeting).where(Meeting.code == here.code).values(reply_by=clock.now() + timedelta(minutes=minutes))
    )
    make.done()


def names(page: Page) -> list[str]:
    told = page.locator(".ros a.who").all_inner_texts()
    return [" ".join(one.split()).split(" –")[0] for one in told]


def no_wider(page: Page) -> None:
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], page.url


def test_scenario_17_the_roster_by_paste(served: str, here: Place, open_browser: Open) -> None:
    link = here.link
    phone = open_browser(served, phone=True)
    phone.goto(f"{link}/roster")
    phone.locator("#pasted").fill(PASTED)
    phone.get_by_role("button", name="Gửi danh sách").click()
    expect(phone.locator(".sumr")).to_have_text("Nhận 44 dòng: 42 dùng được, 01 cần bổ sung, 01 trùng")
    expect(phone.get_by_text("trùng dòng 3, đã bỏ")).to_be_visible()
    expect(phone.get_by_text("Vượt 2 người so với 40 đại biểu")).to_be_visible()
    assert len(names(phone)) == 42 and names(phone)[0].startswith("Ông ")
    no_wider(phone)
    phone.get_by_label("Chức vụ").first.fill("Trưởng phòng")
    phone.get_by_role("button", name="Lưu phần bổ sung").last.click()
    expect(phone.locator("h1")).to_contain_text("Đã gửi lúc")
    phone.goto(f"{link}/roster")
    assert names(phone)[40] == "Ông Trần Văn P41"  # in the place that the list gave her
    # the same text once more: nothing is counted twice
    phone.get_by_text("Dán thêm").click()
    phone.locator("#pasted").fill(PASTED)
    phone.get_by_role("button", name="Gửi danh sách").click()
    expect(phone.locator(".sumr")).to_contain_text("44 trùng")
    assert len(names(phone)) == 43
    # the order of protocol: the second goes up, then the last becomes head of the delegation
    second = names(phone)[1]
    phone.get_by_role("button", name=f"Chuyển {second.split(' ', 1)[1]} lên trên").click()
    expect(phone.locator(".ros a.who").first).to_contain_text(second)
    phone.locator(".ros a.who").last.click()
    last = phone.locator("#name").input_value()
    phone.locator("#role").select_option("head")
    phone.get_by_role("button", name="Lưu").click()
    expect(phone.locator(".ros a.who").first).to_contain_text(last)
    # a line typed with an old font, after the deadline
    due(here, -1)
    phone.goto(f"{link}/roster")
    phone.get_by_text("Dán thêm").click()
    phone.locator("#pasted").fill(TYPED_WITH_TCVN3)
    phone.get_by_role("button", name="Gửi danh sách").click()
    expect(phone.get_by_text("Hoàng Văn Lộc Phó Chủ tịch UBND tỉnh Nghệ An")).to_be_visible()
    phone.get_by_role("button", name="Chuyển sang Unicode").click()
    expect(phone.locator(".ros")).to_contain_text(["Hoàng Văn Lộc"])
    expect(phone.locator("#list h2").last).to_contain_text("muộn")
    phone.set_viewport_size(NARROW)
    no_wider(phone)
    desk = open_browser(served)
    sign_in(desk, "thuky@bdps.example", make.PASSWORD)
    desk.goto(f"/meetings/{here.code}/sites")
    row = desk.locator("tr", has_text="Nghệ An").first.locator("td[data-label='Đại biểu']")
    expect(row).to_contain_text("44")
    expect(row).to_contain_text("vượt 4 người")
    expect(row).to_contain_text("muộn")


def test_scenario_18_the_substitute(served: str, here: Place, open_browser: Open) -> None:
    link = here.link
    phone = open_browser(served, phone=True)
    phone.goto(f"{link}/reply")
    choose(phone, "answer", "substitute")
    choose(phone, "substitute_honorific", "Bà")
    phone.get_by_label("Người dự thay", exact=True).fill("Trần Thị Quỳnh")
    phone.locator("#substitute_title").fill("Phó Chủ tịch")
    phone.get_by_label("Dự thay cho").fill("Ông Nguyễn Văn An, Chủ tịch UBND tỉnh")
    phone.locator("#substitute_reason").fill("Chủ tịch họp Hội đồng nhân dân")
    no_wider(phone)
    press(phone, "Send the answer")
    phone.wait_for_url(re.compile("/done/reply"))
    phone.goto(link)
    expect(phone.get_by_text("Đang chờ chủ trì đồng ý để Bà Trần Thị Quỳnh dự thay.")).to_be_visible()
    desk = open_browser(served)
    sign_in(desk, "thuky@bdps.example", make.PASSWORD)
    path = f"/meetings/{here.code}/sites"
    desk.goto(path)
    expect(desk.locator("tr", has_text="Nghệ An").first).to_contain_text("Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn An")
    desk.goto(f"{path}/{here.id}")
    choose(desk, "given", "no")
    press(desk, "Record the consent")
    expect(desk.locator("#refusal-error")).to_be_visible()  # a refusal says why, and the choice is kept
    expect(desk.locator("input[name=given][value=no]")).to_be_checked()
    desk.locator("#refusal").fill("Nội dung cần Chủ tịch quyết định")
    press(desk, "Record the consent")
    phone.reload()
    expect(phone.locator(".notice.error")).to_contain_text("Nội dung cần Chủ tịch quyết định")
    choose(desk, "given", "yes")
    press(desk, "Record the consent")
    expect(desk.locator(".facts").first).to_contain_text("Ông Lê Minh Khang đồng ý")
    phone.reload()
    expect(phone.get_by_text("Chủ trì đồng ý để Bà Trần Thị Quỳnh dự thay.")).to_be_visible()
    desk.goto(f"/meetings/{here.code}/roll-call/live?site={here.id}")
    expect(desk.locator(f"#t{here.id} .sub").first).to_be_attached()
    expect(desk.locator("#one")).to_contain_text("Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn An")
    sheet = desk.request.get(f"{path}/{here.id}/desk/sign-in-sheet.docx").body()
    assert "Dự thay Ông Nguyễn Văn An, Chủ tịch UBND tỉnh" in text(sheet)


def test_scenario_20_the_sheet_on_paper(served: str, here: Place, open_browser: Open, tmp_path: Path) -> None:
    link = here.link
    phone = open_browser(served, phone=True, java_script_enabled=False)
    phone.goto(f"{link}/roster")
    phone.locator("#pasted").fill("\n".join(ROWS[:8]))
    phone.get_by_role("button", name="Gửi danh sách").click()
    with phone.expect_download() as got:
        phone.get_by_role("link", name="Danh sách ký tên (.docx)").click()
    assert got.value.suggested_filename == f"Danh-sach-ky-ten-{here.code}-nghe-an.docx"
    data = Path(got.value.path()).read_bytes()
    assert_sound(data)
    assert "Danh sách này có 08 đại biểu./." in text(data)
    if OFFICE:
        (tmp_path / "sheet.docx").write_bytes(data)
        subprocess.run(
            [OFFICE, f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "pdf", "--outdir",
             str(tmp_path), str(tmp_path / "sheet.docx")], check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        assert (tmp_path / "sheet.pdf").stat().st_size > 5_000
    desk = open_browser(served)
    sign_in(desk, "thuky@bdps.example", make.PASSWORD)
    desk.goto(f"/meetings/{here.code}/sites")
    desk.get_by_role("link", name="Danh sách đại biểu các điểm cầu").click()
    with desk.expect_download() as packed:
        desk.get_by_role("link", name="Tải tất cả danh sách ký tên (.zip)").click()
    with zipfile.ZipFile(io.BytesIO(Path(packed.value.path()).read_bytes())) as archive:
        assert archive.namelist() == ["nghe-an/0001-nghe-an.docx", "ha-tinh/0002-ha-tinh.docx"]
        assert archive.read("nghe-an/0001-nghe-an.docx") == data  # the very sheet that the site prints


def test_the_roll_of_34_provinces_prints_on_one_page(
    served: str, app: Flask, open_browser: Open, tmp_path: Path
) -> None:
    secretary: User = make.user(Role.SECRETARY, email="thuky@bdps.example")
    nation = make.units()[make.NATION]
    sites = [
        make.site(make.unit(f"9{n:02d}", f"Thành phố Hồ Chí Minh {n}", UnitKind.PROVINCE, parent=nation))
        for n in range(34)
    ]
    starts = clock.wall(clock.now() - timedelta(minutes=20)).strftime("%Y-%m-%d %H:%M")
    meeting = make.meeting(status=Status.IN_SESSION, sites=sites, starts=starts, secretary=secretary)
    address = f"/meetings/{meeting.code}/roll-call/print"
    for place in make.sites_of(meeting)[::5]:
        answer = make.invitation_of(place)
        answer.reply, answer.substitute_name = "substitute", "Nguyễn Thị Bích Phượng"
        answer.replaced_name = "Ông Nguyễn Văn Trường Sơn"
    make.done()
    desk = open_browser(served)
    sign_in(desk, "thuky@bdps.example", make.PASSWORD)
    desk.goto(address)
    expect(desk.locator("tbody tr")).to_have_count(34)
    printed = tmp_path / "roll.pdf"
    desk.pdf(path=str(printed), prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", str(printed)], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^Pages:\s+1$", told, re.MULTILINE), told
    assert re.search(r"^Page size:\s+59[45]\.\d* x 84[12]", told, re.MULTILINE), told
    read = subprocess.run(["pdftotext", str(printed), "-"], check=True, capture_output=True, text=True).stdout
    assert read.count("dự thay") >= 7 and "/m/" not in read
