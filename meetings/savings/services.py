"""The verbs of savings: estimating, changing an assumption, choosing the venue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, wall
from meetings.database import db
from meetings.directory.models import Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.savings import queries, rules
from meetings.savings.estimate import FORMULA, Estimate, Line, estimate
from meetings.savings.models import Distance, SavingsEstimate, SavingsLine
from meetings.savings.norming import load_default_norms
from meetings.savings.rules import KEYS
from meetings.savings.trips import Occasion, Source, Triple
from meetings.savings.values import Values, frozen
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

_lines: Final = cast(sa.Table, SavingsLine.__table__)


def estimate_meeting(
    meeting: Meeting, *, actor: Actor, venue: Site | None = None, norms_anew: bool = False
) -> SavingsEstimate:
    """Estimate what *meeting* saved, by the norms in force on its day. Refused before the roll is closed.

    A later version is made from the roll as it is now; it keeps the norms, the venue and the changed assumptions of the one
    before, unless the norms are asked for *anew*: those of the meeting's day as they are known by now.
    """
    _hold(meeting)
    last = queries.latest(meeting)
    changes = dict(last.changes) if last and last.formula == FORMULA else {}
    reason = last.reason if last and changes else ""
    place = venue or (last.venue if last else None)
    return _make(meeting, changes, reason, "savings.estimated", actor, place, norms_anew)


def estimate_closed(entry: journal.Entry) -> None:
    """Follow-up of ``meeting.closed``: the first estimate is there before anybody asks for it."""
    meeting = scheduling.by_code(entry.root)
    if meeting is not None and meeting.status is Status.CLOSED and queries.latest(meeting) is None:
        estimate_meeting(meeting, actor=SYSTEM)


def adjust(meeting: Meeting, key: str, values: tuple[int, int, int], reason: str, *, actor: Actor) -> SavingsEstimate:
    """Let one value differ from the norm for this meeting, with the reason: a new version of the estimate.

    The values of the norm itself take the difference back. Raises :class:`Refused` at the field that is wrong.
    """
    _hold(meeting)
    last = queries.latest(meeting)
    if last is None:
        raise Refused(_("Estimate the savings of this meeting first."))
    if key not in KEYS:
        raise Refused(_("Choose which assumption is to be changed."), field="key", status=422)
    kept = _kept(last, meeting)
    norm = kept.national[key]
    others = kept.changed({k: v for k, v in last.changes.items() if k in kept.national}).national
    wrong = rules.fault(key, *values) or rules.disagrees(key, values, others)
    if wrong is not None:
        raise Refused(wrong[1], field=wrong[0], status=422)
    changes = {k: v for k, v in last.changes.items() if k in kept.national and k != key}
    if values != (norm.low, norm.mid, norm.high):
        changes[key] = list(values)
    return _make(meeting, changes, reason, "savings.adjusted", actor, last.venue)


def choose_venue(meeting: Meeting, venue: Site | None, reason: str, *, actor: Actor) -> SavingsEstimate:
    """Say where all would have met (None: at the host site): a new version of the estimate, with the reason."""
    _hold(meeting)
    last = queries.latest(meeting)
    if last is None:
        raise Refused(_("Estimate the savings of this meeting first."))
    if venue is not None and (venue.latitude is None or venue.longitude is None) and not queries.distances_from(venue):
        raise Refused(
            _("The coordinates of this site are not known, so no way to it can be estimated."),
            field="venue",
            status=422,
        )
    if venue is not None and venue.id == meeting.host_site_id:
        venue = None
    return _make(meeting, dict(last.changes), reason, "savings.venue_chosen", actor, venue)


def _hold(meeting: Meeting) -> None:
    """Let one version be made after another: who changes an assumption at the same moment waits, and builds on it."""
    db.session.execute(sa.select(Meeting.id).where(Meeting.id == meeting.id).with_for_update(key_share=True))


def _kept(last: SavingsEstimate, meeting: Meeting) -> Values:
    """The norms that the estimate before stood on, without what its meeting assumed otherwise."""
    if last.formula == FORMULA:
        return queries.norms_in(last)
    return queries.values_on(_day(meeting))


def _day(meeting: Meeting) -> date:
    assert meeting.starts_at is not None
    return wall(meeting.starts_at).date()


def _make(
    meeting: Meeting,
    changes: dict[str, Any],
    reason: str,
    fact: str,
    actor: Actor,
    venue: Site | None = None,
    norms_anew: bool = False,
) -> SavingsEstimate:
    if meeting.status is not Status.CLOSED or meeting.starts_at is None:
        raise Refused(_("The savings are estimated from the closed roll. Close the roll first."))
    load_default_norms()
    last = queries.latest(meeting)
    norms = queries.values_on(_day(meeting)) if last is None or norms_anew else _kept(last, meeting)
    occasion = queries.occasion_of(meeting, venue)
    found = estimate(norms.changed(changes), queries.trips_of(meeting, venue), occasion)
    _ask_for_ways(meeting, venue or meeting.host_site, found)
    made = _stored(meeting, found, norms, changes, reason, venue, occasion, actor, last.version + 1 if last else 1)
    after = [made.low, made.mid, made.high]
    if fact == "savings.estimated":
        journal.record(fact, made, actor=actor, after=after, sites=made.counted, formula=FORMULA)
    else:
        before = [last.low, last.mid, last.high] if last else []
        place = venue.name if venue else ""
        journal.record(fact, made, actor=actor, reason=reason, changes=changes, venue=place, before=before, after=after)
    return made


def _ask_for_ways(meeting: Meeting, venue: Site | None, found: Estimate) -> None:
    """Where a map service is set up, the worker asks it for the ways of which only the great circle is known."""
    if adapters.map_service() is None or venue is None or venue.latitude is None:
        return
    wanted = {
        line.trip.site_id
        for line in found.lines
        if line.trip.source is Source.GREAT_CIRCLE and line.trip.km is not None
    }
    known = queries.pairs_of(venue)
    rows = [
        {"a_id": min(venue.id, id), "b_id": max(venue.id, id), "source": Source.MAP, "document": "OSRM"}
        for id in queries.sites_in(meeting, wanted)
        if id not in known and id != venue.id
    ]
    if rows:
        at = {"made_at": now(), "next_at": now(), "made_by": SYSTEM.name}
        with (
            suppress(IntegrityError),
            db.session.begin_nested(),
        ):  # another estimate asks for the same ways at this moment
            db.session.execute(sa.insert(Distance), [row | at for row in rows])


def _stored(
    meeting: Meeting,
    found: Estimate,
    norms: Values,
    changes: dict[str, Any],
    reason: str,
    venue: Site | None,
    occasion: Occasion,
    actor: Actor,
    version: int,
) -> SavingsEstimate:
    made = SavingsEstimate(
        meeting_id=meeting.id,
        version=version,
        formula=FORMULA,
        norms=frozen(norms),
        changes=changes,
        reason=reason,
        venue_id=venue.id if venue else None,
        occasion=asdict(occasion),
        sums=_three(found.sums),
        low=found.saving.low,
        mid=found.saving.mid,
        high=found.saving.high,
        time={rank: _three(time._asdict()) for rank, time in found.time.items()},
        time_low=found.time_value.low,
        time_mid=found.time_value.mid,
        time_high=found.time_value.high,
        co2=list(found.co2),
        off=dict(found.off),
        sites=found.sites,
        counted=found.counted,
        people=found.people,
        travelling=found.travelling.mid,
        half_days=occasion.half_days,
        made_at=now(),
        made_by=actor.name,
    )
    db.session.add(made)
    db.session.flush()
    if found.lines:
        db.session.execute(sa.insert(_lines), _rows(made, found.lines))
    return made


def _three(triples: Mapping[str, Triple]) -> dict[str, list[int]]:
    return {name: list(triple) for name, triple in triples.items()}


def _rows(made: SavingsEstimate, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines as rows; sites that are alike share their steps here too."""
    rows = []
    known: dict[int, dict[str, list[int]]] = {}
    for line in lines:
        trip = line.trip
        steps = known.get(id(line.steps))
        if steps is None:
            steps = known[id(line.steps)] = _three(line.steps._asdict()) | {"total": list(line.total)}
        rows.append(
            {
                "estimate_id": made.id,
                "meeting_site_id": trip.site_id,
                "name": trip.name,
                "people": trip.people or 0,
                "mode": line.mode.value,
                "trip": {
                    "km": trip.km,
                    "commune": trip.commune,
                    "province": trip.province,
                    "ranks": list(trip.ranks) if trip.ranks is not None else None,
                    "road": trip.road,
                    "source": trip.source.value,
                },
                "steps": steps,
                "mid": steps["total"][1],
                "left_out": line.left_out,
            }
        )
    return rows
