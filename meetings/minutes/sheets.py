"""The sheets of a record's documents before they are printed: how many, where each line stands, where the signature falls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from meetings.attendance import queries as attendance
from meetings.directory.queries import documents
from meetings.minutes import papers, queries, standing
from meetings.minutes.document import write_notice, write_record
from meetings.minutes.models import Record
from meetings.minutes.rules import FileOrigin, Which
from meetings.official.pages import Laid, lay_out
from meetings.official.vocabulary import DocumentKind

ROWS: Final = 200
"""So many lines of the roll are laid out: what follows looks like them."""
_KINDS: Final = {Which.RECORD: DocumentKind.RECORD, Which.NOTICE: DocumentKind.NOTICE}


@dataclass(frozen=True)
class Preview:
    """A document laid out. *laid* None: an edited file holds, or the body's own template makes it, and only a converter could
    tell its pages. *left_out*: how many lines of the roll are not laid out."""

    which: Which
    laid: Laid | None = None
    left_out: int = 0


def preview(record: Record, which: Which) -> Preview:
    """The sheets of *which* as it would be written now."""
    holding = standing.holding(record, which)
    edited = holding is not None and holding.origin is not FileOrigin.WRITTEN
    if edited or documents.used(record.meeting.organiser, _KINDS[which]) is not None:
        return Preview(which)
    rows = queries.written(record)
    if which is Which.NOTICE:
        return Preview(which, lay_out(write_notice(papers.notice_paper(rows))))
    meeting = record.meeting
    paper = papers.record_paper(rows, attendance.summary(meeting), queries.levels(meeting))
    data = write_record(replace(paper, roll=paper.roll[:ROWS]))
    return Preview(which, lay_out(data), max(0, len(paper.roll) - ROWS))
