"""The papers of a meeting: what is taken, under which name, who reads it, and when it is late."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.errors import Refused
from meetings.overview import case_file
from meetings.scheduling import paper_rules, papers, ruling
from meetings.scheduling.models import Meeting
from meetings.scheduling.regime import Setting
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock
from tests.pages import Client, Page

Browser = Callable[..., Client]
PDF = b"%PDF-1.7\n"
DOCX = b"PK\x03\x04 ..."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("C:\\Tài liệu\\Báo cáo quý IV.DOCX", "Báo cáo quý IV.docx"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ('a<b>:"c"|?*\x00\u202e.pdf', "a b c.pdf"),
        ("...pdf", "tai-lieu.pdf"),
        ("x" * 400 + ".odt", "x" * 146 + ".odt"),
    ],
)
def test_a_name_is_made_safe(typed: str, kept: str) -> None:
    assert paper_rules.safe_name(typed) == kept


@pytest.mark.parametrize(
    ("title", "name", "data"),
    [
        ("", "virus.exe", b"MZ"),
        ("", "bao-cao", PDF),
        ("", "trang.html.pdf", b"<html>"),
        ("", "to.pdf", PDF + b"." * paper_rules.MOST),
        ("Kế hoạch (TUYỆT MẬT)", "kh.pdf", PDF),
        ("", "Công văn 12 MẬT.pdf", PDF),
    ],
)
def test_what_is_not_taken_is_refused_at_the_file(title: str, name: str, data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        paper_rules.check(title, name, data)
    assert (refused.value.field, refused.value.status) == ("file", 422)


def test_words_that_only_sound_secret_are_taken() -> None:
    assert paper_rules.check("BÁO CÁO BẢO VỆ BÍ MẬT NHÀ NƯỚC", "quy chế bảo mật.pdf", PDF) == "application/pdf"


def test_a_paper_is_put_in_read_by_the_site_and_taken_out(
    browser: Browser, secretary: User, client: Client, clock: Clock
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    clock.at("2026-12-08 09:00")
    desk, address = browser(secretary), f"/meetings/{meeting.code}/papers"

    def put(name: str, data: bytes, title: str = "") -> Page:
        return desk.post(address, data={"title": title, "file": (io.BytesIO(data), name)}, follow_redirects=True)

    refused = put("bang.exe", b"MZ", title="Tên đã gõ")
    assert refused.status_code == 422
    assert "Tên đã gõ" in str(refused.soup.find(id="title"))
    page = put("../Báo cáo.pdf", PDF)
    assert "Báo cáo.pdf" in page.words
    assert "chậm nhất ngày 07/12/2026" in page.words  # it is late, and kept all the same
    one = papers.of(meeting)[0]
    for who, link in (
        (desk, f"{address}/{one.id}"),
        (client, f"{make.private(make.sites_of(meeting)[0])}/papers/{one.id}"),
    ):
        got = who.get(link)
        assert (got.data, got.mimetype) == (PDF, "application/pdf")
        assert got.headers["Content-Disposition"].startswith("attachment")
    assert "Báo cáo" in client.get(make.private(make.sites_of(meeting)[0])).words
    assert ("tai-lieu/01-Báo cáo.pdf", PDF) in list(case_file.contents(meeting))
    page = desk.submit(address, form=f"/papers/{one.id}/remove")
    assert "Chưa có tài liệu" in page.words
    assert client.get(f"{make.private(make.sites_of(meeting)[0])}/papers/{one.id}").status_code == 404
    facts = [entry.fact for entry in journal.queries.of(meeting.code, fact="paper", newest_first=False)]
    assert facts == ["paper.added", "paper.removed"]


def test_a_stranger_reads_no_paper(browser: Browser, stranger: User, secretary: User) -> None:
    meeting = make.meeting(secretary=secretary)
    one, _late = papers.add(meeting, "", "a.docx", DOCX, actor=make.actor(secretary))
    make.done()
    assert browser(stranger).get(f"/meetings/{meeting.code}/papers/{one.id}").status_code == 404


def test_a_file_of_nineteen_megabytes_passes_the_door_and_one_of_thirty_is_told_the_size(
    browser: Browser, secretary: User
) -> None:
    meeting = make.meeting(secretary=secretary)
    desk = browser(secretary)
    for size, status in ((19, 303), (30, 413)):
        data = {"title": "", "file": (io.BytesIO(PDF + b"." * (size << 20)), "to.pdf")}
        answer = desk.post(f"/meetings/{meeting.code}/papers", data=data)
        assert answer.status_code == status
    assert "21 MB" in answer.words


def test_a_late_paper_of_a_sent_meeting_is_refused_where_the_rule_blocks(
    complete: Meeting, who: Actor, clock: Clock
) -> None:
    rule = ruling.rules_on(date(2026, 12, 1))["paper_lead"]
    ruling.change(replace(rule, valid_from=date(2026, 12, 1), setting=Setting.BLOCK), "Siết chặt", actor=who)
    complete.status, complete.sent_at = Status.SCHEDULED, make.at("2026-12-01 09:00")
    papers.add(complete, "", "som.docx", DOCX, actor=who)
    clock.at("2026-12-08 00:00")
    with pytest.raises(Refused):
        papers.add(complete, "", "muon.docx", DOCX, actor=who)
    complete.urgent, complete.urgent_approved_by = True, "Ông Khang"
    papers.add(complete, "", "muon.docx", DOCX, actor=who)
    complete.status = Status.CLOSED
    with pytest.raises(Refused):
        papers.add(complete, "", "sau.docx", DOCX, actor=who)
