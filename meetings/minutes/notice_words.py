"""What the notice of conclusions says where it was edited in Word: what is read beside the file must not contradict it.

A second room of ``queries``.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from meetings.minutes import files, word_file, writing
from meetings.minutes.document import Task, task_sentence
from meetings.minutes.queries import Written
from meetings.minutes.rules import FileOrigin, Which


def sentences(rows: Written) -> tuple[list[str], list[str]]:
    """Conclusions and action items as the notice tells them that we write."""
    tasks = [task_sentence(Task(row.text, row.lead, row.support, row.due_on)) for row in rows.tasks]
    return [row.text for row in rows.conclusions], tasks


def edited(rows: Written) -> tuple[str, ...]:
    """The lines that stand where ours had conclusions and action items, in a notice whose words there were changed in Word.

    Nothing where the notice that holds says there what *rows* say.
    """
    holding = files.current(rows.record, Which.NOTICE)
    if holding is None or holding.origin is not FileOrigin.EDITED:
        return ()
    theirs = word_file.lines(files.read(holding))
    ours = word_file.lines(writing.printed(rows.record, Which.NOTICE, rows).data)
    concluded, tasks = sentences(rows)
    said = [line for text in (*concluded, *tasks) for line in text.split("\n")]
    wanted = [word_file.squeezed(line) for line in said if line.strip()]
    places = [n for n, line in enumerate(ours) if any(one in line for one in wanted)]
    if not places:
        return ()
    first, last = min(places), max(places) + 1
    found = between(ours, theirs, first, last)
    return () if found == tuple(ours[first:last]) else found


def between(ours: Sequence[str], theirs: Sequence[str], first: int, last: int) -> tuple[str, ...]:
    """What stands in *theirs* where *ours* has its lines from *first* up to *last*, with what was put in at either end."""
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    start, end = 0, len(theirs)
    for _tag, i, j, k, m in matcher.get_opcodes():
        if i < first <= j:  # the line before ours, or the change it is part of
            start = min(k + first - i, m)
        if i <= last < j:
            end = min(k + last - i, m)
    return tuple(theirs[start:end])
