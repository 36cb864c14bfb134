"""The life of one conference, step by step, through the pages: what each person does, and nothing that a person could not.

Buttons and links are found by what they say in Vietnamese; the catalogue is asked, so that a better word breaks no test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from meetings import clock, i18n
from meetings.official.working_days import STANDARD
from tests.e2e.installation import Installation

PASSWORD = "một mật khẩu đủ dài cho thư ký"
TITLE = "Hội nghị trực tuyến toàn quốc sơ kết công tác chuyển đổi số năm 2026"


def vi(msgid: str, **values: Any) -> str:
    """What stands on the button that the code calls *msgid*."""
    with i18n.in_locale("vi"):
        return i18n.gettext(msgid, **values)


def button(page: Page | Locator, msgid: str, **values: Any) -> Locator:
    return page.get_by_role("button", name=vi(msgid, **values)).first


def press(page: Page | Locator, msgid: str, **values: Any) -> None:
    button(page, msgid, **values).click()


def choose(page: Page, name: str, value: str) -> None:
    """Choose a radio button or tick a box, however it is drawn."""
    page.locator(f'input[name="{name}"][value="{value}"]').first.check(force=True)


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f'[name="{name}"]:not([type=hidden])').first.fill(value)


def well(page: Page) -> None:
    """The page that came is one of ours and no refusal."""
    wrong = [said for alert in page.locator('[role="alert"]').all() if (said := alert.inner_text().strip())]
    assert not wrong, f"{page.url}: {wrong[0]}"
    expect(page.locator("h1")).to_have_count(1)


# ---------------------------------------------------------------- people


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/sign-in")
    fill(page, email=email, password=password)
    press(page, "Sign in")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def change_password(page: Page, old: str, new: str) -> None:
    page.goto("/accounts/password")
    fill(page, old=old, password=new)
    press(page, "Change the password")
    page.wait_for_url(lambda url: "/accounts/password" not in url)


def create_user(
    admin: Page, *, name: str, email: str, role: str, unit: str, title: str = "", honorific: str = "Bà"
) -> str:
    """A new user by the administrator's pages; returns the password that is shown once."""
    admin.goto("/accounts/users/new")
    fill(admin, name=name, email=email, unit=unit, title=title)
    admin.locator('select[name="role"]').select_option(role)
    admin.locator('select[name="honorific"]').select_option(honorific)
    press(admin, "Create the user")
    expect(admin.locator("h1")).to_have_text(vi("One-time password"))
    return admin.locator(".secret code").inner_text().strip()


def first_password(installation: Installation) -> tuple[str, str]:
    """What ``./run.sh`` prints on the first start: the administrator's address and the password that is good once."""
    said = installation.flask("prepare")
    found = re.search(r"as (\S+@\S+)\s+with (\S+)", said)
    assert found, said
    return found[1], found[2]


def import_contacts(page: Page, pasted: str, count: int) -> None:
    """A list pasted from Excel: what would happen is shown first, then one button."""
    page.goto("/directory/import")
    page.locator('select[name="unit"]').select_option(index=0)
    # not by fill(), which types line after line: a minute for the whole country
    page.locator('textarea[name="pasted"]').evaluate(
        "(area, text) => { area.value = text; area.dispatchEvent(new Event('input', {bubbles: true})) }", pasted
    )
    press(page, "Look at what would happen")
    page.wait_for_url(re.compile(r"/directory/import/\d+"))
    well(page)
    expect(page.locator(".kpis .n").first).to_have_text(f"{count:,}".replace(",", "."))
    page.locator(".dir-go button").click()
    page.wait_for_load_state()
    well(page)


# ---------------------------------------------------------------- booking


@dataclass
class Plan:
    """What is to be booked. The day is far enough away for every step to lie in the future."""

    day: date
    start: time = time(8, 0)
    minutes: int = 195
    title: str = TITLE
    agenda: list[tuple[str, int, str]] = field(
        default_factory=lambda: [
            ("Khai mạc", 10, "Ông Lê Minh Khang"),
            ("Báo cáo kết quả năm 2026", 35, "Vụ Kế hoạch – Tài chính"),
            ("Thảo luận", 120, "Nghệ An, Thành phố Hồ Chí Minh"),
            ("Kết luận hội nghị", 30, "Ông Lê Minh Khang"),
        ]
    )

    @property
    def starts_at(self) -> datetime:
        return clock.instant(self.day, self.start)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


def a_plan() -> Plan:
    """A conference on a working day nine days or a little more from now, after Tết later: no invitation comes too late."""
    today = clock.today()
    soonest = max(today + timedelta(days=9), STANDARD.add_working_days(today, 5))
    return Plan(STANDARD.add_working_days(soonest, 0))


