"""How the versions of an estimate are told: what differs, by whom, why, and how far the total moved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from meetings.i18n import in_locale
from meetings.savings.versions import told


@dataclass(frozen=True)
class Place:
    name: str


@dataclass(frozen=True)
class Version:
    version: int = 1
    formula: int = 2
    norms: dict[str, Any] = field(
        default_factory=lambda: {
            "national": {
                "delegation": {"low": 1, "mid": 3, "high": 5},
                "air_from_km": {"low": 500, "mid": 500, "high": 500},
                "meals_city": {"low": None, "mid": None, "high": None},
            },
            "provinces": {},
        }
    )
    changes: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    venue: Place | None = None
    occasion: dict[str, Any] = field(default_factory=dict)
    low: int = 10
    mid: int = 20
    high: int = 30
    people: int = 500
    sites: int = 34
    counted: int = 34
    made_at: datetime = datetime(2026, 11, 11, 9, tzinfo=UTC)
    made_by: str = "Ông Thịnh"


FIRST = Version()


def of_second(**other: Any) -> Any:
    with in_locale("vi"):
        return told([replace(FIRST, version=2, **other), FIRST])[0]


def test_the_first_version_is_moved_against_nothing() -> None:
    with in_locale("vi"):
        (first,) = told([FIRST])
    assert (first.more, first.differences, first.total) == (None, ("Bản ước tính đầu tiên.",), (10, 20, 30))


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (
            {"changes": {"delegation": [2, 4, 6]}},
            "Số người cấp tỉnh, bộ cử đi nếu họp tập trung: từ 1 – 3 – 5 người/đoàn thành 2 – 4 – 6 người/đoàn.",
        ),
        ({"changes": {"air_from_km": [600, 600, 600]}}, "Đi máy bay từ: từ 500 km đường bộ thành 600 km đường bộ."),
        ({"venue": Place("Bắc Ninh")}, "Nơi họp giả định: từ điểm cầu trung tâm thành Bắc Ninh."),
        (
            {"people": 480, "counted": 33},
            "Điểm danh: từ 500 người, tính được 34/34 điểm cầu thành 480 người, 33/34 điểm cầu.",
        ),
        ({"mid": 21}, "Không đổi giả định; trong thời gian đó đã bổ sung cự ly, danh sách đại biểu hoặc tọa độ."),
        ({}, "Không có gì khác."),
        ({"formula": 3}, "Công thức 2 đổi thành công thức 3."),
        ({"occasion": {"half_days": 2}}, "Giờ họp hoặc loại địa bàn nơi họp được lấy khác đi."),
    ],
)
def test_what_is_different_is_said_in_a_sentence(other: dict[str, Any], sentence: str) -> None:
    assert of_second(**other).differences == (sentence,)


def test_a_norm_whose_value_was_not_known_is_told_so() -> None:
    said = of_second(changes={"meals_city": [1000, 1000, 1000]}).differences[0]
    assert "từ chưa biết giá trị thành 1.000" in said


def test_norms_taken_anew_are_named_while_they_are_few() -> None:
    few = {**FIRST.norms, "national": {**FIRST.norms["national"], "delegation": {"low": 2, "mid": 3, "high": 5}}}
    assert of_second(norms=few).differences == ("Lấy lại định mức: Số người cấp tỉnh, bộ cử đi nếu họp tập trung.",)
    province = {**FIRST.norms, "provinces": {"40": {"per_diem": {"low": 1, "mid": 1, "high": 1}}}}
    assert of_second(norms=province).differences == ("Lấy lại định mức: Phụ cấp lưu trú.",)


def test_the_move_of_the_total_and_the_reason_stand_with_the_version_that_made_them() -> None:
    second = replace(FIRST, version=2, mid=15, changes={"delegation": [1, 1, 1]}, reason="Giấy mời ghi một người")
    third = replace(second, version=3, people=490)
    with in_locale("vi"):
        newest, middle, _first = told([third, second, FIRST])
    assert (middle.more, middle.reason) == (-5, "Giấy mời ghi một người")
    assert (newest.more, newest.reason) == (0, ""), (
        "an estimate from the corrected roll carries the reason, it had none"
    )
    with in_locale("vi"):
        back = told([replace(FIRST, version=3, reason="Nhầm"), second])[0]
    assert back.differences == (
        "Số người cấp tỉnh, bộ cử đi nếu họp tập trung: trở lại định mức 1 – 3 – 5 người/đoàn.",
    )
    assert (back.more, back.reason) == (5, "Nhầm")
