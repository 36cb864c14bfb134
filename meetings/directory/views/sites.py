"""Sites: the list, one site, who answers for it, its rooms."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import now, today
from meetings.directory import queries, services, sheets
from meetings.directory.columns import Column
from meetings.directory.forms import ContactForm, CoordinatorForm, NewSiteForm, RoomForm, SiteForm, whether_new
from meetings.directory.models import Duty, Site
from meetings.directory.persons import spoken
from meetings.directory.queries import Order, Problem
from meetings.directory.views import bp
from meetings.directory.wording import COLUMN_WORDS, DUTY_WORDS, history
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.official import workbook
from meetings.post import quota
from meetings.units import queries as units
from meetings.units.models import Unit
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, page_of

OF_PERSONS = [column for column in Column if column.endswith(("name", "title", "phone", "email"))]
FACTS = ("name", "place", "seats", "equipment", "dial_string", "latitude", "longitude", "calendar_kept")


@bp.get("")
@requires("directory.see")
def front() -> Response:
    return redirect(url_for(".sites"), 302)


def _choice(kind: Any, name: str) -> Any:
    """The member of *kind* that the address asks for; None for anything else."""
    asked = request.args.get(name, "")
    return kind(asked) if asked in set(kind) else None


@bp.get("/sites")
@requires("directory.see")
def sites() -> str:
    text, asked = request.args.get("q", "")[:100].strip(), request.args.get("province")
    province = queries.home_province(actor()) if asked is None and not text else (asked or "")[:40]
    problem, order = _choice(Problem, "problem"), _choice(Order, "order") or Order.CODE
    page = page_of(queries.sites(actor(), text=text, province=province, problem=problem, order=order), asked_page())
    return render_template(
        "directory/sites.html",
        page=page,
        held=queries.in_office(site.id for site in page.rows),
        problems=queries.problems(actor(), province),
        provinces=units.provinces(today()),
        text=text,
        province=province,
        problem=problem or "",
        order=order,
        reachable=queries.reachable,
        spoken=spoken,
    )


@bp.get("/sites.xlsx")
@requires("directory.see")
def sites_workbook() -> Response:
    listed = queries.all_sites(actor())
    held = queries.in_office(site.id for site in listed)
    heads = [_("Code"), _("Site"), _("Unit"), _("Province"), _("Place"), _("Seats"), _("Equipment"), _("Dial string")]
    heads += [str(COLUMN_WORDS[column]) for column in OF_PERSONS]  # the words of an import: the table can come back
    rows = []
    for site in listed:
        above = site.unit.parent.name if site.unit.parent and site.unit.parent.code != "VN" else ""
        row: list[str | int | None] = [site.code, site.name, site.unit.full_name, above, site.place, site.seats]
        row += [site.equipment, site.dial_string]
        shown = queries.reachable(actor(), site.unit)
        for duty in Duty:
            who = held.get(site.id, {}).get(duty)
            if who is None:
                row += [None] * 4
                continue
            row += [f"{who.honorific} {who.name}".strip(), who.title]
            row += [who.phone, who.email] if shown else [None, None]
        rows.append(row)
    return download(sheets.workbook(_("Sites"), heads, rows), "diem-cau.xlsx")


def download(data: bytes, name: str) -> Response:
    """*data* as a workbook to keep."""
    response = Response(data, mimetype=workbook.TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def unit_of(code: str, permission: str = "site.edit") -> Unit:
    """The unit that a form names by its code; refused at the field where the reader has no right over it."""
    unit = units.by_code(code.strip()[:40], today())
    if unit is None:
        raise Refused(_("There is no unit with the code “%(code)s”.", code=code), field="unit", status=422)
    if not actor().may(permission, unit.path):
        raise Refused(
            _("This account has no right over the unit “%(unit)s”.", unit=unit.name), field="unit", status=403
        )
    return unit


@bp.route("/sites/new", methods=["GET", "POST"])
@requires("site.edit")
def new_site() -> Response:
    form = NewSiteForm()

    def act() -> Response:
        facts = {name: getattr(form, name).data for name in FACTS if name != "name"}
        made = services.add_site(unit_of(form.unit.data), form.name.data, actor=actor(), **facts)
        notice(_("The site %(site)s has been added.", site=made.name))
        return redirect(url_for(".site", code=made.code), 303)

    return answer(form, act, lambda: render_template("directory/site_edit.html", form=form, site=None))


@bp.get("/sites/<code>")
@requires("directory.see")
def site(code: str) -> str:
    return _site_page(queries.site_for(actor(), code))


def _site_page(found: Site) -> str:
    contacts = queries.contacts_of(found)
    held = {contact.duty: contact for contact in contacts if contact.valid_to is None}
    reachable = queries.reachable(actor(), found.unit)
    return render_template(
        "directory/site.html",
        site=found,
        rooms=queries.rooms_of(found),
        duties=[(duty, DUTY_WORDS[duty], held.get(duty)) for duty in Duty],
        former=[contact for contact in contacts if contact.valid_to is not None],
        duty_words=DUTY_WORDS,
        reachable=reachable,
        may_edit=actor().may("site.edit", found.unit.path),
        successor=queries.successor_of(found),
        entries=[(entry, history(entry)) for entry in queries.history(found, contacts)] if reachable else [],
        spoken=spoken,
    )


@bp.route("/sites/<code>/edit", methods=["GET", "POST"])
@requires("site.edit")
def edit_site(code: str) -> Response:
    found = queries.site_for(actor(), code, "site.edit")
    form = SiteForm(obj=found)

    def act() -> Response:
        services.change_site(found, actor=actor(), **{name: getattr(form, name).data for name in FACTS})
        notice(_("Saved."))
        return redirect(url_for(".site", code=code), 303)

    return answer(form, act, lambda: render_template("directory/site_edit.html", form=form, site=found))


def _duty(word: str) -> Duty:
    if word not in set(Duty):
        raise NotFound(_("There is no such page."))
    return Duty(word)


@bp.route("/sites/<code>/contacts/<word>", methods=["GET", "POST"])
@requires("site.edit")
def contact(code: str, word: str) -> Response:
    duty, found = _duty(word), queries.site_for(actor(), code, "site.edit")
    present = queries.contact(found, duty)
    kind = CoordinatorForm if duty is Duty.COORDINATOR else ContactForm
    agreed = present is not None and present.sms_consent_at is not None
    form = whether_new(kind)(obj=present, texts=agreed) if present else kind()

    def act() -> Response:
        values = {name: getattr(form, name).data for name in ("honorific", "name", "title", "phone", "email", "locale")}
        if duty is Duty.COORDINATOR and (present is None or present.email != values["email"]):
            quota.hold_to(actor(), values["email"], "contact", "", now())  # whoever is named is written to
        if present is not None and form.change.data == "same":
            services.correct_contact(present, actor=actor(), **values)
            services.agree_to_texts(present, form.texts.data, actor=actor())
            notice(_("The details of %(name)s have been mended.", name=values["name"]))
        else:
            named = services.name_contact(found, duty, actor=actor(), **values)
            services.agree_to_texts(named, form.texts.data, actor=actor())
            notice(_("%(name)s has been named for %(site)s.", name=values["name"], site=found.name))
        return redirect(url_for(".site", code=code), 303)

    return answer(
        form,
        act,
        lambda: render_template(
            "directory/contact.html", form=form, site=found, duty=duty, word=DUTY_WORDS[duty], present=present
        ),
    )


@bp.post("/sites/<code>/contacts/<word>/end")
@requires("site.edit")
def end_contact(code: str, word: str) -> Response:
    found = queries.site_for(actor(), code, "site.edit")
    held = queries.contact(found, _duty(word))
    if held is not None:
        services.end_contact(held, actor=actor())
        notice(_("%(name)s no longer answers for %(site)s.", name=held.name, site=found.name))
    return redirect(url_for(".site", code=code), 303)


@bp.post("/sites/<code>/service")
@requires("site.edit")
def service(code: str) -> Response:
    found = queries.site_for(actor(), code, "site.edit")
    if request.form.get("in_service") == "yes":
        services.resume(found, actor=actor())
    else:
        services.stop(found, actor=actor())
    notice(_("Saved."))
    return redirect(url_for(".site", code=code), 303)


@bp.route("/sites/<code>/rooms/new", methods=["GET", "POST"])
@requires("site.edit")
def new_room(code: str) -> Response:
    found, form = queries.site_for(actor(), code, "site.edit"), RoomForm()

    def act() -> Response:
        services.add_room(found, form.name.data, form.seats.data, actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".site", code=code), 303)

    return answer(form, act, lambda: render_template("directory/room.html", form=form, site=found, room=None))


@bp.route("/sites/<code>/rooms/<int:room_id>", methods=["GET", "POST"])
@requires("site.edit")
def room(code: str, room_id: int) -> Response:
    found = queries.site_for(actor(), code, "site.edit")
    this = queries.room(room_id)
    if this is None or this.site_id != found.id:
        raise NotFound(_("There is no such room."))
    form = RoomForm(obj=this)

    def act() -> Response:
        services.change_room(
            this, name=form.name.data, seats=form.seats.data, in_service=form.in_service.data, actor=actor()
        )
        notice(_("Saved."))
        return redirect(url_for(".site", code=code), 303)

    return answer(form, act, lambda: render_template("directory/room.html", form=form, site=found, room=this))
