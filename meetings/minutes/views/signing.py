"""Doorways of PDF files and signatures: have them made, bring in what was signed elsewhere, and find out what a file is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from meetings import i18n
from meetings.accounts.access import actor, public, requires
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import files, hand_edits, pdfs, signed_files, signing, signing_box, signing_words
from meetings.minutes.forms import ReasonForm
from meetings.minutes.models import Record, RecordFile
from meetings.minutes.rules import Which
from meetings.minutes.signing_forms import SignedFileForm, VerifyForm
from meetings.minutes.signing_rules import Alike, Hand
from meetings.minutes.views import bp, editor
from meetings.minutes.views.files import kept_file, which_document
from meetings.official import dates
from meetings.scheduling.paper_rules import safe_name
from meetings.web import notice
from meetings.web.doors import meanwhile, takes
from meetings.web.forms import Form, answer


@bp.app_template_global("signing_boxes")
def _boxes(record: Record) -> list[signing_box.Box]:
    return signing_box.boxes(record, actor())


@bp.app_context_processor
def _words() -> dict[str, Any]:
    return {"signing_words": signing_words}


@bp.app_template_filter("iso_moment")
def _moment(said: str) -> str:
    """An instant of a report in the reader's language."""
    return dates.moment_short(datetime.fromisoformat(said), i18n.locale())


def _do(code: str, which: str, act: Callable[[Record, Which], None], said: str) -> Response:
    """One press about one document; back to the page of the minutes."""
    what = which_document(which)
    meeting, record = editor.meeting_and_record(code, "record.preview")
    act(record, what)
    notice(said)
    return redirect(url_for(".minutes", code=meeting.code, _anchor=f"signing-{what.value}"), 303)


@bp.post("/meetings/<code>/minutes/documents/<which>/pdf")
@requires("record.preview")
def make_pdf(code: str, which: str) -> Response:
    return _do(
        code,
        which,
        lambda record, what: pdfs.ask(record, what, actor=actor()),
        _("The PDF is being made. It takes some seconds, longer for thousands of sites."),
    )


@bp.post("/meetings/<code>/minutes/documents/<which>/sign/<hand>")
@requires("record.preview")
def sign(code: str, which: str, hand: str) -> Response:
    if hand not in list(Hand):
        raise NotFound(_("There is no such page."))
    return _do(
        code,
        which,
        lambda record, what: _ask(record, what, Hand(hand)),
        _("The document is being signed."),
    )


def _ask(record: Record, what: Which, hand: Hand) -> None:
    signing.ask(record, what, hand, actor=actor())


@bp.route("/meetings/<code>/minutes/documents/<which>/signed", methods=["GET", "POST"])
@takes(signed_files.MOST + 1024 * 1024)
@requires("document.number")
def bring_signed(code: str, which: str) -> Response:
    """Bring in a PDF that was signed elsewhere."""
    what = which_document(which)
    meeting, record = editor.meeting_and_record(code, "document.number")
    form = SignedFileForm(prefix="signed-")

    def act() -> Response:
        data = form.content
        ours = signed_files.ours(record, what)
        found = meanwhile(lambda: signed_files.beside(ours, data))
        row = signed_files.take(record, what, safe_name(form.name), data, bool(form.sure.data), found, actor=actor())
        notice(_("Kept. This is the file that is handed out from now on."))
        if row.alike is Alike.NOT_COMPARED:
            notice(str(signing_words.ALIKE_WORDS[row.alike]), "warn")
        return redirect(url_for(".minutes", code=meeting.code, _anchor=f"signing-{what.value}"), 303)

    def show() -> str:
        mine, newest = editor.meeting_and_record(code, "document.number")
        boxes = [one for one in signing_box.boxes(newest, actor()) if one.which is what]
        return render_template(
            "minutes/bring_signed.html",
            meeting=mine,
            record=newest,
            box=boxes[0] if boxes else None,
            called=hand_edits.called(what),
            form=form,
        )

    return answer(form, act, show)


@bp.post("/meetings/<code>/minutes/files/<int:file_id>/set-aside")
@requires("document.number")
def set_signed_aside(code: str, file_id: int) -> Response:
    """Use a signed file no more."""
    meeting, found = kept_file(code, file_id)
    form = ReasonForm(prefix="aside-")

    def act() -> Response:
        signed_files.set_aside(found, form.reason.data or "", actor=actor())
        notice(_("The signed file is set aside. It is kept in the list."))
        return redirect(url_for(".minutes", code=meeting.code, _anchor=f"signing-{found.which.value}"), 303)

    return answer(form, act, lambda: _signatures(code, file_id, form))


# --- what a file is --------------------------------------------------------------------------------------------------


@bp.get("/meetings/<code>/minutes/files/<int:file_id>/signatures")
@requires("record.read")
def signatures(code: str, file_id: int) -> str:
    """A kept file, examined as it stands now."""
    return _signatures(code, file_id, ReasonForm(formdata=None, prefix="aside-"))


def _signatures(code: str, file_id: int, form: Form) -> str:
    meeting, found = kept_file(code, file_id)
    data = files.read(found)
    return render_template(
        "minutes/signatures.html",
        meeting=meeting,
        file=found,
        called=hand_edits.called(found.which),
        look=_look(data),
        row=signed_files.report_row(found),
        aside_form=form if _may_set_aside(found) else None,
    )


def _look(data: bytes) -> signed_files.Look:
    """What *data* is. A file from anywhere may keep its examiner busy for half a minute: nobody waits for that to write."""
    report = meanwhile(lambda: signed_files.examined(data)) if signed_files.bears_signatures(data) else None
    return signed_files.look(data, report, actor())


def _may_set_aside(found: RecordFile) -> bool:
    mine = actor().may("document.number", found.record.meeting.organiser.path)
    return mine and found.origin in files.SIGNED and found.set_aside_at is None


@bp.route("/verify", methods=["GET", "POST"])
@takes(signed_files.MOST + 1024 * 1024)
@public
def verify() -> Response:
    """Anybody may find out whether a file is unchanged and came from here: she has it, and is told nothing that is not in it."""
    form = VerifyForm()

    def act() -> Response | str:
        return render_template(
            "minutes/verify.html",
            form=VerifyForm(formdata=None),
            name=safe_name(form.name),
            look=_look(form.content),
        )

    return answer(form, act, lambda: render_template("minutes/verify.html", form=form, look=None, name=""))
