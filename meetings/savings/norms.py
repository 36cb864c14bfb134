# ruff: noqa: E501 (a table is read row by row)
"""The norms and assumptions that come with the product: dated values, each with document, article and how far it was verified.

A value of the law that was not read in the primary text says so, here, on every screen and in every sheet. One that is known to
have changed and whose new value is not known stands here without a value: what needs it is not counted until finance enters it.
Low and high are of the *saving*: an online cost is therefore dearer at the low end, fewer people share a car at the high.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from meetings.official.verified import Verified
from meetings.savings.rules import NormValue

_TT40: Final = "Thông tư 40/2017/TT-BTC"
_TT12: Final = "Thông tư 12/2025/TT-BTC (sửa Thông tư 40/2017/TT-BTC)"
_TT34: Final = "Thông tư 34/2023/TT-BGTVT"
_ND204: Final = "Nghị định 204/2004/NĐ-CP"
_OURS: Final = "Giả định của hệ thống"
_ON40, _ON12, _ON34 = date(2017, 7, 1), date(2025, 5, 4), date(2024, 3, 1)
_P, _S, _M, _A = Verified.PRIMARY, Verified.SECONDARY, Verified.MEMORY, Verified.ASSUMED
_D6: Final = "khoản 3 Điều 1, sửa Điều 6"
_D7: Final = "khoản 4 Điều 1, sửa Điều 7"
_NOT_CHECKED: Final = "số khoản suy ra từ thứ tự sửa đổi, chưa đối chiếu"
_NO_ARTICLE: Final = "số điều, khoản chưa đối chiếu"
_UNKNOWN: Final = "mức mới đã được nâng, chưa biết giá trị: bộ phận tài chính bổ sung"


def _of(
    key: str,
    low: int | None,
    mid: int | None,
    high: int | None,
    document: str,
    article: str,
    verified: Verified,
    since: date = _ON40,
    note: str = "",
) -> NormValue:
    return NormValue(key, low, mid, high, document, article, verified, since, note)


def _one(
    key: str, value: int | None, document: str, article: str, verified: Verified, since: date = _ON40, note: str = ""
) -> NormValue:
    """The same value in all three columns, as the law has it."""
    return NormValue(key, value, value, value, document, article, verified, since, note)


def _assumed(key: str, low: int, mid: int, high: int, note: str) -> NormValue:
    return NormValue(key, low, mid, high, _OURS, "", _A, _ON40, note)


DEFAULTS: Final[tuple[NormValue, ...]] = (
    # who would have travelled
    _assumed("delegation", 1, 3, 5, "một điểm cầu 130 người sẽ không cử 130 người đi họp"),
    _assumed("delegation_commune", 1, 2, 3, "đoàn cấp xã nhỏ hơn đoàn cấp tỉnh"),
    _assumed("leaders", 1, 1, 1, "khi không có danh sách đại biểu: một người hưởng HSPC từ 0,8 đến dưới 1,25 dẫn đầu đoàn cấp tỉnh, bộ; đoàn cấp xã toàn bộ là đối tượng còn lại"),
    # how
    _assumed("winding", 120, 130, 140, "hệ số đường vòng, khi không có bảng cự ly hoặc máy chủ bản đồ"),
    _one("min_km", 15, _TT40, "khoản 2 Điều 5", _S, note=f"khoảng cách tối thiểu được thanh toán tự túc phương tiện; xã đặc biệt khó khăn là 10 km, hệ thống không có danh mục xã nên tính 15 km cho mọi nơi; {_NO_ARTICLE}"),
    _one("min_km", 15, _TT12, "điểm b khoản 2 Điều 1, sửa Điều 5", _M, _ON12, "mức được giữ nguyên: chưa đối chiếu"),
    _assumed("coach_from_km", 60, 60, 60, "đoàn cấp xã không có xe công, từ khoảng cách này đi xe khách"),
    _assumed("air_from_km", 500, 500, 500, "từ khoảng cách này đi máy bay"),
    _assumed("road_kmh", 50, 45, 40, "kể cả nghỉ dọc đường"),
    _assumed("air_hours", 4, 5, 6, "từ nhà đến nơi họp"),
    _assumed("leave_from", 5, 5, 6, "phải đi sớm hơn giờ này thì đến từ hôm trước"),
    _assumed("home_by", 22, 21, 20, "về muộn hơn giờ này thì nghỉ lại"),
    # travel
    _one("litres_per_100km", 20, _TT40, "khoản 2 Điều 5", _S, note=f"khoán tự túc phương tiện 0,2 lít/km; áp dụng cho mỗi xe, kể cả xe công; {_NO_ARTICLE}"),
    _one("litres_per_100km", 20, _TT12, "điểm b khoản 2 Điều 1, sửa Điều 5", _M, _ON12, "mức 0,2 lít/km được giữ nguyên: chưa đối chiếu"),
    _assumed("petrol", 18_000, 20_000, 22_000, "thay bằng giá bán lẻ công bố ngày họp"),
    _assumed("people_per_car", 4, 4, 3, "không tính lái xe"),
    _assumed("coach_fare", 700, 900, 1_200, "giá vé xe khách theo km"),
    _one("air_0", 1_600_000, "Thông tư 17/2019/TT-BGTVT", "Điều 1", _M, note="giá trần vé phổ thông một chiều, chưa thuế, phí; dưới 500 km"),
    _one("air_500", 2_200_000, "Thông tư 17/2019/TT-BGTVT", "Điều 1", _M, note="từ 500 đến dưới 850 km"),
    _one("air_850", 2_790_000, "Thông tư 17/2019/TT-BGTVT", "Điều 1", _M, note="từ 850 đến dưới 1.000 km"),
    _one("air_1000", 3_200_000, "Thông tư 17/2019/TT-BGTVT", "Điều 1", _M, note="từ 1.000 đến dưới 1.280 km"),
    _one("air_1280", 3_750_000, "Thông tư 17/2019/TT-BGTVT", "Điều 1", _M, note="từ 1.280 km"),
    _one("air_0", 1_700_000, _TT34, "Điều 1", _S, _ON34, f"giá trần vé phổ thông một chiều, chưa thuế, phí; dưới 500 km, nhóm đường bay khác; {_NO_ARTICLE}"),
    _one("air_500", 2_250_000, _TT34, "Điều 1", _S, _ON34, f"từ 500 đến dưới 850 km; {_NO_ARTICLE}"),
    _one("air_850", 2_890_000, _TT34, "Điều 1", _S, _ON34, f"từ 850 đến dưới 1.000 km; {_NO_ARTICLE}"),
    _one("air_1000", 3_400_000, _TT34, "Điều 1", _S, _ON34, f"từ 1.000 đến dưới 1.280 km; {_NO_ARTICLE}"),
    _one("air_1280", 4_000_000, _TT34, "Điều 1", _S, _ON34, f"từ 1.280 km; {_NO_ARTICLE}"),
    _assumed("fare_share", 50, 75, 100, "giá vé thực trả so với giá trần, chưa thuế, phí"),
    _assumed("air_share_a", 130, 130, 250, f"{_TT12}: HSPC từ 1,3 đi hạng thương gia, 1,25 đi phổ thông đặc biệt; chênh lệch giá là giả định"),
    _assumed("air_share_b", 100, 130, 150, f"{_TT12}: HSPC từ 0,8 đến 1,25 đi phổ thông đặc biệt; chênh lệch giá là giả định"),
    _assumed("airport_transfer", 150_000, 250_000, 350_000, "đi, về sân bay ở hai đầu một lượt"),
    # allowances
    _one("per_diem", 200_000, _TT40, "Điều 6", _S, note=f"phụ cấp lưu trú; {_NO_ARTICLE}"),
    _one("per_diem", 300_000, _TT12, _D6, _S, _ON12, f"phụ cấp lưu trú, kể cả ngày đi đường; {_NOT_CHECKED}"),
    _one("per_diem_island", 250_000, _TT40, "Điều 6", _S, note=f"ở biển, đảo; {_NO_ARTICLE}"),
    _one("per_diem_island", 400_000, _TT12, _D6, _S, _ON12, f"ở biển, đảo (họp tại đặc khu); {_NOT_CHECKED}"),
    _of("day_trip_share", 0, 50, 100, _TT40, "Điều 6", _A, note="đi về trong ngày do thủ trưởng đơn vị quyết định theo giờ và quãng đường; mức là giả định"),
    _one("lodging_a", 1_000_000, _TT40, "khoản 2 Điều 7", _S, note=f"mức khoán, mọi nơi đến; áp dụng cho HSPC từ 1,25; {_NO_ARTICLE}"),
    _one("lodging_b_city", 450_000, _TT40, "khoản 2 Điều 7", _S, note=f"chưa tách đối tượng HSPC 0,8: như đối tượng còn lại; {_NO_ARTICLE}"),
    _of("lodging_b_province", 300_000, 350_000, 350_000, _TT40, "khoản 2 Điều 7", _S, note=f"như trên; thấp là mức của vùng còn lại; {_NO_ARTICLE}"),
    _one("lodging_c_city", 450_000, _TT40, "khoản 2 Điều 7", _S, note=f"mức khoán tại quận, đô thị loại I; {_NO_ARTICLE}"),
    _of("lodging_c_province", 300_000, 350_000, 350_000, _TT40, "khoản 2 Điều 7", _S, note=f"mức khoán tại huyện, thị xã, thành phố còn lại của tỉnh; thấp là 300.000 đ của vùng còn lại; {_NO_ARTICLE}"),
    _one("lodging_a", 1_600_000, _TT12, _D7, _S, _ON12, f"mức khoán HSPC từ 1,25, mọi nơi đến; {_NOT_CHECKED}"),
    _one("lodging_b_city", 800_000, _TT12, _D7, _M, _ON12, "mức khoán HSPC 0,8 đến dưới 1,25 tại thành phố trực thuộc Trung ương"),
    _one("lodging_b_province", 600_000, _TT12, _D7, _M, _ON12, "mức khoán HSPC 0,8 đến dưới 1,25 tại tỉnh"),
    _one("lodging_c_city", 600_000, _TT12, _D7, _M, _ON12, "mức khoán đối tượng còn lại tại thành phố trực thuộc Trung ương"),
    _one("lodging_c_province", 500_000, _TT12, _D7, _M, _ON12, "mức khoán đối tượng còn lại tại tỉnh"),
    _of("invoice_a", 1_100_000, 1_100_000, 1_200_000, _TT40, "khoản 3 Điều 7", _S, note=f"Thứ trưởng, HSPC 1,25 – 1,3: một người một phòng; cao là quận, đô thị loại I, còn lại là nơi khác; Bộ trưởng 2.500.000 đ không tính riêng; {_NO_ARTICLE}"),
    _one("invoice_b_city", 1_000_000, _TT40, "khoản 3 Điều 7", _S, note=f"quận, đô thị loại I: tính một người một phòng cho người dẫn đầu; {_NO_ARTICLE}"),
    _one("invoice_b_province", 700_000, _TT40, "khoản 3 Điều 7", _S, note=f"nơi khác: tính một người một phòng cho người dẫn đầu; {_NO_ARTICLE}"),
    _one("invoice_c_city", 1_000_000, _TT40, "khoản 3 Điều 7", _S, note=f"quận, đô thị loại I: phòng hai người; {_NO_ARTICLE}"),
    _one("invoice_c_province", 700_000, _TT40, "khoản 3 Điều 7", _S, note=f"nơi khác: phòng hai người; {_NO_ARTICLE}"),
    _one("invoice_a", None, _TT12, _D7, _M, _ON12, f"Bộ trưởng 4.000.000 đ/đêm (qua nguồn thứ cấp); Thứ trưởng và HSPC 1,25 – 1,3: {_UNKNOWN}"),
    _one("invoice_b_city", None, _TT12, _D7, _M, _ON12, _UNKNOWN),
    _one("invoice_b_province", None, _TT12, _D7, _M, _ON12, _UNKNOWN),
    _one("invoice_c_city", None, _TT12, _D7, _M, _ON12, _UNKNOWN),
    _one("invoice_c_province", None, _TT12, _D7, _M, _ON12, _UNKNOWN),
    _assumed("invoice_share", 0, 0, 50, "phần số đêm thanh toán theo hóa đơn; còn lại theo mức khoán"),
    # the meeting itself
    _assumed("hall", 0, 5_000_000, 15_000_000, f"{_TT40}: chi theo hợp đồng thực tế; trang trí, âm thanh; thấp là dùng hội trường sẵn có"),
    _assumed("hall_seat", 0, 30_000, 60_000, "thuê hội trường theo số người; thấp là dùng hội trường sẵn có"),
    _one("tea", 20_000, _TT40, "Điều 12", _M, note="giải khát giữa giờ"),
    _of("tea", 20_000, 40_000, 40_000, _TT12, "Điều 1, sửa Điều 12", _M, _ON12, "giải khát giữa giờ 40.000 đ; thấp là mức cũ"),
    _assumed("papers", 20_000, 40_000, 60_000, "in một bộ tài liệu"),
    _one("meals_city", 200_000, _TT40, "Điều 12", _S, note=f"hỗ trợ tiền ăn khách mời không hưởng lương, nội thành thành phố trực thuộc Trung ương; {_NO_ARTICLE}"),
    _one("meals_province", 150_000, _TT40, "Điều 12", _S, note=f"thành phố thuộc tỉnh, huyện; {_NO_ARTICLE}"),
    _one("meals_commune", 100_000, _TT40, "Điều 12", _S, note=f"cuộc họp cấp xã; {_NO_ARTICLE}"),
    _one("meals_city", None, _TT12, "Điều 1, sửa Điều 12", _M, _ON12, _UNKNOWN),
    _one("meals_province", None, _TT12, "Điều 1, sửa Điều 12", _M, _ON12, _UNKNOWN),
    _one("meals_commune", None, _TT12, "Điều 1, sửa Điều 12", _M, _ON12, _UNKNOWN),
    _assumed("unpaid_share", 0, 5, 10, "khách mời không hưởng lương từ ngân sách"),
    _assumed("supplies_at_site", 100, 50, 0, "họp trực tuyến thì điểm cầu vẫn chi nước, tài liệu, tiền ăn cho chính những người ấy"),
    # what meeting online costs
    _assumed("online_line", 150_000, 100_000, 50_000, "đường truyền 2 – 3 triệu đ/tháng chia cho số buổi họp"),
    _assumed("online_room", 200_000, 100_000, 0, "điện, phục vụ; cao là phòng họp sẵn có"),
    _assumed("online_equipment", 900_000, 584_000, 290_000, "146 triệu đ một điểm cầu (Thăng Bình, Quảng Nam, 2021) ÷ 5 năm ÷ 50 buổi một năm; thấp 32, cao 100 buổi một năm"),
    _assumed("online_technicians", 320_000, 180_000, 90_000, "một kỹ thuật viên 4 giờ; thấp hai người, cao nửa buổi"),
    _assumed("online_platform", 8_000_000, 5_000_000, 3_000_000, "điều khiển trung tâm (MCU hoặc nền tảng), ghi hình, dẫn chương trình"),
    # working time
    _one("base_salary", 1_300_000, "Nghị định 47/2017/NĐ-CP", "Điều 3", _M),
    _one("base_salary", 1_490_000, "Nghị định 38/2019/NĐ-CP", "Điều 3", _M, date(2019, 7, 1)),
    _one("base_salary", 1_800_000, "Nghị định 24/2023/NĐ-CP", "Điều 3", _M, date(2023, 7, 1)),
    _one("base_salary", 2_340_000, "Nghị định 73/2024/NĐ-CP", "Điều 3", _P, date(2024, 7, 1), f"giá trị dẫn trong Nghị định 161/2026/NĐ-CP; {_NO_ARTICLE}"),
    _one("base_salary", 2_530_000, "Nghị định 161/2026/NĐ-CP", "Điều 3", _P, date(2026, 7, 1), "số điều chưa đối chiếu"),
    _of("coefficient_a", 745, 845, 930, _ND204, "Bảng 2 (A3.1) và phụ cấp chức vụ", _M, note="6,20 đến 8,00 cộng HSPC 1,25 – 1,30, phần trăm lương cơ sở"),
    _of("coefficient_b", 520, 640, 778, _ND204, "Bảng 2 (A2.1) và phụ cấp chức vụ", _M, note="4,40 đến 6,78 cộng HSPC 0,80 – 1,00"),
    _of("coefficient_c", 234, 366, 498, _ND204, "Bảng 2 (A1)", _M, note="chuyên viên bậc 1 đến bậc 9"),
    _of("hours_per_month", 176, 176, 176, "Bộ luật Lao động 2019", "Điều 105", _M, note="22 ngày × 8 giờ"),
    # CO₂
    _one("co2_air", 272_570, "UK DESNZ/DEFRA 2024", "Business travel – air, domestic, with RF", _S, note="0,27257 kg/người/km; hệ số đọc trong mã nguồn khác, việc quy cho DEFRA 2024 chưa đối chiếu"),
    _one("co2_car", 164_500, "UK DESNZ/DEFRA 2024", "Passenger vehicles – petrol", _S, note="0,1645 kg/km; không dùng định mức khoán 0,2 lít/km; việc quy cho DEFRA 2024 chưa đối chiếu"),
    _one("co2_coach", 27_170, "UK DESNZ/DEFRA 2024", "Bus – coach", _M, note="0,02717 kg/người/km; nguồn thứ cấp chỉ ghi 0,027"),
    _of("co2_online", 1_000, 150, 50, "Obringer và cộng sự 2021", "doi:10.1016/j.resconrec.2020.105389", _S, note="0,15 – 1,0 kg mỗi kết nối một giờ; 0,05 là ước tính mới hơn, chưa đối chiếu"),
    _assumed("room_watts", 2_000, 1_000, 500, "màn hình, thiết bị, đèn của một phòng họp"),
    _one("co2_grid", 659, "Công văn 327/BĐKH-PTCBT", "hệ số phát thải lưới điện 2023", _S, note="0,6592 t/MWh"),
)  # fmt: skip
"""By key and date; a meeting keeps the values in force on its day."""
