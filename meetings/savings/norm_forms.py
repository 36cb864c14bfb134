"""What a person types about norms, documents that set several of them, distances and the assumed venue."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from meetings.i18n import lazy_gettext as _l
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.savings.forms import Whole
from meetings.web.forms import Day, Form, Line, Text, optional, required

_HOW_FAR = [SelectChoice(v.value, w) for v, w in VERIFIED_WORDS.items()]


class DayForm(Form):
    """The day whose norms are looked at: an address, so it needs no token."""

    class Meta(Form.Meta):
        csrf = False

    day = Day(_l("In force on"), optional())


class _Kept(Form):
    """Where values come from and for whom they hold."""

    province = SelectField(_l("Applies to"))
    valid_from = Day(_l("In force from"), required(_l("Enter the day.")))
    document = Line(_l("Document"), required(_l("Enter the source of the value.")), max=300)
    verified = SelectField(_l("How far it is verified"), choices=_HOW_FAR, default=Verified.MEMORY.value)
    note = Line(_l("Note"), max=400)

    def offer(self, kept: Sequence[tuple[str, str]]) -> None:
        """Let a person choose among those for whom she may set norms."""
        self.province.choices = [SelectChoice(code, name) for code, name in kept]


class NormForm(_Kept):
    """A value of a norm; all three stay empty where the norm exists and its value is not known."""

    low = Whole(_l("Low"), [Optional()])
    mid = Whole(_l("Estimate"), [Optional()])
    high = Whole(_l("High"), [Optional()])
    article = Line(_l("Article"), max=120)


class ResolutionForm(_Kept):
    """What the values of one document share; the values themselves are the rows of its table."""

    file = FileField(_l("Read the values from an Excel file (.xlsx, .csv)"))


class DistancesForm(Form):
    """Lines of two sites, kilometres and source, pasted or read from a file."""

    rows = Text(
        _l("One way a line: from site, to site, kilometres, source"),
        max=100_000,
        description=_l("Names or codes of sites; columns divided by a semicolon, or copied from Excel."),
    )
    source = Line(_l("Source of the lines that name none"), max=300)
    file = FileField(_l("Or choose an Excel file (.xlsx, .csv)"))


class VenueForm(Form):
    """Another place where all would have met."""

    venue = HiddenField()
    reason = Line(_l("Why"), required(_l("Enter why this meeting differs.")), max=500)
