"""What is sent about PDF files and signatures."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField

from meetings.adapters.examining import MOST
from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Form, Line, between, optional, required


class _WithFile(Form):
    @property
    def name(self) -> str:
        return str(self["file"].data.filename or "")[:200] if self["file"].data else ""

    @property
    def content(self) -> bytes:
        """The bytes, and one more than may be, so that a file that is too large is known as such."""
        return bytes(self["file"].data.stream.read(MOST + 1))


class SignedFileForm(_WithFile):
    """A PDF of a document that was signed elsewhere."""

    file = FileField(
        _l("The signed PDF"),
        [FileRequired(_l("Choose a file."))],
        description=_l("As your agency's program saved it, at most 20 MB."),
    )
    sure = BooleanField(_l("Keep it all the same"))


class VerifyForm(_WithFile):
    """Any file that somebody wants to know about."""

    file = FileField(_l("The PDF or .docx"), [FileRequired(_l("Choose a file."))])


class ImageForm(_WithFile):
    """The image of a seal or of a signature."""

    unit = Line(_l("Code of the body"), required(_l("Enter the code of the body.")), max=40)
    signer = Line(
        _l("Name of the signer"),
        max=120,
        hint=_l("As it is printed below the signature. Empty: this is the seal of the body."),
    )
    millimetres = IntegerField(
        _l("Width on paper, in millimetres"),
        [optional(), between(10, 70)],
        description=_l("Empty: 36 for a seal, 45 for a signature."),
    )
    file = FileField(
        _l("Image"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PNG with a transparent ground; the seal red, the signature blue. At most 2 MB."),
    )
