"""Who signs the notice of a record: chosen from the list of the body whose meeting it was, or in the writer's own words.

A second room of ``services``: the same rules hold. What is being typed is never refused; what cannot be signed is not submitted.
"""

from __future__ import annotations

from collections.abc import Sequence

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.directory.queries import documents
from meetings.directory.queries.documents import Offer
from meetings.directory.services.documents import hold_signature
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import queries, services
from meetings.minutes.models import Record
from meetings.official.vocabulary import DocumentKind
from meetings.scheduling.models import Meeting

_WORDS = ("signer_authority", "signer_title", "signer_name")


def offers(meeting: Meeting) -> Sequence[Offer]:
    """Who may sign the notice of *meeting* today."""
    return documents.offers(meeting.organiser, DocumentKind.NOTICE, today())


def choose(record: Record, id: str, *, actor: Actor) -> Offer:
    """Let somebody of the list sign the notice; the rest of its wording stays."""
    chosen = next((one for one in offers(record.meeting) if one.id == id), None)
    if chosen is None:
        raise NotFound(_("There is no such signer."))
    edition = queries.written(record).edition(services.NOTICE)
    services.save_notice(record, dict(zip(_WORDS, chosen.words, strict=True)), edition=edition, actor=actor)
    return chosen


def hold(record: Record) -> None:
    """Refuse a notice whose signature breaks the rules, or which somebody signs by an authorisation that does not hold."""
    if record.signer_name:
        hold_signature(
            record.meeting.organiser,
            DocumentKind.NOTICE,
            record.signer_authority,
            record.signer_title,
            record.signer_name,
            fields=_WORDS,
        )
