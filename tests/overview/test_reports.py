"""Reports: every number stands for the names behind it, and every name for an entry of the journal."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook

from meetings.accounts.models import User
from meetings.attendance.models import Presence
from meetings.database import db
from meetings.overview import reports_count, reports_names
from meetings.overview.reports_figures import By, Figure, Scope
from meetings.overview.reports_period import Period, Rhythm, asked, holding
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import MeetingType, Status
from tests import make
from tests.minutes.conftest import close_roll

AUTUMN = Period(2026, 4)


@pytest.fixture
def held(app: Flask) -> Meeting:
    """10 December 2026: Nghệ An came with twelve, Hà Tĩnh is absent, eighteen sat at the main site."""
    meeting = make.meeting(status=Status.CLOSED)
    close_roll(meeting)
    return meeting


def scope(who: User, **more: Any) -> Scope:
    return Scope(make.actor(who), AUTUMN, **more)


def test_the_figures_of_a_meeting_stand_on_the_lines_of_its_provinces(held: Meeting, finance: User) -> None:
    found = reports_count.report(scope(finance), By.PART)
    lines = {line.name: line for line in found.lines}
    assert set(lines) == {"Nghệ An", "Hà Tĩnh", "Bộ Điều phối số"}
    assert (lines["Nghệ An"][Figure.PEOPLE], lines["Bộ Điều phối số"][Figure.PEOPLE]) == (12, 18)
    assert (lines["Hà Tĩnh"][Figure.ABSENT], lines["Nghệ An"][Figure.ABSENT]) == (1, 0)
    assert (found.total[Figure.MEETINGS], found.total[Figure.INVITED], found.total[Figure.PEOPLE]) == (1, 2, 30)
