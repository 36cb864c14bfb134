"""What a giấy mời says, by the names that a body's own template may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from meetings.invitations.document import (
    KIND,
    SHORT_LIST,
    InvitationLetter,
    labels,
    list_rows,
    paragraphs,
    setting,
)
from meetings.official import dates, form, vocabulary
from meetings.official.paper import Run
from meetings.official.template import Asked, Rows
from meetings.official.text import tidy
from meetings.official.vocabulary import DocumentKind, Values


def asked(letter: InvitationLetter) -> Asked:
    """*letter* for a template; its sites always stand in the annex, where a template has their place."""
    how = replace(setting(letter), annex=True, guests=False)
    called = labels(letter, annex=True)
    values: Values = {
        **vocabulary.head_of(letter.issuer, letter.event, letter.recipients),
        "so_ky_hieu": letter.numbering.line,
        "dia_danh_ngay": form.dated(letter.issuer, letter.numbering, letter.year),
        "than_bai": [_paragraph(runs) for runs in paragraphs(letter, how)],
        "quyen_han_ky": letter.signer.lines,
        "nguoi_ky": letter.signer.name,
        "phu_luc_kem_theo": letter.numbering.cited(KIND, letter.issuer.called),
        "phu_luc_diem_cau": called.get("sites", ""),
        "phu_luc_lich_hop": called.get("dates", ""),
        "phu_luc_chuong_trinh": called.get("agenda", ""),
        "lich_hop": list(_dates(letter)),
        "chuong_trinh": [
            {"gio": dates.clock(one.starts_at), "noi_dung": one.title, "thuc_hien": one.presenter}
            for one in letter.agenda
        ],
    }
    columns = vocabulary.columns(DocumentKind.INVITATION, "diem_cau")
    rows = {"diem_cau": Rows(columns, list_rows(letter))}
    return Asked(values, rows, f"{KIND} {tidy(letter.event)}", letter.issuer.called)


def _paragraph(runs: list[Run]) -> dict[str, str]:
    first, *rest = runs
    if first.bold:
        return {"nhan": first.text, "chu": "".join(run.text for run in rest).strip()}
    return {"nhan": "", "chu": "".join(run.text for run in runs)}


def _dates(letter: InvitationLetter) -> Iterator[dict[str, str]]:
    """The dates of a series, where they are too many for the letter itself."""
    if len(letter.dates) <= SHORT_LIST:
        return
    for n, one in enumerate(letter.dates, 1):
        day = dates.date_long(one.starts_at)
        yield {
            "stt": str(n),
            "ngay": day[:1].upper() + day[1:],
            "gio": dates.clock_range(one.starts_at, one.ends_at),
            "tra_loi_truoc": dates.moment_short(one.reply_by) if one.reply_by else "",
        }
