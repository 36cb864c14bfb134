"""What is said beside the marks while the roll is called: a note about a site, and who sits there in another's place."""

from __future__ import annotations

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.attendance import queries, services
from meetings.attendance.models import Mark
from meetings.attendance.rules import MAX_REASON, MarkSource, Move, State, pressed_at
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.invitations import seating
from meetings.scheduling.models import MeetingSite


def note(
    site: MeetingSite, text: str, *, actor: Actor, source: MarkSource, once: str | None = None, age: float | None = None
) -> Mark:
    """Keep *text* beside the marks of *site*: where the site stands is not touched. *once* and *age* as for a mark."""
    text = text.strip()
    if not text:
        raise Refused(_("Enter the note."), field="note", status=422)
    if len(text) > MAX_REASON:
        raise Refused(_("The note must not be longer than 500 characters."), field="note", status=422)
    sent_before = services.begin(site, source=source, once=once)
    if sent_before is not None:
        return sent_before
    stands = queries.presence(site.id)
    state = stands.state if stands else State.NOT_IN
    made = Mark(
        meeting_id=site.meeting_id,
        meeting_site_id=site.id,
        at=pressed_at(age, now=now(), newest=stands.marked_at if stands else None),
        before=state,
        after=state,
        note=text,
        source=source,
        by=actor.name[:200],
        actor=actor.key,
        once=once,
    )
    db.session.add(made)
    db.session.flush()
    journal.record("presence.noted", _Noted(site), actor=actor, site=site.name, reason=text)
    return made


def seat(
    site: MeetingSite,
    said: str,
    *,
    actor: Actor,
    source: MarkSource,
    head_count: int | None = None,
    once: str | None = None,
    age: float | None = None,
) -> Mark:
    """*said* ("Bà Lê Thị Hà, Phó Chủ tịch") was found sitting there in the place of who was expected: *site* is in.

    An answer can be changed until the meeting begins; who is seen on the screen is a fact after it, too, so the answer
    follows, and the chair's consent is asked where the rule wants it.
    """
    sent_before = services.begin(site, source=source, once=once)
    if sent_before is not None:
        return sent_before
    stands = queries.presence(site.id)
    invitation = invitations.of_site(site)
    if invitation is None:
        raise Refused(_("This site was not asked, so nobody is replaced there. Mark it as in the meeting."))
    seating.seated(invitation, said, actor=actor)
    if stands is not None and stands.state is State.IN and head_count is None:
        return note(site, _("Substitute: %(name)s", name=said), actor=actor, source=source, once=once, age=age)
    return services.mark(site, Move.IN, actor=actor, source=source, head_count=head_count, once=once, age=age)


class _Noted:
    """The presence of a site as the subject of a fact, before anything was marked."""

    def __init__(self, site: MeetingSite) -> None:
        self.journal_subject = f"presence:{site.id}"
        self.journal_root = site.meeting.code
