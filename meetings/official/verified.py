"""How far a value of the law was verified: it stands beside the value wherever that is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from meetings.i18n import lazy_gettext as _l


class Verified(StrEnum):
    """How a value was come by."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    MEMORY = "memory"
    ASSUMED = "assumed"


VERIFIED_WORDS: Final = {
    Verified.PRIMARY: _l("Read in the primary text"),
    Verified.SECONDARY: _l("Read in a secondary source"),
    Verified.MEMORY: _l("Not verified"),
    Verified.ASSUMED: _l("Assumption of this system"),
}
