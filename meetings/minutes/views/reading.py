"""``/v/<token>``: an issued record for one reader. The link alone opens nothing: a code goes to the same address."""

from __future__ import annotations

import io

from flask import make_response, redirect, render_template, send_file, session, url_for
from werkzeug.wrappers import Response

from meetings import adapters, clock
from meetings.accounts.access import actor, by_link
from meetings.accounts.rules import Actor
from meetings.errors import Gone
from meetings.i18n import gettext as _
from meetings.minutes import handing, letters, papers, queries, receipts, rules, standing
from meetings.minutes.document import notice_text, record_text
from meetings.minutes.forms import CodeForm, SendCodeForm
from meetings.minutes.hand_out_forms import DeletedForm
from meetings.minutes.models import HandOut
from meetings.minutes.rules import CodeState, Which
from meetings.minutes.views import bp
from meetings.official.form import dated
from meetings.web import notice
from meetings.web.doors import even_if_refused
from meetings.web.forms import answer

_READ = "read"  # in the session: hand-out → when its code was entered


def _found(token: str) -> HandOut:
    found = handing.behind(token)
    if found is None:
        raise Gone(_("This link no longer opens a document. Ask the office that sent it for a new one."))
    return found


def _reader(found: HandOut) -> Actor:
    return actor() if actor().signed_in else Actor.link(found.link_id or 0, found.name or found.email)


def _may_read(found: HandOut) -> bool:
    """Whether the code was entered in this browser, or the reader has signed in and may read the record anyway.

    What was recalled is read by nobody here.
    """
    if found.recalled_at is not None:
        return False
    if actor().signed_in and queries.readable_by(actor(), found.record):
        return True
    entered = session.get(_READ, {}).get(str(found.id), 0)
    return bool(clock.now().timestamp() - entered < rules.READING_LASTS.total_seconds())


def _private(page: str) -> Response:
    """A page whose address must not travel on with its links."""
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _ask(
    token: str,
    found: HandOut,
    form: CodeForm | None = None,
    *,
    spent: bool = False,
    sending: SendCodeForm | None = None,
) -> Response:
    """The page that asks for the code; *spent* when the wrong code of this very request was the last that was allowed."""
    state = CodeState.SPENT if spent else handing.code_state(found)
    return _private(
        render_template(
            "minutes/code.html",
            token=token,
            found=found,
            meeting=found.record.meeting,
            masked=rules.masked(found.email),
            form=form or CodeForm(formdata=None),
            sending=sending or SendCodeForm(formdata=None),
            state=state.value,
            until=found.code_sent_at + rules.CODE_LASTS if found.code_sent_at else None,
        )
    )


def _recalled(token: str, found: HandOut, form: DeletedForm | None = None) -> Response:
    """All that a link says once its documents were taken back. No code is asked for: nothing of them stands here."""
    return _private(
        render_template(
            "minutes/recalled.html",
            token=token,
            found=found,
            meeting=found.record.meeting,
            form=form or DeletedForm(formdata=None),
        )
    )


@bp.get("/v/<token>")
@by_link
def reading(token: str) -> Response:
    found = _found(token)
    if found.recalled_at is not None:
        return _recalled(token, found)
    if not _may_read(found):
        return _ask(token, found)
    record, rows = found.record, queries.written(found.record)
    paper, told = None if found.notice_only else papers.record_paper(rows, None), papers.notice_paper(rows)
    holds = queries.issued(record.meeting)
    return _private(
        render_template(
            "minutes/reading.html",
            token=token,
            found=found,
            meeting=record.meeting,
            record=record,
            papers=letters.handed(record, notice_only=found.notice_only),
            verify_at=f"{adapters.config().public_url}{url_for('.verify')}",
            newer=holds if holds is not None and holds.version > record.version else None,
            rows=rows,
            paper=paper,
            paper_text=list(record_text(paper)) if paper is not None else [],
            told=told,
            told_text=list(notice_text(told)),
            told_dated=dated(told.issuer, told.numbering, told.year),
            notice_sheet=standing.sheet(record, Which.NOTICE),
            record_sheet=standing.sheet(record, Which.RECORD) if paper is not None else [],
        )
    )


