"""What a person types about the documents of a unit."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from meetings.directory.models import Letterhead, Signatory
from meetings.i18n import lazy_gettext as _l
from meetings.official import template_check
from meetings.official.layout import layouts
from meetings.official.signing import CAPACITY_WORDS, Capacity
from meetings.official.vocabulary import DOCUMENT_WORDS, DocumentKind
from meetings.web.forms import Day, Form, Line, Text, optional, required


class LetterheadForm(Form):
    form = RadioField(_l("Form of its documents"), [InputRequired(_l("Choose the form."))])
    superior = Text(
        _l("Body above it"), max=400, hint=_l("As it is printed, with its own line breaks. Empty: as the unit says.")
    )
    has_superior = BooleanField(_l("A body stands above it in the head"), default=True)
    issuer = Text(
        _l("Issuing body"), max=400, hint=_l("As it is printed, with its own line breaks. Empty: the name of the unit.")
    )
    called = Line(_l("Name inside sentences"), max=250, hint=_l("For example: Văn phòng Bộ Điều phối số"))
    symbol = Line(_l("Symbol in numbers"), max=40, hint=_l("BĐPS gives GM-BĐPS."))
    place = Line(_l("Place name"), max=100, hint=_l("Before the date: Hà Nội, ngày …"))
    address = Line(_l("Address line"), max=300, hint=_l("For a template of your own; our form prints none."))
    honorific = SelectField(
        _l("Before the names of people"),
        choices=[SelectChoice("", _l("Ông or Bà, each her own")), SelectChoice("Đồng chí", "Đồng chí")],
    )
    titled_names = BooleanField(_l("Ranks and degrees may stand before the name of a signer (armed forces, science)"))
    for_below = BooleanField(_l("Units under it that have no letterhead use this one"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.choices = [SelectChoice(one.key, f"{one.name} – {one.whose}") for one in layouts().values()]

    def begin_with(self, row: Letterhead | None, form: str) -> None:
        """Show what holds now."""
        if row is None:
            self.form.data, self.has_superior.data = form, True
            return
        for name, field in self._fields.items():
            if name != "csrf_token":
                field.data = getattr(row, name)

    def said(self) -> dict[str, Any]:
        return {
            name: (field.data or "") if isinstance(field, Line | Text) else field.data
            for name, field in self._fields.items()
            if name != "csrf_token"
        }


class Ticks(SelectMultipleField):
    """Some of several, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SignatoryForm(Form):
    capacity = SelectField(
        _l("Signs as"), choices=[SelectChoice(one.value, word) for one, word in CAPACITY_WORDS.items()]
    )
    whose = Line(
        _l("For whom"), max=120, hint=_l("The collective, or the office of the head: ỦY BAN NHÂN DÂN, BỘ TRƯỞNG …")
    )
    above = Line(_l("Line above"), max=120, hint=_l("Only over KT. and Q.: TM. ỦY BAN NHÂN DÂN, TL. BỘ TRƯỞNG"))
    title = Line(
        _l("Own office"),
        required(_l("Enter the signer's own office.")),
        max=120,
        hint=_l("THỨ TRƯỞNG, CHÁNH VĂN PHÒNG"),
    )
    name = Line(_l("Full name"), required(_l("Enter the full name.")), max=120, hint=_l("Without Ông, Bà and degrees."))
    kinds = Ticks(_l("Documents"), choices=[SelectChoice(one.value, word) for one, word in DOCUMENT_WORDS.items()])
    act_number = Line(_l("Number of the authorisation"), max=60, hint=_l("For TUQ. only, for example 15/GUQ-BĐPS"))
    act_on = Day(_l("Date of the authorisation"), optional())
    valid_from = Day(_l("From"), optional())
    valid_to = Day(_l("Last day"), optional())

    def begin_with(self, row: Signatory) -> None:
        for name, field in self._fields.items():
            if name != "csrf_token":
                value = getattr(row, name)
                field.data = value.split() if name == "kinds" else value.value if name == "capacity" else value

    def said(self) -> dict[str, Any]:
        chosen = self.kinds.data or []
        return {
            "capacity": Capacity(self.capacity.data),
            "whose": self.whose.data or "",
            "above": self.above.data or "",
            "title": self.title.data or "",
            "name": self.name.data or "",
            "kinds": "" if len(chosen) == len(DOCUMENT_WORDS) else " ".join(chosen),
            "act_number": self.act_number.data or "",
            "act_on": self.act_on.data,
            "valid_from": self.valid_from.data,
            "valid_to": self.valid_to.data,
        }


class TemplateForm(Form):
    kind = SelectField(
        _l("Kind of document"), choices=[SelectChoice(one.value, word) for one, word in DOCUMENT_WORDS.items()]
    )
    file = FileField(
        _l("Template"),
        [FileRequired(_l("Choose a file."))],
        description=_l(".docx, at most 2 MB, without macros and links"),
    )
    for_below = BooleanField(_l("Units under it that have no template of this kind use this one"))
    data_of_file = b""

    def validate_file(self, field: Any) -> None:
        self.data_of_file = field.data.read(template_check.MOST + 1)
        found = template_check.faults(self.data_of_file, field.data.filename or "", DocumentKind(self.kind.data))
        if found:
            field.errors = list(found)
            raise StopValidation()
