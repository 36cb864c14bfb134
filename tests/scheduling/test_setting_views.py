"""The pages of the settings and of the regime: what an administrator sets, what a secretary reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.scheduling import ruling, services, working_time
from meetings.scheduling.models import Meeting
from tests import make
from tests.conftest import Clock
from tests.pages import Client

Browser = Callable[..., Client]


def test_an_administrator_sets_days_and_hours_beside_what_the_library_says(
    browser: Browser, administrator: User
) -> None:
    client = browser(administrator)
    page = client.get("/settings/working-days?year=2026")
    assert "Tết Nguyên Đán" in page.words
    assert "Thứ Bảy làm bù làm việc" in page.words  # 22 August, worked instead of the Monday before the national day
    said = {"day": "24/12/2026", "worked": "off", "name": "Bão số 15", "source": "Công điện 01"}
    page = client.submit("/settings/working-days", said, form="Lưu ngày")
    assert "24/12/2026 Thứ Năm Bão số 15 Công điện 01 · Phạm Quản Trị, 01/12/2026 nghỉ" in page.words
    assert not working_time.calendar().is_working(date(2026, 12, 24))
    page = client.submit("/settings/working-days?year=2026", form="forget")
    assert "Bão số 15" not in page.words
    assert working_time.calendar().is_working(date(2026, 12, 24))

    assert (
        client.submit(
            "/settings/working-days", {"ends_1": "11:00", "begins_2": "13:00"}, form="office-hours"
        ).status_code
        == 200
    )
    assert [span.ends for span in working_time.hours()] == [time(11, 0), time(17, 0)]
    crossed = client.submit("/settings/working-days", {"begins_2": "10:00"}, form="office-hours")
    assert crossed.status_code == 422
    assert crossed.soup.find(id="begins_2-error") is not None
    half = client.submit("/settings/working-days", {"ends_2": ""}, form="office-hours")
    assert half.status_code == 422, "half an afternoon is a slip, not a day without one"
    assert half.soup.find(id="ends_2-error") is not None
    assert (
        client.submit("/settings/working-days", {"begins_2": "", "ends_2": ""}, form="office-hours").status_code == 200
    )
    assert [span.ends for span in working_time.hours()] == [time(11, 0)]
    assert client.post(f"/settings/working-days/{10**23}/forget").status_code == 404


def test_a_rule_is_shown_with_its_label_and_changed_by_a_version_with_a_reason(
    browser: Browser, administrator: User
) -> None:
    client = browser(administrator)
    page = client.get("/settings/regime")
    for words in (
        "Quyết định 45/2018/QĐ-TTg",
        "Đối chiếu qua nguồn thứ cấp",
        "theo trí nhớ (80%)",
        "Nghị định 154/2026/NĐ-CP",
    ):
        assert words in page.words
    path = "/settings/regime/length"
    page = client.submit(path, {"value_briefing": "0", "reason": "Lý do đã gõ"}, form="Lưu bản mới")
    assert page.status_code == 422
    assert page.soup.find(id="value_briefing-error") is not None
    assert "Lý do đã gõ" in str(page.soup.find(id="reason"))
    page = client.submit(
        path, {"value_briefing": "2", "reason": "Theo quy chế mới", "valid_from": "02/12/2026"}, form="Lưu bản mới"
    )
    assert "Theo quy chế mới" in page.words
    assert ruling.rules_on(date(2026, 12, 1))["length"].value["briefing"] == 1
    assert ruling.rules_on(date(2026, 12, 2))["length"].value["briefing"] == 2
    assert client.get("/settings/regime/nonsense").status_code == 404


def test_what_holds_for_everybody_is_not_changed_by_an_administrator_of_a_province(
    browser: Browser, app: Flask
) -> None:
    client = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN))
    assert client.get("/settings/working-days").soup.find(id="name") is None
    said = {"day": "24/12/2026", "worked": "off", "name": "Bão", "source": "Công điện"}
    assert client.post("/settings/working-days", data=said).status_code == 403
    assert client.post("/settings/office-hours", data={}).status_code == 403
    assert client.post("/settings/regime/length", data={}).status_code == 403
    assert working_time.overrides(2026) == []


def test_what_was_typed_stays_when_the_leader_is_missing_and_then_it_is_counted(
    browser: Browser, complete: Meeting, secretary: User, who: Actor, clock: Clock
) -> None:
    clock.at("2026-12-08 09:00")
    client = browser(secretary)
    path = f"/meetings/{complete.code}/regime/invitation_lead"
    page = client.submit(path, {"way": "override", "reason": "Chỉ đạo gấp"}, form="Ghi nhận")
    assert page.status_code == 422
    assert "Chỉ đạo gấp" in str(page.soup.find(id="reason"))
    page = client.submit(path, {"way": "override", "reason": "Chỉ đạo gấp", "leader": "Ông Khang"}, form="Ghi nhận")
    assert "Vẫn gửi, vượt quy định. Lý do: Chỉ đạo gấp. Người phê duyệt: Ông Khang." in page.words
    page = client.submit(f"/meetings/{complete.code}/book/send", form="cases/confirm")
    assert "cuộc họp không thuộc trường hợp nào" in page.words
    services.send(complete, make.at("2026-12-09 08:00"), actor=who)
    make.done()
    page = client.get("/regime/overrides?quarter=2026-Q4&rule=invitation_lead&unit=&type=review")
    for words in ("Chỉ đạo gấp", "Ông Khang", complete.code, "Thời hạn gửi giấy mời"):
        assert words in page.words
    assert complete.code not in client.get("/regime/overrides?quarter=2026-Q3").words
    assert client.get(f"/meetings/{complete.code}/regime/length").status_code == 404
