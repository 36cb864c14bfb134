# ruff: noqa: E501 (a table is read row by row)
"""The rules of the regime that come with the product: each with its source, its day and how far it was verified.

What was not read in the primary text says so, on every screen that shows it. An administrator changes a rule by a new
version from a day on, with the reason.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from meetings.official.verified import Verified
from meetings.scheduling.regime import Rule, Setting

_REGIME: Final = "Quyết định 45/2018/QĐ-TTg"
_SINCE: Final = date(2018, 12, 25)
_STILL: Final = "Việc Quyết định 45/2018/QĐ-TTg còn hiệu lực đến tháng 11/2026 là theo trí nhớ (80%), chưa đối chiếu."
_OURS: Final = "Mặc định của hệ thống"
_P, _S, _A = Verified.PRIMARY, Verified.SECONDARY, Verified.ASSUMED

DEFAULTS: Final = (
    Rule("invitation_lead", _SINCE, None, {"days": 3}, Setting.BLOCK, _REGIME, "", _S,
         f"Giấy mời gửi trước ngày họp ít nhất 03 ngày làm việc, trừ họp đột xuất; đọc ở nguồn thứ cấp (cucthongke.laocai.gov.vn), số điều chưa ghi. {_STILL}"),
    Rule("paper_lead", _SINCE, None, {"days": 3}, Setting.WARN, _REGIME, "Điều 10", _S,
         f"Tài liệu họp định kỳ gửi trước ít nhất 03 ngày làm việc; họp đột xuất theo yêu cầu của người triệu tập; đọc ở nguồn thứ cấp (thuviennhadat.vn 442648). {_STILL}"),
    Rule("length", _SINCE, None,
         {"advisory": 1, "work": 1, "briefing": 1, "expert": 2, "review": 2, "thematic": 2, "training": 4}, Setting.WARN, _REGIME, "", _S,
         f"Tính bằng buổi làm việc; họp chuyên môn về việc quan trọng, phức tạp được dài hơn; đọc ở nguồn thứ cấp (baonghean.vn 10186439), số điều chưa ghi. {_STILL}"),
    Rule("no_meeting", _SINCE, None, {}, Setting.WARN, _REGIME, "", _S,
         f"Năm trường hợp không tổ chức họp; đọc ở nguồn thứ cấp (thukyluat.vn 43784, vinanet.vn), số điều chưa ghi. {_STILL}"),
    Rule("tests", _SINCE, None, {"days": 1, "from": "14:00"}, Setting.WARN, _OURS, "", _A,
         "Kiểm tra kỹ thuật một ngày làm việc trước cuộc họp; theo cách làm chung, tương ứng mức của Nghị định 154/2026/NĐ-CP, không phải quy định bắt buộc cho mọi cuộc họp."),
    Rule("public_session", date(2026, 7, 1), None, {"notice_days": 5, "test_days": 1, "connected_minutes": 60}, Setting.OFF,
         "Nghị định 154/2026/NĐ-CP", "Điều 21 – 24", _P,
         "Chỉ áp dụng cho tiếp công dân trực tuyến; chỉ bật ở nơi tổ chức loại này."),
    Rule("reply", _SINCE, None, {"days": 2, "until": "17:00"}, Setting.WARN, _OURS, "", _A,
         "Hạn trả lời và gửi danh sách, hoặc nửa thời gian từ lúc gửi đến lúc họp nếu sớm hơn."),
    Rule("substitute", _SINCE, None, {}, Setting.BLOCK, _REGIME, "", _S,
         f"Người đứng đầu được mời không dự được phải báo cáo người chủ trì và chỉ được ủy quyền khi người chủ trì đồng ý; đọc ở nguồn thứ cấp (thukyluat.vn 43794), số điều chưa ghi. {_STILL}"),
    Rule("notice", _SINCE, None, {"days": 5}, Setting.WARN, _REGIME, "", _S,
         f"Thông báo kết luận bằng văn bản trong 05 ngày làm việc kể từ khi kết thúc cuộc họp; đọc ở nguồn thứ cấp (thukyluat.vn 43792), số điều chưa ghi. {_STILL}"),
    Rule("hand_out", _SINCE, None, {"leaders": True, "units": True, "days": 3}, Setting.WARN, _OURS, "", _A,
         "Thư gửi lãnh đạo và đơn vị kèm tệp văn bản, hay chỉ có đường dẫn; cuộc họp lưu hành nội bộ luôn chỉ gửi đường dẫn. Theo cách làm chung, chưa có quy định viện dẫn."),
)  # fmt: skip
"""One version each; every rule of ``regime.KINDS`` stands here."""
