"""What a person may type about the machines' witness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from meetings.attendance.witness_words import ZONES
from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Form, between, optional

LATER: Final = "later"
OTHER: Final = "other"
_ROW: Final = "m-"
_TYPED: Final = "o-"


class FileForm(Form):
    """A list of who was connected, as the platform exports it."""

    file = FileField(
        _l("Attendance file"),
        [FileRequired(_l("Choose a file."))],
        description=_l(".csv, .json, .jsonl, .xlsx or .txt as the platform exports it, at most 8 MB"),
    )


class QuestionForm(Form):
    """What the file leaves open."""

    zone = SelectField(
        _l("Whose clock did the file run by?"), choices=[SelectChoice(*one) for one in ZONES], default=ZONES[0][0]
    )
    day_first = RadioField(
        _l("How are its dates written?"),
        choices=[SelectChoice("yes", _l("day/month/year")), SelectChoice("no", _l("month/day/year"))],
        validators=[optional()],
    )

    @property
    def day_comes_first(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.day_first.data or "")


class ShiftForm(Form):
    """By how much the clock of a witness is put right."""

    minutes = IntegerField(_l("Minutes of the clock"), [optional(), between(-1_560, 1_560)])
    seconds = IntegerField(_l("Seconds of the clock"), [optional(), between(-59, 59)])

    @property
    def total(self) -> int:
        return (self.minutes.data or 0) * 60 + (self.seconds.data or 0)


class WithdrawForm(Form):
    """Nothing to type: one button."""


class MatchForm(Form):
    """Who is who, as many rows as stood on the page: ``m-WHO`` is a site's id or a word, ``o-WHO`` a name that was typed."""

    back = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posted: Mapping[str, str] = {}
        self.unclear: dict[str, str] = {}  # by participant: why what was typed for it means no one site

    def validate(self, extra_validators: Mapping[str, Iterable[Any]] | None = None) -> bool:
        return super().validate(extra_validators) and not self.unclear

    def said(self) -> dict[str, tuple[str, str]]:
        """By participant: the button that was chosen, and the name that was typed beside it."""
        found = {}
        for key, value in self.posted.items():
            if key.startswith(_ROW):
                who = key.removeprefix(_ROW)[:32]
                typed = " ".join(self.posted.get(f"{_TYPED}{who}", "").split())[:200]
                chosen = OTHER if typed and value in (LATER, OTHER) else value
                if chosen != LATER:
                    found[who] = (chosen, typed)
        return found

    def chosen(self, who: str, otherwise: str) -> str:
        """The button that was chosen for *who*, or the one that is to stand chosen."""
        return self.posted.get(f"{_ROW}{who}", otherwise)

    def typed(self, who: str) -> str:
        return self.posted.get(f"{_TYPED}{who}", "")
