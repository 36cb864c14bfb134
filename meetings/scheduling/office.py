"""The verbs of the office's calendar: days worked or not against the library, and the hours of a day.

A second room of ``services``: the same rules hold. Deadlines that were set before a change stay as they were told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official.working_days import Span
from meetings.scheduling import working_time
from meetings.scheduling.models import DayOverride, OfficeSpan


def set_day(day: date, worked: bool, name: str, source: str, *, actor: Actor) -> None:
    """Say that *day* is worked or off, whatever the library knows; said again it takes the place of what was said."""
    row = db.session.scalars(sa.select(DayOverride).where(DayOverride.day == day)).first()
    before = row.worked if row else None
    row = row or DayOverride(day=day)
    row.worked, row.name, row.source, row.made_by, row.made_at = worked, name, source, actor.name, now()
    db.session.add(row)
    journal.record("working_day.set", row, actor=actor, before=before, worked=worked, name=name, source=source)


def forget_day(row: DayOverride, *, actor: Actor) -> None:
    """Let the library decide again."""
    journal.record("working_day.forgotten", row, actor=actor, worked=row.worked, name=row.name, source=row.source)
    db.session.delete(row)


@dataclass(frozen=True)
class _Hours:
    journal_subject: str = "office-hours"
    journal_root: str = ""


def set_hours(spans: Sequence[Span], *, actor: Actor) -> None:
    """Set the office hours of a working day; the spans must follow one another. Refused at ``begins`` or ``ends``."""
    for number, span in enumerate(spans, 1):
        if span.begins >= span.ends:
            raise Refused(_("The end must come after the beginning."), field=f"ends_{number}", status=422)
    for number, (one, other) in enumerate(zip(spans, spans[1:], strict=False), 2):
        if other.begins <= one.ends:
            raise Refused(
                _("The afternoon must begin after the morning has ended."), field=f"begins_{number}", status=422
            )
    before = working_time.hours()
    if before == tuple(spans):
        return
    db.session.execute(sa.delete(OfficeSpan))
    db.session.add_all(OfficeSpan(begins=span.begins, ends=span.ends) for span in spans)
    journal.record("office_hours.set", _Hours(), actor=actor, before=_told(before), after=_told(spans))


def _told(spans: Sequence[Span]) -> list[str]:
    return [f"{span.begins:%H:%M}–{span.ends:%H:%M}" for span in spans]
