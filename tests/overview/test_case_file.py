"""The case file: everything that was written about a meeting, and nothing that would open it to a stranger."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook

from meetings import worker
from meetings.accounts.models import User
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.minutes import blocks, handing, life, queries, services
from meetings.minutes.content import Concluded, Spoken
from meetings.overview import case_file
from meetings.savings import services as savings
from meetings.scheduling import queries as scheduling
from meetings.scheduling import services as arranging
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock
from tests.minutes.conftest import close_roll
from tests.official.sound import text


@pytest.fixture
def finished(app: Flask, clock: Clock, secretary: User, approver: User) -> str:
    """The code of a conference that was asked, held, recorded, handed out and estimated."""
    for code in (make.NGHE_AN, make.HA_TINH):
        make.site(code, email=f"daumoi.{code}@x.example")
    meeting = make.meeting(secretary=secretary)
    code, actor, leader = meeting.code, actor_of(secretary), actor_of(approver)
    arranging.send(meeting, make.at("2026-12-08 17:00"), actor=actor)
    make.done()
    worker.until_nothing_is_due(app)
    meeting = _again(code)
    meeting.status, meeting.opened_at, meeting.ended_at = Status.CLOSED, meeting.starts_at, meeting.ends_at
    meeting.closed_at = meeting.ends_at
    close_roll(meeting)
    clock.at("2026-12-10 12:00")
    _record(meeting, actor, leader)
    savings.estimate_meeting(meeting, actor=actor)
    make.done()
    worker.until_nothing_is_due(app)
    return code


def _record(meeting: Meeting, actor: Actor, leader: Actor) -> None:
    record = services.start(meeting, actor=actor)
    item = queries.written(record).items[0]
    blocks.add(record, Spoken("Khai mạc."), item=item, actor=actor)
    blocks.add(record, Concluded("Thống nhất ban hành hướng dẫn."), actor=actor)
    life.submit(record, actor=actor)
    life.approve(record, actor=leader)
    handing.issue(
        record,
        handing.Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 14)),
        [make.person("Lê Minh Khang")],
        [],
        actor=actor,
    )


def _again(code: str) -> Meeting:
    db.session.remove()
    found = scheduling.by_code(code)
    assert found is not None
    return found


def test_it_holds_every_document_letter_table_and_fact(finished: str) -> None:
    held = dict(case_file.files(_again(finished)))
    kinds = {name.partition("/")[0] for name in held}
    assert kinds == {"van-ban", "lich", "thu", "so-lieu", "nhat-ky", "MANIFEST.sha256"}
    documents = sorted(name for name in held if name.endswith(".docx"))
    assert len(documents) == 5, (
        documents
    )  # giấy mời, danh sách đại biểu, biên bản, thông báo kết luận, phụ lục tiết kiệm
    assert all(Document(io.BytesIO(held[name])).paragraphs for name in documents)
    assert "(Kèm theo Biên bản số 31/" in text(held["van-ban/phu-luc-tiet-kiem.docx"])
    assert held["so-lieu/tiet-kiem.csv"].startswith(b"\xef\xbb\xbf")
    tables = [load_workbook(io.BytesIO(held[name])) for name in held if name.endswith(".xlsx")]
    assert len(tables) == 3  # delegates, roll, savings
    # two sites, a leader, and the secretary is told that it was approved
    assert len([name for name in held if name.endswith(".eml")]) == 4
    facts = [json.loads(line)["fact"] for line in held["nhat-ky/nhat-ky.jsonl"].decode().splitlines()]
    assert {"meeting.sent", "record.issued", "record.sent"} <= set(facts)


def test_its_invitation_is_the_one_that_the_sites_received(finished: str) -> None:
    held = dict(case_file.files(_again(finished)))
    letters = [message_from_bytes(held[name], policy=policy.default) for name in held if "invitation" in name]
    assert len(letters) == 2
    for letter in letters:
        enclosed = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
        assert held["van-ban/giay-moi.docx"] in enclosed.values()


def test_no_link_in_it_opens_anything(finished: str, instance: Path) -> None:
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in instance.rglob("*.eml")]
    said = " ".join(letter.get_body(("plain",)).get_content() for letter in letters)
    links = set(re.findall(r"/[mv]/([\w-]{20,})", said))
    assert links, "the letters themselves hold links"
    for name, data in case_file.files(_again(finished)):
        text = data.decode("utf-8", "replace")
        if name.endswith(".eml"):
            parts = message_from_bytes(data, policy=policy.default).walk()
            text = " ".join(str(part.get_content()) for part in parts if part.get_content_maintype() == "text")
        assert not [token for token in links if token in text], name


def test_the_manifest_fits_every_file(finished: str, tmp_path: Path) -> None:
    names = case_file.write(_again(finished), tmp_path)
    lines = (tmp_path / case_file.MANIFEST).read_text("utf-8").splitlines()
    assert {line[66:] for line in lines} == set(names) - {case_file.MANIFEST}
    for line in lines:
        assert hashlib.sha256((tmp_path / line[66:]).read_bytes()).hexdigest() == line[:64]
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == set(names)


def test_the_button_gives_the_same_files_as_the_command(
    finished: str, tmp_path: Path, app: Flask, browser: Any
) -> None:
    answer = browser(_again(finished).secretary).get(f"/meetings/{finished}/case-file.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        zipped = {name.removeprefix(f"{finished}/"): archive.read(name) for name in archive.namelist()}
    said = app.test_cli_runner().invoke(args=["export-meeting", finished, "--to", str(tmp_path)])
    assert said.exit_code == 0, said.output
    written = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == zipped
