"""The administrator's page of signatures: what is set up to sign, and the images of seals and hands."""

from __future__ import annotations

import io

from flask import Blueprint, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.i18n import gettext as _
from meetings.minutes import signature_images, signing_set_up
from meetings.minutes.forms import EmptyForm
from meetings.minutes.signing_forms import ImageForm
from meetings.official.signature_place import SEAL, SIGNATURE
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("signature_settings", __name__, url_prefix="/settings/signatures")


@bp.route("", methods=["GET", "POST"])
@requires("setting.administer")
def index() -> Response:
    form = ImageForm()

    def act() -> Response:
        usual = SIGNATURE[0] if form.signer.data else SEAL
        width = form.millimetres.data or round(usual)
        signature_images.keep(form.unit.data or "", form.signer.data or "", width, form.content, actor=actor())
        notice(_("The image is kept. Signatures show it from now on."))
        return redirect(url_for(".index"), 303)

    return answer(form, act, lambda: _page(form))


def _page(form: ImageForm) -> str:
    return render_template(
        "minutes/signature_images.html", form=form, images=signature_images.of(actor()), state=signing_set_up.state()
    )


@bp.get("/<int:id>.png")
@requires("setting.administer")
def image(id: int) -> Response:
    found = signature_images.find(actor(), id)
    return send_file(io.BytesIO(signature_images.data_of(found)), mimetype="image/png")


@bp.post("/<int:id>/end")
@requires("setting.administer")
def end(id: int) -> Response:
    def act() -> Response:
        signature_images.end(signature_images.find(actor(), id), actor=actor())
        notice(_("The image is used no more."))
        return redirect(url_for(".index"), 303)

    return answer(EmptyForm(), act, lambda: _page(ImageForm(formdata=None)))
