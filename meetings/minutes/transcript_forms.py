"""What a person may type about recordings and transcripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any, Final

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from meetings.clock import instant, wall
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Day, Form, Line, Text, TimeOfDay, chosen, required

LATER: Final = "later"
OTHER: Final = "other"
AS_TOLD: Final = "as_told"
UNNAMED: Final = "unnamed"
OUT: Final = "out"
OPEN: Final = "open"
_ROW, _SITE, _SPEAKER = "v-", "site-", "who-"


class Second(TimeOfDay):
    """A time of day to the second."""

    def _value(self) -> str:
        return self.data.strftime("%H:%M:%S") if isinstance(self.data, time) else str(super()._value())


class Beginning(Form):
    """From when a clock counts."""

    day = Day(_l("The recording began on the day"), required(_l("Enter on which day the recording began.")))
    at = Second(
        _l("at (hours, minutes, seconds)"),
        required(_l("Enter at what time the recording began.")),
        hint=_l("Each time in the file counts from here; it decides under which agenda item something was said."),
    )

    @classmethod
    def of(cls, began: datetime | None, **more: Any) -> Any:
        """A fresh form that suggests *began*."""
        shown = wall(began) if began is not None else None
        data = {"day": shown.date(), "at": shown.time().replace(microsecond=0)} if shown is not None else {}
        return cls(formdata=None, data=data, **more)

    @property
    def began(self) -> datetime:
        return instant(self.day.data, self.at.data)


class TranscriptForm(Beginning):
    """A transcript as a platform gives it."""

    file = FileField(
        _l("Transcript"),
        [FileRequired(_l("Choose a file."))],
        description=_l(".vtt, .srt, .docx of Microsoft Teams or .jsonl of TrueConf, at most 16 MB"),
    )


class RecordingForm(Beginning):
    """Sound or pictures of the meeting."""

    file = FileField(_l("Recording"), [FileRequired(_l("Choose a file."))])


class DecisionForm(Form):
    """What the chair decided."""

    allowed = RadioField(
        _l("The chair’s decision"),
        choices=[
            SelectChoice("yes", _l("the meeting may be recorded and written down by machines")),
            SelectChoice("no", _l("neither recorded nor written down by machines")),
        ],
        validators=[chosen(_l("Choose what was decided."))],
    )
    decided_by = Line(
        _l("Decided by"), required(_l("Enter who decided.")), max=200, hint=_l("The chair, or whom the chair told to.")
    )
    reason = Text(_l("Reason or document"), max=500)


class Button(Form):
    """Nothing to type: one button."""


class VoicesForm(Form):
    """Who is who, as many voices as stood on the page: ``v-ID`` is a choice, ``site-ID`` and ``who-ID`` what was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posted: Mapping[str, str] = {}
        self.unclear: dict[int, str] = {}  # by voice: why what was chosen for it means nobody

    def validate(self, extra_validators: Mapping[str, Iterable[Any]] | None = None) -> bool:
        return super().validate(extra_validators) and not self.unclear

    def said(self) -> dict[int, tuple[str, str, str]]:
        """By voice: the button that was chosen, the site and the speaker that were typed beside it."""
        found = {}
        for key, value in self.posted.items():
            number = key.removeprefix(_ROW)
            if not key.startswith(_ROW) or not number.isdecimal() or len(number) > 9:
                continue
            site, speaker = self.typed(number)
            choice = OTHER if (site or speaker) and value == LATER else value
            if choice != LATER:
                found[int(number)] = (choice, site, speaker)
        return found

    def typed(self, voice: int | str) -> tuple[str, str]:
        """The site and the speaker that were typed for *voice*."""
        return (
            _line(self.posted.get(f"{_SITE}{voice}", ""), 200),
            _line(self.posted.get(f"{_SPEAKER}{voice}", ""), 300),
        )

    def chosen(self, voice: int, otherwise: str) -> str:
        """The button that was chosen for *voice*, or the one that is to stand chosen."""
        return self.posted.get(f"{_ROW}{voice}", otherwise)


def _line(text: str, most: int) -> str:
    return " ".join("".join(c for c in text if c.isprintable()).split())[:most]


def unclear() -> str:
    """What is said of a voice for which nothing was typed, or somebody chosen who is not of this meeting."""
    return _("Type the site or the speaker, or choose another answer.")
