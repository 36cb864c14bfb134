"""What a record, its notice and a reminder of its tasks say, by the names that a body's own template may ask for."""

from __future__ import annotations

from collections.abc import Iterable

from meetings.minutes.document import (
    NOTICE,
    RECORD,
    NoticePaper,
    RecordPaper,
    notice_text,
    record_text,
    roll_rows,
)
from meetings.minutes.urging import UrgingPaper, addressees, task_rows, urging_text
from meetings.official import dates, form, vocabulary
from meetings.official.template import Asked, Rows
from meetings.official.text import tidy
from meetings.official.vocabulary import DocumentKind, Values


def record(paper: RecordPaper) -> Asked:
    """A biên bản for a template: what stands before its table of tasks, the tasks, and what follows them."""
    pieces = list(record_text(paper))
    cut = next((n for n, (what, _said) in enumerate(pieces) if what == "tasks"), len(pieces) - 1)
    before = pieces[: cut - 1] if paper.tasks else pieces[:cut]  # a template has its own words above the table
    values: Values = {
        **vocabulary.head_of(paper.issuer, paper.title, paper.recipients),
        "so_ky_hieu": paper.numbering.line,
        "dia_danh_ngay": paper.dated or "",
        "than_bai": _body(before),
        "nhiem_vu": [
            {
                "stt": str(n),
                "noi_dung": task.text,
                "chu_tri": task.lead,
                "phoi_hop": task.support,
                "thoi_han": dates.date_short(task.due_on) if task.due_on else "-",
            }
            for n, task in enumerate(paper.tasks, 1)
        ],
        "phan_cuoi": [line for what, said in pieces[cut:] if what != "tasks" for line in said.split("\n")],
        "ky_thu_ky": paper.signatures[0],
        "ky_chu_toa": paper.signatures[1],
        "phu_luc_kem_theo": paper.numbering.cited(RECORD, paper.issuer.called),
    }
    rows = {"diem_danh": Rows(vocabulary.columns(DocumentKind.RECORD, "diem_danh"), roll_rows(paper.roll))}
    return Asked(values, rows, f"{RECORD} {tidy(paper.title)}", paper.issuer.called)


def notice(paper: NoticePaper) -> Asked:
    """A thông báo kết luận for a template."""
    values: Values = {
        **vocabulary.head_of(paper.issuer, paper.title, paper.recipients),
        "so_ky_hieu": paper.numbering.line,
        "dia_danh_ngay": form.dated(paper.issuer, paper.numbering, paper.year),
        "than_bai": _body(notice_text(paper)),
        "quyen_han_ky": paper.signer.lines,
        "nguoi_ky": paper.signer.name,
    }
    return Asked(values, {}, f"{NOTICE} {tidy(paper.title)}", paper.issuer.called)


def urging(paper: UrgingPaper) -> Asked:
    """A công văn đôn đốc for a template: its tasks are one list, however many they are."""
    pieces = list(urging_text(paper))
    before = len(paper.opening)
    values: Values = {
        **vocabulary.head_of(paper.issuer, paper.about, paper.recipients),
        "so_ky_hieu": paper.numbering.line,
        "dia_danh_ngay": form.dated(paper.issuer, paper.numbering, paper.year),
        "kinh_gui": list(addressees(paper)),
        "than_bai": _body(pieces[:before]),
        "phan_cuoi": [line for what, said in pieces[before:] if what != "tasks" for line in said.split("\n")],
        "quyen_han_ky": paper.signer.lines,
        "nguoi_ky": paper.signer.name,
    }
    rows = {"nhiem_vu": Rows(vocabulary.columns(DocumentKind.REMINDER, "nhiem_vu"), task_rows(paper))}
    return Asked(values, rows, f"Công văn {tidy(paper.about)}", paper.issuer.called)


def _body(pieces: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"chu": line, "la_tieu_de": "1" if what == "h" else ""} for what, said in pieces for line in said.split("\n")
    ]
