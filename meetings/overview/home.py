"""Doorways: what needs me, what is on today, and a search over everything."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, signed_in
from meetings.clock import now, today
from meetings.overview import queries

bp = Blueprint("home", __name__)


@bp.get("/")
@signed_in
def home() -> str:
    return render_template(
        "overview/home.html",
        today=today(),
        todo=queries.to_do(actor(), now()),
        to_approve=queries.to_approve(actor(), now()),
        days=queries.coming(actor(), now()),
        first_steps=queries.first_steps(actor()),
    )


@bp.get("/search")
@signed_in
def search() -> Response | str:
    words = request.args.get("q", "")[:200].strip()
    code = queries.exact(actor(), words)
    if code:
        return redirect(url_for("meeting_page.overview", code=code))
    return render_template("overview/search.html", words=words, found=queries.search(actor(), words))


@bp.get("/help")
@signed_in
def help() -> str:
    return render_template("overview/help.html")
