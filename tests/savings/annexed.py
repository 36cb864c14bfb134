"""An annex as an office would have it, for the tests of what every document must hold."""

from __future__ import annotations

from datetime import date

from meetings.savings.annex import (
    AnnexPaper,
    LeftOut,
    NormGroup,
    NormLine,
    Off,
    SiteLine,
    SumLine,
    Verification,
    Working,
)
from meetings.savings.trips import Triple
from tests.make import at
from tests.minutes.test_document import RECORD

_SOURCE = "khoản 3 Điều 1, sửa Điều 6, Thông tư 12/2025/TT-BTC (sửa Thông tư 40/2017/TT-BTC); hiệu lực từ 04/05/2025"
_NORM = NormLine("Phụ cấp lưu trú", "300.000 đ/người/ngày", _SOURCE, "Đối chiếu qua nguồn thứ cấp")
_ASSUMED = NormLine(
    "Số người cấp tỉnh, bộ cử đi",
    "1 – 3 – 5 người/đoàn",
    "Giả định của hệ thống; một điểm cầu 130 người sẽ không cử 130 người đi họp",
    "Giả định của hệ thống",
    "1 – 4 – 9 người/đoàn",
)
_COUNTED = Triple(3_675_200, 6_656_000, 17_876_800)

ANNEX = AnnexPaper(
    issuer=RECORD.issuer,
    numbering=RECORD.numbering,
    title=RECORD.title,
    code="HN-2026-0002",
    on=date(2026, 12, 10),
    venue="Bộ Điều phối số",
    version=2,
    made_by="Đỗ Tài Chính",
    made_at=at("2026-12-11 09:00"),
    saving=Triple(-5_304_800, 33_470_000, 124_075_200),
    sums=(
        SumLine("Đi lại", Triple(5_975_200, 26_666_000, 80_615_200)),
        SumLine("Tiền ăn", Triple(), off=True),
        SumLine("Cộng chi phí họp tập trung", Triple(8_775_200, 42_226_000, 128_795_200), whole=True),
        SumLine("Họp trực tuyến: đường truyền", Triple(-14_080_000, -8_756_000, -4_720_000)),
        SumLine("Tiết kiệm (ước tính)", Triple(-5_304_800, 33_470_000, 124_075_200), whole=True),
    ),
    counted=33,
    all_sites=34,
    people=1_234,
    travelling=98,
    time_value=Triple(1_569_750, 6_495_814, 21_220_802),
    hours=Triple(21, 104, 279),
    co2=Triple(697_000_000, 2_596_000_000, 5_971_000_000),
    left_out=(LeftOut("không có số đại biểu", 1, ("Hà Tĩnh",)),),
    off=(Off("Tiền ăn", ("Tiền ăn khách mời không hưởng lương, cấp xã",), 33),),
    reason="Thành phần theo giấy triệu tập",
    sites=tuple(SiteLine(f"Tỉnh Số {n}", _COUNTED, Triple(1, 4, 9), 20, "xe ô tô công, 342 km") for n in range(1, 34))
    + (SiteLine("Hà Tĩnh", Triple(), Triple(), None, left_out="không có số đại biểu"),),
    by_province=False,
    working=Working("Tỉnh Số 1", (("Đi lại", "1 xe × 2 lượt × 342 km × 20 lít/100 km × 20.000 đ/lít", 2_736_000),)),
    groups=(NormGroup("Phụ cấp lưu trú", (_NORM,) * 20), NormGroup("Ai lẽ ra phải đi", (_ASSUMED,) * 20)),
    verification=Verification(1, 12, 12, 30, 8),
)
