"""What one report is about, and until when somebody can be suspended; pure."""

from datetime import datetime, timedelta

# Longer than that is for good.
SUSPENDED_DAYS = 366


def subject_of(person_id: str | None, space_id: str | None) -> str | None:
    """Name what a report is about: a person before the space they were in; None for nothing."""
    if person_id is not None:
        return f"person {person_id}"
    return None if space_id is None else f"space {space_id}"


def may_last(until: datetime | None, now: datetime) -> bool:
    """Decide whether a suspension may last until then; None is for good."""
    return until is None or now < until <= now + timedelta(days=SUSPENDED_DAYS)


def live_s(began: datetime | None, ended: datetime | None, now: datetime) -> int:
    """Tell how long something has been live, or was, in whole seconds."""
    return 0 if began is None else int(((ended or now) - began).total_seconds())
