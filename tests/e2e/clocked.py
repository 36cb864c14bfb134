"""The application as a server starts it, its clock put forward by ``CLOCK_AHEAD`` seconds.

A conference is booked a week before it is held. The browser keeps the real clock: cookies only ever live longer for it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import time_machine

if ahead := float(os.environ.get("CLOCK_AHEAD") or 0):
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=ahead), tick=True).start()

from wsgi import app  # the clock first

__all__ = ["app"]
