"""What the list of delegates of a meeting says, by the names that a body's own template may ask for.

The sheet on which a site signs in is no document that is issued: it keeps the form of this house.
"""

from __future__ import annotations

from meetings.official import dates, vocabulary
from meetings.official.numbers import counted
from meetings.official.template import Asked, Rows
from meetings.official.vocabulary import DocumentKind, Values
from meetings.readiness import document
from meetings.readiness.document import RosterPaper


def asked(roster: RosterPaper) -> Asked:
    """*roster* for a template."""
    year = (roster.on or roster.meeting_on).year
    _kind, subject, note, count = document.heading(roster)
    values: Values = {
        **vocabulary.head_of(roster.issuer, subject, roster.recipients),
        "dia_danh_ngay": dates.place_and_date(roster.issuer.place, roster.on, year),
        "kem_theo": note,
        "tong_so": counted(count),
        "quyen_han_ky": roster.signer.lines,
        "nguoi_ky": roster.signer.name,
    }
    rows = {"dai_bieu": Rows(vocabulary.columns(DocumentKind.ROSTER, "dai_bieu"), document.list_rows(roster))}
    return Asked(values, rows, f"Danh sách đại biểu {roster.site}", roster.issuer.called)
