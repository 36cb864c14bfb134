# ruff: noqa: E501 (a table is read row by row)
"""The norms and assumptions that come with the product: dated values, each with its source and how far it was verified.

A value of the law that was not read in the primary text says so, here, on every screen and in every sheet. Finance replaces
them by a set of its own, above all where the council of a province has fixed other levels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from meetings.official.verified import Verified
from meetings.savings.rules import NormValue


@dataclass(frozen=True)
class DefaultSet:
    """A set of norms as it comes with the product."""

    name: str
    valid_from: date
    values: tuple[NormValue, ...]


_OLD: Final = "Thông tư 40/2017/TT-BTC"
_NEW: Final = "Thông tư 12/2025/TT-BTC (sửa Thông tư 40/2017/TT-BTC), hiệu lực 04/5/2025"
_AIR: Final = "Thông tư 34/2023/TT-BGTVT: giá trần vé phổ thông một chiều, chưa thuế, phí; thấp 50%, ước tính 75%, cao 100% giá trần"
_OURS: Final = "Giả định của hệ thống"
_S, _M, _A = Verified.SECONDARY, Verified.MEMORY, Verified.ASSUMED


def _pay(name: str, base: int) -> NormValue:
    """An hour of pay: base salary × coefficient (2.34, 4.40, 6.20) ÷ 176 hours, to the nearest hundred đồng."""
    low, mid, high = (round(base * coefficient / 100 / 176, -2) for coefficient in (234, 440, 620))
    source = (
        f"{name} (đã đối chiếu văn bản gốc) × hệ số 2,34 – 4,40 – 6,20 của Nghị định 204/2004/NĐ-CP ÷ 176 giờ một tháng"
    )
    return NormValue("hour_of_pay", int(low), int(mid), int(high), "đ/giờ", source, Verified.MEMORY)


_TT12: Final = (
    NormValue("delegation", 1, 3, 5, "người/đoàn", f"{_OURS}: một điểm cầu 130 người sẽ không cử 130 người đi họp", _A),
    NormValue("delegation_commune", 1, 2, 3, "người/đoàn", f"{_OURS}: đoàn cấp xã nhỏ hơn đoàn cấp tỉnh", _A),
    NormValue("per_diem", 300_000, 300_000, 300_000, "đ/người/ngày", f"{_NEW}: phụ cấp lưu trú", _S),
    NormValue("per_diem_island", 400_000, 400_000, 400_000, "đ/người/ngày", f"{_NEW}: phụ cấp lưu trú ở biển, đảo (họp tại đặc khu)", _S),
    NormValue("day_trip_share", 0, 50, 100, "%", f"{_OLD}: đi về trong ngày do thủ trưởng đơn vị quyết định; mức là giả định của hệ thống", _A),
    NormValue("lodging_city", 450_000, 600_000, 800_000, "đ/người/đêm", f"{_NEW}: mức khoán tại thành phố trực thuộc Trung ương, đối tượng còn lại 600.000 đ; thấp là mức cũ của {_OLD}", _M),
    NormValue("lodging_province", 350_000, 500_000, 600_000, "đ/người/đêm", f"{_NEW}: mức khoán tại tỉnh, đối tượng còn lại 500.000 đ; thấp là mức cũ của {_OLD}", _M),
    NormValue("litres_per_100km", 20, 20, 20, "lít/100 km", f"{_OLD}: khoán tự túc phương tiện 0,2 lít/km; việc mức này nay còn nguyên là chưa đối chiếu", _S),
    NormValue("petrol", 18_000, 20_000, 22_000, "đ/lít", f"{_OURS}: thay bằng giá bán lẻ công bố ngày họp", _A),
    NormValue("people_per_car", 4, 4, 3, "người/xe", f"{_OURS}: không tính lái xe", _A),
    NormValue("air_0", 850_000, 1_275_000, 1_700_000, "đ/lượt, dưới 500 km", _AIR, _S),
    NormValue("air_500", 1_125_000, 1_690_000, 2_250_000, "đ/lượt, 500 – 850 km", _AIR, _S),
    NormValue("air_850", 1_445_000, 2_170_000, 2_890_000, "đ/lượt, 850 – 1.000 km", _AIR, _S),
    NormValue("air_1000", 1_700_000, 2_550_000, 3_400_000, "đ/lượt, 1.000 – 1.280 km", _AIR, _S),
    NormValue("air_1280", 2_000_000, 3_000_000, 4_000_000, "đ/lượt, từ 1.280 km", _AIR, _S),
    NormValue("airport_transfer", 150_000, 250_000, 350_000, "đ/người/lượt", f"{_OURS}: đi, về sân bay ở hai đầu một lượt", _A),
    NormValue("tea", 20_000, 40_000, 40_000, "đ/người/buổi", f"{_NEW}: giải khát giữa giờ 40.000 đ; thấp là mức cũ", _M),
    NormValue("papers", 20_000, 40_000, 60_000, "đ/người", f"{_OURS}: in một bộ tài liệu", _A),
    NormValue("supplies_at_site", 100, 50, 0, "%", f"{_OURS}: họp trực tuyến thì điểm cầu vẫn chi nước, tài liệu cho chính những người ấy", _A),
    NormValue("hall", 0, 5_000_000, 15_000_000, "đ/buổi", f"{_OLD}: chi theo hợp đồng thực tế; mức là giả định của hệ thống, thấp là dùng hội trường sẵn có", _A),
    NormValue("online_site", 600_000, 400_000, 200_000, "đ/điểm cầu/buổi", f"{_OURS}: đường truyền, điện, khấu hao thiết bị, kỹ thuật viên", _A),
    NormValue("online_host", 8_000_000, 5_000_000, 3_000_000, "đ/buổi", f"{_OURS}: điều khiển trung tâm, ghi hình, kỹ thuật", _A),
    NormValue("winding", 120, 130, 140, "% đường chim bay", f"{_OURS}: hệ số đường vòng", _A),
    NormValue("min_km", 15, 15, 15, "km", f"{_OLD}: khoảng cách tối thiểu được thanh toán tự túc phương tiện (xã đặc biệt khó khăn: 10 km)", _S),
    NormValue("air_from_km", 400, 400, 400, "km đường bộ", f"{_OURS}: từ khoảng cách này đi máy bay", _A),
    NormValue("night_from_km", 200, 150, 100, "km đường bộ", f"{_OURS}: từ khoảng cách này phải đến từ hôm trước nếu họp buổi sáng", _A),
    NormValue("road_kmh", 50, 45, 40, "km/giờ", _OURS, _A),
    NormValue("air_hours", 4, 5, 6, "giờ/lượt", f"{_OURS}: từ nhà đến nơi họp", _A),
    _pay("Nghị định 73/2024/NĐ-CP, lương cơ sở 2.340.000 đ", 2_340_000),
)  # fmt: skip
"""Low and high are of the *saving*: an online cost is therefore dearer at the low end, fewer people share a car at the high."""


def _changed(base: tuple[NormValue, ...], *changes: NormValue) -> tuple[NormValue, ...]:
    new = {change.key: change for change in changes}
    return tuple(new.get(value.key, value) for value in base)


_BEFORE: Final = {value.key: value for value in _TT12}

DEFAULT_SETS: Final = (
    DefaultSet(
        "Thông tư 40/2017/TT-BTC",
        date(2024, 7, 1),
        _changed(
            _TT12,
            replace(_BEFORE["per_diem"], low=200_000, mid=200_000, high=200_000, source=f"{_OLD}: phụ cấp lưu trú"),
            replace(_BEFORE["per_diem_island"], low=250_000, mid=250_000, high=250_000, source=f"{_OLD}: phụ cấp lưu trú ở biển, đảo"),
            replace(_BEFORE["lodging_city"], low=450_000, mid=450_000, high=450_000, source=f"{_OLD}: mức khoán tại quận, đô thị loại I", verified=_S),
            replace(_BEFORE["lodging_province"], low=350_000, mid=350_000, high=350_000, source=f"{_OLD}: mức khoán tại huyện, thị xã của tỉnh", verified=_S),
            replace(_BEFORE["tea"], low=20_000, mid=20_000, high=20_000, source=f"{_OLD}: giải khát giữa giờ"),
        ),
    ),
    DefaultSet("Thông tư 12/2025/TT-BTC", date(2025, 5, 4), _TT12),
    DefaultSet(
        "Thông tư 12/2025/TT-BTC, lương cơ sở 2.530.000 đ",
        date(2026, 7, 1),
        _changed(_TT12, _pay("Nghị định 161/2026/NĐ-CP, lương cơ sở 2.530.000 đ", 2_530_000)),
    ),
)  # fmt: skip
"""Oldest first; a meeting keeps the set in force on its day."""

DEFAULTS: Final = DEFAULT_SETS[-1].values
