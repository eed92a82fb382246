"""The matrix holds: for each role, where they are, in another space, and in one that is over.

Where everybody is, the table of `test_permissions.py` is asked over HTTP; here it is only compared.
"""

import json

import pytest
from fastapi import FastAPI

from convivium.reactions.rules import MESSAGES as COUNTED
from tests.company import Company
from tests.conftest import Browser
from tests.matrix import ABOUT_ONESELF, MATRIX, ROLES, Action
from tests.test_permissions import OPEN, PEOPLE, TABLE, Row, ask, routes_of

ROWS = {row.key: row for row in TABLE}
# What a client may say on the data channel: the engine counts these, and hears nothing else.
MESSAGES = {f"message {json.loads(text)['type']}" for text in COUNTED}
PERSON = {
    "Ad": "moderator",
    "H": "host",
    "C": "co_host",
    "S": "speaker",
    "L": "listener",
    "An": "guest",
    "Bl": "blocked",
    "Ki": "removed",
    "Su": "suspended",
}
# The door was open, and behind it was not what was asked for: no matter of who asks.
BESIDE_THE_POINT = {"not_timed", "not_scheduled"}
# What is not enough for something anywhere: no account, no credential, no scope, no call.
NOT_ENOUGH = {"guest", "not_signed_in", "missing_scope", "not_in_space"}
ACCOUNTS = {"host", "co_host", "speaker", "listener", "removed", "blocked"}

# The blocked are answered as if there were no space (spaces/test_blocks.py), for all of it at once;
# the suspended as nobody is, which the table says.
ELSEWHERE = {"Bl", "Su"}
# Each may do no more than the other.
MORE = (
    ("nobody", "guest"), ("suspended", "guest"), ("waiting", "guest"),
    ("reader", "co_host"), ("writer", "co_host"),
    ("moderator", "admin"),
)  # fmt: skip
# What staff may do in the right space or not, and in another otherwise: what it is about is not
# there, or is nobody in particular there.
STAFF_ELSEWHERE = {
    "PUT ~/mutes/@other": False,
    "DELETE ~/chat/{number}": False,
    "DELETE ~/shared/{item_id}": False,
    "PUT ~/removals/@host": True,
}

BUILT = [action for action in MATRIX if action.by]
IN_SPACE = [action for action in BUILT if any("~" in key for key in action.by)]
by_name = pytest.mark.parametrize("action", BUILT, ids=lambda action: action.name)
in_space = pytest.mark.parametrize("action", IN_SPACE, ids=lambda action: action.name)


def is_let(answer: int | str) -> bool:
    return isinstance(answer, int) or answer in BESIDE_THE_POINT


def rows_of(action: Action) -> list[Row]:
    return [ROWS[key] for key in action.by if key not in MESSAGES]


@by_name
def test_where_they_are(action: Action) -> None:
    """Every request of an action is answered to each role as the cell says."""
    for role, person in PERSON.items():
        if role in ELSEWHERE or action.cells[role] == "-":
            continue
        answers = {row.key: row.answer(person) for row in rows_of(action)}
        let = {is_let(answer) for answer in answers.values()}
        assert let == {action.cells[role] in "Yc"}, (role, answers)


@by_name
def test_nobody_at_all_may_do_no_more_than_a_guest(action: Action) -> None:
    """Nor a token than its owner, nor a moderator than an administrator."""
    for less, more in MORE:
        for row in rows_of(action):
            assert is_let(row.answer(more)) or not is_let(row.answer(less)), (less, row.key)


@in_space
async def test_in_another_space(company: Company, action: Action) -> None:
    """Whatever one is at home: in the space of somebody else one is a stranger."""
    for row in rows_of(action):
        expected = {
            person: may_as_stranger(row, person)
            for person in (*PEOPLE, "blocked")
            # The stranger is at home there, and what one does to oneself is something else.
            if person != "stranger" and f"@{person}" not in row.path
        }
        assert await let_in(company, row, expected, "other") == expected, row.key


def may_as_stranger(row: Row, person: str) -> bool:
    """Tell whether somebody may do it where they are nobody in particular."""
    if person in ("moderator", "admin"):
        return STAFF_ELSEWHERE.get(row.key, isinstance(row.answer(person), int))
    is_enough = person in ACCOUNTS or row.answer(person) not in NOT_ENOUGH
    return isinstance(row.answer("stranger"), int) and is_enough


