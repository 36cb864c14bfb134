"""The video room in words: on which platform it is, and why there is none."""

from __future__ import annotations

from typing import Final

from meetings.i18n import lazy_gettext as _l
from meetings.scheduling.room_rules import MANUAL, NOT_CONFIGURED

PLATFORM_WORDS: Final = {
    MANUAL: _l("A link that is pasted here"),
    "jitsi": _l("Jitsi Meet"),
    "bigbluebutton": _l("BigBlueButton"),
}
WHY_WORDS: Final = {
    "unreachable": _l("the server cannot be reached"),
    "untrusted": _l("the certificate of the server is not valid"),
    "too_slow": _l("the server takes too long to answer"),
    "busy": _l("the server is busy"),
    "key_refused": _l("the server does not accept our secret key"),
    "odd_answer": _l("the server gave an answer that cannot be read"),
    "ended": _l("the room was ended on the server"),
    "refused": _l("the server refused"),
    NOT_CONFIGURED: _l("this system is not set up here any more"),
}
