"""What a secretary types while she books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, Regexp

from meetings.accounts.forms import HONORIFICS
from meetings.directory.queries.documents import Offer
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official import numbers
from meetings.scheduling import rooms, services
from meetings.scheduling.models import Meeting
from meetings.scheduling.room_rules import MANUAL
from meetings.scheduling.room_words import PLATFORM_WORDS
from meetings.scheduling.rules import TYPE_WORDS, MeetingType, Secrecy
from meetings.web.forms import Day, Form, Line, Text, TimeOfDay, between, chosen, required

MAX_ITEMS = 40

SECRECY_WORDS = [
    SelectChoice(Secrecy.ORDINARY.value, _l("Ordinary")),
    SelectChoice(Secrecy.INTERNAL.value, _l("Internal use")),
    SelectChoice(Secrecy.SECRET.value, _l("Mật (secret)")),
    SelectChoice(Secrecy.HIGH.value, _l("Tối mật (highly secret)")),
    SelectChoice(Secrecy.TOP.value, _l("Tuyệt mật (top secret)")),
]


NO_BODY = _l(
    "No unit of this account has a site in service, so none of them can invite. A site is added in the directory."
)


class DraftForm(Form):
    """Parent of the steps: *edition* is the state of the draft that was open here."""

    edition = HiddenField()

    @property
    def seen_edition(self) -> int | None:
        return numbers.read(self.edition.data)


class DetailsForm(DraftForm):
    organiser = SelectField(_l("Inviting body"), coerce=int, validate_choice=False)
    title = Text(
        _l("Name of the meeting"),
        required(_l("Enter the name of the meeting.")),
        max=300,
        hint=_l("As it will stand in the giấy mời, for example: Hội nghị trực tuyến toàn quốc sơ kết …"),
    )
    type = RadioField(
        _l("Type of meeting"),
        [InputRequired(_l("Choose the type of meeting."))],
        choices=[SelectChoice(t.value, w) for t, w in TYPE_WORDS.items()],
    )
    urgent = BooleanField(_l("Urgent (đột xuất): shorter notice, the steps that lie in the past are skipped"))
    urgent_reason = Line(_l("Why it is urgent"), max=500)
    urgent_approved_by = Line(_l("Leader who approved that it is urgent"), max=200, hint=_l("Full name and position"))
    secrecy = RadioField(
        _l("Secrecy"), [chosen(_l("Choose the secrecy."))], choices=SECRECY_WORDS, default=Secrecy.ORDINARY.value
    )
    chair_honorific = SelectField(_l("Form of address"), choices=HONORIFICS)
    chair_name = Line(_l("Chair: full name"), required(_l("Enter who takes the chair.")), max=120)
    chair_title = Line(_l("Chair: position"), required(_l("Enter the position of the chair.")), max=200)
    room = SelectField(_l("Room of the host site"), coerce=int, validators=[Optional()])
    hours = IntegerField(
        _l("Length: hours"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 48)], default=2
    )
    minutes = IntegerField(
        _l("minutes"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 59)], default=0
    )
    composition = Text(
        _l("Who is asked to sit at each site"),
        required(_l("Enter who is asked to sit at each site.")),
        max=1000,
        hint=_l("For example: Lãnh đạo Ủy ban nhân dân; Chánh Văn phòng; lãnh đạo các sở, ngành liên quan"),
    )
    max_delegates = IntegerField(_l("At most … delegates a site"), [Optional(), between(1, 5000)])
    host_composition = Text(_l("Who sits at the host site"), max=1000)
    note = Text(_l("What the sites should know besides"), max=2000)

    def validate_organiser(self, field: Any) -> None:
        if not any(value for value, *_words in field.iter_choices()):
            raise ValidationError(str(NO_BODY))
        if field.data not in [value for value, *_words in field.iter_choices() if value]:
            raise ValidationError(_("Choose the inviting body."))

    def validate_urgent_reason(self, field: Any) -> None:
        if self.urgent.data and not field.data:
            raise ValidationError(_("Enter why the meeting is urgent."))

    def validate_urgent_approved_by(self, field: Any) -> None:
        if self.urgent.data and not field.data:
            raise ValidationError(_("Enter the leader who approved that the meeting is urgent."))

    def validate_hours(self, field: Any) -> None:
        total = (self.hours.data or 0) * 60 + (self.minutes.data or 0)
        if not 10 <= total <= 48 * 60:
            raise ValidationError(_("The length must be between 10 minutes and 48 hours."))

    def details(self) -> services.Details:
        return services.Details(
            title=" ".join((self.title.data or "").split()),
            type=MeetingType(self.type.data),
            urgent=bool(self.urgent.data),
            urgent_reason=self.urgent_reason.data if self.urgent.data else "",
            urgent_approved_by=self.urgent_approved_by.data if self.urgent.data else "",
            secrecy=Secrecy(self.secrecy.data),
            chair_honorific=self.chair_honorific.data,
            chair_name=self.chair_name.data,
            chair_title=self.chair_title.data,
            minutes_long=(self.hours.data or 0) * 60 + (self.minutes.data or 0),
            composition=self.composition.data,
            max_delegates=self.max_delegates.data,
            host_composition=self.host_composition.data,
            note=self.note.data,
        )


class TimeForm(DraftForm):
    day = Day(_l("Day"), required(_l("Enter the day.")), hint=_l("dd/mm/yyyy"))
    start = TimeOfDay(_l("From"), required(_l("Enter the hour.")), hint=_l("24 hours, for example 08:00"))
    hours = IntegerField(_l("Length: hours"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 48)])
    minutes = IntegerField(_l("minutes"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 59)])
    in_spite_of = Line(_l("Invite all the same, because"), max=500)

    @property
    def length(self) -> int:
        return (self.hours.data or 0) * 60 + (self.minutes.data or 0)


class SitesForm(Form):
    """Ticks of the tree: *shown* are the sites that stood on the page, *site* those ticked."""


class PastedForm(Form):
    codes = Text(
        _l("Codes or names of sites, one a line"),
        required(_l("Paste at least one code.")),
        max=200_000,
        hint=_l("For example a column copied from Excel: 40, 79, 26740 …"),
    )


def _room_link(hint: Any = None) -> Line:
    return Line(
        _l("Link of the video room"),
        Optional(),
        Regexp(r"^https?://[^\s<>\"']+$", message=_l("Enter an address that begins with https://.")),
        max=500,
        hint=hint,
    )


def _room_dial() -> Line:
    return Line(_l("Dial string (H.323, SIP)"), max=200)


class RoomForm(Form):
    """The video room, which may be named and changed until the meeting ends."""

    platform = RadioField(_l("Video system"), choices=[], validate_choice=False)
    platform_link = _room_link(_l("Paste what the video system gave; every site's join link leads there from then on."))
    dial_string = _room_dial()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.platform.choices = [(name, PLATFORM_WORDS.get(name, name)) for name in rooms.choices()]
        if not self.asks:
            self.platform.data = MANUAL
        else:
            self.platform_link.hint = _("Goes with “%(choice)s” alone.", choice=PLATFORM_WORDS[MANUAL])

    @property
    def asks(self) -> bool:
        """Whether there is a platform to choose besides the pasted link."""
        return len(self.platform.choices) > 1


class WordingForm(DraftForm):
    signer = SelectField(_l("Signer from the list"), choices=[], validate_choice=False)
    signer_authority = Line(
        _l("Signs by authority of"), max=120, hint=_l("For example TL. BỘ TRƯỞNG; blank when the head signs")
    )
    signer_title = Line(_l("Position of the signer"), required(_l("Enter the position of the signer.")), max=120)
    signer_name = Line(_l("Name of the signer"), required(_l("Enter the name of the signer.")), max=120)
    contact_name = Line(_l("Whom to ask"), required(_l("Enter whom the sites can ask.")), max=200)
    contact_phone = Line(
        _l("Telephone of the office"),
        required(_l("Enter the telephone number of the office.")),
        Regexp(r"^[0-9 .()+\-]{6,30}$", message=_l("Enter a telephone number, for example 024.0000.0101.")),
        max=30,
    )
    technical_phone = Line(
        _l("Telephone of the technicians"),
        Optional(),
        Regexp(r"^[0-9 .()+\-]{6,30}$", message=_l("Enter a telephone number, for example 024.0000.0101.")),
        max=30,
    )
    recipients = Text(
        _l("Nơi nhận, one a line"), max=2000, hint=_l("“Như trên” and “Lưu: VT” are added by themselves.")
    )
    invitation_number = Line(
        _l("Number"),
        Optional(),
        Regexp(r"^\d{1,6}$", message=_l("Enter digits only.")),
        max=6,
        hint=_l("Blank: the records clerk gives it."),
    )
    invitation_on = Day(_l("Date of the giấy mời"), Optional())
    platform_link = _room_link()
    dial_string = _room_dial()

    def offer(self, offers: Sequence[Offer], stored: tuple[str, str, str]) -> None:
        """Offer *offers*; who is chosen anew takes the place of what was typed, who was *stored* gives way to it."""
        now = next((one.id for one in offers if one.words == stored), "")
        own = SelectChoice("", _("in one's own words, below"))
        self.signer.choices = [own, *(SelectChoice(one.id, one.label) for one in offers)]
        if not self.is_submitted():
            self.signer.data = now
            return
        chosen = next((one for one in offers if one.id == self.signer.data != now), None)
        if chosen is not None:
            fields = (self.signer_authority, self.signer_title, self.signer_name)
            for field, words in zip(fields, chosen.words, strict=True):
                field.data, field.raw_data = words, [words]

    def wording(self) -> services.Wording:
        return services.Wording(
            signer_authority=self.signer_authority.data,
            signer_title=self.signer_title.data,
            signer_name=self.signer_name.data,
            contact_name=self.contact_name.data,
            contact_phone=self.contact_phone.data,
            technical_phone=self.technical_phone.data or "",
            recipients=self.recipients.data,
            invitation_number=self.invitation_number.data or "",
            invitation_on=self.invitation_on.data.isoformat() if self.invitation_on.data else "",
            platform_link=self.platform_link.data or "",
            dial_string=self.dial_string.data,
        )


class SendForm(Form):
    reply_day = Day(_l("Replies and rosters by: day"), required(_l("Enter the day.")))
    reply_time = TimeOfDay(_l("hour"), required(_l("Enter the hour.")))


class AgendaForm(DraftForm):
    """The agenda is a table of rows; the rows are read by :func:`typed_rows`."""


def typed_rows(values: Any, title: str = "title") -> list[dict[str, str]]:
    """The agenda's rows as posted: parallel lists *title*, ``minutes``, ``presenter``; at most :data:`MAX_ITEMS`."""
    columns = [[" ".join(t.split())[:600] for t in values.getlist(name)] for name in (title, "minutes", "presenter")]
    rows = [dict(zip(("title", "minutes", "presenter"), cells, strict=True)) for cells in zip(*columns, strict=False)]
    return rows[:MAX_ITEMS]


