"""The tables of the minutes."""

from meetings.minutes.models.file import RecordFile
from meetings.minutes.models.hand_out import HandOut
from meetings.minutes.models.record import ActionItem, Block, Conclusion, Record, RecordItem, Statement

__all__ = ["ActionItem", "Block", "Conclusion", "HandOut", "Record", "RecordFile", "RecordItem", "Statement"]
