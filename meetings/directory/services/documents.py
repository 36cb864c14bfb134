"""What the documents of a unit look like: its letterhead, its signers, its templates. Nothing that held is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.directory.models import DocumentTemplate, Letterhead, Signatory
from meetings.directory.queries import documents
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official import example, signing, template, vocabulary
from meetings.official.form import Issuer
from meetings.official.paper import CONTENT_TYPE
from meetings.official.template import Asked, Rows, Unfit
from meetings.official.vocabulary import DOCUMENT_WORDS, DocumentKind, Many
from meetings.post import queries as letter_box
from meetings.post import services as post
from meetings.units.models import Unit

_HEAD = (
    "form", "superior", "has_superior", "issuer", "called", "symbol", "place", "address", "honorific", "titled_names",
    "for_below",
)  # fmt: skip


# --- the letterhead --------------------------------------------------------------------------------------------------


def keep_letterhead(unit: Unit, said: Mapping[str, Any], *, actor: Actor) -> Letterhead:
    """Let *unit* have the letterhead *said* from now on; the one before stays in the history."""
    before = _own(unit)
    row = Letterhead(unit=unit, made_at=now(), made_by=actor.name, **{name: said[name] for name in _HEAD})
    old = {name: getattr(before, name) for name in _HEAD} if before is not None else {}
    if before is not None and old == {name: said[name] for name in _HEAD}:
        return before
    _end(before, actor)
    db.session.add(row)
    db.session.flush()
    changed = {name: said[name] for name in _HEAD if old.get(name) != said[name]}
    journal.record("letterhead.kept", row, actor=actor, before={name: old.get(name) for name in changed}, after=changed)
    return row


def drop_letterhead(unit: Unit, *, actor: Actor) -> None:
    """Let *unit* use again what it would without a letterhead of its own."""
    row = _own(unit)
    if row is None:
        raise Refused(_("This unit has no letterhead of its own."))
    _end(row, actor)
    journal.record("letterhead.dropped", row, actor=actor)


def _own(unit: Unit) -> Letterhead | None:
    return next((row for row in documents.versions(unit) if row.ended_at is None), None)


def _end(row: Letterhead | None, actor: Actor) -> None:
    if row is not None:
        row.ended_at, row.ended_by = now(), actor.name


# --- who signs -------------------------------------------------------------------------------------------------------


def keep_signatory(unit: Unit, said: Mapping[str, Any], *, actor: Actor, row: Signatory | None = None) -> Signatory:
    """Add who signs for *unit*, or change *row*. Refused at the field that breaks the rules of signing."""
    head = documents.heads().row(unit)
    made = row or Signatory(unit=unit, made_at=now(), made_by=actor.name)
    before = {name: getattr(made, name) for name in said} if row is not None else {}
    for name, value in said.items():
        setattr(made, name, value)
    for field, sentence in signing.faults(documents.signing(made, titled=head is not None and head.titled_names)):
        raise Refused(sentence, field=field, status=422)
    db.session.add(made)
    db.session.flush()
    journal.record("signatory.kept", made, actor=actor, unit=unit.code, before=before, after=dict(said))
    return made


def stop_signatory(row: Signatory, *, actor: Actor) -> None:
    """Offer *row* no longer; what it signed stays as it was."""
    row.stopped_at, row.stopped_by = now(), actor.name
    journal.record("signatory.stopped", row, actor=actor, unit=row.unit.code, name=row.name)


def hold_signature(
    unit: Unit, kind: DocumentKind, authority: str, title: str, name: str, *, fields: tuple[str, str, str]
) -> None:
    """Refuse a signature that breaks the rules, at its field of *fields*."""
    head = documents.heads().row(unit)
    wrong = signing.typed_fault(authority, title, name, titled=head is not None and head.titled_names)
    if wrong is not None:
        place = {"authority": fields[0], "title": fields[1], "name": fields[2]}[wrong[0]]
        raise Refused(wrong[1], field=place, status=422)
    hold_authorisation(unit, kind, authority, title, name, field=fields[0])


def hold_authorisation(
    unit: Unit, kind: DocumentKind, authority: str, title: str, name: str, *, field: str | None = None
) -> None:
    """Refuse a signature by authorisation that does not stand in the list of signers today: it is written and for a time."""
    if not signing.by_authorisation(authority):
        return
    if (authority, title, name) in [one.words for one in documents.offers(unit, kind, today())]:
        return
    raise Refused(
        _(
            "TUQ. is signed by whoever a document authorises, and only in its time: nobody of this name stands in the list "
            "of signers with an authorisation that holds today."
        ),
        field=field,
        status=422,
    )


# --- templates -------------------------------------------------------------------------------------------------------


def keep_template(
    unit: Unit, kind: DocumentKind, name: str, data: bytes, *, for_below: bool, actor: Actor
) -> DocumentTemplate:
    """Keep a template that was found fit. Nothing is printed with it yet: somebody looks at its sample first."""
    row = DocumentTemplate(
        unit=unit,
        kind=kind,
        name=name[:200],
        sha256=post.keep(data, CONTENT_TYPE),
        size=len(data),
        for_below=for_below,
        made_at=now(),
        made_by=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    journal.record("template.added", row, actor=actor, unit=unit.code, kind=kind, name=row.name, sha256=row.sha256)
    return row


def use_template(row: DocumentTemplate, *, actor: Actor) -> None:
    """Print with *row* from now on, in place of the one in use for its kind of document."""
    if row.used_from is not None and row.stopped_at is None:
        raise Refused(_("This template is in use already."))
    for other in documents.templates(row.unit):
        if other.kind is row.kind and other.used_from is not None and other.stopped_at is None:
            other.stopped_at, other.stopped_by = now(), actor.name
    row.used_from, row.used_by = now(), actor.name
    row.stopped_at, row.stopped_by, row.failed_at, row.failed_why = None, "", None, ""
    journal.record("template.used", row, actor=actor, unit=row.unit.code, name=row.name, sha256=row.sha256)


def stop_template(row: DocumentTemplate, *, actor: Actor) -> None:
    """Print with ours again, or with the template of the unit above."""
    if row.used_from is None or row.stopped_at is not None:
        raise Refused(_("This template is not in use."))
    row.stopped_at, row.stopped_by = now(), actor.name
    journal.record("template.stopped", row, actor=actor, unit=row.unit.code, name=row.name, sha256=row.sha256)


@dataclass(frozen=True)
class Printed:
    """A document, and where its template gave none, what to tell whoever asked for it."""

    data: bytes
    failure: str = ""
    template: DocumentTemplate | None = None


def printed(
    unit: Unit, kind: DocumentKind, asked: Callable[[], Asked], ours: Callable[[], bytes], at: datetime | None = None
) -> Printed:
    """The document as *unit* has it: by its template if it has one, by *ours* if it has none or its own fails.

    A template never keeps a document from being printed, and never fails in silence. *at*: the document left at that instant,
    and what was put to use later does not write it.
    """
    row = documents.used(unit, kind, at)
    if row is None:
        return Printed(ours())
    try:
        said = asked()
        data = template.render(
            letter_box.enclosure(row.sha256), said.values, said.rows, title=said.title, author=said.author
        )
        return Printed(data, template=row)
    except Unfit as fault:
        why = str(fault)[:400] or type(fault).__name__
        told = _(
            "The template “%(name)s” of %(unit)s gave no document (%(kind)s), so it was printed in the form of this system. "
            "Tell whoever keeps the templates. Reason: %(why)s",
            name=row.name,
            unit=row.unit.name,
            kind=DOCUMENT_WORDS[kind],
            why=why[:200],
        )
        failures().append(told)
        return Printed(ours(), told, row)


def failures() -> list[str]:
    """What failed while this was done: the door tells whoever asked, whether she printed, approved or only looked."""
    found: list[str] = db.session.info.setdefault("templates that failed", [])
    return found


def note_failure(made: Printed, *, actor: Actor) -> None:
    """Write down that a template failed, where something is written down at all."""
    if made.failure and made.template is not None:
        made.template.failed_at, made.template.failed_why = now(), made.failure[:400]
        journal.record("template.failed", made.template, actor=actor, unit=made.template.unit.code, why=made.failure)


def data_of(row: DocumentTemplate) -> bytes:
    """The template as it was uploaded."""
    return letter_box.enclosure(row.sha256)


def sample(row: DocumentTemplate, issuer: Issuer) -> bytes:
    """The template filled with examples under the head of *issuer*; refused where it gives no document."""
    values, rows = example.under(issuer, row.kind)
    known = vocabulary.words(row.kind)
    listed = {name: Rows(one.columns, rows[name]) for name in rows if isinstance(one := known[name], Many)}
    try:
        return template.render(data_of(row), values, listed, title=row.name, author=issuer.called)
    except Unfit as fault:
        raise Refused(
            _("Filled with an example, this template gives no document: %(why)s", why=str(fault)[:300])
        ) from fault
