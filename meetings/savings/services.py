"""The verbs of savings: estimating, changing an assumption, keeping norms by date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.savings import queries, rules
from meetings.savings.estimate import FORMULA, Estimate, Line, Triple, estimate
from meetings.savings.models import Norm, NormSet, SavingsEstimate, SavingsLine
from meetings.savings.norms import DEFAULT_SETS, DEFAULTS
from meetings.savings.rules import KEYS, NormValue
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status


def load_default_norms() -> bool:
    """Keep the norms that come with the product, once; returns whether they were new."""
    if queries.norm_sets():
        return False
    for default in DEFAULT_SETS:
        _keep(default.name, default.valid_from, {norm.key: norm for norm in default.values}, SYSTEM)
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
        raise Refused(
            _("Estimates stand on these norms, so they are not changed any more. Make a new set from a later day on.")
        )
    _refuse(value.key, (value.low, value.mid, value.high))
    row = db.session.scalars(sa.select(Norm).where(Norm.norm_set_id == norms.id, Norm.key == value.key)).one()
    before = [row.low, row.mid, row.high]
    for name in ("low", "mid", "high", "source", "verified"):
        setattr(row, name, getattr(value, name))
    journal.record(
        "norm_set.changed", norms, actor=actor, key=value.key, before=before, after=[value.low, value.mid, value.high]
    )


def _refuse(key: str, values: tuple[int, int, int]) -> None:
    wrong = rules.fault(key, *values)
    if wrong is not None:
        raise Refused(wrong[1], field=wrong[0], status=422)


def estimate_meeting(meeting: Meeting, *, actor: Actor) -> SavingsEstimate:
    """Estimate what *meeting* saved, by the norms in force on its day. Refused before the roll is closed.

    A later version is made from the roll as it is now; it keeps the norms and the changed assumptions of the one before.
    """
    last = queries.latest(meeting)
    return _make(meeting, dict(last.changes) if last else {}, last.reason if last else "", "savings.estimated", actor)


def estimate_closed(entry: journal.Entry) -> None:
    """Follow-up of ``meeting.closed``: the first estimate is there before anybody asks for it."""
    meeting = scheduling.by_code(entry.root)
    if meeting is not None and meeting.status is Status.CLOSED and queries.latest(meeting) is None:
        estimate_meeting(meeting, actor=SYSTEM)


def adjust(meeting: Meeting, key: str, values: tuple[int, int, int], reason: str, *, actor: Actor) -> SavingsEstimate:
    """Let one value differ from the norm for this meeting, with the reason: a new version of the estimate.

    The values of the norm itself take the difference back. Raises :class:`Refused` at the field that is wrong.
    """
    last = queries.latest(meeting)
    if last is None:
        raise Refused(_("Estimate the savings of this meeting first."))
    if key not in KEYS:
        raise Refused(_("Choose which assumption is to be changed."), field="key", status=422)
    _refuse(key, values)
    changes = {k: v for k, v in last.changes.items() if k != key}
    norm = queries.values_of(last.norm_set)[key]
    if values != (norm.low, norm.mid, norm.high):
        changes[key] = list(values)
    return _make(meeting, changes, reason, "savings.adjusted", actor)


def _make(meeting: Meeting, changes: dict[str, Any], reason: str, fact: str, actor: Actor) -> SavingsEstimate:
    if meeting.status is not Status.CLOSED or meeting.starts_at is None:
        raise Refused(_("The savings are estimated from the closed roll. Close the roll first."))
    load_default_norms()
    last = queries.latest(meeting)
    norms = last.norm_set if last else queries.in_force(wall(meeting.starts_at).date())
    assert norms is not None  # the defaults were loaded
    occasion = queries.occasion_of(meeting)
    values = queries.values_of(norms)
    for key, (low, mid, high) in changes.items():
        values[key] = replace(values[key], low=low, mid=mid, high=high)
    found = estimate(values, queries.trips_of(meeting), occasion)
    made = _stored(meeting, found, norms, changes, reason, occasion.half_days, actor, last.version + 1 if last else 1)
    after = [made.low, made.mid, made.high]
    if fact == "savings.adjusted":
        before = [last.low, last.mid, last.high] if last else []
        journal.record(fact, made, actor=actor, reason=reason, changes=changes, before=before, after=after)
    else:
        journal.record(fact, made, actor=actor, after=after, sites=made.counted, formula=FORMULA)
    return made


def _stored(
    meeting: Meeting,
    found: Estimate,
    norms: NormSet,
    changes: dict[str, Any],
    reason: str,
    half_days: int,
    actor: Actor,
    version: int,
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
    return list(triple)


def _row(made: SavingsEstimate, line: Line) -> dict[str, Any]:
    trip = line.trip
    steps = {name: _plain(triple) for name, triple in line.steps._asdict().items()}
    return {
        "estimate_id": made.id,
        "meeting_site_id": trip.site_id,
        "name": trip.name,
        "people": trip.people or 0,
        "by_air": line.by_air,
        "steps": steps | {"total": _plain(line.total), "flight_km": trip.km or 0, "commune": trip.commune},
        "mid": line.total.mid,
        "left_out": line.left_out,
    }
