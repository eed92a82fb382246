"""A space as an event for calendars (RFC 5545); pure.

Our own, since it is one component of nine lines; the tests read it with a parser of others.
Times are in UTC: whoever looks at it has a time zone, and the space has none.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

TYPE = "text/calendar; charset=utf-8"
# RFC 5545, 3.1: octets in a line, without its end.
LINE_OCTETS = 75
# A space says no end; calendars would draw nothing without one.
DURATION = "PT1H"


@dataclass(frozen=True, slots=True)
class Event:
    """What a calendar shows of a space.

    uid: the same as long as the space lives. sequence: rises when the time changes.
    """

    uid: str
    sequence: int
    starts_at: datetime
    title: str
    description: str
    url: str
    is_cancelled: bool


def write(event: Event, now: datetime) -> str:
    """Write a calendar with one event; now: when it is written."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Convivium//Convivium//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"DTSTAMP:{_time(now)}",
        f"DTSTART:{_time(event.starts_at)}",
        f"DURATION:{DURATION}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        f"SUMMARY:{_text(event.title)}",
        f"DESCRIPTION:{_text(_words(event))}",
        f"URL:{event.url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _words(event: Event) -> str:
    """Say the link in the text too: many calendars show no URL."""
    return f"{event.description}\n\n{event.url}" if event.description else event.url


def _time(time: datetime) -> str:
    """Write a time in UTC (3.3.5, form 2)."""
    return f"{time.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escape a text (3.3.11)."""
    for sign in "\\;,":
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Fold a long line between characters (3.1)."""
    parts: list[str] = []
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            parts.append(part)
            # The blank that marks a continuation counts.
            part, octets = "", 1
        part += character
        octets += size
    return "\r\n ".join([*parts, part])