def book_details(page: Page, plan: Plan) -> str:
    """Step one; returns the code of the meeting."""
    page.goto("/meetings/new")
    fill(
        page,
        title=plan.title,
        chair_name="Lê Minh Khang",
        chair_title="Bộ trưởng",
        hours=str(plan.minutes // 60),
        minutes=str(plan.minutes % 60),
        composition="Lãnh đạo Ủy ban nhân dân; Chánh Văn phòng; lãnh đạo các sở, ngành liên quan",
        max_delegates="25",
    )
    choose(page, "type", "review")
    choose(page, "secrecy", "ordinary")
    press(page, "Go on")
    page.wait_for_url(re.compile(r"/book/sites"))
    found = re.search(r"/meetings/(HN-\d{4}-\d{4,})/book/", page.url)
    assert found, page.url
    return found[1]


def pick_provinces(page: Page) -> None:
    page.locator('button[name="what"][value="provinces"]').click()
    expect(page.locator("[data-sites]")).to_have_text("34")


def pick_communes_of(page: Page, label: str, total: str) -> None:
    """All communes of one province, chosen in the list by the beginning of its name."""
    provinces = page.locator('select[name="of"]')
    chosen = provinces.locator("option", has_text=label).first.get_attribute("value")
    assert chosen
    provinces.select_option(chosen)
    page.locator('button[name="what"][value="communes"]').click()
    expect(page.locator("[data-sites]")).to_have_text(total)


def book_rest(page: Page, plan: Plan) -> None:
    """From the sites to the last step; nothing is sent yet."""
    press(page, "Go on")
    page.wait_for_url(re.compile(r"/book/time"))
    page.locator('[name="day"]').first.fill(plan.day.strftime("%Y-%m-%d" if _native(page, "day") else "%d/%m/%Y"))
    page.locator('[name="start"]').first.fill(plan.start.strftime("%H:%M"))
    press(page, "Go on")
    page.wait_for_url(re.compile(r"/book/agenda"))
    for number, (title, minutes, presenter) in enumerate(plan.agenda):
        if page.locator(f"#title-{number}").count() == 0:
            page.locator('button[name="more"]').click()
            page.locator(f"#title-{number}").wait_for()
        page.locator(f"#title-{number}").fill(title)
        page.locator(f"#minutes-{number}").fill(str(minutes))
        page.locator(f"#presenter-{number}").fill(presenter)
    page.locator("form[data-guard] p.buttons").last.get_by_role("button", name=vi("Go on")).click()
    page.wait_for_url(re.compile(r"/book/invitation"))
    fill(
        page,
        signer_authority="TL. BỘ TRƯỞNG",
        signer_title="CHÁNH VĂN PHÒNG",
        signer_name="Trần Văn Duyệt",
        contact_name="Bà Nguyễn Thị Hoa, Văn phòng",
        contact_phone="024.0000.0101",
        technical_phone="024.0000.0102",
        recipients="Lãnh đạo Bộ",
    )
    press(page, "Go on")
    page.wait_for_url(re.compile(r"/book/send"))


def _native(page: Page, name: str) -> bool:
    return page.locator(f'[name="{name}"]').first.get_attribute("type") == "date"


def send(page: Page) -> None:
    """The last button of the booking."""
    page.locator("form.card button.pri").first.click()
    page.wait_for_url(lambda url: "/book/" not in url)
    well(page)


# ---------------------------------------------------------------- the coordinator, on a phone

ROSTER = """STT\tHọ và tên\tChức vụ\tĐơn vị
1\tÔng Nguyễn Văn Ước\tPhó Chủ tịch UBND\tỦy ban nhân dân
2\tBà Trần Thị Quỳnh\tChánh Văn phòng\tVăn phòng UBND
3\tÔng Lê Đức Thọ\tGiám đốc Sở\tSở Khoa học và Công nghệ
"""


def answer_attends(phone: Page, link: str) -> None:
    phone.goto(f"{link}/reply")
    choose(phone, "answer", "accepted")
    press(phone, "Send the answer")
    phone.wait_for_url(re.compile("/done/reply"))
    well(phone)


def answer_substitute(phone: Page, link: str, name: str, title: str) -> None:
    phone.goto(f"{link}/reply")
    choose(phone, "answer", "substitute")
    choose(phone, "substitute_honorific", "Bà")
    fill(phone, substitute_name=name, substitute_title=title)
    press(phone, "Send the answer")
    phone.wait_for_url(re.compile("/done/reply"))
    well(phone)


def answer_declines(phone: Page, link: str, reason: str) -> None:
    phone.goto(f"{link}/reply")
    choose(phone, "answer", "declined")
    press(phone, "Send the answer")  # without a reason: refused at its field, and the choice is kept
    expect(phone.locator('[role="alert"]')).to_be_visible()
    expect(phone.locator('input[name="answer"][value="declined"]')).to_be_checked()
    fill(phone, reason=reason)
    press(phone, "Send the answer")
    phone.wait_for_url(re.compile("/done/reply"))
    well(phone)


def file_roster(phone: Page, link: str, roster: str = ROSTER) -> None:
    phone.goto(f"{link}/roster")
    fill(phone, pasted=roster)
    press(phone, "Send the list")
    phone.wait_for_url(re.compile("/roster"))
    well(phone)
    expect(phone.locator("ol.ros > li")).to_have_count(roster.strip().count("\n"))


def line_test(phone: Page, link: str, *, fault: str = "") -> None:
    """All six items passed, or *fault* (an item) found wanting."""
    phone.goto(f"{link}/line-test")
    for item in ("line", "picture", "microphone", "loudspeaker", "screen", "power"):
        choose(phone, item, "fault" if item == fault else "pass")
        if item == fault:
            fill(phone, **{f"note_{item}": "Tiếng vọng khi bật loa"})
    phone.locator(".stick button.pri").click()
    phone.wait_for_url(re.compile("/done/line_test"))
    well(phone)


def check_in(phone: Page, link: str, head_count: int) -> None:
    phone.goto(f"{link}/check-in")
    phone.locator("#head_count").fill(str(head_count))
    press(phone, "The site is in the meeting")
    expect(phone.locator("main")).to_contain_text(vi("Update the number"))


# ---------------------------------------------------------------- the roll


def open_session(page: Page, code: str) -> None:
    page.goto(f"/meetings/{code}/roll-call/live")
    page.locator(f'form[action$="/meetings/{code}/roll-call/open"] button').first.click()
    page.wait_for_url(re.compile("/roll-call/live"))
    well(page)


def close_roll(page: Page, code: str) -> None:
    page.goto(f"/meetings/{code}/roll-call/close")
    press(page, "Close the roll")
    page.wait_for_url(re.compile(r"/roll-call$"))
    well(page)


def call_one_by_one(page: Page, code: str, *, present: int) -> None:
    """The roll by voice: the next site is always on the page; the first *present* of them answer."""
    page.goto(f"/meetings/{code}/roll-call/one-by-one")
    for number in range(present):
        name = page.locator("#h-one").inner_text()
        page.locator("#one-count").fill(str(20 + number))
        page.locator('button[name="mark"][value$=":in"]').click()
        expect(page.locator("#h-one")).not_to_have_text(name)
        expect(page.locator(".strip")).to_contain_text(name)


# ---------------------------------------------------------------- the record


def write_the_minutes(page: Page, code: str) -> None:
    """Begin, write one statement, one conclusion and one task, submit."""
    page.goto(f"/meetings/{code}/minutes")
    press(page, "Begin the minutes")
    page.wait_for_url(re.compile("/minutes"))
    well(page)
    for css, words in (
        (
            "[id^=i].said",
            {"speaker": "Ông Lê Minh Khang, Bộ trưởng", "text": "Khai mạc hội nghị, nêu mục tiêu năm 2026."},
        ),
        ("#conclusions", {"text": "Các địa phương hoàn thành kế hoạch chuyển đổi số trước ngày 31 tháng 12."}),
        ("#tasks", {"text": "Báo cáo kết quả thực hiện về Bộ", "lead": "Ủy ban nhân dân các tỉnh, thành phố"}),
    ):
        block = page.locator(f"{css} .blank")
        for name, value in words.items():
            block.locator(f"[name={name}]").fill(value)
        block.locator("button.save").click()
        expect(page.locator(f"{css} > .block:not(.blank)")).to_have_count(1)
        well(page)
    press(page, "Submit for approval")
    page.wait_for_load_state()
    well(page)


def approve_the_minutes(page: Page, code: str) -> None:
    page.goto(f"/meetings/{code}/minutes")
    page.locator(f'form[action$="/meetings/{code}/minutes/approve"] button').click()
    page.wait_for_load_state()
    well(page)


def issue_the_minutes(page: Page, code: str, *, to: str, on: datetime) -> None:
    page.goto(f"/meetings/{code}/minutes")
    form = page.locator(f'form[action$="/meetings/{code}/minutes/issue"]')
    for name, number in (("", "125"), ("notice_", "126")):
        form.locator(f'[name="issue-{name}number"]').fill(number)
        form.locator(f'[name="issue-{name}on"]').fill(f"{clock.wall(on):%d/%m/%Y}")
    form.locator('[name="issue-others"]').fill(to)
    press(form, "Issue and send")
    page.wait_for_load_state()
    well(page)
