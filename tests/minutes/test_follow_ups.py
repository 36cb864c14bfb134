"""From the press of "issue" to the letter box."""

from __future__ import annotations

import re
from datetime import date
from email import message_from_bytes, policy

import pytest

from meetings import worker
from meetings.accounts.queries import actor_of
from meetings.database import db
from meetings.directory.models import Contact
from meetings.minutes import blocks, handing, life, queries
from meetings.minutes.content import Concluded, Given, Spoken
from meetings.minutes.handing import Numbers
from tests import make


def test_an_issued_record_reaches_the_leader_with_both_files_and_a_link_that_opens(
    app, instance, browser, begun, hoa, approver, held
):
    leader = make.person("Lê Minh Khang")
    item = queries.written(begun).items[0]
    blocks.add(begun, Spoken("Khai mạc."), item=item, actor=hoa)
    blocks.add(begun, Concluded("Thống nhất ban hành hướng dẫn."), actor=hoa)
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    handing.issue(begun, Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 14)), [leader], [], actor=hoa)
    email, code = leader.email, held.code
    make.done()
    db.session.remove()
    worker.until_nothing_is_due(app)
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in instance.rglob("*.eml")]
    (letter,) = [one for one in letters if email in str(one["To"])]
    assert code in str(letter["Subject"])
    body = letter.get_body(("plain",)).get_content()
    assert "Thống nhất ban hành hướng dẫn." in body
    names = [part.get_filename() for part in letter.iter_attachments()]
    assert names == [f"Thong-bao-ket-luan-{code}.docx", f"Bien-ban-{code}.docx"]
    assert all(part.get_content()[:2] == b"PK" for part in letter.iter_attachments())
    link = re.search(r"http://hop\.example(/v/\S+)", body)
    assert link is not None
    assert browser().get(link[1]).status_code == 200


@pytest.mark.only("sqlite")
def test_who_leads_an_action_item_is_told_what_until_when_and_whom_to_call(app, instance, begun, hoa, approver, held):
    db.session.query(Contact).filter(Contact.email == "diemcau.42@42.example").update({"locale": "en"})
    item = queries.written(begun).items[0]
    spoken = "Đề nghị tỉnh Nghệ An hoàn thành trước Tết."
    blocks.add(begun, Spoken(spoken), item=item, actor=hoa)
    (said,) = queries.written(begun).said(item)
    given = [
        Given("Nâng cấp <b>đường truyền</b>", "UBND tỉnh Nghệ An", "Viễn thông Nghệ An", date(2027, 1, 31)),
        Given("Cử đầu mối", "Điểm cầu Hà Tĩnh", "", None),
        Given("Báo cáo Bộ trưởng", "Vụ Kế hoạch - Tài chính", "", date(2027, 2, 1)),
    ]
    for one in given:
        blocks.add(begun, one, actor=hoa)
    queries.written(begun).tasks[0].statement_id = said.id
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    handing.issue(begun, Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 14)), [make.person()], [], actor=hoa)
    make.done()
    db.session.remove()
    worker.until_nothing_is_due(app)
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in instance.rglob("*.eml")]
    outside = [one for one in letters if str(one["To"]).rpartition("@")[2].rstrip(">") != "bdps.example"]
    assert len(outside) == 2, "who has no place known here is not guessed"
    (ours,) = [one for one in letters if "diemcau.40@" in str(one["To"])]
    assert str(ours["Subject"]).startswith("Giao 1 nhiệm vụ, hạn sớm nhất 31/01/2027: kết luận họp 10/12/2026 [")
    text, html = (ours.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for line in ("Nhiệm vụ: Nâng cấp <b>đường truyền</b>", "Thời hạn: Chủ nhật, ngày 31 tháng 01 năm 2027",
                 "Chủ trì: UBND tỉnh Nghệ An", "Phối hợp: Viễn thông Nghệ An", spoken, "024 000 1234"):  # fmt: skip
        assert line in text, line
    assert "Báo cáo Bộ trưởng" not in text and "&lt;b&gt;đường" in html
    (english,) = [one for one in letters if "diemcau.42@" in str(one["To"])]
    assert str(english["Subject"]).startswith("1 action item: conclusions of 10 Dec 2026 [")
    assert "Due: no day was set" in english.get_body(("plain",)).get_content()
