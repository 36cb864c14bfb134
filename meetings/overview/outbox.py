"""The letter box for administrators: what leaves, what does not, and each letter of the meetings of their units.

Links are covered in everything shown here: an administrator reads letters, she does not answer for sites.
"""

from __future__ import annotations

import io

from flask import Blueprint, abort, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import now
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.invitations import services as invitations
from meetings.invitations import texts as invited_by_text
from meetings.minutes import letters as minutes
from meetings.overview.queries import letters_visible_to, texts_visible_to
from meetings.post import queries, rules, segments, services, texting
from meetings.post.message import ascii_name
from meetings.post.models import Letter
from meetings.post.rules import LetterMove, LetterStatus
from meetings.scheduling import queries as scheduling
from meetings.web import notice
from meetings.web.pages import SIZE, Page, asked_page, asked_words

bp = Blueprint("post", __name__)

LETTER_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""The HTML of a letter carries its styles in its tags, as mail programs want it; it may do nothing else at all."""


@bp.get("/outbox")
@requires("outbox.read")
def outbox() -> str:
    name = request.args.get("status", "")
    status = LetterStatus(name) if name in [one.value for one in LetterStatus] else None
    words = asked_words()
    seen = letters_visible_to(actor())
    number, total = asked_page(), queries.number(status=status, words=words, seen=seen)
    number = min(number, max(1, -(-total // SIZE)))
    rows = queries.listed(status=status, words=words, seen=seen, offset=(number - 1) * SIZE, limit=SIZE)
    return render_template(
        "overview/outbox.html",
        page=Page(rows, number, total),
        counts=queries.counts(seen=seen),
        statuses=LetterStatus,
        status=status,
        words=words,
        outage=queries.outage(),
        throttled=queries.throttled(now()),
    )


def _letter(letter_id: int) -> Letter:
    if letter_id >= 2**31:
        abort(404)
    return queries.letter(letter_id, letters_visible_to(actor()))


def _encloses_for(letter: Letter) -> bool:
    """Whether the reader may have what *letter* encloses: a record only if she may read records there."""
    if letter.kind != minutes.KIND:
        return True
    meeting = scheduling.by_code(letter.root)
    return meeting is not None and actor().may("record.read", meeting.organiser.path)


def _opened(letter_id: int) -> Letter:
    """The letter with all that it encloses."""
    found = _letter(letter_id)
    if not _encloses_for(found):
        raise Forbidden(_("This letter encloses minutes that this account may not read."))
    return found


@bp.get("/outbox/<int:letter_id>")
@requires("outbox.read")
def letter(letter_id: int) -> str:
    found = _letter(letter_id)
    return render_template(
        "overview/letter.html",
        letter=found,
        body=queries.readable(found),
        headers=queries.headers(found),
        sizes=queries.sizes(found),
        may_open=_encloses_for(found),
        may_resend=rules.may(found.status, LetterMove.RESEND),
        may_confirm=rules.may(found.status, LetterMove.CONFIRM),
    )


@bp.get("/outbox/<int:letter_id>.eml")
@requires("outbox.read")
def eml(letter_id: int) -> Response:
    found = _opened(letter_id)
    return send_file(
        io.BytesIO(queries.eml(found, hide=True)),
        mimetype="message/rfc822",
        as_attachment=True,
        download_name=f"{ascii_name(found.key)}.eml",
    )


@bp.get("/outbox/<int:letter_id>/html")
@requires("outbox.read")
def html(letter_id: int) -> Response:
    found = _letter(letter_id)
    response = make_response(queries.readable(found).html)
    response.headers["Content-Security-Policy"] = LETTER_CSP
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/outbox/<int:letter_id>/files/<int:index>")
@requires("outbox.read")
def file(letter_id: int, index: int) -> Response:
    found = _opened(letter_id)
    if index >= len(found.enclosures):
        abort(404)
    enclosed = found.enclosures[index]
    return send_file(
        io.BytesIO(queries.enclosure(enclosed["sha256"])),
        mimetype=enclosed["content_type"],
        as_attachment=True,
        download_name=ascii_name(enclosed["name"]),
    )


@bp.post("/outbox/<int:letter_id>/resend")
@requires("outbox.read")
def resend(letter_id: int) -> Response:
    invitations.resend(_letter(letter_id), actor=actor())
    notice(_("The letter is on its way again."))
    return redirect(url_for(".letter", letter_id=letter_id), 303)


@bp.post("/outbox/<int:letter_id>/arrived")
@requires("outbox.read")
def arrived(letter_id: int) -> Response:
    invitations.arrived(_letter(letter_id), actor=actor())
    notice(_("Noted: the letter arrived."))
    return redirect(url_for(".letter", letter_id=letter_id), 303)


@bp.get("/outbox/texts")
@requires("outbox.read")
def texts() -> str:
    name = request.args.get("status", "")
    status = LetterStatus(name) if name in [one.value for one in LetterStatus] else None
    seen = texts_visible_to(actor())
    counts = texting.counts(seen)
    total = counts[status] if status is not None else sum(counts.values())
    number = min(asked_page(), max(1, -(-total // SIZE)))
    rows = texting.listed(seen, status=status, offset=(number - 1) * SIZE, limit=SIZE)
    return render_template(
        "overview/texts.html",
        page=Page(rows, number, total),
        worded=lambda text: texting.worded(text, hide=True),
        parts=lambda text: segments.parts(texting.worded(text, hide=True).replace(texting.HIDDEN, "x" * 40)),
        number=segments.read,
        counts=counts,
        statuses=LetterStatus,
        status=status,
        on=invited_by_text.on(),
        gateway=invited_by_text.has_gateway(),
    )


@bp.post("/outbox/try-now")
@requires("outbox.read")
def try_now() -> Response:
    services.try_now()
    notice(_("The mail server is asked again at once."))
    return redirect(url_for(".outbox"), 303)
