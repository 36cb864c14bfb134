"""Cases computed by hand, to the đồng: each names the article of the norm that it stands on, and writes its sum out.

Delegations, fuel prices and shares are the assumptions of the product: 1 – 3 – 5 people with one leader (HSPC 0.8 to below
1.25), communes 1 – 2 – 3 without; 20 litres/100 km × 18,000 – 20,000 – 22,000 đ = 3,600 – 4,000 – 4,400 đ/km; winding 1.2 – 1.3
– 1.4; 50 – 45 – 40 km/h; tickets at 50 – 75 – 100 per cent of the ceiling; half of tea and papers is spent at the
site all the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from meetings.official.verified import Verified
from meetings.savings.estimate import estimate
from meetings.savings.norms import DEFAULTS
from meetings.savings.ranks import Ranks
from meetings.savings.rules import NormValue
from meetings.savings.trips import Occasion, Source, Trip
from meetings.savings.values import Values, in_force

NOW, OLD = date(2026, 11, 22), date(2025, 3, 5)
DAY = Occasion(half_days=2, ends=17 * 60, minutes=540)  # 08:00 to 17:00 in Hà Nội
IN_PROVINCE = replace(DAY, in_city=False)
ON_ISLAND = replace(DAY, in_city=False, on_island=True)
EVENING = Occasion(half_days=1, begins=19 * 60, ends=21 * 60, minutes=120)
THREE_DAYS = replace(DAY, half_days=6, days=3, minutes=1260)
HA_GIANG = Trip(
    1, "Hà Giang cũ, Tuyên Quang", 20, 219, province="08"
)  # 219 × 1.3 = 285 km, 6 h 20: a night before, one after
CA_MAU = Trip(2, "Cà Mau", 20, 1320, province="96")  # by air, 5 hours: a night before, one after
HUNG_YEN = Trip(3, "Hưng Yên", 20, 60, province="33")  # 78 km: there and back in a day
XA_GAN = Trip(4, "Xã trong thành phố", 40, 6, commune=True, province="01")  # 8 km: below 15
XA_XA = Trip(5, "Xã ở xa", 40, 100, commune=True, province="25")  # 130 km: by coach
LOW, MID, HIGH = range(3)

CASES = [
    # Thông tư 12/2025/TT-BTC, khoản 3 Điều 1 (Điều 6): phụ cấp lưu trú 300.000 đ/ngày, kể cả ngày đi đường
    ("3 people × 3 days × 300,000", HA_GIANG, DAY, NOW, "per_diem", MID, 2_700_000),
    ("1 person × 3 days × 300,000: 263 km at 50 km/h is 5 h 16", HA_GIANG, DAY, NOW, "per_diem", LOW, 900_000),
    ("there and back in a day: 3 people × 1 day × half of 300,000", HUNG_YEN, DAY, NOW, "per_diem", MID, 450_000),
    ("84 km from 06:00 is too late: 5 people × 2 days × 300,000", HUNG_YEN, DAY, NOW, "per_diem", HIGH, 3_000_000),
    # the same, at sea and on islands: 400.000 đ
    ("3 people × 3 days × 400,000", CA_MAU, ON_ISLAND, NOW, "per_diem", MID, 3_600_000),
    # Thông tư 40/2017/TT-BTC, Điều 6: 200.000 đ until 3/5/2025
    ("3 people × 3 days × 200,000", HA_GIANG, DAY, OLD, "per_diem", MID, 1_800_000),
    # Thông tư 12/2025/TT-BTC, khoản 4 Điều 1 (Điều 7): khoán 1.600.000; 800.000 – 600.000; 600.000 – 500.000
    ("2 nights × (800,000 + 2 × 600,000)", HA_GIANG, DAY, NOW, "lodging", MID, 4_000_000),
    ("2 nights × (600,000 + 2 × 500,000)", HA_GIANG, IN_PROVINCE, NOW, "lodging", MID, 3_200_000),
    ("2 nights × (1,600,000 + 2 × 800,000)", HA_GIANG._replace(ranks=Ranks(1, 3, 16)), DAY, NOW, "lodging", MID, 6_400_000),
    ("no night: 2 h 53 from 05:00 is in time", XA_XA, DAY, NOW, "lodging", MID, 0),
    ("no night", HUNG_YEN, DAY, NOW, "lodging", MID, 0),
    # Thông tư 40/2017/TT-BTC, khoản 2 và 3 Điều 7: khoán 450.000; hóa đơn 1.000.000 a room of two
    ("2 nights × 3 × 450,000", HA_GIANG, DAY, OLD, "lodging", MID, 2_700_000),
    ("2 × (450,000 + 550,000 ÷ 2 + 4 × 450,000 + 200,000 ÷ 2)", HA_GIANG, DAY, OLD, "lodging", HIGH, 5_250_000),
    ("2 nights × 300,000: the lump sum of other places is the low one", HA_GIANG, IN_PROVINCE, OLD, "lodging", LOW, 600_000),
    ("2 nights × 3 × 350,000", HA_GIANG, IN_PROVINCE, OLD, "lodging", MID, 2_100_000),
    # in the evening, 19:00 to 21:00: 78 km are 1 h 44, so a night after and none before
    ("3 people × 2 days × 300,000", HUNG_YEN, EVENING, NOW, "per_diem", MID, 1_800_000),
    ("1 night × (800,000 + 2 × 600,000)", HUNG_YEN, EVENING, NOW, "lodging", MID, 2_000_000),
    ("3 people × 1 half day × half of 40,000", HUNG_YEN, EVENING, NOW, "tea", MID, 60_000),
    # three days, 08:00 to 17:00 each: a night before, two between, one after; five days are paid, one return trip
    ("3 people × 5 days × 300,000", HA_GIANG, THREE_DAYS, NOW, "per_diem", MID, 4_500_000),
    ("4 nights × (800,000 + 2 × 600,000)", HA_GIANG, THREE_DAYS, NOW, "lodging", MID, 8_000_000),
    ("3 people × 6 half days × half of 40,000", HA_GIANG, THREE_DAYS, NOW, "tea", MID, 360_000),
    ("1 car × 2 × 285 km × 4,000, once", HA_GIANG, THREE_DAYS, NOW, "travel", MID, 2_280_000),
    ("home each evening: 3 people × 3 days × half of 300,000", HUNG_YEN, THREE_DAYS, NOW, "per_diem", MID, 1_350_000),
    ("home each evening, one return trip: 2 × 78 × 4,000", HUNG_YEN, THREE_DAYS, NOW, "travel", MID, 624_000),
    # on an island that belongs to a province: 600.000 and 500.000 a night
    ("2 nights × (600,000 + 2 × 500,000)", CA_MAU, ON_ISLAND, NOW, "lodging", MID, 3_200_000),
    # Thông tư 40/2017/TT-BTC, khoản 2 Điều 5 (giữ ở Thông tư 12/2025, điểm b khoản 2 Điều 1): 0,2 lít/km, từ 15 km
    ("1 car × 2 × 285 km × 4,000", HA_GIANG, DAY, NOW, "travel", MID, 2_280_000),
    ("2 cars × 2 × 307 km × 4,400", HA_GIANG, DAY, NOW, "travel", HIGH, 5_403_200),
    ("11 × 1.3 = 14 km is below 15", Trip(6, "Gần", 20, 11), DAY, NOW, "travel", MID, 0),
    ("12 × 1.3 = 16 km: 2 × 16 × 4,000", Trip(6, "Gần", 20, 12), DAY, NOW, "travel", MID, 128_000),
    ("typed in: 2 × 295 km × 3,600", HA_GIANG._replace(road=295, source=Source.TABLE), DAY, NOW, "travel", LOW, 2_124_000),
    ("a commune's car: 45 × 1.3 = 59 km: 2 × 59 × 4,000", XA_XA._replace(km=45), DAY, NOW, "travel", MID, 472_000),
    ("a commune's coach: 2 people × 2 × 130 km × 900", XA_XA, DAY, NOW, "travel", MID, 468_000),
    # Thông tư 34/2023/TT-BGTVT, Điều 1: 1,7 – 2,25 – 2,89 – 3,4 – 4 triệu; the leader flies at 130 per cent; transfer 250,000
    ("2 × (1,657,500 + 250,000 + 2 × (1,275,000 + 250,000))", CA_MAU._replace(km=400), DAY, NOW, "travel", MID, 9_915_000),
    ("2 × (2,193,750 + 250,000 + 2 × (1,687,500 + 250,000))", CA_MAU._replace(km=620), DAY, NOW, "travel", MID, 12_637_500),
    ("2 × (2,817,750 + 250,000 + 2 × (2,167,500 + 250,000))", CA_MAU._replace(km=900), DAY, NOW, "travel", MID, 15_805_500),
    ("2 × (3,315,000 + 250,000 + 2 × (2,550,000 + 250,000))", CA_MAU._replace(km=1100), DAY, NOW, "travel", MID, 18_330_000),
    ("2 × (3,900,000 + 250,000 + 2 × (3,000,000 + 250,000))", CA_MAU, DAY, NOW, "travel", MID, 21_300_000),
    ("2 × (2,000,000 + 150,000)", CA_MAU, DAY, NOW, "travel", LOW, 4_300_000),
    ("2 × (6,000,000 + 350,000 + 4 × (4,000,000 + 350,000))", CA_MAU, DAY, NOW, "travel", HIGH, 47_500_000),
    # Thông tư 17/2019/TT-BGTVT, Điều 1, until 29/2/2024: 2,2 triệu from 500 to 850 km
    ("2 × (2,395,000 + 2 × 1,900,000)", CA_MAU._replace(km=620), DAY, date(2024, 2, 29), "travel", MID, 12_390_000),
    # Thông tư 12/2025/TT-BTC, Điều 1 (Điều 12): giải khát 40.000 đ/buổi; until 3/5/2025 20.000 đ
    ("3 people × 2 half days × half of 40,000", HA_GIANG, DAY, NOW, "tea", MID, 120_000),
    ("3 people × 2 half days × half of 20,000", HA_GIANG, DAY, OLD, "tea", MID, 60_000),
    ("2 people × 2 half days × half of 40,000", XA_GAN, DAY, NOW, "tea", MID, 80_000),
    ("3 people × half of 40,000", HA_GIANG, DAY, NOW, "papers", MID, 60_000),
    # Thông tư 40/2017/TT-BTC, Điều 12: 200.000 đ/ngày for guests without pay; the new level is not known
    ("3 people × half of (5 per cent of 200,000)", HA_GIANG, DAY, OLD, "meals", MID, 15_000),
    ("not known, so nothing", HA_GIANG, DAY, NOW, "meals", MID, 0),
    # Nghị định 161/2026/NĐ-CP: 2.530.000 đ × 6,40 ÷ 176 = 92,000 an hour; × 3,66 ÷ 176 = 52,613
    ("13 hours × (92,000 + 2 × 52,613)", HA_GIANG, DAY, NOW, "time_value", MID, 2_563_938),
    ("10 hours × (92,000 + 2 × 52,613)", CA_MAU, DAY, NOW, "time_value", MID, 1_972_260),
    # Nghị định 73/2024/NĐ-CP: 2.340.000 đ × 6,40 ÷ 176 = 85,091; × 3,66 ÷ 176 = 48,661
    ("13 hours × (85,091 + 2 × 48,661)", HA_GIANG, DAY, OLD, "time_value", MID, 2_371_369),
    # DEFRA 2024: 0.1645 kg a car and km, 0.27257 kg a passenger and km through the air, 0.02717 kg in a coach; milligrams
    ("2 × 285 km × 164,500", HA_GIANG, DAY, NOW, "co2", MID, 93_765_000),
    ("3 people × 2 × 1,320 km × 272,570", CA_MAU, DAY, NOW, "co2", MID, 2_158_754_400),
    ("2 people × 2 × 130 km × 27,170", XA_XA, DAY, NOW, "co2", MID, 14_128_400),
    # whole sites
    ("2,280,000 + 2,700,000 + 4,000,000 + 120,000 + 60,000", HA_GIANG, DAY, NOW, "total", MID, 9_160_000),
    ("21,300,000 + 2,700,000 + 4,000,000 + 120,000 + 60,000", CA_MAU, DAY, NOW, "total", MID, 28_180_000),
    ("80,000 + 40,000: no journey within the city", XA_GAN, DAY, NOW, "total", MID, 120_000),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sum_", "trip", "occasion", "day", "item", "case", "amount"), CASES, ids=lambda v: str(v)[:60]
)
def test_a_case_computed_by_hand_agrees_to_the_dong(
    sum_: str, trip: Trip, occasion: Occasion, day: date, item: str, case: int, amount: int
) -> None:
    (line,) = estimate(in_force(DEFAULTS, day), [trip], occasion).lines
    assert getattr(line.steps, item)[case] == amount, sum_


def test_the_hall_and_the_online_cost_computed_by_hand() -> None:
    sums = estimate(in_force(DEFAULTS, NOW), [HA_GIANG], DAY).sums
    assert sums["hall"].mid == (5_000_000 + 3 * 30_000) * 2 == 10_180_000  # contract; Thông tư 40/2017/TT-BTC, Điều 12
    assert sums["line"].mid == -2 * 2 * 100_000 == -400_000  # the site's and the host's, two half days
    assert sums["room"].mid == -1 * 2 * 100_000 == -200_000  # the host's room would have been there
    assert sums["equipment"].mid == -2 * 2 * 584_000 == -2_336_000  # 146 million ÷ 5 years ÷ 50 half days
    assert sums["technicians"].mid == -2 * 2 * 180_000 == -720_000
    assert sums["platform"].mid == -2 * 5_000_000 == -10_000_000
    assert (
        estimate(in_force(DEFAULTS, NOW), [HA_GIANG], DAY).saving.mid
        == 9_160_000 + 10_180_000 - 13_656_000
        == 5_684_000
    )


def test_a_province_that_pays_a_per_diem_of_its_own_computed_by_hand() -> None:
    """A People's Council's 250,000 đ for its own delegates; everybody else is paid the nation's 300,000 đ."""
    own = NormValue("per_diem", *(250_000,) * 3, "Nghị quyết của HĐND", "Điều 2", Verified.PRIMARY, NOW, province="08")
    values = Values(in_force(DEFAULTS, NOW).national, {"08": {"per_diem": own}})
    mine, theirs = estimate(values, [HA_GIANG, CA_MAU], DAY).lines
    assert mine.steps.per_diem.mid == 3 * 3 * 250_000 == 2_250_000
    assert theirs.steps.per_diem.mid == 2_700_000
