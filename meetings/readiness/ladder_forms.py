"""What an administrator may type about the ladder of the line tests."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired

from meetings.i18n import lazy_gettext as _l
from meetings.readiness.ladder import LONGEST, Ladder
from meetings.readiness.rules import Round
from meetings.web.forms import Day, Form, between, required

_WORDS = {
    "opens": {
        Round.REHEARSAL: _l("Opens: minutes before offices close on that day"),
        Round.ON_DAY: _l("Opens: minutes before the meeting"),
    },
    "period": {round_: _l("Period: minutes until an untested site turns amber") for round_ in Round},
    "grace": {round_: _l("Grace: minutes of amber until it turns red") for round_ in Round},
}
ROUND_WORDS = {Round.REHEARSAL: _l("Rehearsal"), Round.ON_DAY: _l("On the day")}


class RuleForm(Form):
    """Both rounds of a ladder; their fields are added below."""

    valid_from = Day(_l("For meetings held from"), required(_l("Enter the day.")), hint=_l("dd/mm/yyyy"))

    @property
    def wanted(self) -> dict[Round, Ladder]:
        return {
            round_: Ladder(*(self[f"{part}_{round_}"].data for part in ("opens", "period", "grace")))
            for round_ in Round
        }


for _part, _words in _WORDS.items():
    for _round, _word in _words.items():
        setattr(
            RuleForm,
            f"{_part}_{_round}",
            IntegerField(_word, [InputRequired(_l("Enter a whole number.")), between(0, LONGEST)]),
        )