@in_space
async def test_once_it_is_over(company: Company, action: Action) -> None:
    """Nothing happens any more, but for what is said to stay; nobody may do more than before."""
    for row in rows_of(action):
        stays = row.key in action.after
        expected = {person: stays and isinstance(row.answer(person), int) for person in PEOPLE}
        expected["blocked"] = False
        assert await let_in(company, row, expected, "ended") == expected, row.key


async def let_in(
    company: Company, row: Row, people: dict[str, bool], where: str
) -> dict[str, bool]:
    """Send a request as each of these people, those first who should be refused."""
    order = sorted(people, key=lambda person: people[person])
    answers = {person: await ask(company, person, row, where) for person in order}
    return {person: isinstance(answer, int) for person, answer in answers.items()}


SWITCHES: dict[str, tuple[str, str, dict[str, object]]] = {
    "join": ("PATCH", "", {"anonymous_listening": False}),
    "follow what happens": ("PATCH", "", {"anonymous_listening": False}),
    "react": ("PATCH", "", {"anonymous_listening": False}),
    "write in the chat": ("PUT", "/chat", {"writers": "stage"}),
}


def test_every_setting_has_its_switch() -> None:
    """A cell that depends on a setting is tried without it."""
    assert {action.name for action in BUILT if "c" in action.cells.values()} == set(SWITCHES)


@pytest.mark.parametrize("name", SWITCHES)
async def test_without_the_setting(company: Company, name: str) -> None:
    """Who may do something only by a setting may not when it is off; everybody else may still."""
    [action] = [action for action in MATRIX if action.name == name]
    method, path, body = SWITCHES[name]
    await company.table.host.do(method, company.table.path + path, body)
    for row in rows_of(action):
        for role in ("An", "L", "S", "C", "H"):
            let = is_let(await ask(company, PERSON[role], row))
            assert let == (action.cells[role] == "Y"), (role, row.key)


async def test_a_host_reaches_nothing_of_another_space(company: Company) -> None:
    """With the ids of somebody else's things, through the address of one's own space."""
    host, stranger = company.table.host, company.browsers["stranger"]
    right, other = (f"/spaces/{company.spaces[name]}" for name in ("right", "other"))
    item = await host.do("POST", f"{right}/shared", {"text": "of the host"})
    line = await host.do("POST", f"{right}/chat", {"text": "of the host"})
    link = await host.do("POST", f"{right}/invitation-links", {"role": "listener"})
    cleared = await host.do("POST", f"{right}/clearings", {"seconds": 3600})
    before = await picture(company, host)

    for method, path in (
        ("DELETE", f"/shared/{item['id']}"),
        ("PUT", f"/shared/{item['id']}/pin"),
        ("DELETE", f"/chat/{line['number']}"),
        ("DELETE", f"/invitation-links/{link['link']['id']}"),
        ("DELETE", f"/clearings/{cleared['id']}"),
        ("DELETE", "/removals/@removed"),
        ("DELETE", "/stage/@other"),
        ("PUT", "/mutes/@other"),
        ("POST", "/requests/@asker/accept"),
    ):
        await stranger.ask(method, other + path)

    assert await picture(company, host) == before


async def picture(company: Company, host: Browser) -> list[object]:
    """Give what a host sees of their space."""
    path = company.table.path
    about = ("", "/shared", "/chat", "/invitation-links", "/removals")
    live = company.table.instance.live
    await live.refresh(company.table.id, at_once=True)
    queue = (await live.picture(company.table.id)).parts["queue"]
    return [queue, *[await host.do("GET", path + what) for what in about]]


def test_every_route_and_message_is_in_the_matrix(app: FastAPI) -> None:
    """What is new belongs to an action, or is listed as open or as one's own."""
    done_by = {key for action in MATRIX for key in action.by}
    keys = done_by | ABOUT_ONESELF
    routes = {ROWS[key].route for key in keys if key in ROWS}

    assert set(ROWS) == {key for key in keys if key not in MESSAGES}
    assert routes_of(app) - OPEN == routes
    assert done_by >= MESSAGES


def test_every_action_is_tried_or_waits() -> None:
    """What is not built says why; what is built has a cell for each role."""
    for action in MATRIX:
        assert bool(action.by) != bool(action.waits_for), action.name
        assert set(action.cells.values()) <= set("Ync-"), action.name
        assert tuple(action.cells) == ROLES
        assert set(action.after) <= set(action.by)
    assert len({action.name for action in MATRIX}) == len(MATRIX)
