"""Doorways of those who test lines: the list, a result by telephone, the list on paper, the slots of the rehearsal."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.accounts.rules import Role
from meetings.clock import now
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.official import numbers
from meetings.overview import line_test_list, site_desk
from meetings.overview.history import told
from meetings.overview.line_test_forms import SlotsForm
from meetings.overview.line_test_list import Ask, Screen
from meetings.overview.site_words import WORDS
from meetings.readiness import queries as readiness
from meetings.readiness import services as preparations
from meetings.readiness import sharing, slotting
from meetings.readiness.forms import LineTestForm, seen_as
from meetings.readiness.rules import OUTCOME_WORDS, Item, Verdict
from meetings.readiness.services import TestSource
from meetings.readiness.telling import SOURCE_WORDS
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, asked_words

bp = Blueprint("line_tests", __name__)
MOST_ON_PAPER = 5000


def _ask() -> Ask:
    return Ask(
        round=request.args.get("round", "")[:20],
        show=request.args.get("show", "")[:20],
        province=request.args.get("province", "")[:20],
        words=asked_words(),
        page=asked_page(),
        site=numbers.read(request.args.get("site")),
    )


def _list(meeting: Meeting, form: LineTestForm | None = None) -> str:
    ask = _ask()
    screen = line_test_list.screen(actor(), meeting, ask, at=now())
    opened = next((line for line in screen.lines.rows if line.site.id == ask.site and line.may_record), None)
    if opened is not None and screen.recordable and form is None:
        form = _filled(opened.site, screen)
    return render_template(
        "overview/line_tests/list.html",
        meeting=meeting,
        s=screen,
        form=form if opened is not None else None,
        earlier=line_test_list.earlier(opened.site) if opened is not None else (),
        told=told,
        **_words(),
    )


def _filled(site: MeetingSite, screen: Screen) -> LineTestForm:
    """The six items as they stand in the round that is on."""
    test = readiness.line_tests(site).get(screen.current)
    if test is None:
        return LineTestForm(formdata=None)
    notes = {f"note_{item}": text for item, text in test.notes.items()}
    return LineTestForm(formdata=None, data={**test.items, **notes, "seen": seen_as(test.items, test.notes)})


def _words() -> dict[str, Any]:
    return {
        "outcome_words": OUTCOME_WORDS,
        "source_words": SOURCE_WORDS,
        "six": WORDS["items"],
        "item_words": WORDS["item_words"],
        "item_icons": WORDS["item_icons"],
    }


@bp.get("/meetings/<code>/line-tests")
@requires("line_test.record")
def tests(code: str) -> str:
    return _list(scheduling.meeting_for(actor(), code))


@bp.get("/meetings/<code>/line-tests/print")
@requires("line_test.record")
def on_paper(code: str) -> str:
    meeting = scheduling.meeting_for(actor(), code)
    screen = line_test_list.screen(actor(), meeting, _ask(), at=now(), size=MOST_ON_PAPER)
    return render_template("overview/line_tests/print.html", meeting=meeting, s=screen, by=actor().name, **_words())


@bp.post("/meetings/<code>/line-tests/<int:site_id>")
@requires("line_test.record")
def record(code: str, site_id: int) -> Response:
    """A result that was given by telephone: all six passed by one press, or item by item."""
    meeting = scheduling.meeting_for(actor(), code)
    site = scheduling.meeting_site(meeting, site_id)
    role = site_desk.role_at(actor(), site, "line_test.record")
    if role is None:
        raise Forbidden(_("This account has no right to enter anything for this site."))
    form = LineTestForm()
    whole = request.form.get("whole") == "pass"

    def act() -> Response:
        test = preparations.save_line_test(
            site,
            dict.fromkeys(Item, Verdict.PASS) if whole else form.items,
            {} if whole else form.notes,
            actor=actor(),
            source=TestSource.SELF if role is Role.SITE_OFFICER else TestSource.TELEPHONE,
            seen={} if whole else form.seen_items,
            afresh=whole,
        )
        notice(_("%(site)s: %(outcome)s.", site=site.name, outcome=OUTCOME_WORDS[test.outcome]))
        return redirect(url_for(".tests", code=meeting.code, **_ask().values, _anchor=f"s{site.id}"), 303)

    return answer(form, act, lambda: _list(scheduling.meeting_for(actor(), code), form))


# ---------------------------------------------------------------- slots


def _slots_page(meeting: Meeting, form: SlotsForm) -> str:
    return render_template(
        "overview/line_tests/slots.html",
        meeting=meeting,
        form=form,
        plan=slotting.plan_of(meeting),
        slots=slotting.slots_of(meeting),
        sites=line_test_list.screen(actor(), meeting, Ask(), at=now(), size=1).counts[""],
        needs=sharing.lanes_for,
    )


@bp.route("/meetings/<code>/line-tests/slots", methods=["GET", "POST"])
@requires("line_test.record")
def slots(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "line_test.record")
    line_test_list.check_may_share(actor(), meeting)
    form = SlotsForm()
    if not form.is_submitted():
        plan, offered = slotting.plan_of(meeting), slotting.offered(meeting)
        if offered is not None:
            form.stand(offered, plan.technicians if plan else slotting.technicians(meeting))

    def act() -> Response:
        count = slotting.share_out(meeting, form.grid, form.names, afresh=form.afresh.data, actor=actor())
        notice(ngettext("%(num)s site got a slot.", "%(num)s sites got slots.", count))
        return redirect(url_for(".tests", code=meeting.code, round="rehearsal"), 303)

    return answer(form, act, lambda: _slots_page(scheduling.meeting_for(actor(), code), form))
