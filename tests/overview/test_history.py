"""The journal of a meeting in sentences."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from meetings.i18n import in_locale
from meetings.journal.models import Entry
from meetings.overview import history


@pytest.mark.parametrize(
    ("fact", "details", "said"),
    [
        ("presence.marked", {"site": "Quảng Trị", "before": "in", "after": "lost"}, "Quảng Trị: mất kết nối."),
        ("roll.host_counted", {"head_count": 18}, "Điểm cầu chính có 18 đại biểu."),
        ("roster.delegate_removed", {}, "Đã sửa danh sách đại biểu."),
        ("roster.delegate_moved", {"name": "Lê Thị Hà", "before": 4}, "Đã sửa danh sách đại biểu – Lê Thị Hà."),
        ("record.returned", {"reason": "thiếu thời hạn."}, "Trả lại phiên bản 1: thiếu thời hạn."),
    ],
)
def test_a_fact_is_told_as_a_sentence(app: Any, fact: str, details: dict[str, Any], said: str) -> None:
    entry = cast(Entry, SimpleNamespace(fact=fact, details=details))
    with app.test_request_context(), in_locale("vi"):
        assert history.told(entry) == said
