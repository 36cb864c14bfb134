"""Whose line of a report by province which part of an estimate stands on. The parts add up to the estimate, to the đồng.

A province has what its delegations would have cost: the lines of its sites in the stored estimate. What belongs to no delegation
(the hall that was not hired, less what meeting online cost) stands on the line of the main site.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from meetings.database import db
from meetings.overview import reports_figures as figures
from meetings.overview.reports_figures import Scope
from meetings.savings.models import SavingsEstimate, SavingsLine
from meetings.savings.trips import ITEMS
from meetings.scheduling.models import Meeting, MeetingSite

Amount = tuple[int, int, int]
"""Low, mid and high, whole đồng."""
NOTHING: Final[Amount] = (0, 0, 0)


def shares(scope: Scope) -> Mapping[int, Mapping[int, Amount]]:
    """Of each newest estimate in *scope* (by its id), how much stands on which part's line."""
    wide = replace(scope, part=None)
    rows = db.session.execute(figures.hosts(wide, Meeting.id, figures.part_of_host)).all()
    hosts: dict[int, int] = dict(rows)
    estimates = {
        id: (hosts.get(meeting, organiser), (low, mid, high))
        for id, meeting, organiser, low, mid, high in db.session.execute(
            figures.estimates(
                scope, SavingsEstimate.id, Meeting.id, Meeting.organiser_id, SavingsEstimate.low, SavingsEstimate.mid,
                SavingsEstimate.high,
            )
        )
    }  # fmt: skip
    found: dict[int, dict[int, Amount]] = {id: defaultdict(lambda: NOTHING) for id in estimates}
    lines = (
        sa.select(SavingsLine.estimate_id, figures.part_of_site, SavingsLine.steps)
        .join(MeetingSite, SavingsLine.meeting_site_id == MeetingSite.id)
        .where(
            SavingsLine.estimate_id.in_(figures.estimates(scope, SavingsEstimate.id)),
            SavingsLine.left_out == "",
            MeetingSite.removed_at.is_(None),  # as everywhere: what was taken out has no line of its own
        )
    )
    for id, part, steps in db.session.execute(lines):
        found[id][part] = _plus(found[id][part], _of_line(steps))
    for id, (host, whole) in estimates.items():
        delegations = NOTHING
        for amount in found[id].values():
            delegations = _plus(delegations, amount)
        found[id][host] = _plus(found[id][host], _minus(whole, delegations))
    return found


def _of_line(steps: Mapping[str, Any]) -> Amount:
    """What the delegation of one site would have cost; an older estimate kept its items and not their sum."""
    kept = [steps["total"]] if "total" in steps else [steps[item] for item in ITEMS if item in steps]
    low, mid, high = (sum(one[case] for one in kept) for case in range(3))
    return low, mid, high


def _plus(one: Amount, other: Amount) -> Amount:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _minus(one: Amount, other: Amount) -> Amount:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]
