"""The life of a version: submit, return, approve, renew. A second room of ``services``: the same rules hold."""

from __future__ import annotations

from typing import Final

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import blocks, files, hand_edits, queries, record_numbers, rules, signers, transcribing, writing
from meetings.minutes.models import ActionItem, Conclusion, Record, RecordItem, Statement
from meetings.minutes.rules import Given, RecordMove, RecordStatus, Which

_COPIED: Final = (
    "meeting_id",
    "started_at",
    "ended_at",
    "place",
    "attendance",
    "chair",
    "secretary",
    "agreed",
    "recipients",
    "filled",
    "notice_title",
    "notice_opening",
    "notice_arrangement",
    "notice_last",
    "notice_recipients",
    "signer_authority",
    "signer_title",
    "signer_name",
)


def submit(record: Record, *, actor: Actor) -> None:
    """Show the record to whoever approves it; it is not changed while she has it."""
    status = rules.after(record.status, RecordMove.SUBMIT)
    blocks.settle(record, actor=actor)
    rows = queries.written(record)
    rules.check_complete(
        statements=rows.count,
        conclusions=len(rows.conclusions),
        given=[Given(row.text, row.lead, row.due_on) for row in rows.tasks],
        started_at=record.started_at,
        ended_at=record.ended_at,
    )
    transcribing.check_read(record)
    signers.hold(record)
    hand_edits.check_settled(record)
    for which in Which:
        files.freeze(record, which, writing.to_keep(record, which, rows))
    record.status, record.submitted_at, record.submitted_by = status, now(), actor.name
    minutes, notice = files.shown(record)
    journal.record(
        "record.submitted", record, actor=actor, version=record.version, record_sha256=minutes, notice_sha256=notice
    )


def send_back(record: Record, reason: str, *, actor: Actor) -> None:
    """Return the record to its writer, with the reason."""
    record.status = rules.after(record.status, RecordMove.RETURN)
    record.returned_at, record.returned_by, record.return_reason = now(), actor.name, reason
    journal.record("record.returned", record, actor=actor, version=record.version, reason=reason)


def approve(record: Record, seen: tuple[str, str] | None = None, *, actor: Actor) -> None:
    """Approve the record: from here on its text stands, and the files that hold are those that were shown.

    *seen* are the SHA-256 of the two files on the page of whoever approves; None for an actor without a page. Raises
    :class:`Refused` where other files hold meanwhile.
    """
    files.alone(record)
    status = rules.after(record.status, RecordMove.APPROVE)
    if seen is not None and seen != files.shown(record):
        raise Refused(_("A document was changed after this page was made. Read it as it is now, then approve."))
    hand_edits.check_settled(record)
    record.status = status
    record.approved_at, record.approved_by = now(), actor.name
    blocks.forget_scraps(record)
    files.point_to(record)
    journal.record(
        "record.approved",
        record,
        actor=actor,
        version=record.version,
        record_sha256=record.record_sha256,
        notice_sha256=record.notice_sha256,
    )


def keep_files(record: Record, *, actor: Actor = SYSTEM) -> None:
    """Keep the approved documents with the number and the day that *record* bears now; nothing else in them is written anew."""
    for which in Which:
        holding = files.current(record, which)
        assert holding is not None
        data = hand_edits.numbered(record, which, *record_numbers.of(record, which))
        if data != files.read(holding):
            files.keep(record, which, holding.origin, data, name=holding.name, actor=actor, made_of=holding)
    files.point_to(record)


def renew(record: Record, reason: str, *, actor: Actor) -> Record:
    """Begin the next version with everything the last one holds; *reason* says why it was needed."""
    rules.after(record.status, RecordMove.RENEW)
    newest = queries.newest(record.meeting)
    if newest is not None and newest.id != record.id:
        raise Refused(_("There is a newer version already."))
    old = queries.written(record)
    made = Record(
        version=record.version + 1,
        reason=reason,
        status=RecordStatus.WRITING,
        created_at=now(),
        created_by=actor.name,
        **{name: getattr(record, name) for name in _COPIED},
    )
    db.session.add(made)
    db.session.flush()
    items: dict[int | None, int] = {}
    statements: dict[int | None, int] = {}
    for item in old.items:
        copy = RecordItem(
            record_id=made.id, position=item.position, title=item.title, starts_at=item.starts_at, ends_at=item.ends_at
        )
        db.session.add(copy)
        db.session.flush()
        items[item.id] = copy.id
        for said in old.said(item):
            spoken = Statement(
                item_id=copy.id,
                position=said.position,
                site=said.site,
                meeting_site_id=said.meeting_site_id,
                speaker=said.speaker,
                delegate_id=said.delegate_id,
                text=said.text,
                kind=said.kind,
                votes_for=said.votes_for,
                votes_against=said.votes_against,
                votes_withheld=said.votes_withheld,
                machine_made=said.machine_made,
            )
            db.session.add(spoken)
            db.session.flush()
            statements[said.id] = spoken.id
    for row in old.conclusions:
        under, of = items.get(row.item_id), statements.get(row.statement_id)
        db.session.add(
            Conclusion(record_id=made.id, position=row.position, text=row.text, item_id=under, statement_id=of)
        )
    for task in old.tasks:
        db.session.add(
            ActionItem(
                record_id=made.id,
                position=task.position,
                text=task.text,
                lead=task.lead,
                support=task.support,
                due_on=task.due_on,
                lead_unit_id=task.lead_unit_id,
                item_id=items.get(task.item_id),
                statement_id=statements.get(task.statement_id),
                origin_id=task.origin_id or task.id,
            )
        )
    db.session.flush()
    journal.record("record.renewed", made, actor=actor, version=made.version, reason=reason)
    return made
