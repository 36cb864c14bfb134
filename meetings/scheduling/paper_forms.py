"""What is typed to put a paper in."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Form, Line


class PaperForm(Form):
    title = Line(_l("Title of the paper"), max=300, hint=_l("Left empty, the name of the file is taken."))
    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l(".docx, .pdf, .xlsx, .pptx or .odt, at most 20 MB"),
    )