def length_of(row: dict[str, str]) -> int | None:
    """The minutes of a typed row, None where they are no number from 1 to 2880."""
    length = numbers.read(row["minutes"]) or 0
    return length if 1 <= length <= 2880 else None


def read_items(rows: Iterable[dict[str, str]]) -> tuple[list[services.Item], dict[int, dict[str, str]]]:
    """The items of typed *rows* and, by row number from 0, the sentence for each cell that cannot be used."""
    items: list[services.Item] = []
    faults: dict[int, dict[str, str]] = {}
    for number, row in enumerate(rows):
        if not (row["title"] or row["presenter"]):
            continue
        wrong: dict[str, str] = {}
        if not row["title"]:
            wrong["title"] = _("Enter what this item is about.")
        elif (
            len(row["title"]) > 500
            or len(row["presenter"]) > 300
            or not (row["title"] + row["presenter"]).isprintable()
        ):
            wrong["title"] = _("This text is too long or has characters that cannot be kept.")
        length = length_of(row)
        if length is None:
            wrong["minutes"] = _("Enter the length in minutes.")
        if wrong or length is None:
            faults[number] = wrong
        else:
            items.append(services.Item(row["title"], length, row["presenter"]))
    return items, faults


def filled(form: Form, meeting: Meeting) -> Form:
    """A form of a step as *meeting* stands, when it is opened."""
    if not form.is_submitted():
        form.process(obj=meeting)
        if "hours" in form and "minutes" in form:
            form["hours"].data, form["minutes"].data = divmod(meeting.minutes_long, 60)
    return form
