"""What a person may type about a hand-out: to whom it goes, what was said of it, and why it is taken back."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectMultipleField
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from meetings.i18n import lazy_gettext as _l
from meetings.web.forms import Form, Line, Text, required


class Ticks(SelectMultipleField):
    """Some of several people, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ReceiversForm(Form):
    """To whom a record goes, one by one and by whole lists, and how."""

    people = Ticks(_l("Hand it out to"))
    lists = Ticks(_l("And to everybody on these lists"))
    others = Text(_l("Others"), max=8000, hint=_l("One e-mail address a line: Ông Lê Minh Khang <khang@bo.example>."))
    notice_only = BooleanField(_l("The addresses that were typed get the notice of conclusions only"))
    link_only = BooleanField(_l("Send the link only: no file and no word of the documents in the letters"))


class HandOnForm(ReceiversForm):
    """To whom else."""


class HandedForm(Form):
    """One press over the list of a hand-out: who is ticked, and what was said of them."""

    who = Ticks(_l("Recipients"), validate_choice=False)
    by = Line(_l("Who said so on the telephone"), max=200)
    address = Line(_l("Corrected address"), max=254, hint=_l("For one recipient. Empty: to the same address."))
    reason = Text(_l("Reason for the recall"), max=500)
    everybody = BooleanField(_l("Recall from everybody who was handed this version, ticked or not"))

    @property
    def ids(self) -> list[int]:
        """The hand-outs that are ticked; what is no number was typed into the address and is none."""
        return [int(one) for one in self.who.data or [] if one.isascii() and one.isdigit() and len(one) < 10]


class RemindForm(Form):
    """As many as the page showed, so that nobody else is written to."""

    expected = IntegerField(default=0, widget=HiddenInput())


class ReceivedForm(Form):
    """The one button of a reader."""


class DeletedForm(Form):
    """A reader says so herself: machines that look through the mail press every button."""

    reader = BooleanField(
        _l("I have deleted the letter and every copy of the files"), [required(_l("Tick this box to report it."))]
    )


class IssueReceiversForm(ReceiversForm):
    """As at the issue, where the printed “Nơi nhận” is held beside it."""

    as_chosen = BooleanField(_l("Send as chosen here, although “Nơi nhận” says otherwise"))
    silent = BooleanField(_l("Issue without sending letters"))
