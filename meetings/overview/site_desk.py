"""A site's page for those who sign in: its own officer, the technician, the secretary who was told on the telephone.

The pages are those of the private link (``site_entries``); what is written says who entered it and by which way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Blueprint, url_for
from flask_wtf.csrf import generate_csrf

from meetings.accounts.access import actor, requires
from meetings.accounts.rules import PERMISSIONS, Actor, Role
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.invitations.rules import Source
from meetings.overview import site_cascade
from meetings.overview.site_entries import ENTRIES, STEPS, Visit, with_ways_back
from meetings.readiness.services import TestSource
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import MeetingSite

bp = Blueprint("site_desk", __name__, url_prefix="/meetings/<code>/sites/<int:site_id>/desk")

SOURCES: Final = {
    Role.SITE_OFFICER: TestSource.SELF,
    Role.TECHNICIAN: TestSource.TECHNICIAN,
    Role.SECRETARY: TestSource.TELEPHONE,
}
"""In which role somebody enters things for a site, the nearest to it first; and by which way they then came."""


def role_at(who: Actor, site: MeetingSite, permission: str) -> Role | None:
    """The role in which *who* may do *permission* for *site*: an officer by the site's unit, others by the organiser's.

    A technician of the site's own unit tests its line as well.
    """
    own, organiser = site.unit.path, site.meeting.organiser.path
    reach = {Role.SITE_OFFICER: (own,), Role.TECHNICIAN: (own, organiser), Role.SECRETARY: (organiser,)}
    for role, paths in reach.items():
        held = [grant.path for grant in who.grants if grant.role is role and role in PERMISSIONS[permission]]
        if any(path.startswith(under) for path in paths for under in held):
            return role
    return None


def _opened(code: str, site_id: int, permission: str) -> Visit:
    who = actor()
    site = scheduling.meeting_site(scheduling.meeting_for(who, code), site_id)
    role = role_at(who, site, permission)
    if role is None:
        raise Forbidden(_("This account has no right to enter anything for this site."))
    return Visit(
        invitations.invitation(site.meeting, site.id),
        who,
        address=lambda page, **values: url_for(f"site_desk.{page}", code=site.meeting.code, site_id=site.id, **values),
        form_meta={},
        form_token=generate_csrf(),
        reply_source=Source.ACCOUNT,
        test_source=SOURCES[role],
        may=frozenset(step for step, permission in STEPS.items() if role_at(who, site, permission)),
        join=url_for("meeting_page.join", code=site.meeting.code),
        elsewhere=lambda other: url_for(
            "site_desk.page", code=other.meeting_site.meeting.code, site_id=other.meeting_site.id
        ),
    )


def desk(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Open the site for whoever has *permission* there."""

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def opened(code: str, site_id: int, **values: Any) -> Any:
            return view(_opened(code, site_id, permission), **values)

        return requires(permission)(opened)

    return wrap


for entry in with_ways_back((*ENTRIES, *site_cascade.CASCADE)):
    bp.add_url_rule(entry.path, entry.view.__name__, desk(entry.permission)(entry.view), methods=entry.methods)


@bp.get("")
@desk("line_test.record")
def page(visit: Visit) -> str:
    hers = role_at(visit.actor, visit.site, "site.answer") is not None
    return visit.show(
        "desk",
        by_telephone=visit.actor.may("reply.record", visit.site.meeting.organiser.path),
        cascade=site_cascade.box(visit.site) if hers else None,
    )
