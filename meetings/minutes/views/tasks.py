"""``/t/<token>``: the tasks of one unit, given by one body, reported without an account. All of it works without JavaScript."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings import i18n
from meetings.accounts.access import by_link
from meetings.accounts.rules import Actor
from meetings.i18n import gettext as _
from meetings.minutes import door_queries, following, following_files, following_queries
from meetings.minutes.following import Upload
from meetings.minutes.following_forms import ExtensionForm, ReportForm
from meetings.minutes.following_queries import Sight
from meetings.minutes.following_rules import OPEN, Way
from meetings.minutes.models import Assignment, AssignmentDoor
from meetings.official import numbers
from meetings.post import queries as letter_box
from meetings.web import notice
from meetings.web.forms import Form, answer
from meetings.web.link_forms import behind, form_token, private

bp = Blueprint("unit_tasks", __name__, url_prefix="/t/<token>")
private(bp)


def _unit(door: AssignmentDoor) -> Actor:
    """The unit behind the link as it acts: by name, for the history."""
    assert door.link is not None
    return Actor.link(door.link.id, door.unit.full_name or door.unit.name)


@bp.get("")
@by_link
def unit_tasks(token: str) -> str:
    door = following.behind(token)
    sight = Sight.now()
    tasks = door_queries.behind_door(door)
    return render_template(
        "minutes/unit_tasks.html",
        token=token,
        form_token=form_token(token),
        door=door,
        asked_at=tasks[0].meeting if tasks else None,
        tasks=[(one, sight.state(one), sight.words(one)) for one in tasks],
        supported=[(one, sight.state(one), sight.words(one)) for one in door_queries.supported_by(door)],
        open_states=OPEN,
    )


@bp.get("/<int:number>")
@by_link
def unit_task(token: str, number: int) -> str:
    return _page(token, number)


def _page(token: str, number: int, form: ReportForm | None = None, later: ExtensionForm | None = None) -> str:
    door = following.behind(token)
    one = following.own_task(door, number)
    sight = Sight.now()
    meta = behind(token)
    return render_template(
        "minutes/unit_task.html",
        token=token,
        form_token=form_token(token),
        door=door,
        asked_at=one.meeting,
        one=one,
        state=sight.state(one),
        words=sight.words(one),
        is_open=sight.state(one) in OPEN,
        notes=following_queries.notes([one.id], to_unit=True).get(one.id, []),
        source=following_queries.source(one),
        form=form or ReportForm(formdata=None, meta=meta),
        later=later or ExtensionForm(formdata=None, meta=meta),
        file_url=lambda file_id: url_for(".unit_file", token=token, number=number, file_id=file_id),
    )


def _found(token: str, number: int) -> tuple[AssignmentDoor, Assignment]:
    door = following.behind(token)
    return door, following.own_task(door, number)


def uploads(form: Any) -> list[Upload]:
    """The file that came with *form*, if one did."""
    storage = form.file.data
    if not storage or not storage.filename:
        return []
    return [Upload(storage.filename, storage.stream.read(following_files.MOST + 1))]


def _told(token: str, number: int) -> Response:
    """Back to the page at its top, where the notice is: a refused form opens at its own place, without JavaScript."""
    return redirect(url_for(".unit_task", token=token, number=number, _anchor="content"), 303)


@bp.post("/<int:number>")
@by_link
def unit_reports(token: str, number: int) -> Response:
    form = ReportForm(meta=behind(token))

    def act() -> Response:
        door, one = _found(token, number)
        if "done" in request.form:
            following.claim(one, form.words.data or "", Way.LINK, actor=_unit(door), uploads=uploads(form))
            notice(_("Reported done. The office that gave the task will confirm it."))
        else:
            following.report(
                one, form.percent.data, form.words.data or "", Way.LINK, actor=_unit(door), uploads=uploads(form)
            )
            notice(_("Progress has been reported."))
        return _told(token, number)

    return answer(form, act, lambda: _page(token, number, form=form))


@bp.post("/<int:number>/extension")
@by_link
def unit_asks_extension(token: str, number: int) -> Response:
    form = ExtensionForm(meta=behind(token))

    def act() -> Response:
        door, one = _found(token, number)
        following.ask_extension(one, form.due.data, form.reason.data or "", Way.LINK, actor=_unit(door))
        notice(_("A later day has been asked for. Until it is consented to, the day stands as it was."))
        return _told(token, number)

    return answer(form, act, lambda: _page(token, number, later=form))


@bp.post("/language")
@by_link
def language(token: str) -> Response:
    Form(meta=behind(token)).validate()
    following.behind(token)
    chosen = "en" if request.form.get("locale") == "en" else i18n.DEFAULT
    number = numbers.read(request.form.get("task"))
    back = url_for(".unit_task", token=token, number=number) if number else url_for(".unit_tasks", token=token)
    response = redirect(back, 303)
    response.set_cookie("locale", chosen, max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


@bp.get("/<int:number>/files/<int:file_id>")
@by_link
def unit_file(token: str, number: int, file_id: int) -> Response:
    _door, one = _found(token, number)
    kept = following_queries.file_of(one, file_id, to_unit=True)
    return send_file(
        io.BytesIO(letter_box.enclosure(kept.sha256)),
        mimetype=kept.content_type,
        as_attachment=True,
        download_name=kept.file_name,
    )
