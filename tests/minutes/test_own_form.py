"""The documents of a body with its own letterhead and templates: every kind says what its vocabulary promises."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import docx
import pytest
from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.attendance import queries as attendance
from meetings.clock import now
from meetings.database import db
from meetings.directory.queries.documents import issuer
from meetings.directory.services import documents
from meetings.errors import Refused
from meetings.invitations import letters
from meetings.invitations import own_form as of_invitations
from meetings.minutes import files, own_form, papers, queries, signers, writing
from meetings.minutes.models import Record
from meetings.minutes.rules import RecordStatus, Which
from meetings.minutes.urging import UrgedTask, UrgingPaper, numbered
from meetings.official import starter, vocabulary
from meetings.official.form import Signer
from meetings.official.layout import layout
from meetings.official.text import NBSP
from meetings.official.vocabulary import DocumentKind, Many
from meetings.readiness import own_form as of_rosters
from meetings.readiness import papers as rosters
from meetings.scheduling.models import Meeting
from meetings.units.models import Unit
from tests import make
from tests.directory.test_documents import HEAD, signer
from tests.official import sound
from tests.official.test_template import made

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def text(data: bytes) -> str:
    """All that a document says, with plain spaces."""
    read = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in read.paragraphs), *cells]).replace(NBSP, " ")


def test_every_kind_fills_the_names_of_its_vocabulary_and_no_other(begun: Record, hoa: Actor) -> None:
    meeting = begun.meeting
    rows = queries.written(begun)
    seen: dict[DocumentKind, Any] = {
        DocumentKind.RECORD: own_form.record(papers.record_paper(rows, attendance.summary(meeting))),
        DocumentKind.NOTICE: own_form.notice(papers.notice_paper(rows)),
        DocumentKind.INVITATION: of_invitations.asked(letters.giay_moi(meeting)),
        DocumentKind.REMINDER: own_form.urging(_urging(meeting.organiser)),
        DocumentKind.ROSTER: of_rosters.asked(rosters.whole_paper(meeting)),
    }
    for kind, said in seen.items():
        known = vocabulary.words(kind)
        long = {name for name, one in known.items() if isinstance(one, Many) and one.long}
        assert (set(said.values), set(said.rows)) == (set(known) - long, long), kind
        for name, value in said.values.items():
            one = known[name]
            if isinstance(one, Many):
                assert all(isinstance(row, str) if not one.fields else set(row) == set(one.columns) for row in value), (
                    name
                )
            else:
                assert isinstance(value, str), name
        for name, given in said.rows.items():
            assert {len(line) for line in given.lines} <= {1, len(known[name].columns)}, name


def _urging(unit: Unit) -> UrgingPaper:
    head = issuer(unit)
    tasks = (UrgedTask("Hoàn thiện hạ tầng", "Cục Công nghệ thông tin", date(2026, 12, 1), "Quá hạn 09 ngày"),)
    number, signed = numbered(head, "VP"), Signer(("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG"), "Phạm Thu Hà")
    return UrgingPaper(
        head, number, "đôn đốc nhiệm vụ", ("Cục CNTT",), ("Thực hiện Thông báo",), tasks, "Đề nghị báo cáo", signed
    )


def in_use(meeting: Meeting, kind: DocumentKind, data: bytes) -> Any:
    who = make.actor(make.user("administrator"))
    row = documents.keep_template(meeting.organiser, kind, "Mẫu riêng.docx", data, for_below=False, actor=who)
    documents.use_template(row, actor=who)
    return row


def test_a_body_of_the_party_prints_in_its_form_and_by_its_template_and_ours_comes_where_that_fails(
    app: Flask, browser: Any, begun: Record, hoa: Actor
) -> None:
    meeting = begun.meeting
    who = make.actor(make.user("administrator"))
    head = {
        **HEAD,
        "form": "party",
        "symbol": "BCSĐ",
        "issuer": "Ban Cán sự đảng\nBộ Điều phối số",
        "honorific": "Đồng chí",
    }
    documents.keep_letterhead(meeting.organiser, head, actor=who).made_at = LONG_AGO  # before the giấy mời left
    meeting.signer_authority, meeting.signer_title = "T/M BAN CÁN SỰ ĐẢNG / K/T BÍ THƯ", "PHÓ BÍ THƯ"
    make.done()
    client = browser(meeting.secretary)
    paths = {
        DocumentKind.INVITATION: f"/meetings/{meeting.code}/documents/giay-moi.docx",
        DocumentKind.RECORD: f"/meetings/{meeting.code}/documents/bien-ban.docx",
        DocumentKind.NOTICE: f"/meetings/{meeting.code}/documents/thong-bao-ket-luan.docx",
        DocumentKind.ROSTER: f"/meetings/{meeting.code}/documents/danh-sach-dai-bieu.docx",
    }
    for kind, path in paths.items():
        ours = client.get(path).data
        assert list(sound.faults(ours)) == [], kind
        said = text(ours)
        assert "ĐẢNG CỘNG SẢN VIỆT NAM" in said and "CỘNG HÒA" not in said, kind
        assert "BAN CÁN SỰ ĐẢNG\nBỘ ĐIỀU PHỐI SỐ" in said and "Độc lập" not in said, kind
    letter = text(client.get(paths[DocumentKind.INVITATION]).data)
    assert "T/M BAN CÁN SỰ ĐẢNG\nK/T BÍ THƯ\nPHÓ BÍ THƯ" in letter and "Đồng chí Lê Minh Khang" in letter
    assert "-GM/BCSĐ" in letter
    read = client.get(f"/meetings/{meeting.code}/minutes/preview").text  # what is read has the form of what is printed
    assert "<u>Nơi nhận:</u>" in read and "<b><i>Nơi nhận" not in read and "<p>-----</p>" in read
    assert read.count('class="dated"') == 2  # of the notice and, in this form, of the biên bản

    for kind in paths:
        in_use(meeting, kind, starter.starter(kind, layout("party"))).used_from = LONG_AGO
    make.done()
    for kind, path in paths.items():
        by_template = client.get(path).data
        assert list(sound.faults(by_template)) == [], kind
        said = text(by_template)
        assert "ĐẢNG CỘNG SẢN VIỆT NAM" in said and "{{" not in said and "[[" not in said, kind
    assert "Tỉnh Nghệ An" in text(client.get(paths[DocumentKind.RECORD]).data)

    failing = in_use(meeting, DocumentKind.INVITATION, made(DocumentKind.INVITATION, "{{ khong_co }}"))
    failing.used_from = LONG_AGO
    make.done()
    answer = client.get(paths[DocumentKind.INVITATION])
    assert answer.status_code == 200 and "Đồng chí Lê Minh Khang" in text(answer.data)
    assert "Mẫu riêng.docx" in client.get(f"/meetings/{meeting.code}").text  # told on the next page
    assert failing.failed_at is None  # a look writes nothing down
    db.session.rollback()


def test_what_left_keeps_its_head_whatever_letterhead_and_template_come_after_it(
    app: Flask, browser: Any, begun: Record
) -> None:
    meeting, who = begun.meeting, make.actor(make.user("administrator"))
    invitation = f"/meetings/{meeting.code}/documents/giay-moi.docx"
    for which in Which:
        files.freeze(begun, which, writing.to_keep(begun, which)).made_at = now() - timedelta(days=1)
    begun.status, begun.number, begun.numbered_on = RecordStatus.ISSUED, "31", date(2026, 11, 11)
    make.done()
    client = browser(meeting.secretary)
    before = client.get(invitation).data
    documents.keep_letterhead(meeting.organiser, {**HEAD, "form": "party", "symbol": "BCSĐ"}, actor=who)
    for kind in (DocumentKind.RECORD, DocumentKind.INVITATION):
        in_use(meeting, kind, starter.starter(kind, layout("party")))
    make.done()
    assert client.get(invitation).data == before
    page = client.get(f"/meetings/{meeting.code}/minutes/preview").text
    assert "Số:\u00a031/BB-" in page and "BCSĐ" not in page and "ĐẢNG CỘNG SẢN" not in page
    assert "Mẫu riêng.docx" not in client.get(f"/meetings/{meeting.code}/minutes/sheets/bien-ban").text
    begun.status = RecordStatus.RETURNED  # written anew: under the head of today
    make.done()
    assert "ĐẢNG CỘNG SẢN" in client.get(f"/meetings/{meeting.code}/minutes/preview").text


def test_a_signer_of_the_list_is_taken_over_into_the_notice_and_an_authorisation_that_ended_is_not_submitted(
    browser: Any, begun: Record, hoa: Actor
) -> None:
    unit = begun.meeting.organiser
    until = date(2026, 12, 11)
    days = {"act_on": until, "valid_from": date(2026, 12, 1), "valid_to": until}
    kept = signer(unit, capacity="authorised", title="VỤ TRƯỞNG", name="Đỗ Ủy", act_number="15/GUQ", **days)
    make.done()
    client = browser(begun.meeting.secretary)
    path = f"/meetings/{begun.meeting.code}/minutes"
    assert "TUQ. BỘ TRƯỞNG / VỤ TRƯỞNG" in client.get(f"{path}?part=notice").text
    opening = begun.notice_opening
    assert client.post(f"{path}/notice/signer", data={"signer": str(kept.id)}).status_code == 303
    db.session.refresh(begun)
    assert (begun.signer_authority, begun.signer_name, begun.notice_opening) == ("TUQ. BỘ TRƯỞNG", "Đỗ Ủy", opening)
    signers.hold(begun)
    kept.valid_to = date(2026, 12, 9)  # the day before the meeting, when it is looked at again
    db.session.flush()
    with pytest.raises(Refused):
        signers.hold(begun)


def test_a_signer_of_the_list_signs_the_giay_moi_and_words_typed_later_win(browser: Any, secretary: User) -> None:
    meeting = make.meeting(secretary=secretary)
    first = signer(meeting.organiser)
    make.done()
    client, path = browser(secretary), f"/meetings/{meeting.code}/book/invitation"
    typed = {
        "signer_authority": "", "signer_title": "", "signer_name": "", "contact_name": "Bà Hoa", "contact_phone": "024.0000.0101",
        "technical_phone": "", "recipients": "", "dial_string": "", "platform_link": "",
    }  # fmt: skip
    assert "Phạm Thu Hà – TL. BỘ TRƯỞNG / CHÁNH VĂN PHÒNG" in client.get(path).text

    def kept(**said: str) -> tuple[int, tuple[str, str, str]]:
        edition = {"edition": str(meeting.edition)}
        status = client.post(path, data={**typed, **edition, "signer": str(first.id), **said}).status_code
        db.session.refresh(meeting)
        return status, (meeting.signer_authority, meeting.signer_title, meeting.signer_name)

    assert kept() == (303, ("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG", "Phạm Thu Hà"))
    own = {"signer_authority": "KT. BỘ TRƯỞNG", "signer_title": "THỨ TRƯỞNG", "signer_name": "Lê Văn Nam"}
    assert kept(**own) == (303, tuple(own.values()))
    assert kept(**{**own, "signer": "", "signer_name": "TS. Lê Văn Nam"}) == (422, tuple(own.values()))
