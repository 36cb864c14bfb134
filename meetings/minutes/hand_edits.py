"""A document edited in Word and brought back: both are kept, the edited one holds, and nothing is written over it unasked.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import ngettext
from meetings.minutes import files, papers, queries, rules, word_file, writing
from meetings.minutes.document import RECORD
from meetings.minutes.models import Record, RecordFile
from meetings.minutes.rules import FileOrigin, RecordStatus, Which
from meetings.minutes.word_file import Difference, Unsettled
from meetings.official import form
from meetings.post import services as post
from meetings.scheduling import paper_rules

DOCUMENT: Final = {Which.RECORD: _l("minutes document"), Which.NOTICE: _l("notice document")}
_UNSETTLED: Final = {
    Unsettled.CHANGES: _l("The %(document)s edited in Word shows tracked changes: accept or reject them, then bring it back."),
    Unsettled.COMMENTS: _l("The %(document)s edited in Word holds comments: delete them, then bring it back."),
}  # fmt: skip


def called(which: Which) -> str:
    """``minutes document`` · ``notice document``, in the reader's language."""
    return str(DOCUMENT[which])


def may_bring(record: Record, actor: Actor) -> bool:
    """Whether *actor* may put a file edited in Word in the place of what holds, in the state the record is in."""
    path = record.meeting.organiser.path
    return any(actor.may(permission, path) for permission in rules.FROM_WORD[record.status])


def bring(record: Record, which: Which, data: bytes, name: str, *, actor: Actor) -> RecordFile:
    """Keep *data*, the document *which* as somebody saved it in Word: it holds from now on, and what we wrote is kept too.

    Of an approved record only the number and the day may be new. Raises :class:`Refused` at ``file``.
    """
    _allowed(record, actor)
    paper_rules.check("", name, data)
    word_file.check(data, name)
    holding = files.current(record, which)
    if holding is not None and holding.sha256 == post.digest(data):
        raise Refused(_("This very file holds already: nothing in it has changed."), field="file", status=422)
    if record.status is RecordStatus.APPROVED:
        assert holding is not None
        _only_numbered(record, which, files.read(holding), data)
        ours = holding
    else:
        written = writing.to_keep(record, which)
        if post.digest(written) == post.digest(data):
            raise Refused(
                _("This is the file as the system writes it: nothing in it has changed."), field="file", status=422
            )
        ours = files.freeze(record, which, written)
    brought = files.keep(
        record, which, FileOrigin.EDITED, data, name=paper_rules.safe_name(name), actor=actor, made_of=ours
    )
    brought.against_id = ours.id
    if record.status is RecordStatus.APPROVED:
        files.point_to(record)
    return brought


def newer(edited: RecordFile) -> list[Difference]:
    """Where the page says something else than when *edited* was last said to hold; nothing once the record is approved."""
    record = edited.record
    if record.status in (RecordStatus.APPROVED, RecordStatus.ISSUED):
        return []
    ours = files.find(record, edited.against_id or 0)
    now = writing.printed(record, edited.which).data
    if ours is None or ours.sha256 == post.digest(now):
        return []
    return word_file.differences(word_file.lines(files.read(ours)), word_file.lines(now))


def keep_hers(edited: RecordFile, *, actor: Actor) -> None:
    """The edited file goes on holding, although the page is newer: somebody has looked at both."""
    record = edited.record
    _allowed(record, actor, {RecordStatus.WRITING, RecordStatus.RETURNED, RecordStatus.SUBMITTED})
    _holds(edited)
    ours = files.freeze(record, edited.which, writing.to_keep(record, edited.which))
    if edited.against_id == ours.id:
        return
    edited.against_id = ours.id
    journal.record(
        "record_file.held_on", edited, actor=actor, version=record.version, which=edited.which, sha256=edited.sha256
    )


def write_anew(edited: RecordFile, *, actor: Actor) -> None:
    """Set aside every file of this document that was edited in Word; from now on it is written from the page again."""
    record = edited.record
    _allowed(record, actor, {RecordStatus.WRITING, RecordStatus.RETURNED, RecordStatus.SUBMITTED})
    for one in files.of(record, edited.which):
        if one.origin is FileOrigin.EDITED:
            files.set_aside(one, _("The document is written from the page again."), actor=actor)
    if record.status is RecordStatus.SUBMITTED:
        files.freeze(record, edited.which, writing.to_keep(record, edited.which))


def hold_again(edited: RecordFile, *, actor: Actor) -> RecordFile:
    """Let a file that was set aside hold once more; the row of its first time stays as it is."""
    record = edited.record
    _allowed(record, actor, {RecordStatus.WRITING, RecordStatus.RETURNED, RecordStatus.SUBMITTED})
    if edited.origin is not FileOrigin.EDITED:
        raise Refused(_("Only a file that was edited in Word can be put back."))
    ours = files.freeze(record, edited.which, writing.to_keep(record, edited.which))
    again = files.keep(
        record, edited.which, FileOrigin.EDITED, files.read(edited), name=edited.name, actor=actor, made_of=ours
    )
    again.against_id = ours.id
    return again


