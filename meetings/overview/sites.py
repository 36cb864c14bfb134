"""The tab of a meeting's sites: what each has answered, tested and filed, in one table; it shows four features at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request

from meetings.accounts.access import actor, requires
from meetings.accounts.rules import Actor
from meetings.attendance import queries as attendance
from meetings.attendance.board import SiteRow, alarm
from meetings.clock import now
from meetings.directory.models import Contact
from meetings.i18n import lazy_gettext as _l
from meetings.invitations import batch, posted, private_link, replies
from meetings.invitations import queries as invitations
from meetings.invitations.models import Invitation
from meetings.invitations.replies import Replies
from meetings.overview import site_desk
from meetings.post.models import Letter
from meetings.readiness import queries as readiness
from meetings.readiness.rules import over
from meetings.scheduling import queries
from meetings.scheduling.models import MeetingSite
from meetings.web.pages import Page, asked_page, asked_words

bp = Blueprint("meeting_sites", __name__)

CHIPS: Final = (
    ("", _l("All")),
    ("accepted", _l("Confirmed")),
    ("substitute", _l("Sends a substitute")),
    ("declined", _l("Declined")),
    ("asked", _l("No answer")),
    ("not_asked", _l("Not invited")),
)


@dataclass(frozen=True)
class Row:
    """One line of the table; *officer* and *link* are None for those who may not ring or pass them on."""

    site: MeetingSite
    invitation: Invitation | None
    board: SiteRow
    delegates: int
    over: int  # delegates above what the meeting asked for
    list_late: bool  # the list came, or was changed, after the deadline
    officer: Contact | None
    link: str
    failed: Letter | None  # the newest letter, where it was refused or came back
    desk: bool  # whether the reader may enter something for this site

    @property
    def line(self) -> str:
        """The colour of its line now, as the board and the technician's list show it."""
        starts_at = self.site.meeting.starts_at
        return alarm(self.board, now=now(), starts_at=starts_at).value if starts_at is not None else ""

    @property
    def round(self) -> str:
        """In which round of the page of sending the letter stands that failed."""
        return batch.round_of(self.failed) if self.failed is not None else ""


@bp.get("/meetings/<code>/sites")
@requires("meeting.see")
def sites(code: str) -> str:
    from meetings.overview.meeting_page import tabs

    who = actor()
    meeting = queries.meeting_for(who, code)
    visible = queries.sites_visible_to(who, meeting)
    said = request.args.get("reply", "")[:20]
    words = asked_words()
    counted = replies.counts(meeting, visible)
    page = replies.page(meeting, visible, said=said, words=words, number=asked_page())
    return render_template(
        "overview/sites.html",
        meeting=meeting,
        tabs=tabs(meeting),
        page=_rows(
            page,
            who,
            phones=who.may("phone.see", meeting.organiser.path),
            links=who.may("meeting.arrange", meeting.organiser.path),
        ),
        chips=[(key, label, _count(counted, key)) for key, label in CHIPS],
        said=said,
        words=words,
        may_record=who.may("reply.record", meeting.organiser.path),
        may_arrange=who.may("meeting.arrange", meeting.organiser.path),
    )


def _count(counted: Replies, key: str) -> int:
    return counted.all if not key else counted.silent if key == "asked" else counted.counts[key]


def _rows(page: Page[tuple[MeetingSite, Invitation | None]], who: Actor, *, phones: bool, links: bool) -> Page[Row]:
    found = [(site, invitation) for site, invitation in page.rows]
    if not found:
        return Page([], page.number, page.total)
    meeting = found[0][0].meeting
    ids = [site.id for site, _ in found]
    boards = {row.id: row for row in attendance.sites(meeting, MeetingSite.id.in_(ids))}
    delegates = readiness.delegate_counts(meeting)
    late = readiness.filed_late(meeting)
    officers = invitations.officers([site for site, _ in found]) if phones else {}
    failed = posted.came_to_nothing([invitation.link_id for _, invitation in found if invitation is not None])
    rows = [
        Row(
            site,
            invitation,
            boards[site.id],
            delegates.get(site.id, 0),
            over(delegates.get(site.id, 0), meeting.max_delegates),
            site.id in late,
            officers.get(site.site_id),
            private_link.address(invitation)
            if links and invitation is not None and invitation.link.ended_at is None
            else "",
            failed.get(invitation.link_id) if invitation is not None else None,
            invitation is not None and site_desk.role_at(who, site, "line_test.record") is not None,
        )
        for site, invitation in found
    ]
    return Page(rows, page.number, page.total)
