"""The norms and assumptions that an estimate stands on: values as data, each with its source and how far it was verified.

A value of the law that was not read in the primary text says so, here, on every screen and in every sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
    Verified.PRIMARY: _l("read in the primary text"),
    Verified.SECONDARY: _l("read in a secondary source"),
    Verified.MEMORY: _l("not verified"),
    Verified.ASSUMED: _l("assumption of this system"),
}


@dataclass(frozen=True)
class NormValue:
    """Low, usual and high value of one norm, in *unit* (``đ`` is whole đồng)."""

    key: str
    low: int
    mid: int
    high: int
    unit: str
    source: str
    verified: Verified


DEFAULT_NAME: Final = "TT 40/2017/TT-BTC, TT 12/2025/TT-BTC"
DEFAULT_FROM: Final = date(2025, 5, 4)

_TT12: Final = "Thông tư 12/2025/TT-BTC (sửa Thông tư 40/2017/TT-BTC), hiệu lực 04/5/2025"
_AIR: Final = "Thông tư 34/2023/TT-BGTVT, giá trần vé phổ thông một chiều, chưa thuế, phí; mức thấp, mức giữa tính 50 % và 75 % giá trần"

DEFAULTS: Final[tuple[NormValue, ...]] = (
    NormValue("per_diem", 300_000, 300_000, 300_000, "đ/người/ngày", _TT12, Verified.SECONDARY),
    NormValue("lodging_city", 600_000, 600_000, 800_000, "đ/người/đêm", _TT12 + ", mức khoán tại thành phố trực thuộc Trung ương", Verified.MEMORY),
    NormValue("lodging_province", 500_000, 500_000, 600_000, "đ/người/đêm", _TT12 + ", mức khoán tại tỉnh", Verified.MEMORY),
    NormValue("litres_per_100km", 20, 20, 20, "lít/100 km", "Thông tư 40/2017/TT-BTC, khoán tự túc phương tiện 0,2 lít/km", Verified.SECONDARY),
    NormValue("petrol", 18_000, 20_000, 22_000, "đ/lít", "Giá xăng bán lẻ giả định", Verified.ASSUMED),
    NormValue("people_per_car", 4, 4, 3, "người/xe", "Giả định của hệ thống", Verified.ASSUMED),
    NormValue("air_0", 850_000, 1_275_000, 1_700_000, "đ/lượt, dưới 500 km", _AIR, Verified.SECONDARY),
    NormValue("air_500", 1_125_000, 1_690_000, 2_250_000, "đ/lượt, 500 – 850 km", _AIR, Verified.SECONDARY),
    NormValue("air_850", 1_445_000, 2_170_000, 2_890_000, "đ/lượt, 850 – 1.000 km", _AIR, Verified.SECONDARY),
    NormValue("air_1000", 1_700_000, 2_550_000, 3_400_000, "đ/lượt, 1.000 – 1.280 km", _AIR, Verified.SECONDARY),
    NormValue("air_1280", 2_000_000, 3_000_000, 4_000_000, "đ/lượt, từ 1.280 km", _AIR, Verified.SECONDARY),
    NormValue("airport_transfer", 150_000, 250_000, 350_000, "đ/người/lượt", "Giả định của hệ thống", Verified.ASSUMED),
    NormValue("tea", 20_000, 40_000, 40_000, "đ/người/buổi", "Thông tư 12/2025/TT-BTC, chi giải khát giữa giờ (mức mới chưa đối chiếu)", Verified.MEMORY),
    NormValue("papers", 20_000, 40_000, 60_000, "đ/người", "In tài liệu, giả định của hệ thống", Verified.ASSUMED),
    NormValue("hall", 5_000_000, 10_000_000, 20_000_000, "đ/buổi", "Thuê hội trường theo hợp đồng, giả định của hệ thống", Verified.ASSUMED),
    NormValue("online_site", 600_000, 400_000, 200_000, "đ/điểm cầu/buổi", "Đường truyền, điện, khấu hao, kỹ thuật viên: giả định của hệ thống", Verified.ASSUMED),
    NormValue("online_host", 8_000_000, 5_000_000, 3_000_000, "đ/buổi", "Điều khiển trung tâm: giả định của hệ thống", Verified.ASSUMED),
    NormValue("delegation", 1, 3, 5, "người/đoàn", "Số người mỗi đơn vị cử đi nếu họp tập trung: giả định của hệ thống", Verified.ASSUMED),
    NormValue("winding", 120, 130, 140, "% đường chim bay", "Hệ số đường vòng: giả định của hệ thống", Verified.ASSUMED),
    NormValue("min_km", 15, 15, 15, "km", "Thông tư 40/2017/TT-BTC, khoảng cách tối thiểu được thanh toán tự túc phương tiện", Verified.SECONDARY),
    NormValue("air_from_km", 400, 400, 400, "km", "Từ khoảng cách này đi máy bay: giả định của hệ thống", Verified.ASSUMED),
    NormValue("night_from_km", 150, 100, 60, "km", "Từ khoảng cách này phải đi từ hôm trước: giả định của hệ thống", Verified.ASSUMED),
    NormValue("hour_of_pay", 60_000, 80_000, 120_000, "đ/giờ", "Lương cơ sở 2.530.000 đ (Nghị định 161/2026/NĐ-CP) × hệ số 4,40 – 8,00 ÷ 176 giờ, làm tròn", Verified.MEMORY),
)
"""Low and high are of the *saving*: an online cost is therefore dearer at the low end, fewer people share a car at the high."""

KEYS: Final = tuple(norm.key for norm in DEFAULTS)

KEY_WORDS: Final = {
    "per_diem": _l("Per diem"),
    "lodging_city": _l("Lodging in a centrally-run city"),
    "lodging_province": _l("Lodging in a province"),
    "litres_per_100km": _l("Petrol norm"),
    "petrol": _l("Price of petrol"),
    "people_per_car": _l("People in a car"),
    "air_0": _l("Air ticket up to 500 km"),
    "air_500": _l("Air ticket up to 850 km"),
    "air_850": _l("Air ticket up to 1,000 km"),
    "air_1000": _l("Air ticket up to 1,280 km"),
    "air_1280": _l("Air ticket beyond 1,280 km"),
    "airport_transfer": _l("Way to and from an airport"),
    "tea": _l("Refreshments"),
    "papers": _l("Printed papers"),
    "hall": _l("Hire of a hall"),
    "online_site": _l("Online: a site"),
    "online_host": _l("Online: the centre"),
    "delegation": _l("People who would have travelled"),
    "winding": _l("Winding of roads"),
    "min_km": _l("No travel below"),
    "air_from_km": _l("By air from"),
    "night_from_km": _l("A night away from"),
    "hour_of_pay": _l("An hour of pay"),
}
