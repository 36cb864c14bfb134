"""Saved groups of sites, and people known by name and office."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts.access import actor, requires
from meetings.directory import queries, services
from meetings.directory.forms import GroupForm, PersonForm
from meetings.directory.models import Site
from meetings.directory.persons import spoken
from meetings.directory.views import bp
from meetings.directory.views.sites import unit_of
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, page_of

ENTRY = ("honorific", "name", "title", "email", "phone", "is_leader", "calendar_kept")


@bp.get("/groups")
@requires("directory.see")
def groups() -> str:
    listed = queries.groups_for(actor())
    return render_template(
        "directory/groups.html", groups=listed, sizes=queries.group_sizes(listed), may=actor().may("site.edit")
    )


def _sites(text: str) -> list[Site]:
    found, unknown = queries.sites_named(actor(), text)
    if unknown:
        shown = "; ".join(line[:60] for line in unknown[:5]) + ("…" if len(unknown) > 5 else "")
        raise Refused(
            ngettext(
                "%(num)s line names no single site: %(lines)s. Use the code of the unit.",
                "%(num)s lines name no single site: %(lines)s. Use the codes of the units.",
                len(unknown),
                lines=shown,
            ),
            field="sites",
            status=422,
        )
    return found


def _group_form() -> GroupForm:
    form = GroupForm()
    form.unit.choices = [SelectChoice(unit.id, unit.name) for unit in queries.scopes(actor())]
    return form


@bp.route("/groups/new", methods=["GET", "POST"])
@requires("site.edit")
def new_group() -> Response:
    form = _group_form()

    def act() -> Response:
        unit = next(unit for unit in queries.scopes(actor()) if unit.id == form.unit.data)
        made = services.add_group(unit, form.name.data, _sites(form.sites.data), actor=actor())
        notice(_("The group %(group)s has been saved.", group=made.name))
        return redirect(url_for(".groups"), 303)

    return answer(form, act, lambda: render_template("directory/group.html", form=form, group=None))


@bp.route("/groups/<int:group_id>", methods=["GET", "POST"])
@requires("site.edit")
def group(group_id: int) -> Response:
    found = queries.group_for(actor(), group_id, "site.edit")
    form = _group_form()
    if not form.is_submitted():
        form.name.data, form.unit.data = found.name, found.unit_id
        form.sites.data = "\n".join(f"{site.code}" for site in queries.members_of(found))

    def act() -> Response:
        services.change_group(found, name=form.name.data, sites=_sites(form.sites.data), actor=actor())
        notice(_("The group %(group)s has been saved.", group=found.name))
        return redirect(url_for(".groups"), 303)

    return answer(
        form,
        act,
        lambda: render_template("directory/group.html", form=form, group=found, members=queries.members_of(found)),
    )


@bp.post("/groups/<int:group_id>/stop")
@requires("site.edit")
def stop_group(group_id: int) -> Response:
    found = queries.group_for(actor(), group_id, "site.edit")
    services.stop_group(found, actor=actor())
    notice(_("The group %(group)s is no longer offered.", group=found.name))
    return redirect(url_for(".groups"), 303)


@bp.get("/people")
@requires("directory.see")
def people() -> str:
    text, leaders = request.args.get("q", "")[:100].strip(), request.args.get("leaders") == "yes"
    return render_template(
        "directory/people.html",
        page=page_of(queries.people(actor(), text=text, leaders=leaders), asked_page()),
        text=text,
        leaders=leaders,
        may=actor().may("site.edit"),
        reachable=queries.reachable,
        spoken=spoken,
    )


@bp.route("/people/new", methods=["GET", "POST"])
@requires("site.edit")
def new_person() -> Response:
    form = PersonForm()

    def act() -> Response:
        made = services.add_person(unit_of(form.unit.data), actor=actor(), **_entry(form))
        notice(_("%(name)s has been entered.", name=made.name))
        return redirect(url_for(".people"), 303)

    return answer(form, act, lambda: render_template("directory/person.html", form=form, person=None))


def _entry(form: PersonForm) -> dict[str, Any]:
    return {name: getattr(form, name).data for name in ENTRY}


@bp.route("/people/<int:person_id>", methods=["GET", "POST"])
@requires("site.edit")
def person(person_id: int) -> Response:
    found = queries.person_for(actor(), person_id, "site.edit")
    values = {name: getattr(found, name) for name in ENTRY}
    form = PersonForm(data={**values, "unit": found.unit.code})

    def act() -> Response:
        services.change_person(found, unit_of(form.unit.data), actor=actor(), **_entry(form))
        notice(_("Saved."))
        return redirect(url_for(".people"), 303)

    return answer(form, act, lambda: render_template("directory/person.html", form=form, person=found))


@bp.post("/people/<int:person_id>/stop")
@requires("site.edit")
def stop_person(person_id: int) -> Response:
    found = queries.person_for(actor(), person_id, "site.edit")
    services.stop_person(found, actor=actor())
    notice(_("%(name)s is no longer offered.", name=found.name))
    return redirect(url_for(".people"), 303)
