"""What a site says of itself on the day – checked in, ready, lost, left – by the short way.

A press that is plainly in order is kept without opening the page behind it. Whatever is not plain (a link that ended, a
meeting that has not begun, a number that is none, a refusal) goes the long way afterwards, whose page says why; nothing
is judged here that is not judged there, too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.rules import Actor
from meetings.attendance import services as attendance
from meetings.attendance.pressing import Place
from meetings.attendance.rules import Move
from meetings.database import db
from meetings.errors import Refused
from meetings.invitations import doorstep
from meetings.overview import site_entries
from meetings.overview.site_forms import CheckInForm, ReportForm
from meetings.readiness.forms import QueuedForm
from meetings.readiness.rules import PLAIN
from meetings.web.link_forms import behind

PRESSES: Final[dict[Callable[..., Any], tuple[type[QueuedForm], Move]]] = {
    site_entries.check_in: (CheckInForm, Move.IN),
    site_entries.ready: (ReportForm, Move.READY),
    site_entries.lost: (ReportForm, Move.LOST),
    site_entries.left: (ReportForm, Move.LEFT),
}


def shortened(entry: Callable[..., Any], view: Callable[..., Any]) -> Callable[..., Any]:
    """*view*, which opens the page of *entry*, behind the short way where there is one."""
    if entry not in PRESSES:
        return view
    form, move = PRESSES[entry]

    @wraps(view)
    def pressed(token: str, **values: Any) -> Any:
        told = _press(token, form, move) if request.method == "POST" else None
        return told if told is not None else view(token, **values)

    return pressed


def _press(token: str, kind: type[QueuedForm], move: Move) -> Response | None:
    """The answer to a press that is plainly in order, else None and nothing is kept."""
    found = doorstep.of(token)
    if found is None:
        return None
    form: Any = kind(meta=behind(token))
    if not form.validate():
        return None
    if move is Move.IN and form.head_count.data > PLAIN and not form.asked:
        return None  # the long way knows how many are expected
    try:
        attendance.report(
            Place(found.site, found.name, found.meeting, found.code),
            move,
            actor=Actor.link(found.link, found.name),
            head_count=form.head_count.data if move is Move.IN else None,
            once=form.key,
            age=form.seconds,
        )
    except Refused:
        db.session.rollback()
        return None
    return redirect(url_for("site_page.check_in", token=token, _anchor="state"), 303)
