"""The pages of units behind their private links: one for each unit and body that gives it tasks, made when it is first needed.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from meetings.clock import now
from meetings.database import db
from meetings.invitations.models import Link
from meetings.minutes import door_queries
from meetings.minutes.door_queries import Pair
from meetings.minutes.models import AssignmentDoor


def door_for(unit_id: int, organiser_id: int) -> AssignmentDoor:
    """The door of a unit for what one organiser gives it, with its link; made where there is none."""
    return doors_for([(unit_id, organiser_id)])[unit_id, organiser_id]


def doors_for(pairs: Collection[Pair]) -> dict[Pair, AssignmentDoor]:
    """As :func:`door_for`, for thousands of (unit, organiser): a handful of statements.

    Of two who need the same door at one time the second finds what the first has made. The link of whoever has left
    office is replaced.
    """
    found = door_queries.doors_of(pairs)
    if missing := [pair for pair in pairs if pair not in found]:
        _make(missing)
        found = door_queries.doors_of(pairs)
    if closed := [door.id for door in found.values() if door.link_id is None]:
        _give_links(closed)
    for door in door_queries.left_behind(door.id for door in found.values()):
        renew_link(door)
    return found


def _make(pairs: Iterable[Pair]) -> None:
    insert: Any = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"unit_id": unit_id, "organiser_id": organiser_id} for unit_id, organiser_id in sorted(set(pairs))]
    statement = insert(AssignmentDoor).on_conflict_do_nothing(index_elements=["unit_id", "organiser_id"])
    db.session.execute(statement, rows)


def _give_links(ids: Collection[int]) -> None:
    """A link for each of these doors that has none, once it is locked."""
    query = sa.select(AssignmentDoor).where(AssignmentDoor.id.in_(ids)).order_by(AssignmentDoor.id)
    locked = db.session.scalars(query.with_for_update(), execution_options={"populate_existing": True}).all()
    for door in locked:
        if door.link_id is None:
            door.link = Link(purpose="t", subject_id=door.id, issue=1, made_at=now())
    db.session.flush()


def renew_link(door: AssignmentDoor) -> None:
    """Let the door be opened by a new link alone: whoever had the old one has left."""
    assert door.link is not None
    door.link.issue += 1
    door.link.made_at = now()
    db.session.flush()
