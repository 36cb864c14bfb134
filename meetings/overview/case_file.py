"""The case file of a meeting: everything that was written about it, in one folder, with a sum for each file.

What it holds is gathered from the features' own pages and documents, so that the file and the screens cannot differ.
Tokens of private links are masked: a case file is handed on.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from meetings.attendance import queries as attendance
from meetings.attendance import sheet as roll_sheet
from meetings.clock import wall
from meetings.i18n import in_locale
from meetings.invitations import enclosures, rounds, telling
from meetings.journal import queries as journal
from meetings.minutes import queries as minutes
from meetings.overview import history
from meetings.post import queries as post
from meetings.readiness import papers as roster_papers
from meetings.readiness import sheet as roster_sheet
from meetings.savings import listing as savings_listing
from meetings.savings import papers as savings_papers
from meetings.savings import queries as savings
from meetings.savings import sheet as savings_sheet
from meetings.scheduling import papers
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

MANIFEST: Final = "MANIFEST.sha256"
_FIXED: Final = (2020, 1, 1, 0, 0, 0)  # times in a zip would make two equal case files differ


def contents(meeting: Meeting) -> Iterator[tuple[str, bytes]]:
    """Each file of the case file: its path inside the folder and its bytes. Always in Vietnamese, as documents are."""
    with in_locale("vi"):
        yield from _documents(meeting)
        yield from _letters(meeting)
        yield "so-lieu/danh-sach-dai-bieu.xlsx", roster_sheet.workbook(meeting)
        if meeting.status in (Status.IN_SESSION, Status.CLOSED):
            yield "so-lieu/diem-danh.xlsx", roll_sheet.workbook(attendance.summary(meeting))
        if (estimate := savings.latest(meeting)) is not None:
            yield "so-lieu/tiet-kiem.xlsx", savings_sheet.workbook(estimate)
            yield "so-lieu/tiet-kiem.csv", savings_listing.table(estimate)
        yield from _journal(meeting)


def _documents(meeting: Meeting) -> Iterator[tuple[str, bytes]]:
    if meeting.sent_at is not None:
        if rounds.of(meeting):
            yield "van-ban/duyet-giay-moi.txt", ("\n".join(telling.rounds(rounds.of(meeting))) + "\n").encode()
        yield "van-ban/giay-moi.docx", enclosures.document(meeting)
        yield from ((f"van-ban/giay-moi-ban-{n}.docx", data) for n, data in enclosures.earlier_papers(meeting))
        yield "lich/lich-hop.ics", enclosures.calendar(meeting)
    yield "van-ban/danh-sach-dai-bieu.docx", roster_papers.whole_list(meeting)
    for number, one in enumerate(papers.of(meeting), 1):
        yield f"tai-lieu/{number:02d}-{one.file_name}", papers.data_of(one)
    yield from ((f"van-ban/{name}", data) for name, data in minutes.documents(meeting))
    if (estimate := savings.latest(meeting)) is not None:
        record = minutes.issued(meeting)  # the annex names the minutes that it goes with
        given = (record.number, record.numbered_on) if record is not None else ("", None)
        yield "van-ban/phu-luc-tiet-kiem.docx", savings_papers.write(estimate, *given)


def _letters(meeting: Meeting) -> Iterator[tuple[str, bytes]]:
    for letter in post.of(meeting.code):
        yield f"thu/{letter.key}.eml", post.eml(letter, hide=True)


def _journal(meeting: Meeting) -> Iterator[tuple[str, bytes]]:
    entries = journal.of(*meeting.codes, newest_first=False)
    lines = [
        json.dumps(
            {
                "id": e.id, "at": e.at.isoformat(), "fact": e.fact, "actor": e.actor, "name": e.actor_name,
                "subject": e.subject, "details": e.details, "digest": e.digest, "seal": e.seal_id,
            },
            ensure_ascii=False,
        )
        for e in entries
    ]  # fmt: skip
    yield "nhat-ky/nhat-ky.jsonl", ("\n".join(lines) + "\n").encode()
    told = [f"{wall(e.at):%d/%m/%Y %H:%M:%S}  {e.actor_name or e.actor}  {history.told(e)}" for e in entries]
    yield "nhat-ky/nhat-ky.txt", ("\n".join(told) + "\n").encode()


def files(meeting: Meeting) -> Iterator[tuple[str, bytes]]:
    """The contents, and last the manifest: a line for each file, as ``sha256sum --check`` reads it."""
    sums: list[str] = []
    for name, data in contents(meeting):
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}")
        yield name, data
    yield MANIFEST, ("\n".join(sorted(sums, key=lambda line: line[66:])) + "\n").encode()


def write(meeting: Meeting, folder: Path) -> list[str]:
    """Write the case file into *folder*, file by file, the manifest last; returns the names written."""
    names: list[str] = []
    for name, data in files(meeting):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data)
        names.append(name)
    return names


def _replace(target: Path, data: bytes) -> None:
    """Whole or not at all: a case file that was cut short must not look complete."""
    descriptor, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.chmod(unfinished, 0o644)
    os.replace(unfinished, target)


def zipped(meeting: Meeting) -> bytes:
    """The case file as one zip, byte for byte the same for the same meeting."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files(meeting):
            archive.writestr(_entry(meeting, name), data)
    return buffer.getvalue()


def _entry(meeting: Meeting, name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(f"{meeting.code}/{name}", _FIXED)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
