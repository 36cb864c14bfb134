"""What a coordinator may type: a pasted roster, one delegate, what a waiting row wants, the six items of a line test."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from meetings.directory import tables
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official import legacy_fonts
from meetings.readiness import roster
from meetings.readiness.findings import shown
from meetings.readiness.models import Delegate
from meetings.readiness.rules import ITEM_WORDS, MOST_NOTE, ROLE_WORDS, DelegateRole, Item, Verdict
from meetings.web.forms import Form, Line, at_most, between, required

HONORIFIC_CHOICES: Final = (
    SelectChoice("Ông", _l("Mr")),
    SelectChoice("Bà", _l("Ms")),
    SelectChoice("", _l("Leave blank")),
)
COMRADE_CHOICES: Final = (
    *HONORIFIC_CHOICES[:2],
    SelectChoice(roster.COMRADE, _l("Comrade")),
    HONORIFIC_CHOICES[2],
)
KEEP: Final = "keep"
FONT_WORDS: Final = {legacy_fonts.Font.TCVN3: "TCVN3 (.VnTime)", legacy_fonts.Font.VNI: "VNI-Windows"}


def _composed(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")


class QueuedForm(Form):
    """Parent of forms that a telephone without a connection keeps: a key of its own, and how old it is when it comes."""

    once = HiddenField(default=lambda: secrets.token_hex(16))
    age = HiddenField()

    def validate_once(self, field: Field) -> None:
        if len(field.data or "") > 60:
            raise ValidationError(_("This form cannot be read. Reload the page."))

    @property
    def seconds(self) -> float:
        """How many seconds ago the button was pressed; 0 for what cannot be read."""
        text = str(self.age.data or "")
        return float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) else 0.0

    @property
    def key(self) -> str | None:
        """The form's own key together with what it says: sent again it is the same form, while something else typed into a
        page that was gone back to is another."""
        if not self.once.data:
            return None
        # as it came: where nothing came, a field holds what stands by now
        said = sorted((field.name, str(field.raw_data)) for field in self if field.name not in ("csrf_token", "age"))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:40]


class RosterForm(QueuedForm):
    """A pasted list or a chosen file. Tabs and empty first cells are kept: they say where a column begins."""

    pasted = TextAreaField(
        _l("Paste from Excel"),
        [at_most(300_000)],
        filters=[_composed],
        description=_l("Name, title and organisation, one person a row"),
    )
    file = FileField(_l("Or choose an Excel file (.xlsx, .csv)"))
    replace = BooleanField(_l("Replace the whole list that was sent before"))
    font = StringField(filters=[_composed])  # the button that was pressed: an old font's name, "keep", or nothing
    old_font: legacy_fonts.Font | None = None
    sample: tuple[str, str] | None = None
    rows: Sequence[Sequence[str]] = ()

    def validate(self, extra_validators: Mapping[str, Iterable[Any]] | None = None) -> bool:
        if not super().validate(extra_validators):
            return False
        try:
            text = self._text()
            if not text.strip():
                raise Refused(_("Paste the list of delegates, or choose a file."), field="pasted")
            return self._read(text)
        except (
            Refused
        ) as refused:  # a file or a text that is no list of people: said at its field, what was typed is kept
            field = self.file if self._uploaded and not refused.field else self.pasted
            field.errors = [*field.errors, str(refused.message)]
            return False

    @property
    def _uploaded(self) -> bool:
        return isinstance(self.file.data, FileStorage) and bool(self.file.data.filename)

    def _text(self) -> str:
        """What was pasted, or the rows of the chosen file as if they had been."""
        if not self._uploaded:
            return str(self.pasted.data)
        sheets = tables.sheets_from_file(self.file.data.filename, self.file.data.read(tables.MAX_BYTES + 1))
        grid = roster.of_sheets(sheets)
        # a file cannot be shown again in its field: its rows can, so that nobody has to choose it twice
        self.pasted.data = "\n".join("\t".join(row) for row in grid)
        return str(self.pasted.data)

    def _read(self, text: str) -> bool:
        suspected = legacy_fonts.suspected(text)
        if suspected and self.font.data in set(legacy_fonts.Font):
            text = legacy_fonts.to_unicode(text, legacy_fonts.Font(self.font.data))
        elif suspected and self.font.data != KEEP:
            self.old_font = suspected
            self.sample = _changed(text, suspected)
            self.pasted.errors = [
                _(
                    "This text was typed with an old font (%(font)s) and is not readable as it stands.",
                    font=FONT_WORDS[suspected],
                )
            ]
            return False
        self.rows = roster.rows_of(text)
        return True


def _changed(text: str, font: legacy_fonts.Font) -> tuple[str, str]:
    """The first line that conversion would change, before and after: what the offer shows."""
    for line in text.splitlines():
        better = legacy_fonts.to_unicode(line, font)
        if better != line:
            return line.replace("\t", " ")[:80], better.replace("\t", " ")[:80]
    return "", ""


class DelegateForm(QueuedForm):
    """One delegate, typed by hand."""

    honorific = RadioField(_l("Form of address"), choices=list(COMRADE_CHOICES), default="")
    name = Line(_l("Full name"), required(_l("Enter the name of the delegate.")), max=roster.LENGTHS["name"])
    title = Line(_l("Title"), required(_l("Enter the title of the delegate.")), max=roster.LENGTHS["title"])
    organisation = Line(_l("Organisation"), max=roster.LENGTHS["organisation"])
    role = SelectField(
        _l("Part in the delegation"),
        choices=[
            SelectChoice(role.value, ROLE_WORDS[role])
            for role in (DelegateRole.MEMBER, DelegateRole.HEAD, DelegateRole.SPEAKER)
        ],
        default=DelegateRole.MEMBER.value,
    )
    phone = Line(_l("Telephone"), max=roster.LENGTHS["phone"])

    @property
    def values(self) -> dict[str, str]:
        return {
            name: str(self[name].data or "") for name in ("honorific", "name", "title", "organisation", "role", "phone")
        }


class ChangeForm(DelegateForm):
    """One delegate who is on the list: what is known of him, and his place in the order of protocol."""

    place = IntegerField(_l("Place on the list"), [Optional(), between(1, roster.MOST_ROWS)])


_WANTED: Final = {
    roster.Fault.NAME_MISSING: ("name",),
    roster.Fault.TITLE_MISSING: ("title",),
    roster.Fault.PHONE_ODD: ("phone",),
}
_LABELS: Final = {
    "name": _l("Full name"),
    "title": _l("Title"),
    "organisation": _l("Organisation"),
    "role": _l("Part in the delegation"),
    "phone": _l("Telephone"),
}


def wanted(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Which cells of a waiting row must be mended, in the order of the list."""
    names = [name for fault in row["faults"] for name in _WANTED.get(roster.Fault(fault), ())]
    if roster.Fault.TOO_LONG.value in row["faults"]:
        names += [name for name, most in roster.LENGTHS.items() if len(row["cells"].get(name, "")) > most]
    return tuple(name for name in roster.LENGTHS if name in names)


