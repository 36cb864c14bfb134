"""The pages of tasks as their readers meet them: who reads what, what is said when somebody else was quicker, a great many."""

from __future__ import annotations

import io
import re
from datetime import date, time
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from meetings import clock as clocks
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.minutes import following, following_agenda, following_queries
from meetings.minutes.following_rules import Way
from meetings.minutes.models import ActionItem, Assignment
from meetings.post.models import Letter
from meetings.scheduling.models import MeetingSeries
from meetings.scheduling.rules import Status
from tests import make
from tests.minutes import test_following

issued = test_following.issued
token_of = test_following.token_of
assignments = test_following.assignments


def in_a_series(held: Any) -> Any:
    """The next date of the series of *held*, with the review on its agenda."""
    coming = make.meeting(
        status=Status.SCHEDULED, starts="2027-01-07 08:00", agenda=("Khai mạc", following_agenda.TITLE)
    )
    series = MeetingSeries(
        uid="hop-thang", rule="FREQ=WEEKLY;INTERVAL=4;BYDAY=TH;COUNT=2", first_on=date(2026, 12, 10), starts=time(8),
        minutes_long=180, title=held.title, organiser_id=held.organiser_id, made_at=clocks.now(), made_by="",
    )  # fmt: skip
    db.session.add(series)
    db.session.flush()
    for one in (held, coming):
        one.series_id, one.series_on = series.id, clocks.wall(one.starts_at).date()
    return coming


@pytest.mark.only("sqlite")
def test_each_reader_meets_her_own_tasks_on_the_pages_of_the_meeting_and_at_home(
    app: Any, browser: Any, clock: Any, issued: Any, held: Any, secretary: Any, approver: Any
) -> None:
    code, coming = held.code, in_a_series(held)
    following_of = coming.code
    late, later, far = assignments()
    numbered = {one.id: number for number, one in enumerate((late, later, far), 1)}
    of_the_unit = make.user(Role.SITE_OFFICER, make.NGHE_AN)
    technician = make.user(Role.TECHNICIAN)
    unit = make.actor(of_the_unit)
    following.ask_extension(late, date(2027, 1, 20), "Mưa lũ", Way.LINK, actor=unit)
    make.done()
    clock.at("2026-12-28 09:00")
    desk, province, engineer, chief = (browser(one) for one in (secretary, of_the_unit, technician, approver))
    agenda = f"/meetings/{following_of}/agenda"
    for page in (desk.get(agenda).text, desk.get(f"/meetings/{code}").text):
        assert "Quá hạn 7 ngày" in page and "Cử đầu mối" in page
    assert "3 nhiệm vụ được giao" in desk.get(f"/meetings/{code}").text
    for page in (province.get(agenda).text, province.get(f"/meetings/{code}").text):
        assert "Quá hạn 7 ngày" in page and "Cử đầu mối" not in page, "an invited unit reads its own"
    assert "nhiệm vụ" not in engineer.get(agenda).text.split("Kiểm điểm nhiệm vụ", 1)[1], "nothing is said of the tasks"
    mine = province.get("/").text
    assert "Đơn vị có 1 nhiệm vụ quá hạn." in mine and "xin lùi hạn" not in mine
    for one in (desk, chief):
        assert "1 nhiệm vụ xin lùi hạn." in one.get("/").text
    asking = desk.get("/action-items?asks=1").text
    assert re.search(rf'href="/action-items/{late.id}">Cho ý kiến…', asking), (
        "each row with the button that resolves it"
    )
    assert f'href="/action-items/{late.id}">Báo cáo…' in province.get("/action-items").text
    assert "Chọn đơn vị" not in asking and f"urge?task={far.id}" in desk.get("/action-items?tab=doing").text
    assert "Nâng cấp đường truyền" in asking and f"nhiệm vụ {numbered[late.id]}<" in asking
    assert "Báo cáo tiến độ" not in desk.get("/action-items?asks=1&tab=doing").text
    shown = desk.get(f"/action-items/{late.id}").text
    assert re.search(r'value="grant"[^>]*>.*?Đồng ý lùi hạn', shown) and "Mưa lũ" in shown


