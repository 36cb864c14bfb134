"""Form tokens for pages that are opened by a private link, without any cookie.

Flask-WTF keeps its token in the session cookie. The browsers inside Zalo, Outlook and other programs, where coordinators
open their links, often keep none, and then every form would be "open for too long". A page behind a private link does not need
one: its address is the secret. So the form's token is a keyed digest of the link's token: it can be computed only from a
page that the link opened, it dies with the link, and it needs no cookie and no clock (a page left open on a telephone
overnight still sends).
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Blueprint, current_app
from flask.sansio.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response
from wtforms import Form as AnyForm
from wtforms.csrf.core import CSRF, CSRFTokenField


def form_token(link: str) -> str:
    """The form token of the pages behind the private link *link* (its raw token)."""
    key = hashlib.sha256(b"forms behind links\0" + str(current_app.config["SECRET_KEY"]).encode()).digest()
    return hmac.new(key, link.encode(), hashlib.sha256).hexdigest()[:40]


class LinkCsrf(CSRF):
    """WTForms' interface to :func:`form_token`; the link stands in the form's ``csrf_context``."""

    def setup_form(self, form: AnyForm) -> Any:
        self.link = str(form.meta.csrf_context)
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        return form_token(self.link)

    def validate_csrf_token(self, form: AnyForm, field: CSRFTokenField) -> None:
        if not hmac.compare_digest(str(field.data or "").encode(), form_token(self.link).encode()):
            raise CSRFError("the form was not made by a page of this link")


def behind(link: str) -> dict[str, Any]:
    """What a form behind the private link *link* is made with: ``RosterForm(meta=behind(token))``."""
    return {"csrf": True, "csrf_class": LinkCsrf, "csrf_context": link}


def private(bp: Blueprint) -> None:
    """Every page of *bp* stands behind a private link: its forms bring tokens of their own, so the one that lives in the
    session cookie does not apply; it is kept nowhere on its way, and its address goes to nobody."""

    def own_form_tokens(state: BlueprintSetupState) -> None:
        state.app.extensions["csrf"].exempt(bp)

    def unseen(response: Response) -> Response:
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
        return response

    bp.record_once(own_form_tokens)
    bp.after_request(unseen)
