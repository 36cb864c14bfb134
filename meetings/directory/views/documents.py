"""What the documents of a unit look like: its letterhead, who signs, its own Word templates, and the names these may use."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.directory.document_forms import LetterheadForm, SignatoryForm, TemplateForm
from meetings.directory.models import DocumentTemplate, Signatory
from meetings.directory.queries import documents as asked
from meetings.directory.services import documents
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.official import example, starter, template_check, vocabulary
from meetings.official.layout import layout, layouts
from meetings.official.paper import CONTENT_TYPE
from meetings.official.signing import CAPACITY_WORDS
from meetings.official.text import printable
from meetings.official.verified import VERIFIED_WORDS
from meetings.official.vocabulary import DOCUMENT_WORDS, DocumentKind
from meetings.units import queries as tree
from meetings.units.models import Unit
from meetings.web import notice
from meetings.web.doors import takes
from meetings.web.forms import answer

bp = Blueprint("document_settings", __name__, url_prefix="/settings/documents")


@bp.after_app_request
def _tell(response: Response) -> Response:
    """Whoever asked for a document whose template failed reads it on her next page; no request ends in a fault over it."""
    told = documents.failures()
    for sentence in dict.fromkeys(told):
        notice(sentence, "warn")
    told.clear()
    return response


def _unit(code: str) -> Unit:
    return asked.documents_unit(actor(), code, today())


def _keeps(unit: Unit, permission: str) -> None:
    if not actor().may(permission, unit.path):
        raise Forbidden(_("This account has no right to change this. Ask the administrator of the unit."))


def _sent(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=CONTENT_TYPE, as_attachment=True, download_name=name)


def _kind(said: str) -> DocumentKind:
    if said not in list(DocumentKind):
        raise NotFound(_("There is no such page."))
    return DocumentKind(said)


# --- all units -------------------------------------------------------------------------------------------------------


@bp.get("")
@requires("letterhead.see")
def index() -> str:
    """The units that have something of their own, the forms this house knows, and the way to any unit."""
    said = printable(request.args.get("unit", "")[:250]).strip()
    paths = actor().paths("letterhead.see")
    meant = [unit for unit in tree.named(said, today()) if actor().may("letterhead.see", unit.path)] if said else []
    return render_template(
        "directory/documents.html",
        own=asked.with_own(actor()),
        layouts=layouts().values(),
        verified_words=VERIFIED_WORDS,
        said=said,
        meant=meant,
        mine=[unit for unit in tree.offered(paths, today()) if unit.path in paths],
        proposed=tree.offered(paths, today()),
    )


@bp.get("/forms/<key>")
@requires("letterhead.see")
def form(key: str) -> str:
    """A form of documents, value by value, and how far it was verified."""
    if key not in layouts():
        raise NotFound(_("There is no such page."))
    its = layout(key)
    return render_template(
        "directory/document_form.html",
        its=its,
        issuer=example.issuer(its),
        numbering=example.numbering(its),
        dated=example.dated(its),
        verified_words=VERIFIED_WORDS,
    )


@bp.get("/forms/<key>/sample.docx")
@requires("letterhead.see")
def form_sample(key: str) -> Response:
    if key not in layouts():
        raise NotFound(_("There is no such page."))
    return _sent(example.notice(example.issuer(layout(key))), f"Van-ban-mau-{key}.docx")


@bp.get("/placeholders")
@requires("letterhead.see")
def placeholders() -> str:
    """The names that a template may use, kind by kind."""
    return render_template(
        "directory/placeholders.html",
        kinds={kind: vocabulary.words(kind).values() for kind in DocumentKind},
        document_words=DOCUMENT_WORDS,
        layouts=layouts().values(),
    )


@bp.get("/starter/<key>/<kind>.docx")
@requires("letterhead.see")
def starter_docx(key: str, kind: str) -> Response:
    what = _kind(kind)
    return _sent(starter.starter(what, layout(key)), f"Mau-{what.value}.docx")


# --- one unit: the letterhead ----------------------------------------------------------------------------------------


@bp.get("/units/<code>")
@requires("letterhead.see")
def unit(code: str) -> str:
    its = _unit(code)
    heads = asked.heads()
    issuer = heads.issuer(its)
    day = today()
    return render_template(
        "directory/unit_documents.html",
        unit=its,
        head=heads.row(its),
        issuer=issuer,
        numbering=example.numbering(issuer.layout, issuer.symbol),
        dated=example.dated(issuer.layout, issuer.place, day),
        versions=asked.versions(its),
        layouts=layouts(),
        signers=_signers(its, day),
        templates=asked.templates(its),
        used={kind: asked.used(its, kind) for kind in DocumentKind},
        document_words=DOCUMENT_WORDS,
        verified_words=VERIFIED_WORDS,
        may_change=actor().may("setting.administer", its.path),
        may_name=actor().may("signatory.keep", its.path),
    )


def _signers(unit: Unit, day: date) -> list[dict[str, Any]]:
    its = asked.issuer(unit).layout
    rows = []
    for row in asked.signatories(unit):
        signing = asked.signing(row)
        rows.append(
            {
                "row": row,
                "lines": signing.lines(its),
                "word": CAPACITY_WORDS[row.capacity],
                "kinds": [DOCUMENT_WORDS[DocumentKind(one)] for one in row.kinds.split()],
                "holds": signing.holds(day),
                "over": bool(row.valid_to and row.valid_to < day),
            }
        )
    return rows


@bp.route("/units/<code>/letterhead", methods=["GET", "POST"])
@requires("setting.administer")
def letterhead(code: str) -> Response:
    its = _unit(code)
    _keeps(its, "setting.administer")
    form = LetterheadForm()
    if not form.is_submitted():
        holds = next((row for row in asked.versions(its) if row.ended_at is None), None)
        form.begin_with(holds, asked.issuer(its).layout.key)

    def act() -> Response:
        documents.keep_letterhead(_unit(code), form.said(), actor=actor())
        notice(_("The letterhead has been saved. It stands on every document from now on."))
        return redirect(url_for(".unit", code=code), 303)

    def show() -> str:
        return render_template(
            "directory/letterhead.html",
            unit=_unit(code),
            form=form,
            derived=asked.derived(_unit(code)),
            layouts=layouts(),
        )

    return answer(form, act, show)


@bp.post("/units/<code>/letterhead/drop")
@requires("setting.administer")
def drop_letterhead(code: str) -> Response:
    its = _unit(code)
    _keeps(its, "setting.administer")
    documents.drop_letterhead(its, actor=actor())
    notice(_("The unit has no letterhead of its own any more."))
    return redirect(url_for(".unit", code=code), 303)


@bp.get("/units/<code>/sample.docx")
@requires("letterhead.see")
def sample(code: str) -> Response:
    """A document with invented contents under the head of the unit."""
    return _sent(example.notice(asked.issuer(_unit(code))), "Van-ban-mau.docx")


# --- who signs -------------------------------------------------------------------------------------------------------


@bp.route("/units/<code>/signers/add", methods=["GET", "POST"])
@requires("signatory.keep")
def add_signer(code: str) -> Response:
    return _signer(code, None)


@bp.route("/units/<code>/signers/<int:id>", methods=["GET", "POST"])
@requires("signatory.keep")
def signer(code: str, id: int) -> Response:
    return _signer(code, asked.signatory_of(_unit(code), id))


def _signer(code: str, row: Signatory | None) -> Response:
    its = _unit(code)
    _keeps(its, "signatory.keep")
    form = SignatoryForm()
    if row is not None and not form.is_submitted():
        form.begin_with(row)
    number = row.id if row is not None else None

    def act() -> Response:
        kept = asked.signatory_of(_unit(code), number) if number is not None else None
        documents.keep_signatory(_unit(code), form.said(), actor=actor(), row=kept)
        notice(_("The signer has been saved."))
        return redirect(url_for(".unit", code=code, _anchor="signers"), 303)

    def show() -> str:
        return render_template("directory/signatory.html", unit=_unit(code), form=form, id=number)

    return answer(form, act, show)


@bp.post("/units/<code>/signers/<int:id>/stop")
@requires("signatory.keep")
def stop_signer(code: str, id: int) -> Response:
    its = _unit(code)
    _keeps(its, "signatory.keep")
    documents.stop_signatory(asked.signatory_of(its, id), actor=actor())
    notice(_("The signer is offered no longer."))
    return redirect(url_for(".unit", code=code, _anchor="signers"), 303)


# --- templates -------------------------------------------------------------------------------------------------------


@bp.route("/units/<code>/templates/add", methods=["GET", "POST"])
@takes(16 * template_check.MOST)  # what is too large is told on the form
@requires("setting.administer")
def add_template(code: str) -> Response:
    its = _unit(code)
    _keeps(its, "setting.administer")
    form = TemplateForm()
    if not form.is_submitted() and request.args.get("kind", "") in list(DocumentKind):
        form.kind.data = request.args["kind"]

    def act() -> Response:
        documents.keep_template(
            _unit(code),
            DocumentKind(form.kind.data),
            printable(form.file.data.filename or "mau.docx"),
            form.data_of_file,
            for_below=bool(form.for_below.data),
            actor=actor(),
        )
        notice(_("The template is fit. Look at its sample, then put it to use."))
        return redirect(url_for(".unit", code=code, _anchor="templates"), 303)

    def show() -> str:
        return render_template(
            "directory/template.html", unit=_unit(code), form=form, key=asked.issuer(_unit(code)).layout.key
        )

    return answer(form, act, show)


def _template(code: str, id: int) -> DocumentTemplate:
    return asked.template_of(_unit(code), id)


@bp.get("/units/<code>/templates/<int:id>.docx")
@requires("letterhead.see")
def template_docx(code: str, id: int) -> Response:
    row = _template(code, id)
    return _sent(documents.data_of(row), row.name)


@bp.get("/units/<code>/templates/<int:id>/sample.docx")
@requires("letterhead.see")
def template_sample(code: str, id: int) -> Response:
    """The template filled with examples under the unit's own head, to be looked at before it is put to use."""
    row = _template(code, id)
    return _sent(documents.sample(row, asked.issuer(row.unit)), f"Ban-xem-thu-{row.kind.value}.docx")


@bp.post("/units/<code>/templates/<int:id>/use")
@requires("setting.administer")
def use_template(code: str, id: int) -> Response:
    _keeps(_unit(code), "setting.administer")
    documents.use_template(_template(code, id), actor=actor())
    notice(_("Documents of this kind are printed with the template from now on."))
    return redirect(url_for(".unit", code=code, _anchor="templates"), 303)


@bp.post("/units/<code>/templates/<int:id>/stop")
@requires("setting.administer")
def stop_template(code: str, id: int) -> Response:
    _keeps(_unit(code), "setting.administer")
    documents.stop_template(_template(code, id), actor=actor())
    notice(_("The template is used no longer."))
    return redirect(url_for(".unit", code=code, _anchor="templates"), 303)
