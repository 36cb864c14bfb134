"""What a machine told of who was connected: frozen rows, what was left out and why, and what a person has to be asked.

Pure. Instants are aware (UTC) and whole seconds. Every word in *left_out*, *faults* and *ask* is a code of the lists below:
the page says it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

LAYOUTS: Final = (
    "teams_v3",  # three numbered sections, since 2022
    "teams_v2",  # one "Meeting Summary", 2021
    "teams_v1",  # Full Name, User Action, Timestamp, 2020
    "teams_live",  # attendee report of a live event
    "graph",  # attendanceRecords of Microsoft Graph
    "zoom",  # participants with join and leave
    "zoom_unique",  # unique users: lengths only
    "zoom_api",  # report API
    "webex",
    "bbb_dashboard",  # learning_dashboard_data.json
    "bbb_export",  # the dashboard's CSV, in the language of whoever exported it
    "bbb_webhooks",
    "jitsi",  # event_sync, one event a line
    "meet",  # Google Meet conferenceRecords
    "trueconf",
    "livekit",  # webhooks, one a line
    "pexip",  # history
    "cms",  # call detail records of Cisco Meeting Server
    "plain",  # our own table: site, in, out
)

LEFT_OUT: Final = (
    "waiting_room",  # was not in the meeting yet
    "repeated",  # told twice, word for word
    "nameless",  # neither a name nor an id nor an address
    "timeless",  # no time that can be read, and no length
    "summed",  # a line of sums, or of somebody told in detail elsewhere
    "damaged",  # a line or record that cannot be read
    "not_a_guest",  # a recorder, a gateway, the conference focus
    "another_event",  # an event of something else (chat, sharing)
)

FAULTS: Final = (
    "empty",
    "too_big",  # more than MAX_BYTES: not read at all
    "too_many_rows",  # more than MAX_ROWS: not read at all
    "old_workbook",  # .xls
    "not_understood",  # no layout fits
    "no_rows",  # the layout is known, nobody is in it
    "another_day",  # no time in it is of the meeting's day
    "mixed_order",  # some dates can only be day-month, others only month-day
    "first_and_last",  # each row is first in and last out: breaks between are not told
    "lengths_only",  # no times at all
    "gaps_in_record",  # the numbering of the records has holes
    "cut_short",  # the file ends in the middle
    "unknown_zone",  # the zone asked for does not exist; Hà Nội was taken
)


@dataclass(frozen=True)
class Row:
    """One interval of one participant, or its length where no more is known.

    *number* counts the rows of this reading from 1. *name* is as it stood there; *own_name* what the device called itself
    before it was renamed. *left_at* None with *joined_at* known: still in when the file was taken. *joined_at* None with
    *left_at* known: it was in before the telling began. Both None: only *seconds* is known. *address* is what a person can be
    written to or rung at; *external_id* what the platform calls it: our own id where we gave one.
    """

    number: int
    name: str
    address: str = ""
    external_id: str = ""
    joined_at: datetime | None = None
    left_at: datetime | None = None
    seconds: int | None = None
    own_name: str = ""


@dataclass(frozen=True)
class Told:
    """A file read. *layout* is one of :data:`LAYOUTS`, "" where none fits: then *faults* says why and there are no rows.

    *zone_fixed*: the file says of itself in which zone its clock ran. *ask* holds ``zone`` where it does not (the zone handed
    over was taken for it, a person should see that), and ``day_first`` where both orders of day and month are possible and
    differ: then the rows were read day first for a look only, and the file has to be read again with the answer.
    *began_at*, *ended_at*: the meeting's own times, or those of the telling, where the file says them.
    """

    layout: str
    zone_fixed: bool = False
    rows: tuple[Row, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[str, ...] = ()
    ask: frozenset[str] = frozenset()
    title: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None
