"""Spaces in calendars, as others' software reads them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from convivium.core.text import one_line, paragraphs
from convivium.spaces.calendar import LINE_OCTETS, Event, write
from tests.conftest import Browser, SignUp

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
BREAD = Event(
    uid="abc@example.org",
    sequence=2,
    starts_at=datetime(2026, 11, 26, 18, 30, tzinfo=UTC),
    title="Bread, and what it holds up",
    description="A sourdough; three borders.\nBring a slice \\ two.",
    url="https://example.org/spaces/abc",
    is_cancelled=False,
)


def shown_in(text: str) -> Any:  # noqa: ANN401 - a mapping of properties of many types
    """Read with a parser of others what we write; gives the only event."""
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert not event.errors
    return event


def test_others_read_what_we_write() -> None:
    """Every field arrives as it was, and what calendars must find is there."""
    shown = shown_in(write(BREAD, NOW))

    assert shown["SUMMARY"] == BREAD.title
    assert shown["DESCRIPTION"] == f"{BREAD.description}\n\n{BREAD.url}"
    assert shown["DTSTART"].dt == BREAD.starts_at
    assert shown["DTSTAMP"].dt == NOW
    assert shown["DURATION"].dt == timedelta(hours=1)
    assert (shown["UID"], shown["SEQUENCE"], shown["STATUS"]) == (
        BREAD.uid,
        2,
        "CONFIRMED",
    )
    assert shown["URL"] == BREAD.url


def test_a_cancelled_space_stays_in_calendars_as_such() -> None:
    """Whoever has it sees that it will not be."""
    shown = shown_in(write(replace(BREAD, is_cancelled=True), NOW))

    assert shown["STATUS"] == "CANCELLED"


def test_a_time_is_written_in_utc() -> None:
    """Wherever the host is, and whatever the clocks there do."""
    stockholm = timezone(timedelta(hours=1))
    text = write(replace(BREAD, starts_at=datetime(2026, 11, 26, 0, 30, tzinfo=stockholm)), NOW)

    assert "DTSTART:20261125T233000Z\r\n" in text


@given(st.text(max_size=70), st.text(max_size=300))
@example("a" * 70, "a" * 300)
@example("\\" * 70, "ä," * 150)
def test_whatever_a_host_writes(title: str, description: str) -> None:
    """No words of a host break a line, make a property, or come out as others."""
    title, description = one_line(title), paragraphs(description)
    text = write(replace(BREAD, title=title, description=description), NOW)
    shown = shown_in(text)

    assert all(len(line.encode()) <= LINE_OCTETS for line in text.split("\r\n"))
    assert str(shown["SUMMARY"]) == title
    assert str(shown["DESCRIPTION"]).removesuffix(BREAD.url).rstrip("\n") == description.rstrip(
        "\n"
    )


async def test_the_file_of_a_space(sign_up: SignUp, visitor: Callable[[], Browser]) -> None:
    """Anybody gets it for a public space; the sequence rises when it is moved."""
    ama = await sign_up("ama")
    made = {"title": "Bread", "description": "Slices", "starts_at": "2026-01-05T10:00:00Z"}
    path = f"/spaces/{(await ama.do('POST', '/spaces', made))['id']}"
    await ama.do("PATCH", path, {"starts_at": "2026-01-06T10:00:00+02:00"})
    answer = await visitor().ask("GET", f"{path}/calendar.ics")
    shown = shown_in(answer.text)

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert shown["DTSTART"].dt == datetime(2026, 1, 6, 8, tzinfo=UTC)
    assert shown["SEQUENCE"] == 1
    assert shown["URL"] == f"https://convivium.test{path}"
    assert "Slices" in shown["DESCRIPTION"]


async def test_who_may_not_listen_gets_no_description(sign_up: SignUp) -> None:
    """Of a restricted space one sees title and time, also in a calendar."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    made = {
        "title": "Bread",
        "description": "Slices",
        "starts_at": "2026-01-05T10:00:00Z",
        "listen_policy": "invited",
    }
    path = f"/spaces/{(await ama.do('POST', '/spaces', made))['id']}"
    answer = await ben.ask("GET", f"{path}/calendar.ics")

    assert "SUMMARY:Bread" in answer.text
    assert "Slices" not in answer.text
    assert "Slices" in (await ama.ask("GET", f"{path}/calendar.ics")).text


@pytest.mark.parametrize("person", ["ama", "ben"])
async def test_a_draft_has_no_time(sign_up: SignUp, person: str) -> None:
    """Its host is told so; for everybody else there is no such space."""
    people = {"ama": await sign_up("ama"), "ben": await sign_up("ben")}
    card = await people["ama"].do("POST", "/spaces", {"title": "Bread"})
    refused = await people[person].refused("GET", f"/spaces/{card['id']}/calendar.ics")

    assert refused == {"ama": (409, "not_scheduled"), "ben": (404, "space_not_found")}[person]
