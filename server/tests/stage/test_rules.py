"""What the stage allows, decided on values."""

import pytest

from convivium.core.actor import Actor
from convivium.stage.rules import (
    Asking,
    Limits,
    Reach,
    Stage,
    asking,
    has_room,
    heir,
    kept_role,
    may_move,
    may_remove,
    may_take_seat,
)

LIMITS = Limits(co_hosts=1, speakers=2, heard=4, queue=10)
STAGE = Stage("ama", frozenset({"ben"}), ("ama", "ben", "chidi"))
DORA = Actor(kind="account", id="dora")
MOD = Actor(kind="account", id="mod", role="moderator")


def test_roles() -> None:
    """The host is host seated or not; a co-host's powers end with the seat."""
    assert [STAGE.role_of(person) for person in ("ama", "ben", "chidi", "dora")] == [
        "host",
        "co_host",
        "speaker",
        "listener",
    ]
    assert Stage("ama", frozenset({"ben"}), ()).role_of("ama") == "host"
    assert not Stage("ama", frozenset({"ben"}), ("ama",)).is_host("ben")


@pytest.mark.parametrize(
    ("seated", "role", "expected"),
    [
        (("ama", "ben", "chidi"), "speaker", True),
        (("ama", "ben", "chidi", "emil"), "speaker", False),
        (("ama", "ben"), "co_host", False),
        (("ama",), "co_host", True),
    ],
)
def test_seats_of_each_role_are_counted(
    seated: tuple[str, ...],
    role: str,
    expected: bool,  # noqa: FBT001
) -> None:
    """A newcomer gets a seat as long as one of that role is free."""
    stage = Stage("ama", frozenset({"ben"}), seated)

    assert has_room(stage, LIMITS, "dora", role) is expected  # type: ignore[arg-type]


def test_at_most_so_many_are_heard_together() -> None:
    """The number of sources bounds the stage, whatever the roles' own limits say."""
    tight = Limits(co_hosts=5, speakers=5, heard=3, queue=10)

    assert not has_room(STAGE, tight, "dora", "speaker")
    assert has_room(STAGE, tight, "chidi", "co_host"), "no new source, only another role"


def test_who_has_a_role_keeps_it() -> None:
    """A full stage is no reason to refuse somebody the seat they sit on."""
    full = Limits(co_hosts=0, speakers=0, heard=1, queue=1)

    assert has_room(STAGE, full, "ben", "co_host")
    assert has_room(STAGE, full, "chidi", "speaker")


@pytest.mark.parametrize(
    ("actor", "person", "expected"),
    [
        ("ama", "ben", Reach.ALLOWED),
        ("ama", "chidi", Reach.ALLOWED),
        ("ama", "dora", Reach.ALLOWED),
        ("ama", "ama", Reach.HOST_STAYS),
        ("ben", "ama", Reach.HOST_STAYS),
        ("ben", "ben", Reach.ONLY_HOST),
        ("ben", "chidi", Reach.ALLOWED),
        ("ben", "dora", Reach.ALLOWED),
        ("chidi", "dora", Reach.HOSTS_ONLY),
        ("dora", "chidi", Reach.HOSTS_ONLY),
        ("dora", "ama", Reach.HOSTS_ONLY),
    ],
)
def test_who_may_move_whom(actor: str, person: str, expected: Reach) -> None:
    """Hosts move everybody but the host; co-hosts are moved by the host alone."""
    assert may_move(STAGE, actor, person) is expected


def test_who_may_remove_whom() -> None:
    """Moderators all but whoever holds the space; without their scope they are listeners."""
    for person in ("ben", "chidi", "dora"):
        assert may_remove(STAGE, MOD, person) is Reach.ALLOWED
    assert may_remove(STAGE, MOD, "ama") is Reach.HOST_STAYS
    by_token = Actor(kind="account", id="mod", role="moderator", scopes=frozenset({"host"}))
    assert may_remove(STAGE, by_token, "chidi") is Reach.HOSTS_ONLY
    assert may_remove(STAGE, Actor(kind="account", id="ben"), "ama") is Reach.HOST_STAYS
    assert may_remove(STAGE, Actor(kind="account", id="ben"), "chidi") is Reach.ALLOWED


def test_who_may_sit_down_without_asking() -> None:
    """Whom the policy or an invitation names, and nobody without an account."""
    assert may_take_seat("everyone", DORA, None)
    assert may_take_seat("invited", DORA, "speaker")
    assert not may_take_seat("invited", DORA, None)
    assert not may_take_seat("invited", DORA, "listener")
    assert not may_take_seat("everyone", Actor(kind="guest", id="guest"), "speaker")


def test_who_may_ask() -> None:
    """People with an account who do not sit on the stage, while requests are on."""
    assert asking(STAGE, "everyone", DORA) is Asking.ALLOWED
    assert asking(STAGE, "off", DORA) is Asking.OFF
    assert asking(STAGE, "everyone", Actor(kind="account", id="chidi")) is Asking.SEATED
    assert asking(STAGE, "everyone", Actor(kind="guest", id="g")) is Asking.GUEST
    assert asking(STAGE, "everyone", Actor()) is Asking.GUEST


def test_the_heir_is_the_co_host_who_sat_down_first_and_is_there() -> None:
    """Nobody who is away inherits, and no speaker does."""
    stage = Stage("ama", frozenset({"ben", "emil"}), ("ama", "ben", "chidi", "emil"))

    assert heir(stage, frozenset({"ben", "chidi", "emil"})) == "ben"
    assert heir(stage, frozenset({"chidi", "emil"})) == "emil"
    assert heir(stage, frozenset({"chidi"})) is None


@pytest.mark.parametrize(
    ("co_hosts", "speakers", "heard", "role"),
    [(1, 1, 5, "co_host"), (0, 1, 5, "speaker"), (0, 0, 5, None), (1, 1, 1, None)],
)
def test_who_held_a_space_keeps_the_best_seat_there_is(
    co_hosts: int, speakers: int, heard: int, role: str | None
) -> None:
    """A host who is back has a seat whatever the limits; the other one gives way."""
    stage = Stage("ama", frozenset(), ("ben", "ama"))

    assert kept_role(stage, Limits(co_hosts, speakers, heard, queue=1)) == role
