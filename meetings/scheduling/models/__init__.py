"""The tables of arranging."""

from meetings.scheduling.models.booking import (
    GUARDS,
    LONGEST,
    Booking,
    Busy,
    BusyKind,
    Clash,
    Feed,
)
from meetings.scheduling.models.cascade import (
    Cascade,
)
from meetings.scheduling.models.change import (
    Change,
)
from meetings.scheduling.models.meeting import (
    AgendaItem,
    Meeting,
    MeetingPaper,
    MeetingPerson,
    MeetingSeries,
    MeetingSite,
)
from meetings.scheduling.models.regime import (
    DayOverride,
    OfficeSpan,
    RegimeConfirmation,
    RegimeOverride,
    RegimeRule,
)
from meetings.scheduling.models.room import (
    PlatformRoom,
)

__all__ = [
    "AgendaItem",
    "Booking",
    "Busy",
    "BusyKind",
    "Cascade",
    "Change",
    "Clash",
    "DayOverride",
    "Feed",
    "GUARDS",
    "LONGEST",
    "Meeting",
    "MeetingPaper",
    "MeetingPerson",
    "MeetingSeries",
    "MeetingSite",
    "OfficeSpan",
    "PlatformRoom",
    "RegimeConfirmation",
    "RegimeOverride",
    "RegimeRule",
]
