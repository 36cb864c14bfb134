"""The sheets of a record's documents before they are printed: how many, where each line stands, where the signature falls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from meetings.attendance import queries as attendance
from meetings.minutes import papers, queries, standing
from meetings.minutes.document import write_notice, write_record
from meetings.minutes.models import Record
from meetings.minutes.rules import FileOrigin, Which
from meetings.official.pages import Laid, lay_out

ROWS: Final = 200
"""So many lines of the roll are laid out: what follows looks like them."""


@dataclass(frozen=True)
class Preview:
    """A document laid out. *laid* None: an edited file holds, or the body's own template makes it, and only a converter could
    tell its pages. *left_out*: how many lines of the roll are not laid out. *template*: the name of that template."""

    which: Which
    laid: Laid | None = None
    left_out: int = 0
    template: str = ""


def preview(record: Record, which: Which) -> Preview:
    """The sheets of *which* as it would be written now."""
    holding = standing.holding(record, which)
    if holding is not None and holding.origin is not FileOrigin.WRITTEN:
        return Preview(which)
    if (own := standing.template(record, which)) is not None:
        return Preview(which, template=own.name)
    rows = queries.written(record)
    if which is Which.NOTICE:
        return Preview(which, lay_out(write_notice(papers.notice_paper(rows))))
    meeting = record.meeting
    paper = papers.record_paper(rows, attendance.summary(meeting), queries.levels(meeting))
    data = write_record(replace(paper, roll=paper.roll[:ROWS]))
    return Preview(which, lay_out(data), max(0, len(paper.roll) - ROWS))