class CompletionForm(QueuedForm):
    """Parent of the form that mends what a list still wants; its fields are those of the list (:func:`completion`)."""

    @property
    def pending(self) -> dict[int, dict[str, str]]:
        """What was typed, by the number of the waiting row."""
        typed: dict[int, dict[str, str]] = {}
        for field in self:
            kind, number, name = (*field.name.split("-"), "", "")[:3]
            if kind == "row" and name:
                typed.setdefault(int(number), {})[name] = str(field.data or "")
        return typed

    @property
    def honorifics(self) -> dict[int, str]:
        """Ông or Bà, by the delegate's id."""
        said = ((field.name.split("-"), field.data) for field in self if field.name.startswith("honorific-"))
        return {int(name[1]): str(value or "") for name, value in said}


def completion(rows: Iterable[Mapping[str, Any]], unsaid: Iterable[Delegate], **kwargs: Any) -> CompletionForm:
    """The form that mends the waiting *rows* and asks Ông or Bà for the delegates of whom nothing said it."""
    fields: dict[str, Any] = {}
    for row in rows:
        for name in wanted(row):
            # empty is allowed here: she may mend one row today and leave the other waiting
            fields[f"row-{row['number']}-{name}"] = Line(
                _LABELS[name], max=roster.LENGTHS[name], default=row["cells"].get(name, "")
            )
    for delegate in unsaid:
        fields[f"honorific-{delegate.id}"] = RadioField(
            _l("Form of address"), choices=list(HONORIFIC_CHOICES[:2]), validate_choice=False
        )
    made: type[CompletionForm] = type("CompletionForm", (CompletionForm,), fields)
    return made(**kwargs)


def _one_verdict(form: Form, field: Field) -> None:
    if field.data not in ("", None, *Verdict):
        raise ValidationError(_("Choose “pass” or “fault”."))


VERDICT_CHOICES: Final = (SelectChoice(Verdict.PASS.value, _l("Pass")), SelectChoice(Verdict.FAULT.value, _l("Fault")))


def seen_as(items: Mapping[str, str], notes: Mapping[str, str]) -> str:
    """The items as a form was filled with them, for it to carry: ``line=pass:00000000 …``."""
    return " ".join(f"{key}={shown(found, notes.get(key, ''))}" for key, found in sorted(items.items()))


class LineTestForm(QueuedForm):
    """Six items, each passed, faulty or not looked at yet, with a line of text where it is faulty.

    It carries what it began with, so that an item that was not touched does not overwrite what somebody else found since.
    """

    seen = HiddenField()

    @property
    def seen_items(self) -> dict[Item, str]:
        pairs = (word.partition("=") for word in str(self.seen.data or "")[:300].split())
        return {Item(key): found for key, _is, found in pairs if key in set(Item)}

    @property
    def items(self) -> dict[Item, Verdict]:
        return {item: Verdict(self[item.value].data) for item in Item if self[item.value].data in set(Verdict)}

    @property
    def notes(self) -> dict[Item, str]:
        return {item: str(self[f"note_{item}"].data or "") for item in Item}


for _item in Item:
    setattr(
        LineTestForm,
        _item.value,
        RadioField(ITEM_WORDS[_item], [_one_verdict], choices=list(VERDICT_CHOICES), validate_choice=False),
    )
    setattr(LineTestForm, f"note_{_item}", Line(_l("What is wrong"), max=MOST_NOTE))


class SlotForm(Form):
    """Another slot of the rehearsal, as the hour at which it begins."""

    starts_at = StringField(_l("Free slots"), [required(_l("Choose a slot."))])
    free: Sequence[datetime] = ()

    def validate_starts_at(self, field: Field) -> None:
        if self.chosen_or_none is None:
            raise ValidationError(_("Choose a slot."))

    @property
    def chosen_or_none(self) -> datetime | None:
        try:
            at = datetime.fromisoformat(str(self.starts_at.data))
        except ValueError:
            return None
        return at.astimezone(UTC) if at.tzinfo is not None and 2000 <= at.year <= 2100 else None

    @property
    def chosen(self) -> datetime:
        at = self.chosen_or_none
        if at is None:
            raise Refused(_("Choose a slot."), field="starts_at", status=422)
        return at
