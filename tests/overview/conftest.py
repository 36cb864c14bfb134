"""The site of Nghệ An, asked to a meeting, and what a test wants to know of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.database import Base, db
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make

PASTED = (
    "STT\tHọ tên\tChức vụ\tĐơn vị\tVai trò\n"
    "1\tÔng Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\tTrưởng đoàn\n"
    "2\tBà Nguyễn Thị Mai Anh\tChánh Văn phòng\tVăn phòng\t\n"
    "3\tÔng Phan Đức Trí\tGiám đốc\tSở Khoa học và Công nghệ\tPhát biểu\n"
    "4\tBà Lê Thanh Tâm\t\tSở Tài chính\t\n"
    "5\tÔng Vũ Hải Đăng\tTrưởng phòng\tSở Nông nghiệp và Môi trường\t\n"
    "6\tÔng Trần Quốc Bảo\tChuyên viên\tVăn phòng\t\n"
    "7\tBà Hồ Thị Sen\tChuyên viên\tSở Nội vụ\t\n"
)


@pytest.fixture
def here(app: Flask) -> MeetingSite:
    """The site of Nghệ An in a meeting on 10 December at 08:00, asked; today is 1 December."""
    agenda = ("Khai mạc", "Báo cáo kết quả năm 2026", "Nghệ An phát biểu", "Kết luận")
    return make.sites_of(make.meeting(status=Status.SCHEDULED, agenda=agenda))[0]


@pytest.fixture
def link(here: MeetingSite) -> str:
    return make.private(here)


def said(here: MeetingSite) -> Any:
    db.session.expire_all()
    return make.invitation_of(here)


def everything(*but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, except the tables *but*."""
    db.session.rollback()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in but:
            rows = db.session.execute(sa.select(table).order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in rows]
    db.session.rollback()
    return found
