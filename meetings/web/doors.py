"""The doors of a request: it comes in reading or writing, and goes out committed, refused or failed.

This is the one place in which a request commits.
"""

from __future__ import annotations

import errno
import re
import secrets
from collections.abc import Callable
from typing import Any, Final, TypeVar

import structlog
from flask import Flask, current_app, g, jsonify, make_response, render_template, request, session
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, SecurityError
from werkzeug.wrappers import Response

from meetings import i18n
from meetings.database import db, read_only
from meetings.errors import Gone, Refused, Spent
from meetings.i18n import gettext as _
from meetings.log import masked
from meetings.web.addresses import came_from

log = structlog.get_logger("web")
View = TypeVar("View", bound=Callable[..., Any])
Found = TypeVar("Found")
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)

_LARGEST_BODY: Final = "largest_body"

_BEHIND: Final = re.compile(r"/m/[^/]+")
"""The first page of a private link: whoever is refused behind it has no account, and goes back there."""
_BY_LINK: Final = re.compile(r"/[cjmtv]/.")
"""Addresses that hold a token: no page told of them, an error's neither, tells another server where it was."""

_NEXT: Final = "%[89AB][0-9A-F]"
_UTF_8: Final = re.compile(
    f"(?:[^%]+|%(?![89A-F][0-9A-F])|%(?:C[2-9A-F]|D[0-9A-F]){_NEXT}|%E0%[AB][0-9A-F]{_NEXT}|%E[1-9ABCEF](?:{_NEXT}){{2}}"
    f"|%ED%[89][0-9A-F]{_NEXT}|%F0%[9AB][0-9A-F](?:{_NEXT}){{2}}|%F[1-3](?:{_NEXT}){{3}}|%F4%8[0-9A-F](?:{_NEXT}){{2}})*+".encode(),
    re.IGNORECASE,
)
"""A form's body whose escaped bytes are UTF-8 (RFC 3629 §4); a pattern, because unescaping ten megabytes takes a gigabyte."""


def takes(most: int | Callable[[], int]) -> Callable[[View], View]:
    """A view that is sent files: its body may have *most* bytes, more than any other's."""

    def mark(view: View) -> View:
        setattr(view, _LARGEST_BODY, most)
        return view

    return mark


def install(app: Flask) -> None:
    """Hang the doors into *app*."""
    app.before_request(_come_in)
    app.after_request(_go_out)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(SecurityError, _strange_name)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failed)


def _come_in() -> None:
    read_only(request.method in SAFE)
    most = getattr(current_app.view_functions.get(request.endpoint or ""), _LARGEST_BODY, None)
    if most is not None:
        largest = most() if callable(most) else most
        usual = request.max_content_length or 0
        request.max_content_length = largest if session.get("key") else min(largest, usual)  # no more for a stranger
    chosen = request.cookies.get("locale", "")
    i18n.choose(chosen if chosen in i18n.LOCALES else i18n.DEFAULT)
    if "\0" in request.path:
        raise NotFound  # no name of ours holds it, and PostgreSQL cannot even be asked for it
    if request.mimetype == "application/x-www-form-urlencoded" and not _UTF_8.fullmatch(request.get_data()):
        raise BadRequest  # bytes that are no text would be kept as the letters %ED%A0%80
    if request.mimetype == "multipart/form-data" and (request.content_length or 0) <= (request.max_content_length or 0):
        _ = (
            request.form
        )  # a body that trickles in must not hold the one place of a writer: nothing was asked of the database yet
    request.query_string = request.query_string.replace(b"%00", b"")  # the rest of an odd address still shows the list


def _go_out(response: Response) -> Response:
    if request.method not in SAFE:
        if response.status_code < 400 and not g.get("refused"):
            db.session.commit()
        else:
            db.session.rollback()
            read_only(False)  # the page of a refusal was painted reading
            for call in g.get("even_so", ()):
                call()
            db.session.commit()
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Cookie")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def even_if_refused(call: Callable[[], None]) -> None:
    """Run *call* and commit it although this request is being refused: a failed sign-in must be counted."""
    g.setdefault("even_so", []).append(call)


def meanwhile(work: Callable[[], Found]) -> Found:
    """What *work* finds out with no transaction open: others may write however long it takes, and what was read before may have
    changed when it is done."""
    db.session.rollback()
    return work()


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _say(status: int, message: str, template: str = "web/refused.html", **context: Any) -> Response:
    """An error page that stands even when nothing else does."""
    db.session.rollback()
    g.refused = True
    read_only(True)
    if _wants_json():
        response = make_response(jsonify(error=message))
    else:
        behind = _BEHIND.match(request.path)
        context.setdefault("front", behind[0] if behind and behind[0] != request.path else "")
        context.setdefault("frame", "web/phone.html" if behind else "web/base.html")
        context.setdefault("back", _way_back())
        context.setdefault("spent", False)
        context["phone"] = context.get("phone") or g.get("office_phone", "")
        response = make_response(render_template(template, status=status, message=message, **context))
    response.status_code = status
    if _BY_LINK.match(request.path):
        response.headers["Referrer-Policy"] = "no-referrer"  # as on every page that a link opens
    return response


def _way_back() -> str:
    """The page of ours that the reader came from, to return to; "" for any other and for this very one."""
    came = came_from()
    return "" if came.partition("?")[0] == request.path else came


def _refused(refused: Refused) -> Response:
    phone = refused.phone if isinstance(refused, Gone) else ""
    return _say(refused.status, str(refused.message), phone=phone, spent=isinstance(refused, Spent))


def _stale_form(error: CSRFError) -> Response:
    return _say(
        400,
        _("This form was open for too long or the sign-in has changed. Go back, reload the page and send it again."),
    )


def _strange_name(error: SecurityError) -> Response:
    """Asked for under a name that is not ours: no page of ours is painted, its links would carry that name."""
    response = make_response(_("This request cannot be read."), 400)
    response.mimetype = "text/plain"
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    sentences = {
        400: _("This request cannot be read."),
        404: _("There is no such page."),
        405: _("This page cannot be asked for in this way."),
        413: _("This is too large: at most %(size)s MB can be sent at once.", size=_megabytes()),
        429: _("Too many tries. Wait five minutes and try again."),
    }
    return _say(status, sentences.get(status, sentences[400]))


def _megabytes() -> int:
    return (request.max_content_length or 0) // 1024 // 1024


def _failed(error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        log.error("the disk is full", path=masked(request.path))
        return _say(507, _("The disk of the server is full. Nothing was changed. Tell the administrator."))
    code = secrets.token_hex(2).upper()
    log.exception("request failed", code=code, path=masked(request.path), method=request.method)
    return _say(
        500,
        _("Something went wrong on the server. Nothing was changed. Tell the office this code: %(code)s.", code=code),
        code=code,
    )
