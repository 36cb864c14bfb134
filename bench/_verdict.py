"""What every measurement prints: a way and its ratio to the floor, and whether a target is met."""

from __future__ import annotations

_missed: list[str] = []


def line(what: str, seconds: float, floor: float | None = None) -> None:
    """A way and what it took, beside *floor* as a ratio."""
    beside = "" if floor is None else f"{seconds / floor:10.2f} x"
    print(f"  {what:<78}{seconds * 1000:11.3f} ms{beside}")


def target(what: str, value: float, least: float | None = None, most: float | None = None) -> None:
    """A line of the verdict."""
    good = (least is None or value >= least) and (most is None or value <= most)
    if not good:
        _missed.append(what)
    wanted = f">= {least:g}" if least is not None else f"<= {most:g}"
    print(f"  {'ok    ' if good else 'NOT OK'} {what:<70}{value:10.2f}   (target {wanted})")


def status() -> int:
    """The exit status of a measurement: 1 when a target was missed."""
    return int(bool(_missed))
