"""Doorways: signing in and out, the language, one's own password, and the administrator's list of users."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from meetings import i18n
from meetings.accounts import queries, services
from meetings.accounts.access import actor, public, requires, signed_in
from meetings.accounts.forms import ROLE_WORDS, DetailsForm, GrantForm, PasswordForm, SignInForm, UserForm
from meetings.accounts.rules import Role
from meetings.clock import today
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.units import queries as units
from meetings.units.models import Unit
from meetings.web import notice
from meetings.web.addresses import came_from, ours
from meetings.web.doors import even_if_refused
from meetings.web.forms import answer
from meetings.web.pages import asked_page, page_of

bp = Blueprint("accounts", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Response:
    form = SignInForm()

    def act() -> Response:
        key = services.sign_in(form.email.data, form.password.data, request.remote_addr or "")
        session.clear()
        session["key"] = key
        session.permanent = True
        return redirect(ours(request.args.get("next", "")) or url_for("home.home"), 303)

    response = answer(form, act, lambda: render_template("accounts/sign_in.html", form=form))
    if form.is_submitted() and form.refusals and response.status_code == 422:
        for key in (f"account:{(form.email.data or '').lower()}", f"address:{request.remote_addr}"):
            even_if_refused(partial(services.note_failure, key))
    return response


@bp.post("/sign-out")
@signed_in
def sign_out() -> Response:
    services.sign_out(g.login_session, actor())
    session.clear()
    return redirect(url_for("accounts.sign_in"), 303)


@bp.post("/language")
@public
def language() -> Response:
    chosen = request.form.get("locale", "")
    if chosen not in i18n.LOCALES:
        raise Refused(_("Choose Vietnamese or English."), status=422)
    if g.login_session is not None:
        services.choose_locale(g.login_session.user, chosen, actor=actor())
    response = redirect(came_from() or "/", 303)
    response.set_cookie("locale", chosen, max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


@bp.route("/accounts/password", methods=["GET", "POST"])
@signed_in
def password() -> Response:
    form = PasswordForm()

    def act() -> Response:
        services.change_password(
            g.login_session.user, form.old.data, form.password.data, actor=actor(), session=g.login_session
        )
        notice(_("The password has been changed."))
        return redirect(url_for("home.home"), 303)

    return answer(form, act, lambda: render_template("accounts/password.html", form=form))


@bp.get("/accounts/users")
@requires("user.administer")
def users() -> str:
    page = page_of(queries.users(actor()), asked_page())
    return render_template(
        "accounts/users.html", page=page, grants=queries.grants_of_each(page.rows), role_words=ROLE_WORDS
    )


def _over(unit: Unit) -> Unit:
    """*unit*, if the reader administers it."""
    if not actor().may("user.administer", unit.path):
        raise Refused(
            _("This account has no right over the unit “%(unit)s”.", unit=unit.name), field="unit", status=403
        )
    return unit


def _unit(said: str) -> Unit:
    """The unit that was typed, by code, name or abbreviation; of several, the one that the reader administers."""
    meant = units.named(said, today())
    hers = [unit for unit in meant if actor().may("user.administer", unit.path)]
    if len(hers) > 1:
        listed = "; ".join(f"{unit.code} {unit.name}" for unit in hers[:5]) + ("…" if len(hers) > 5 else "")
        raise Refused(
            _("Several units are called “%(said)s”: %(units)s. Enter the code.", said=said, units=listed),
            field="unit",
            status=422,
        )
    if not meant:
        raise Refused(
            _("There is no unit of this code or name: “%(said)s”. Choose one of those proposed.", said=said),
            field="unit",
            status=422,
        )
    return _over((hers or meant)[0])


def _proposed() -> Sequence[Unit]:
    return units.offered(actor().paths("user.administer"), today())


@bp.route("/accounts/users/new", methods=["GET", "POST"])
@requires("user.administer")
def new_user() -> Response:
    form = UserForm()

    def act() -> Response:
        password = secrets.token_urlsafe(9)
        user = services.create_user(
            form.email.data,
            form.name.data,
            password,
            role=Role(form.role.data),
            unit=_unit(form.unit.data),
            actor=actor(),
            title=form.title.data,
            honorific=form.honorific.data,
            phone=form.phone.data,
            must_change=True,
        )
        return Response(
            render_template("accounts/first_password.html", user=user, password=password), 201, mimetype="text/html"
        )

    return answer(form, act, lambda: render_template("accounts/new_user.html", form=form, proposed=_proposed()))


@bp.route("/accounts/users/<int:user_id>", methods=["GET", "POST"])
@requires("user.administer")
def user(user_id: int) -> Response:
    found = queries.user_for(actor(), user_id)
    form = GrantForm()

    def act() -> Response:
        services.grant(found, Role(form.role.data), _unit(form.unit.data), actor=actor())
        notice(_("%(name)s has been given the role.", name=found.name))
        return redirect(url_for(".user", user_id=user_id), 303)

    def show() -> str:
        shown = queries.user_for(actor(), user_id)
        grants = queries.grants_of(shown)
        mine = {grant.id for grant in grants if actor().may("user.administer", grant.unit.path)}
        return render_template(
            "accounts/user.html",
            user=shown,
            grants=grants,
            mine=mine,
            form=form,
            role_words=ROLE_WORDS,
            proposed=_proposed(),
        )

    return answer(form, act, show)


@bp.route("/accounts/users/<int:user_id>/details", methods=["GET", "POST"])
@requires("user.administer")
def details(user_id: int) -> Response:
    found = queries.whole_user_for(actor(), user_id)
    form = DetailsForm(obj=found)

    def act() -> Response:
        services.correct_user(
            found,
            email=form.email.data,
            name=form.name.data,
            title=form.title.data,
            honorific=form.honorific.data,
            phone=form.phone.data,
            actor=actor(),
        )
        notice(_("Saved."))
        return redirect(url_for(".user", user_id=user_id), 303)

    def show() -> str:
        return render_template("accounts/details.html", form=form, user=queries.whole_user_for(actor(), user_id))

    return answer(form, act, show)


@bp.post("/accounts/users/<int:user_id>/revoke")
@requires("user.administer")
def revoke(user_id: int) -> Response:
    grant_id = request.form.get("grant", 0, type=int)
    user = queries.user_for(actor(), user_id)
    for held in queries.grants_of(user):
        if held.id == grant_id:
            _over(held.unit)
    services.revoke(user, grant_id, actor=actor())
    notice(_("The role has been taken back."))
    still_hers = queries.administers(actor(), user)
    return redirect(url_for(".user", user_id=user_id) if still_hers else url_for(".users"), 303)


@bp.post("/accounts/users/<int:user_id>/active")
@requires("user.administer")
def active(user_id: int) -> Response:
    services.set_active(queries.whole_user_for(actor(), user_id), request.form.get("active") == "yes", actor=actor())
    notice(_("Saved."))
    return redirect(url_for(".user", user_id=user_id), 303)


@bp.post("/accounts/users/<int:user_id>/password")
@requires("user.administer")
def reset_password(user_id: int) -> str:
    found = queries.whole_user_for(actor(), user_id)
    password = secrets.token_urlsafe(9)
    services.set_password(found, password, actor=actor(), must_change=True)
    return render_template("accounts/first_password.html", user=found, password=password)
