"""What a person types about assumptions."""

from __future__ import annotations

from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from meetings.i18n import lazy_gettext as _l
from meetings.savings.rules import KEY_WORDS
from meetings.web.forms import Form, Line, between, required

_whole = _l("Enter a whole number.")


class _Range(Form):
    """Three values; which of them can be meant depends on the norm and is said by ``rules.fault`` at the field."""

    low = IntegerField(_l("Low"), [InputRequired(_whole), between(0, 10**12)])
    mid = IntegerField(_l("Estimate"), [InputRequired(_whole), between(0, 10**12)])
    high = IntegerField(_l("High"), [InputRequired(_whole), between(0, 10**12)])


class AdjustForm(_Range):
    key = SelectField(_l("Assumption"), choices=[SelectChoice(key, word) for key, word in KEY_WORDS.items()])
    reason = Line(_l("Why"), required(_l("Enter why this meeting differs.")), max=500)


class TryForm(_Range):
    """One assumption tried by an address: nothing is written, so no token is asked for."""

    class Meta(Form.Meta):
        csrf = False

    key = SelectField(_l("Assumption"), choices=[SelectChoice(key, word) for key, word in KEY_WORDS.items()])


class EstimateForm(Form):
    """No fields: the button of the estimate."""
