"""The PDF files and signatures of a record: asked for on its page, made by the worker, known again anywhere."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import KeyFile, SigningKey
from meetings import adapters
from meetings.accounts.models import User
from meetings.accounts.queries import actor_of
from meetings.adapters import examining, pades
from meetings.adapters.examining import Later, Mark, Report
from meetings.adapters.pdf import Converted, Fault, Unconverted
from meetings.adapters.seals import Owner
from meetings.database import db
from meetings.journal.models import Entry
from meetings.minutes import files, life, signed_files, signing, signing_set_up
from meetings.minutes.models import Conclusion, FileReport, Record, RecordFile, Signing
from meetings.minutes.rules import FileOrigin, Which
from meetings.minutes.signing_rules import Alike, Hand, Stage
from meetings.worker import papers
from tests import make, pki

PATH = "/meetings/{code}/minutes"


class Printer:
    """A converter that prints blank pages, or fails."""

    fault: Fault | None = None
    asked = 0

    def convert(self, docx: bytes) -> Converted | Unconverted:
        self.asked += 1
        return Unconverted(self.fault, "said") if self.fault else Converted(pki.blank_pdf(note=f"{hash(docx)}"))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> pki.Pki:
    return pki.made(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def printer(app: Flask, keys: pki.Pki, approver: User, monkeypatch: pytest.MonkeyPatch) -> Printer:
    """A converter, the body's seal and the approver's own key are set up."""
    found = Printer()
    config = replace(
        app.extensions["config"],
        seal=SigningKey(KeyFile(keys.seal, pki.PASSWORD), unit=make.MINISTRY),
        hand=SigningKey(KeyFile(keys.person, pki.PASSWORD), email=approver.email),
        signing_roots=keys.roots,
    )
    monkeypatch.setitem(app.extensions, "config", config)
    monkeypatch.setitem(app.extensions, "seals", adapters.seals_of(config))
    monkeypatch.setitem(app.extensions, "converter", found)

    def examined(data: bytes, roots: Path | None, base: int = 0) -> Report:
        """As the child does, which is started where it is tested: a second of both cores for each file."""
        assert not db.session().in_transaction(), "nobody else can write while a stranger's file is examined"
        return examining.examine(data, roots, base)

    monkeypatch.setattr(examining, "examined", examined)
    return found


@pytest.fixture
def approved(begun: Record, hoa: Any, approver: User) -> Record:
    """The record approved; its notice is signed by the approver."""
    begun.signer_title, begun.signer_name = "CHÁNH VĂN PHÒNG", approver.name
    begun.ended_at = make.at("2026-12-10 11:00")
    db.session.add(Conclusion(record_id=begun.id, position=1, text="Giao Văn phòng theo dõi, đôn đốc"))
    db.session.flush()
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    make.done()
    return begun


def work(app: Flask) -> int:
    """Let the worker do all there is to do about documents."""
    make.done()
    total = 0
    while done := papers.make(app):
        total += done
    db.session.expire_all()
    return total


def test_a_notice_becomes_a_pdf_is_signed_twice_and_is_known_again(
    app: Flask, printer: Printer, approved: Record, browser: Any, approver: User, records_clerk: User
) -> None:
    clerk, head = browser(records_clerk), browser(approver)
    path = PATH.format(code=approved.meeting.code)
    assert "chưa có PDF" in clerk.get(path).words
    assert clerk.post(f"{path}/documents/notice/pdf").status_code == 303
    assert "đang chuyển sang PDF" in clerk.get(path).words
    assert work(app) == 1
    made = next(one for one in files.of(approved, Which.NOTICE) if one.origin is FileOrigin.PDF)
    assert made.made_of_id == files.current(approved, Which.NOTICE).id
    assert "chưa ký" in clerk.get(path).words

    assert head.post(f"{path}/documents/notice/sign/person").status_code == 303
    assert head.post(f"{path}/documents/notice/sign/person").status_code == 409  # pressed twice
    assert work(app) == 1
    assert clerk.post(f"{path}/documents/notice/sign/person").status_code == 403  # a key is its owner's alone
    assert clerk.post(f"{path}/documents/notice/sign/seal").status_code == 303
    assert work(app) == 1
    assert clerk.post(f"{path}/documents/notice/sign/seal").status_code == 409

    signed = files.signed(approved, Which.NOTICE)
    data = files.read(signed)
    assert data.startswith(files.read(made))
    report = signed_files.report_of(signed)
    assert report.unchanged and [mark.subject.split(",")[0] for mark in report.marks] == [approver.name, pki.BODY]
    shown = clerk.get(path).words
    assert "ký tại đây" in shown and approver.name in shown
    entry = db.session.query(Entry).filter_by(fact="record_signing.signed").order_by(Entry.id.desc()).first()
    assert entry.details["sha256"] == signed.sha256 and entry.details["serial"] == report.marks[1].serial
    assert entry.details["certificate"] == pki.BODY and entry.details["asked_by"] == records_clerk.name

    kept = clerk.get(f"{path}/files/{signed.id}/signatures").words
    assert "Tệp không thay đổi kể từ khi ký" in kept and "CA Kiểm Thử" in kept
    stranger = browser()
    assert "không phát hành tệp nào" in verify(stranger, data).words, "a draft is told to nobody else"
    approved.status = type(approved.status).ISSUED
    make.done()
    told = verify(stranger, data).words
    assert "Tệp không thay đổi kể từ khi ký" in told and approved.meeting.code in told
    assert "chưa biết ai bảo đảm" not in told
    app.extensions["config"] = replace(adapters.config(), signing_roots=None)  # put back by the fixture
    foreign = adapters.seals()["person"].sign(files.read(made), None, "", make.at("2026-12-10 12:00")).data
    told = verify(stranger, foreign).words
    assert "Tệp không thay đổi kể từ khi ký. Nhưng hệ thống chưa biết ai bảo đảm" in told, "anybody signs in any name"
    changed = bytearray(data)
    changed[data.index(b"% ") + 3] ^= 4
    told = verify(stranger, bytes(changed)).words
    assert "Tệp không còn như khi ký" in told and "không phát hành tệp nào" in told
    assert "không khác một byte" in verify(stranger, files.read(files.current(approved, Which.NOTICE)), "a.docx").words
    assert "Không đọc được tệp này" in verify(stranger, b"hello").words


def verify(client: Any, data: bytes, name: str = "a.pdf") -> Any:
    page = client.post("/verify", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
    assert page.status_code == 200
    return page


def bring(client: Any, path: str, data: bytes, **more: str) -> Any:
    fields = {f"signed-{name}": value for name, value in more.items()}
    return client.post(
        f"{path}/documents/record/signed",
        data={"signed-file": (io.BytesIO(data), "bien ban.pdf"), **fields},
        content_type="multipart/form-data",
    )


@pytest.mark.only("sqlite")
def test_what_was_signed_elsewhere_is_examined_compared_and_kept(
    app: Flask,
    printer: Printer,
    approved: Record,
    browser: Any,
    records_clerk: User,
    secretary: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clerk = browser(records_clerk)
    path = PATH.format(code=approved.meeting.code)
    clerk.post(f"{path}/documents/record/pdf")
    work(app)
    ours = files.read(next(one for one in files.of(approved, Which.RECORD) if one.origin is FileOrigin.PDF))
    at = make.at("2026-12-10 12:00")
    outside = adapters.seals()["person"].sign(ours, None, "", at).data
    assert bring(clerk, path, b"no pdf").status_code == 422
    unsigned = bring(clerk, path, ours)
    assert unsigned.status_code == 422 and "không có chữ ký số" in unsigned.words
    assert files.signed(approved, Which.RECORD) is None

    assert bring(clerk, path, outside).status_code == 303
    kept = files.signed(approved, Which.RECORD)
    assert kept.origin is FileOrigin.SIGNED_OUTSIDE and files.read(kept) == outside
    assert signed_files.report_row(kept).alike is Alike.SAME_FILE
    assert signed_files.handed_out(approved, Which.RECORD).id == kept.id
    assert "Đúng là bản PDF do hệ thống tạo" in clerk.get(path).words
    overlaid = adapters.seals()["person"].sign(pki.overlaid(ours), None, "", at).data
    assert overlaid.startswith(ours) and bring(clerk, path, overlaid).status_code == 303
    redone = files.signed(approved, Which.RECORD)
    assert signed_files.report_row(redone).alike is Alike.WAITING, "every byte of ours, and another page in its place"
    assert clerk.post(f"{path}/files/{redone.id}/set-aside", data={"aside-reason": "Không đúng"}).status_code == 303
    db.session.expire_all()

    broken = bytearray(outside)
    broken[700] ^= 1
    assert bring(clerk, path, bytes(broken)).status_code == 422
    assert bring(clerk, path, bytes(broken), sure="y").status_code == 303
    assert "chữ ký không hợp lệ" in clerk.get(path).words
    assert clerk.post(f"{path}/documents/record/sign/seal").status_code == 409, "nothing is signed over a broken one"
    bad = files.signed(approved, Which.RECORD)
    assert clerk.post(f"{path}/files/{bad.id}/set-aside", data={"aside-reason": "Nhầm tệp"}).status_code == 303
    db.session.expire_all()
    assert files.signed(approved, Which.RECORD).id == kept.id

    other = adapters.seals()["person"].sign(pki.blank_pdf(note="khác"), None, "", at).data
    with monkeypatch.context() as notice:
        notice.setattr(signed_files, "compare", lambda pair: (Alike.OTHER_TEXT, 7))
        wrong = bring(clerk, path, other)
    assert wrong.status_code == 422 and "7 từ khác nhau" in wrong.words, "the notice in the place of the minutes"
    assert bring(clerk, path, other).status_code == 303
    assert work(app) + work(app) >= 2
    row = signed_files.report_row(files.signed(approved, Which.RECORD))
    assert row.alike is Alike.NO_TEXT
    assert db.session.query(FileReport).count() == 4


@pytest.mark.only("sqlite")
def test_a_signed_pdf_of_an_earlier_text_stays_with_its_file_and_is_not_handed_out(
    app: Flask, printer: Printer, approved: Record, browser: Any, records_clerk: User
) -> None:
    clerk = browser(records_clerk)
    path = PATH.format(code=approved.meeting.code)
    clerk.post(f"{path}/documents/notice/pdf")
    work(app)
    clerk.post(f"{path}/documents/notice/sign/seal")
    work(app)
    first = files.signed(approved, Which.NOTICE)
    assert first is not None
    files.keep(approved, Which.NOTICE, FileOrigin.WRITTEN, b"PK numbered", name="a.docx", actor=actor_of(records_clerk))
    make.done()
    assert files.signed(approved, Which.NOTICE) is None
    assert signed_files.handed_out(approved, Which.NOTICE).origin is FileOrigin.WRITTEN
    assert signed_files.earlier(approved, Which.NOTICE).id == first.id
    assert "bản PDF đã ký của nội dung cũ" in clerk.get(path).words
    assert files.read(first)


@pytest.mark.only("sqlite")
def test_what_fails_is_told_and_tried_again(
    app: Flask, printer: Printer, approved: Record, browser: Any, records_clerk: User, clock: Any, keys: pki.Pki
) -> None:
    clerk = browser(records_clerk)
    path = PATH.format(code=approved.meeting.code)
    printer.fault = Fault.TOO_SLOW
    clerk.post(f"{path}/documents/notice/pdf")
    assert work(app) == 1
    assert "Hệ thống sẽ thử lại" in clerk.get(path).words
    for _try in range(2):
        clock.forward(minutes=5)
        work(app)
    assert "quá ba phút" in clerk.get(path).words and printer.asked == 3
    printer.fault = None
    clerk.post(f"{path}/documents/notice/pdf")
    work(app)
    assert "chưa ký" in clerk.get(path).words

    hidden = keys.seal.read_bytes()
    keys.seal.unlink()
    try:
        clerk.post(f"{path}/documents/notice/sign/seal")
        work(app)
        assert "Không đọc được khóa ký" in clerk.get(path).words
    finally:
        keys.seal.write_bytes(hidden)
    clerk.post(f"{path}/documents/notice/sign/seal")
    work(app)
    assert [one.stage for one in db.session.query(Signing).order_by(Signing.id)] == [Stage.FAILED, Stage.DONE]


@pytest.mark.only("sqlite")
def test_without_libreoffice_and_without_keys_the_page_says_so(
    app: Flask, approved: Record, browser: Any, records_clerk: User
) -> None:
    clerk = browser(records_clerk)
    path = PATH.format(code=approved.meeting.code)
    shown = clerk.get(path).words
    assert "Máy chủ chưa cài LibreOffice" in shown and "Máy chủ chưa có khóa ký" in shown
    assert clerk.post(f"{path}/documents/notice/pdf").status_code == 409
    assert clerk.post(f"{path}/documents/notice/sign/seal").status_code == 403
    assert work(app) == 0
    assert db.session.query(RecordFile).filter_by(origin=FileOrigin.PDF).count() == 0


@pytest.mark.only("sqlite")
def test_a_key_signs_for_its_body_and_its_owner_alone(
    app: Flask, printer: Printer, approved: Record, approver: User, secretary: User, leader: User
) -> None:
    def hands(who: User, which: Which = Which.NOTICE) -> list[Hand]:
        return signing.offered(approved, which, actor_of(who))

    assert hands(approver) == [Hand.PERSON]
    assert hands(approver, Which.RECORD) == [], "the chair signs the minutes"
    assert hands(secretary) == [Hand.SEAL]
    assert hands(leader) == []
    app.extensions["config"] = replace(
        adapters.config(), seal=replace(adapters.config().seal, unit=make.NGHE_AN)
    )  # put back by the fixture
    assert hands(secretary) == []


@pytest.mark.only("sqlite")
def test_an_administrator_keeps_the_images(app: Flask, printer: Printer, browser: Any, administrator: User) -> None:
    page = browser(administrator)
    make.units()
    make.done()

    def send(name: str, png: bytes) -> Any:
        fields = {"unit": make.MINISTRY, "signer": name, "millimetres": "", "file": (io.BytesIO(png), "a.png")}
        return page.post("/settings/signatures", data=fields, content_type="multipart/form-data")

    assert "không trong suốt" in send("", pki.picture(ground=255)).words
    for name, png in (
        ("", pki.picture(red=True)),
        ("Trần Văn Duyệt", pki.picture()),
        ("Trần Văn Duyệt", pki.picture(size=(600, 200))),
    ):
        assert send(name, png).status_code == 303
    unit = make.units()[make.MINISTRY]
    assert signing.image(unit, "").millimetres == 36
    assert signing.image(unit, "TRẦN VĂN DUYỆT").ratio == 3
    assert signing.image(make.units()[make.NGHE_AN], "") is None
    shown = page.get("/settings/signatures")
    assert "Con dấu" in shown.words and shown.status_code == 200


def test_a_signature_that_fits_is_doubted_where_nobody_vouches_or_its_certificate_does_not_hold() -> None:
    mark = Mark("Phạm Thu Hà", "CA", "1", "", "", "", "", "", True, True, True, True, False, Later.NOTHING, "CA")
    known = signed_files.Issued(Which.NOTICE, FileOrigin.SIGNED, "HN", "", "", None, 1, None, True, False, None)

    def doubt(found: Mark, issued: signed_files.Issued | None = None) -> str:
        return signed_files.Look("", 0, issued, Report("", (mark, found)), trusted=True).doubt

    stranger = replace(mark, voucher="")
    assert (doubt(mark), doubt(stranger), doubt(stranger, known)) == ("", "unknown", "")
    assert doubt(stranger, replace(known, set_aside=True)) == "unknown"
    assert doubt(replace(mark, in_time=False), known) == "not_in_force"
    assert doubt(replace(mark, revoked=True, in_time=False), known) == "revoked"


@pytest.mark.only("sqlite")
def test_a_certificate_that_runs_out_is_said_on_the_page_of_the_administrator(
    app: Flask, printer: Printer, browser: Any, administrator: User, clock: Any, keys: pki.Pki
) -> None:
    page = browser(administrator)
    assert f"{pki.BODY}, hiệu lực đến 19/06/2028" in page.get("/settings/signatures").words
    app.extensions["seals"]["seal"] = pades.KeyFile(keys.seal, "wrong")
    assert "Không mở được tệp khóa nữa" in page.get("/settings/signatures").words
    states = []
    owner = Owner("", "", "", make.at("2026-01-01 00:00"), make.at("2026-03-01 00:00"))
    for day in ("2025-12-31", "2026-01-02", "2026-02-10", "2026-03-02"):
        states.append(signing_set_up.Key(Hand.SEAL, True, "", "", "", owner, make.at(f"{day} 08:00")).state)
    assert states == ["early", "good", "soon", "over"]
