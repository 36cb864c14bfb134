"""Forms that come twice: a telephone whose line dropped never heard the answer, and sends again what has arrived already."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from meetings.clock import now
from meetings.database import db
from meetings.readiness.models import Arrival
from meetings.scheduling.models import MeetingSite

KEPT: Final = timedelta(days=30)  # a site's page can be written to for less


def first_time(meeting_site: MeetingSite, key: str | None) -> bool:
    """Whether the form of *key* comes from this site for the first time; it has come, once what it asks is kept.

    Two forms of one site wait here for each other, so that two presses of one button meet whatever thread they run in. A form
    without a key is always the first.
    """
    if key is None:
        return True
    held = sa.select(MeetingSite.id).where(MeetingSite.id == meeting_site.id).with_for_update(key_share=True)
    id = db.session.scalars(held).one()
    db.session.expire_all()  # what was read before the wait may be old
    if db.session.get(Arrival, (id, key)) is not None:
        return False
    at = now()
    db.session.execute(sa.delete(Arrival).where(Arrival.at < at - KEPT))
    db.session.add(Arrival(meeting_site_id=id, key=key, at=at))
    db.session.flush()
    return True