@pytest.mark.only("sqlite")
def test_whoever_was_slower_is_told_why_and_keeps_what_was_typed(
    app: Any, browser: Any, issued: Any, hoa: Any, secretary: Any
) -> None:
    one = assignments()[0]
    token, number = token_of(one), one.id
    make.done()
    phone, desk = browser(), browser(secretary)
    at = f"/t/{token}/{number}"
    field = re.search(r'name="csrf_token"[^>]*value="(\w+)"', phone.get(at).text)
    assert field is not None
    form = {"csrf_token": field[1]}
    assert 'lang="en"' in phone.post(f"/t/{token}/language", data={**form, "locale": "en"}, follow_redirects=True).text
    phone.post(f"/t/{token}/language", data={**form, "locale": "vi"})
    assert 'href="tel:0240001234"' in phone.get(at).text, "whom to ring"
    forty = phone.post(at, data={**form, "percent": "bốn mươi", "words": "Gõ đã lâu", "progress": "1"})
    assert forty.status_code == 422 and "bốn mươi" in forty.text and "Gõ đã lâu" in forty.text
    nothing = desk.post(
        f"/action-items/{number}/decide", data={"end-words": "", "end-done_on": "nay", "verb": "withdraw"}
    )
    assert nothing.status_code == 422 and re.search(
        r"<details[^>]* open>\s*<summary>Xác nhận hoàn thành hoặc", nothing.text
    )
    assert f'data-copy="http://hop.example/t/{token}"' in desk.get(f"/action-items/{number}").text
    assert browser(make.user(Role.SITE_OFFICER, make.NGHE_AN)).post(f"/action-items/{number}/link").status_code == 403
    assert desk.post(f"/action-items/{number}/link").status_code == 303
    gone = phone.get(at)
    assert gone.status_code == 410 and "024 000 1234" in gone.text, "the link that got about opens nothing"
    assert "024" not in phone.get(f"/t/{token[:-2]}xx").text, "a forged one learns nothing"
    token = token_of(db.session.get(Assignment, number))
    at = f"/t/{token}/{number}"
    field = re.search(r'name="csrf_token"[^>]*value="(\w+)"', phone.get(at).text)
    assert field is not None and "task_reminder" in {*db.session.scalars(sa.select(Letter.kind))}
    form = {"csrf_token": field[1]}
    following.withdraw(db.session.get(Assignment, number), "Giao đơn vị khác", actor=hoa)
    make.done()
    for late in (
        phone.post(at, data={**form, "words": "Gõ đã lâu", "progress": "1"}),
        phone.post(f"{at}/extension", data={**form, "due": "20/01/2027", "reason": "Gõ đã lâu"}),
        desk.post(f"/action-items/{number}/telephone", data={"phone-caller": "Ông Lộc", "phone-words": "Gõ đã lâu"}),
        desk.post(f"/action-items/{number}/decide", data={"decide-words": "Gõ đã lâu", "verb": "refuse"}),
    ):
        assert (
            late.status_code in (409, 422) and "Nội dung chưa được ghi nhận" in late.text and "Gõ đã lâu" in late.text
        )


@pytest.mark.only("sqlite")
def test_a_thousand_tasks_are_counted_paged_and_all_in_the_workbook_with_the_same_few_statements(
    app: Any, browser: Any, clock: Any, issued: Any, secretary: Any
) -> None:
    one = assignments()[1]
    item, last = one.item, db.session.scalar(sa.select(sa.func.max(ActionItem.id))) or 0
    many = range(last + 1, last + 1051)
    same = {column.key: getattr(item, column.key) for column in sa.inspect(ActionItem).columns if column.key != "id"}
    db.session.execute(sa.insert(ActionItem), [{**same, "id": id, "origin_id": id, "position": id} for id in many])
    row = {column.key: getattr(one, column.key) for column in sa.inspect(Assignment).columns if column.key != "id"}
    db.session.execute(sa.insert(Assignment), [{**row, "origin_id": id, "item_id": id} for id in many])
    unit, engine, code = one.lead_unit_id, db.engine, one.meeting.code
    make.done()
    clock.at("2026-12-11 09:00")  # what is written of today is not written of again
    desk, asked = browser(secretary), []

    def counted(path: str) -> tuple[int, str]:
        asked.clear()
        return (desk.get(path).status_code, len(asked))[1], desk.get(path).text

    def note(*args: Any) -> None:
        asked.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    desk.get("/action-items")
    few, _page = counted("/action-items?q=khong-co")
    full, page = counted("/action-items?tab=doing&page=2")
    assert full <= few + 2 and page.count('type="checkbox"') == 50 and "51–100" in page
    chosen = desk.get("/action-items/urge?all=1&tab=doing").text
    assert chosen.count('name="task"') == following_queries.AT_MOST, "the whole list, as far as one press goes"
    assert "và 490 nhiệm vụ khác trên trang nhiệm vụ của đơn vị" in chosen and "Nhiệm vụ 11" not in chosen
    assert "1.053 nhiệm vụ được giao" in desk.get(f"/meetings/{code}").text
    _few, behind = counted(f"/action-items/report/given?unit={unit}&from=2026-12-01&to=2026-12-31")
    assert "Được giao · 1.052" in behind and behind.count("<tr") == 51
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/action-items/report.xlsx?from=2026-12-01&to=2026-12-31").data))
    assert book.worksheets[1].max_row == 1 + 1053, "every task, and not the first thousand"
    assert following_queries.numbers_of([one]) == {one.item_id: 2}
    event.remove(engine, "before_cursor_execute", note)
