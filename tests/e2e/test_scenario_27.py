"""Scenario 27, *Finalised*: numbered, locked, its hash recorded, sent to the leaders; read and receipted on a phone.

Opening it again needs a reason and makes version 2; version 1 stays as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock, links, worker
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.minutes import blocks, life, queries, services
from meetings.minutes.content import Concluded, Given
from meetings.minutes.rules import RecordStatus
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.look import inaccessible, too_wide
from tests.minutes.conftest import close_roll

SAID = "Các địa phương dùng chung hạ tầng họp trực tuyến từ quý I năm 2027."


def letter_to(address: str, kind: str) -> Letter:
    """The newest letter of *kind* to *address*."""
    db.session.rollback()
    newest = sa.select(Letter).where(Letter.kind == kind, Letter.to_address == address).order_by(Letter.id.desc())
    return db.session.scalars(newest.limit(1)).one()


@pytest.mark.only("sqlite")
def test_what_is_finalised_is_numbered_locked_sent_read_on_a_phone_and_reopened_only_with_a_reason(
    app: Flask, served: str, open_browser: Callable[..., Page]
) -> None:
    today = clock.wall(clock.now())
    secretary = make.user(Role.SECRETARY, email="hoa@bo.example")
    leader = make.person("Lê Minh Khang")
    morning = clock.wall(clock.now() - timedelta(hours=4))
    meeting = make.meeting(status=Status.CLOSED, starts=f"{morning:%Y-%m-%d %H:%M}", secretary=secretary)
    close_roll(meeting)
    hoa = make.actor(secretary)
    record = services.start(meeting, actor=hoa)
    blocks.add(record, Concluded(SAID), actor=hoa)
    due = today.date() + timedelta(days=30)
    blocks.add(record, Given("Ban hành quy chế phòng họp", "UBND tỉnh Nghệ An", "", due), actor=hoa)
    life.submit(record, actor=hoa)
    life.approve(record, actor=make.actor(make.user(Role.APPROVER)))
    code, address = meeting.code, leader.email
    make.done()

    # -- she finalises: numbers are given, the leaders and whoever “Nơi nhận” names are ticked already
    desk = open_browser(served)
    journey.sign_in(desk, "hoa@bo.example", make.PASSWORD)
    desk.goto(f"/meetings/{code}/minutes")
    form = desk.locator(f'form[action$="/{code}/minutes/issue"]')
    for name, number in (("", "31"), ("notice_", "412")):
        form.locator(f'[name="issue-{name}number"]').fill(number)
        form.locator(f'[name="issue-{name}on"]').fill(f"{today:%d/%m/%Y}")
    expect(form.get_by_label("Lê Minh Khang")).to_be_checked()
    expect(form.get_by_label("Các điểm cầu của cuộc họp")).to_be_checked()
    journey.press(form, "Issue and send")
    expect(desk.locator("main")).to_contain_text("3 nơi nhận")
    db.session.rollback()
    first = queries.issued(meeting)
    assert first is not None and first.status is RecordStatus.ISSUED
    assert (first.number, first.notice_number) == ("31", "412")
    sums = first.record_sha256, first.notice_sha256
    for sum in sums:
        assert hashlib.sha256(queries.kept(sum) or b"").hexdigest() == sum
    db.session.rollback()
    assert desk.locator('textarea[name="text"]').count() == 0, "nothing of it can be written any more"
    worker.until_nothing_is_due(app)
    letter = letter_to(address, "conclusions")
    assert SAID in letter_box.readable(letter).text and len(letter.enclosures) == 2
    assert [file["sha256"] for file in letter.enclosures] == [sums[1], sums[0]]
    unit = letter_to("diemcau.40@40.example", "conclusions")
    assert [file["sha256"] for file in unit.enclosures] == [sums[1]], "a unit gets no minutes"
    assert letter.link_id is not None and letter.link_issue is not None
    token = links.token("v", letter.link_id, letter.link_issue)
    db.session.rollback()

    # -- a leader, on a phone, without an account
    phone = open_browser(served, phone=True)
    phone.goto(f"/v/{token}")
    expect(phone.locator("main")).not_to_contain_text(SAID)
    assert not inaccessible(phone) and not too_wide(phone)
    phone.get_by_label("Tôi là người nhận").check()
    phone.get_by_role("button", name="Gửi mã").click()
    expect(phone.locator("main")).to_contain_text("Mã")
    digits = letter_to(address, "reading_code").fills["code"]
    db.session.rollback()
    phone.get_by_label("Mã trong thư").fill(digits)
    phone.get_by_role("button", name="Mở văn bản").click()
    expect(phone.locator("main")).to_contain_text(SAID)
    phone.get_by_text("Đọc biên bản").click()
    assert not inaccessible(phone) and not too_wide(phone)
    phone.get_by_role("button", name="Đã nhận").click()
    expect(phone.locator(".receipt")).to_contain_text("Đã báo nhận lúc")
    phone.set_viewport_size({"width": 320, "height": 700})
    assert not too_wide(phone)

    # -- the secretary sees it; opened again only with a reason, and then as version 2
    desk.get_by_role("link", name="Gửi và báo nhận").click()
    row = desk.locator("tbody tr").filter(has_text="Lê Minh Khang")
    expect(row).to_contain_text("Thông báo kết luận và biên bản")
    expect(desk.get_by_role("link", name="Đã báo nhận 1")).to_be_visible()
    assert not inaccessible(desk)
    desk.goto(f"/meetings/{code}/minutes")
    desk.get_by_text("Phiên bản mới", exact=True).click()
    again = desk.locator(f'form[action$="/{code}/minutes/renew"]')
    journey.press(again, "Begin a new version")
    expect(desk.locator("main")).to_contain_text("Nhập lý do")
    again.locator("textarea").fill("Sửa thời hạn của một nhiệm vụ.")
    journey.press(again, "Begin a new version")
    expect(desk.locator(".notice").first).to_contain_text("Đã lập phiên bản mới")
    db.session.rollback()
    newest = queries.newest(meeting)
    assert newest is not None and (newest.version, newest.status) == (2, RecordStatus.WRITING)
    assert newest.reason == "Sửa thời hạn của một nhiệm vụ."
    db.session.rollback()
    held = desk.request.get(f"/meetings/{code}/documents/thong-bao-ket-luan.docx?version=1").body()
    assert hashlib.sha256(held).hexdigest() == sums[1], "version 1 stays, to the byte"
    phone.reload()
    expect(phone.locator("main")).to_contain_text(SAID)
