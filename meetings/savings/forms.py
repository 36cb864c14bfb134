"""What a person types about assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import TextInput

from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale
from meetings.official import numbers
from meetings.savings.rules import KEY_WORDS, SPECS, Way, disagrees, fault
from meetings.savings.values import Values
from meetings.web.forms import Form, Line, required

_whole = _l("Enter a whole number.")


class Whole(IntegerField):
    """A whole number as people write it: 15000000, 15.000.000 or 15 000 000. It is shown with the separators of the reader.

    How large it may be is the norm's own, and is said by it.
    """

    widget = TextInput()
    data: Any  # int, or None where nothing was typed

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = int(_grouped.sub("", typed)) if _number.fullmatch(typed) else None
        if typed and self.data is None:
            raise ValueError(_whole)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else numbers.number(self.data, 0, locale())


_number = re.compile(r"-?[0-9]{1,30}|[0-9]{1,3}([.,\s][0-9]{3}){1,9}")
_grouped = re.compile(r"[.,\s]")
_typing = {"inputmode": "numeric"}


class _Range(Form):
    """An assumption and its three values; which of them can be meant depends on the norm and is said by ``rules.fault`` at the
    field. One that decides who travels and how has a single value, typed as the middle one, which stands for all three."""

    key = SelectField(_l("Assumption"), choices=[SelectChoice(key, word) for key, word in KEY_WORDS.items()])
    low = Whole(_l("Low"), [InputRequired(_whole)], render_kw=_typing)
    mid = Whole(_l("Estimate"), [InputRequired(_whole)], render_kw=_typing)
    high = Whole(_l("High"), [InputRequired(_whole)], render_kw=_typing)

    @property
    def single(self) -> bool:
        """Whether the chosen assumption has one value, the same for low, mid and high."""
        return self.key.data in SPECS and SPECS[self.key.data].way is Way.SAME

    def validate(self, extra_validators: Mapping[str, Iterable[Any]] | None = None) -> bool:
        """As ever; the one value of a single assumption is wrong once, not three times."""
        if self.single:
            for field in (self.low, self.high):
                field.data, field.raw_data, field.process_errors = self.mid.data, self.mid.raw_data, []
        right = super().validate(extra_validators)
        if self.single:
            self.low.errors = self.high.errors = ()
        return bool(right)


class AdjustForm(_Range):
    """Another value for one meeting, with the reason."""

    reason = Line(_l("Why"), required(_l("Enter why this meeting differs.")), max=500)

    @classmethod
    def asked(cls, given: Mapping[str, str], values: Values) -> AdjustForm:
        """The form as an address fills it: the assumption that it names, with the three values that were tried, or with those
        that stand now where it brings none that can be read."""
        value = values.national.get(given.get("key", ""))
        if value is None:
            return cls(formdata=None)
        three = [numbers.read(given.get(name, "")) for name in ("low", "mid", "high")]
        if None in three:
            three = [value.low, value.mid, value.high]
        return cls(formdata=None, data=dict(zip(("key", "low", "mid", "high"), (value.key, *three), strict=True)))


class TryForm(_Range):
    """One assumption tried by an address: nothing is written, so no token is asked for."""

    class Meta(Form.Meta):
        csrf = False

    @classmethod
    def asked(cls, given: Mapping[str, str], values: Values) -> TryForm:
        """The form as the address fills it: with what stands now where only the assumption is chosen."""
        value = values.national.get(given.get("key", ""))
        if value is None:
            return cls(formdata=None)
        if "mid" not in given:
            return cls(formdata=None, data={"key": value.key, "low": value.low, "mid": value.mid, "high": value.high})
        return cls(MultiDict({name: given.get(name, "") for name in ("key", "low", "mid", "high")}))

    def three(self, values: Values) -> tuple[int, int, int] | None:
        """What is tried beside *values*, None where it cannot be meant: the fault then stands at its field."""
        if not self.validate():
            return None
        three = (self.low.data, self.mid.data, self.high.data)
        wrong = fault(self.key.data, *three) or disagrees(self.key.data, three, values.national)
        if wrong is not None:
            self["mid" if self.single else wrong[0]].errors = [wrong[1]]
            return None
        return three


class EstimateForm(Form):
    """No fields: the button of the estimate."""
