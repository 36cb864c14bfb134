"""What the system would write now: one of the two documents of a record, in the form of this house or by the body's own
template.

Nothing is kept here, and nothing here is asked where a file that was kept holds: see ``files``.
"""

from __future__ import annotations

from meetings.accounts.rules import SYSTEM
from meetings.attendance import queries as attendance
from meetings.directory.services import documents
from meetings.directory.services.documents import Printed
from meetings.minutes import files, own_form, papers, queries
from meetings.minutes.document import write_notice, write_record
from meetings.minutes.models import Record
from meetings.minutes.queries import Written
from meetings.minutes.rules import Which
from meetings.official.vocabulary import DocumentKind


def printed(record: Record, which: Which, rows: Written | None = None) -> Printed:
    """The biên bản or the thông báo kết luận as it would be written now; *rows* where they were read already."""
    rows = rows or queries.written(record)
    body, at = record.meeting.organiser, files.headed_at(record, which)
    if which is Which.NOTICE:
        notice = papers.notice_paper(rows)
        return documents.printed(
            body, DocumentKind.NOTICE, lambda: own_form.notice(notice), lambda: write_notice(notice), at
        )
    minutes = papers.record_paper(rows, attendance.summary(record.meeting), queries.levels(record.meeting))
    return documents.printed(
        body, DocumentKind.RECORD, lambda: own_form.record(minutes), lambda: write_record(minutes), at
    )


def to_keep(record: Record, which: Which, rows: Written | None = None) -> bytes:
    """The same, to be kept: a template that failed is written down."""
    made = printed(record, which, rows)
    documents.note_failure(made, actor=SYSTEM)
    return made.data
