"""The papers of rosters leave by the right doors: one site's sheet, all sheets as a zip, the list of the meeting."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import pytest
from flask import Flask

from meetings.accounts.rules import Actor, Role
from meetings.invitations.rules import Consent, Reply
from meetings.official.paper import CONTENT_TYPE
from meetings.readiness import filing, papers, parcels, roster
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.official.sound import assert_sound, parts, text

OFFICER = Actor.link(1, "Đầu mối")
PASTED = "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\nBà Trần Thị Sen\tChánh Văn phòng\tVăn phòng"


@pytest.fixture
def meeting(app: Flask) -> Meeting:
    made = make.meeting(status=Status.SCHEDULED, secretary=make.user(Role.SECRETARY))
    for site in make.sites_of(made):
        filing.file_roster(site, roster.rows_of(PASTED), actor=OFFICER)
    make.done()
    return made


def docs(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(data: bytes) -> list[list[str]]:
    table = docx.Document(io.BytesIO(data)).tables[1]
    return [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in table.rows]


def no_link(data: bytes, *links: str) -> None:
    for name, content in parts(data).items():
        said = content.decode()
        assert "/m/" not in said and "/j/" not in said, name
        assert not any(link.rsplit("/", 1)[-1] in said for link in links), name


def test_the_sheet_of_a_site_comes_by_its_link_and_by_the_page_of_the_centre(browser: Any, meeting: Meeting) -> None:
    here = make.sites_of(meeting)[0]
    link = make.private(here)
    make.done()
    client = browser()
    got = client.get(f"{link}/sign-in-sheet.docx")
    assert got.mimetype == CONTENT_TYPE and got.headers["Cache-Control"] == "no-store"
    assert_sound(got.data)
    no_link(got.data, link)
    assert [line[1] for line in rows(got.data)[1:3]] == ["Ông Hoàng Văn Lộc", "Bà Trần Thị Sen"]
    assert rows(got.data)[3:] == [[""] * 6] * 10
    desk = f"/meetings/{meeting.code}/sites/{here.id}/desk/sign-in-sheet.docx"
    assert client.get(desk).status_code in (302, 303)  # to the door first
    client = browser(meeting.secretary)
    assert client.get(desk).data == got.data


def test_all_sheets_come_as_one_zip_each_site_by_its_name(browser: Any, meeting: Meeting) -> None:
    links = [make.private(site) for site in make.sites_of(meeting)]
    make.done()
    client = browser(meeting.secretary)
    page = client.get(f"/meetings/{meeting.code}/delegates")
    assert "danh-sach-ky-ten.zip" in page.text and "danh-sach-dai-bieu.docx" in page.text
    found = docs(client.get(f"/meetings/{meeting.code}/documents/danh-sach-ky-ten.zip").data)
    assert list(found) == ["nghe-an/0001-nghe-an.docx", "ha-tinh/0002-ha-tinh.docx"]
    for data in found.values():
        assert_sound(data)
        no_link(data, *links)
    one = docs(client.get(f"/meetings/{meeting.code}/documents/danh-sach-ky-ten.zip?province=42").data)
    assert list(one) == ["0001-ha-tinh.docx"]
    assert client.get(f"/meetings/{meeting.code}/documents/danh-sach-ky-ten.zip?province=99").status_code == 404
    whole = client.get(f"/meetings/{meeting.code}/documents/danh-sach-dai-bieu.docx").data
    assert_sound(whole)
    no_link(whole, *links)
    assert "Danh sách này có 04 đại biểu./." in text(whole)


def test_of_a_large_meeting_each_province_has_a_zip_of_its_own(
    browser: Any, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "MOST_SHEETS", 1)
    client = browser(meeting.secretary)
    got = client.get(f"/meetings/{meeting.code}/documents/danh-sach-ky-ten.zip")
    assert got.status_code == 303 and got.location.endswith("/delegates#provinces")
    page = client.get(got.location.split("#")[0]).text
    assert "province=40" in page and "province=42" in page
    assert 'documents/danh-sach-ky-ten.zip"' not in page


def test_who_sees_a_part_of_the_meeting_gets_the_lists_of_that_part(browser: Any, meeting: Meeting) -> None:
    officer = make.user(Role.SITE_OFFICER, make.NGHE_AN)
    filing.add_delegate(make.sites_of(meeting)[1], {"name": "Người Hà Tĩnh", "title": "Giám đốc"}, actor=OFFICER)
    make.done()
    client = browser(officer)
    whole = client.get(f"/meetings/{meeting.code}/documents/danh-sach-dai-bieu.docx").data
    assert "Người Hà Tĩnh" not in text(whole) and "Ông Hoàng Văn Lộc" in text(whole)
    assert len(docs(client.get(f"/meetings/{meeting.code}/documents/danh-sach-ky-ten.zip").data)) == 1
    there = make.sites_of(meeting)[1]
    assert client.get(f"/meetings/{meeting.code}/sites/{there.id}/desk/sign-in-sheet.docx").status_code in (403, 404)


def test_a_substitute_stands_on_the_lists_with_whose_place_is_taken_unless_the_chair_refused(meeting: Meeting) -> None:
    here = make.sites_of(meeting)[0]
    invitation = make.invitation_of(here)
    invitation.reply, invitation.consent = Reply.SUBSTITUTE, Consent.PENDING
    invitation.substitute_honorific, invitation.substitute_name = "Ông", "HOÀNG VĂN LỘC"
    invitation.replaced_name, invitation.replaced_title = "Ông Lê Chủ Tịch", "Chủ tịch UBND tỉnh"
    make.done()
    first = rows(papers.sheet_of(here))[1]
    assert first[1] == "Ông Hoàng Văn Lộc" and first[4] == "Dự thay Ông Lê Chủ Tịch, Chủ tịch UBND tỉnh"
    invitation.substitute_name, invitation.substitute_title = "Phan Không Có Tên", "Phó Chủ tịch"
    make.done()
    assert [line[1] for line in rows(papers.sheet_of(here))[1:4]][0] == "Ông Phan Không Có Tên"
    assert "Danh sách này có 03 đại biểu./." in text(papers.sheet_of(here))
    assert "Dự thay Ông Lê Chủ Tịch" in text(papers.whole_list(meeting))
    invitation.consent = Consent.REFUSED
    make.done()
    assert "ự thay" not in text(papers.sheet_of(here))


def test_a_zip_is_sent_while_it_is_written() -> None:
    written: list[int] = []

    def files() -> Iterator[tuple[str, bytes]]:
        for n in range(40):
            written.append(n)
            yield f"{n:04d}.docx", bytes(100_000)

    pieces = parcels.zipped(files())
    first = next(pieces)
    assert written == [0] and len(first) < 101_000
    rest = b"".join([first, *pieces])
    assert len(docs(rest)) == 40
