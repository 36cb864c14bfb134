"""The tables of the minutes."""

from meetings.minutes.models.file import RecordFile
from meetings.minutes.models.follow_up import Assignment, AssignmentDoor, AssignmentFile, AssignmentNote
from meetings.minutes.models.hand_out import HandOut, Recall
from meetings.minutes.models.record import ActionItem, Block, Conclusion, Record, RecordItem, Statement
from meetings.minutes.models.scrap import RecordScrap
from meetings.minutes.models.signing import FileReport, SignatureImage, Signing
from meetings.minutes.models.transcript import Recording, RecordingDecision, Transcript, Voice, VoiceTurn

__all__ = [
    "ActionItem",
    "Assignment",
    "AssignmentDoor",
    "AssignmentFile",
    "AssignmentNote",
    "Block",
    "Conclusion",
    "FileReport",
    "HandOut",
    "Recall",
    "Record",
    "RecordFile",
    "RecordItem",
    "RecordScrap",
    "Recording",
    "RecordingDecision",
    "SignatureImage",
    "Signing",
    "Statement",
    "Transcript",
    "Voice",
    "VoiceTurn",
]