@bp.post("/v/<token>/received")
@by_link
def reading_received(token: str) -> Response:
    found = _found(token)
    if _may_read(found):
        receipts.received(found, actor=_reader(found))
        notice(_("Thank you: the receipt has been reported to the office."))
    elif found.recalled_at is None:
        # the page may have lain open longer than the code holds: nobody must think that the press has counted
        notice(_("The receipt is not reported yet: a code has to be entered again first."), "warn")
    return redirect(url_for(".reading", token=token), 303)


@bp.post("/v/<token>/deleted")
@by_link
def reading_deleted(token: str) -> Response:
    found = _found(token)
    form = DeletedForm()

    def act() -> Response:
        receipts.deleted(found, actor=_reader(found))
        notice(_("Thank you: the deletion has been reported to the office."))
        return redirect(url_for(".reading", token=token), 303)

    return answer(form, act, lambda: _refused_deletion(token, form))


def _refused_deletion(token: str, form: DeletedForm) -> str:
    found = _found(token)
    shown = _recalled(token, found, form) if found.recalled_at is not None else _ask(token, found)
    return shown.get_data(as_text=True)


@bp.post("/v/<token>/code")
@by_link
def send_code(token: str) -> Response:
    found = _found(token)
    if found.recalled_at is not None:
        return redirect(url_for(".reading", token=token), 303)
    form = SendCodeForm()

    def act() -> Response:
        handing.send_code(found, token, actor=_reader(found))
        notice(_("A code is on its way to %(address)s.", address=rules.masked(found.email)))
        return redirect(url_for(".reading", token=token), 303)

    return answer(form, act, lambda: _refused_code(token, form))


def _refused_code(token: str, form: SendCodeForm) -> str:
    again = CodeForm(formdata=None)
    again.refusals = form.refusals
    return _ask(token, _found(token), again, sending=form).get_data(as_text=True)


@bp.post("/v/<token>")
@by_link
def enter_code(token: str) -> Response:
    found = _found(token)
    if found.recalled_at is not None:
        return redirect(url_for(".reading", token=token), 303)
    found_id, tries = found.id, found.code_tries
    form = CodeForm()
    spent = False

    def act() -> Response:
        nonlocal spent
        if not handing.enter_code(found, token, form.digits, actor=_reader(found)):
            rules.check_shape(form.digits)
            even_if_refused(lambda: handing.miscounted(found_id))
            spent = tries + 1 >= rules.CODE_TRIES
            raise rules.wrong_code(tries)
        session[_READ] = {**session.get(_READ, {}), str(found_id): clock.now().timestamp()}
        return redirect(url_for(".reading", token=token), 303)

    return answer(form, act, lambda: _ask(token, _found(token), form, spent=spent).get_data(as_text=True))


@bp.post("/v/<token>/opened")
@by_link
def opened(token: str) -> Response:
    found = _found(token)
    if _may_read(found):
        handing.opened(found, actor=_reader(found))
    return make_response("", 204)


@bp.get("/v/<token>/<any('bien-ban', 'thong-bao-ket-luan'):which>.<any('docx', 'pdf'):ending>")
@by_link
def reading_file(token: str, which: str, ending: str) -> Response:
    found = _found(token)
    if not _may_read(found):
        return redirect(url_for(".reading", token=token), 303)
    wanted = Which.RECORD if which == "bien-ban" else Which.NOTICE
    handed = next(
        (one for one in letters.handed(found.record, notice_only=found.notice_only) if one.which is wanted), None
    )
    data = queries.kept(handed.file.sha256) if handed is not None else None
    if handed is None or data is None:
        raise Gone(_("This link does not open that document. Ask the office that sent it."))
    # an old address of the .docx brings the signed PDF: it is what counts
    return send_file(
        io.BytesIO(data), mimetype=handed.file.content_type, as_attachment=True, download_name=handed.file.name
    )
