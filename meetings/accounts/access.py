"""Who may come in: every view says so, and a view that says nothing is closed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from threading import Lock
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from meetings import i18n
from meetings.accounts import queries, services
from meetings.accounts.rules import NOBODY, PERMISSIONS, Actor
from meetings.clock import now
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.journal import changes

View = TypeVar("View", bound=Callable[..., Any])
_MARK: Final = "who_may_see"
OPEN_ENDPOINTS: Final = frozenset({"static"})


def install(app: Flask) -> None:
    """Close every door that does not say who may pass, and know who is asking."""
    app.before_request(_who)
    app.before_request(_closed_by_default)


def _who() -> None:
    g.actor, g.login_session, g.must_change_password = NOBODY, None, False
    g.change_numbers, g.session_ends = None, None
    if request.endpoint in OPEN_ENDPOINTS:
        return
    key = _session_key()
    if not key:
        return
    reader = _remembered(key) if request.endpoint in ASKED_OVER_AND_OVER else None
    if reader is None:
        found = queries.session_of(key)
        if found is None:
            return
        g.login_session = found
        reader = Reader(
            queries.actor_of(found.user), found.user.must_change_password, found.expires_at, now(), _house_number()
        )
        if request.endpoint in ASKED_OVER_AND_OVER:
            _remember(key, reader)
        if request.method == "POST":
            services.keep_alive(found)
    g.actor, g.must_change_password, g.session_ends = reader.actor, reader.must_change_password, reader.expires_at
    if "locale" not in request.cookies:
        i18n.choose(reader.actor.locale)


# --- who asks every three seconds ------------------------------------------------------------------------------------

ASKED_OVER_AND_OVER: Final = frozenset({"attendance.live_json"})
"""Who polls these is remembered until a fact of the house itself is written: a sign-out, a grant, a unit, a new password."""

_LONGEST: Final = timedelta(minutes=1)  # also of somebody whose account was changed behind the product's back
_MOST: Final = 2_000
_readers: OrderedDict[str, Reader] = OrderedDict()
_door: Final = Lock()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who polls, as it was found out *at*, when the house had the change number *house*."""

    actor: Actor
    must_change_password: bool
    expires_at: datetime
    at: datetime
    house: int


NUMBERS: Final = "diemcau.numbers"
"""Where the door at which polls are answered leaves the change numbers that it has read already."""


def numbers_of(code: str) -> tuple[int, int]:
    """The change numbers of the house and of the meeting *code*, read once a request."""
    found: tuple[int, int] | None = g.get("change_numbers")
    if found is None:
        read = request.environ.get(NUMBERS)
        found = g.change_numbers = read[code] if read and code in read else changes.with_house(code)
    return found


def _house_number() -> int:
    if request.endpoint not in ASKED_OVER_AND_OVER:
        return 0
    return numbers_of((request.view_args or {}).get("code", ""))[0]


def _remembered(key: str) -> Reader | None:
    house, at = _house_number(), now()  # the number first: what changes meanwhile is found at the next question
    found = _readers.get(queries.key_digest(key))
    if found is None or found.house != house or at >= found.expires_at:
        return None
    return found if timedelta() <= at - found.at < _LONGEST else None


def _remember(key: str, reader: Reader) -> None:
    with _door:
        _readers[queries.key_digest(key)] = reader
        while len(_readers) > _MOST:
            _readers.popitem(last=False)


def _session_key() -> str:
    return str(session.get("key", ""))


def _closed_by_default() -> None:
    if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS:
        return
    if not declared(current_app.view_functions[request.endpoint]):
        raise Forbidden(_("This page has not said who may see it, so nobody may."))


def declared(view: Callable[..., Any]) -> str:
    """What *view* says of who may see it: a permission, ``public``, ``link``, ``signed-in``, or "" for nothing."""
    return str(getattr(view, _MARK, ""))


def actor() -> Actor:
    """Whoever is asking."""
    found: Actor = g.get("actor", NOBODY)
    return found


def _mark(view: View, word: str) -> View:
    setattr(view, _MARK, word)
    return view


def public(view: View) -> View:
    """Anybody may see this."""
    return _mark(view, "public")


def by_link(view: View) -> View:
    """The token in the address is the permission; the view finds out whom it names."""
    return _mark(view, "link")


WITH_A_PASSWORD_GOOD_ONCE = frozenset({"accounts.password", "accounts.sign_out"})
"""All that somebody reaches before the password that was handed over has been changed."""


def signed_in(view: View) -> View:
    """Anybody who has signed in may see this."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not actor().signed_in:
            return _sign_in_first()
        if g.must_change_password and request.endpoint not in WITH_A_PASSWORD_GOOD_ONCE:
            return redirect(url_for("accounts.password"), 303)
        return view(*args, **kwargs)

    return _mark(cast(View, guarded), "signed-in")


def requires(permission: str) -> Callable[[View], View]:
    """Only those with *permission* somewhere may see this; the view's query asks whether here."""
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not actor().signed_in:
                return _sign_in_first()
            if g.must_change_password:
                return redirect(url_for("accounts.password"), 303)
            if not actor().may(permission):
                raise Forbidden(_("This account has no right to see this page. Ask the administrator for it."))
            return view(*args, **kwargs)

        return _mark(cast(View, guarded), permission)

    return wrap


def may_change_the_house() -> bool:
    """Whether she changes what holds for the whole installation: its calendar, its regime, its ladders and limits."""
    return actor().may_everywhere("setting.administer")


def only_who_may_change_the_house() -> None:
    """Refuse everybody else."""
    if not may_change_the_house():
        raise Forbidden(
            _("This holds for the whole installation: only an administrator of the whole country changes it.")
        )


def _sign_in_first() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=wanted), 303)