def _allowed(record: Record, actor: Actor, states: set[RecordStatus] | None = None) -> None:
    files.alone(record)
    if not rules.FROM_WORD[record.status] or (states is not None and record.status not in states):
        raise Refused(
            _(
                "The minutes are “%(status)s”: their documents are not changed any more. A correction needs a new version.",
                status=rules.STATUS_WORDS[record.status],
            )
        )
    if not may_bring(record, actor):
        raise Forbidden(_("This account may not change the documents while the minutes are in this state."))


def _holds(edited: RecordFile) -> None:
    holding = files.current(edited.record, edited.which)
    if holding is None or holding.id != edited.id or edited.origin is not FileOrigin.EDITED:
        raise Refused(_("Another file holds meanwhile. Look at the page as it is now."))


def check_settled(record: Record) -> None:
    """Refuse to go on while an edited file shows what nobody may receive, or the page is newer and nobody was asked."""
    for which in Which:
        holding = files.current(record, which)
        if holding is None or holding.origin is not FileOrigin.EDITED:
            continue
        for fault in word_file.unsettled(files.read(holding)):
            raise Refused(_UNSETTLED[fault] % {"document": called(which)}, status=422)
        if places := newer(holding):
            raise Refused(
                ngettext(
                    "The %(document)s edited in Word holds, and the page is newer in %(num)s place. Say first which is to hold.",
                    "The %(document)s edited in Word holds, and the page is newer in %(num)s places. Say first which is to hold.",
                    len(places),
                    document=called(which),
                )
            )


# --- its number ------------------------------------------------------------------------------------------------------


def number_lines(record: Record, which: Which, number: str, on: date | None) -> dict[str, str]:
    """Each line of the document that waits for number or day → as it reads with them; the first is the number itself."""
    rows = queries.written(record)
    blank: form.Numbering
    if which is Which.RECORD:
        told = papers.record_paper(rows, None)
        blank = form.Numbering(told.numbering.symbol, layout=told.numbering.layout)
        full = form.Numbering(blank.symbol, number, on, blank.layout)
        cited = form.annex_cited(full.cited(RECORD, told.issuer.called))
        lines = {blank.line: full.line, blank.cited(RECORD, told.issuer.called): cited}
        before, after = form.record_dated(told.issuer, blank), form.record_dated(told.issuer, full)
    else:
        notice = papers.notice_paper(rows)
        blank = form.Numbering(notice.numbering.symbol, layout=notice.numbering.layout)
        full = form.Numbering(blank.symbol, number, on, blank.layout)
        lines = {blank.line: full.line}
        before, after = (form.dated(notice.issuer, one, notice.year) for one in (blank, full))
    if before and after:
        lines[before] = after
    return {was: becomes for was, becomes in lines.items() if was != becomes}


def numbered(record: Record, which: Which, number: str, on: date | None) -> bytes:
    """The approved document with its number and day put in; a line that somebody changed in Word is left as it is.

    Raises :class:`Refused` where the number is nowhere: the records clerk then types it in Word and brings the file back.
    """
    holding = files.current(record, which)
    assert holding is not None
    approved = files.read(holding)
    lines = number_lines(record, which, number, on)
    if not lines:
        return approved
    made, missing = word_file.with_lines(approved, lines)
    first = next(iter(lines))
    if number and first in missing and word_file.squeezed(lines[first]) not in _pieces(word_file.lines(approved)):
        raise Refused(
            _(
                "The number line of the %(document)s was changed in Word, so the number cannot be put in. Download the file, "
                "type “%(line)s” into it and bring it back; then issue it.",
                document=called(which),
                line=word_file.squeezed(lines[first]),
            ),
            field="number" if which is Which.RECORD else "notice_number",
            status=422,
        )
    return made


def _pieces(lines: Sequence[str]) -> set[str]:
    return {piece for line in lines for piece in line.split(" | ")}


def _only_numbered(record: Record, which: Which, approved: bytes, data: bytes) -> None:
    """Refuse *data* unless it says what was approved, but for number and day."""
    masks = [
        re.compile(r"[\s.…_\d]*[A-Za-z]?[\s.…_]*".join(re.escape(word) for word in word_file.squeezed(line).split(" ")))
        for line in number_lines(record, which, "0", date(2000, 1, 1))
    ]

    def masked(lines: Sequence[str]) -> list[str]:
        return [
            " | ".join("" if any(mask.fullmatch(piece) for mask in masks) else piece for piece in line.split(" | "))
            for line in lines
        ]

    places = word_file.differences(masked(word_file.lines(approved)), masked(word_file.lines(data)))
    if places:
        first = " ".join(places[0].theirs or places[0].ours)
        raise Refused(
            ngettext(
                "The minutes are approved: only number and date may be new. This file differs in %(num)s more place, "
                "first: “%(first)s”. A correction needs a new version.",
                "The minutes are approved: only number and date may be new. This file differs in %(num)s more places, "
                "first: “%(first)s”. A correction needs a new version.",
                len(places),
                first=first[:160],
            ),
            field="file",
            status=422,
        )
    for fault in word_file.unsettled(data):
        raise Refused(_UNSETTLED[fault] % {"document": called(which)}, field="file", status=422)
