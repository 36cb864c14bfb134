"""The verbs of savings: estimating, changing an assumption, keeping norms by date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.savings import queries
from meetings.savings.estimate import Estimate, Line, Triple, estimate
from meetings.savings.models import Norm, NormSet, SavingsEstimate, SavingsLine
from meetings.savings.norms import DEFAULT_FROM, DEFAULT_NAME, DEFAULTS, KEYS, NormValue
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

MOST: Final = 10**12
_STEPS: Final = ("travelling", "km", "nights", "days", "travel", "per_diem", "lodging", "papers", "time_value")


def load_default_norms() -> bool:
    """Keep the norms that come with the product, once; returns whether they were new."""
    if queries.norm_sets():
        return False
    _keep(DEFAULT_NAME, DEFAULT_FROM, {norm.key: norm for norm in DEFAULTS}, SYSTEM)
    return True


def _keep(name: str, valid_from: date, values: Mapping[str, NormValue], actor: Actor) -> NormSet:
    made = NormSet(name=name, valid_from=valid_from, made_at=now(), made_by=actor.name)
    db.session.add(made)
    db.session.flush()
    db.session.execute(sa.insert(Norm), [{"norm_set_id": made.id, **asdict(value)} for value in values.values()])
    journal.record("norm_set.made", made, actor=actor, name=name, valid_from=valid_from)
    return made


def new_norm_set(name: str, valid_from: date, *, actor: Actor) -> NormSet:
    """A copy of the set in force on *valid_from*, to be edited; refused where a set already begins on that day."""
    if any(existing.valid_from == valid_from for existing in queries.norm_sets()):
        raise Refused(_("There is already a set of norms from this day on."), field="valid_from", status=422)
    base = queries.in_force(valid_from)
    values = queries.values_of(base) if base else {norm.key: norm for norm in DEFAULTS}
    return _keep(name, valid_from, values, actor)


def set_norm(norms: NormSet, value: NormValue, *, actor: Actor) -> None:
    """Change one value of a set that no estimate stands on."""
    if queries.used(norms):
        raise Refused(_("Estimates stand on these norms, so they are not changed any more. Make a new set from a later day on."))
    row = db.session.scalars(sa.select(Norm).where(Norm.norm_set_id == norms.id, Norm.key == value.key)).one()
    before = [row.low, row.mid, row.high]
    for name in ("low", "mid", "high", "source", "verified"):
        setattr(row, name, getattr(value, name))
    journal.record("norm_set.changed", norms, actor=actor, key=value.key, before=before, after=[value.low, value.mid, value.high])


def estimate_meeting(meeting: Meeting, *, actor: Actor) -> SavingsEstimate:
    """Estimate what *meeting* saved, by the norms in force on its day. Refused before the roll is closed."""
    if meeting.status is not Status.CLOSED:
        raise Refused(_("The savings are estimated from the closed roll. Close the roll first."))
    return _make(meeting, {}, "", "savings.estimated", actor)


def adjust(meeting: Meeting, key: str, values: tuple[int, int, int], reason: str, *, actor: Actor) -> SavingsEstimate:
    """Let one value differ from the norm for this meeting, with the reason: a new version of the estimate."""
    last = queries.latest(meeting)
    if last is None:
        raise Refused(_("Estimate the savings of this meeting first."))
    if key not in KEYS:
        raise Refused(_("Choose which assumption is to be changed."), field="key", status=422)
    if not all(0 <= value <= MOST for value in values):
        raise Refused(_("Enter whole numbers from 0 to 1,000,000,000,000."), field="mid", status=422)
    if key in ("people_per_car",) and not all(values):
        raise Refused(_("Enter whole numbers from 1 on."), field="mid", status=422)
    return _make(meeting, {**last.changes, key: list(values)}, reason, "savings.adjusted", actor)


def _make(meeting: Meeting, changes: dict[str, Any], reason: str, fact: str, actor: Actor) -> SavingsEstimate:
    load_default_norms()
    last = queries.latest(meeting)
    assert meeting.starts_at is not None
    norms = last.norm_set if last else queries.in_force(wall(meeting.starts_at).date())
    assert norms is not None
    values = queries.values_of(norms)
    for key, (low, mid, high) in changes.items():
        values[key] = replace(values[key], low=low, mid=mid, high=high)
    occasion = queries.occasion_of(meeting)
    found = estimate(values, queries.trips_of(meeting), occasion)
    made = _stored(meeting, found, norms, changes, reason, occasion.half_days, actor, last.version + 1 if last else 1)
    if fact == "savings.adjusted":
        before = [last.low, last.mid, last.high] if last else []
        journal.record(fact, made, actor=actor, reason=reason, changes=changes, before=before, after=[made.low, made.mid, made.high])
    else:
        journal.record(fact, made, actor=actor, low=made.low, mid=made.mid, high=made.high, sites=made.counted)
    return made


def _stored(
    meeting: Meeting, found: Estimate, norms: NormSet, changes: dict[str, Any], reason: str, half_days: int, actor: Actor, version: int
) -> SavingsEstimate:
    made = SavingsEstimate(
        meeting_id=meeting.id,
        version=version,
        norm_set_id=norms.id,
        changes=changes,
        reason=reason,
        sums={category: _plain(triple) for category, triple in found.sums.items()},
        low=found.saving.low,
        mid=found.saving.mid,
        high=found.saving.high,
        time_low=found.time_value.low,
        time_mid=found.time_value.mid,
        time_high=found.time_value.high,
        sites=found.sites,
        counted=found.counted,
        people=found.people,
        travelling=found.travelling,
        half_days=half_days,
        made_at=now(),
        made_by=actor.name,
    )
    db.session.add(made)
    db.session.flush()
    if found.lines:
        db.session.execute(sa.insert(SavingsLine), [_row(made, line) for line in found.lines])
    return made


def _plain(triple: Triple) -> list[int]:
    return [triple.low, triple.mid, triple.high]


def _row(made: SavingsEstimate, line: Line) -> dict[str, Any]:
    return {
        "estimate_id": made.id,
        "meeting_site_id": line.site_id,
        "name": line.name,
        "people": line.people,
        "by_air": line.by_air,
        "steps": {step: _plain(getattr(line, step)) for step in _STEPS} | {"total": _plain(line.total)},
        "mid": line.total.mid,
        "left_out": line.left_out,
    }
