"""The log: every act in it, nobody's name, and nothing in it ever changed."""

from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.moderation.models import AuditEntry
from convivium.moderation.subscribers import ACTS
from tests.conftest import Appoint, Browser, OpenTable, SignUp
from tests.table import Table

IN_A_DAY = "2026-01-02T12:00:00Z"
IN_TWO_DAYS = "2026-01-03T12:00:00Z"


@pytest.fixture
async def boss(appoint: Appoint) -> Browser:
    return await appoint("boss", "admin")


@pytest.fixture
async def mod(appoint: Appoint) -> Browser:
    return await appoint("mod")


def named(person: Any) -> str | None:  # noqa: ANN401 - a person or nobody
    return person and str(person["name"])


async def log_of(browser: Browser, path: str = "/moderation") -> list[Any]:
    """Give what was done as act, by whom, and about whom; the first one first."""
    page = await browser.do("GET", f"{path}/log?limit=100")
    entries = page["entries"][::-1]
    return [(each["act"], named(each["by"]), named(each["person"])) for each in entries]


async def act_as_host(table: Table, ben: Browser) -> None:
    """Do everything there is to do for a host, so that the space is over in the end.

    What ben and the host do to themselves is nobody's to read.
    """
    path, host = table.path, table.host
    await table.join(ben)
    await ben.do("POST", f"{path}/requests")
    await host.do("POST", f"{path}/requests/@ben/accept")
    await ben.do("DELETE", f"{path}/mutes/me")
    for _ in range(2):
        await host.do("PUT", f"{path}/mutes/@ben")
    await ben.do("DELETE", f"{path}/mutes/me")
    for _ in range(2):
        await host.do("PUT", f"{path}/mutes")
    await host.do("PUT", f"{path}/stage/@ben", {"role": "co_host"})
    await host.do("DELETE", f"{path}/stage/@ben")
    await ben.do("POST", f"{path}/requests")
    await host.do("POST", f"{path}/requests/@ben/decline")
    for _ in range(2):
        await host.do("PUT", f"{path}/queue", {"locked": True})
        await host.do("PATCH", path, {"title": "Hateful", "requests": "off"})
    await host.do("PUT", f"{path}/invitations/@ben", {"role": "listener"})
    for _ in range(2):
        await host.do("DELETE", f"{path}/invitations/@ben")
    link = await host.do("POST", f"{path}/invitation-links", {"role": "listener"})
    await host.do("DELETE", f"{path}/invitation-links/{link['link']['id']}")
    line = await ben.do("POST", f"{path}/chat", {"text": "Hateful"})
    await host.do("DELETE", f"{path}/chat/{line['number']}")
    for _ in range(2):
        await host.do("PUT", f"{path}/chat", {"slow_seconds": 5})
    own = await host.do("POST", f"{path}/chat", {"text": "Hateful"})
    await host.do("DELETE", f"{path}/chat/{own['number']}")
    await ben.do("DELETE", f"{path}/invitations/me")
    for _ in range(2):
        await host.do("PUT", f"{path}/removals/@ben")
    await host.do("DELETE", f"{path}/removals/@ben")
    await host.do("POST", f"{path}/end")


OF_HOST = [
    ("space_started", "ama", None),
    ("brought_up", "ama", "ben"),
    ("muted", "ama", "ben"),
    ("speakers_muted", "ama", None),
    ("role_changed", "ama", "ben"),
    ("moved_back", "ama", "ben"),
    ("declined", "ama", "ben"),
    ("queue_changed", "ama", None),
    ("space_changed", "ama", None),
    ("invited", "ama", "ben"),
    ("uninvited", "ama", "ben"),
    ("link_made", "ama", None),
    ("link_taken_back", "ama", None),
    ("line_taken_away", "ama", "ben"),
    ("chat_changed", "ama", None),
    ("removed", "ama", "ben"),
    ("let_back", "ama", None),
    ("space_ended", "ama", None),
]


async def test_every_act_of_a_host_is_in_the_log_of_the_space(
    open_table: OpenTable, sign_up: SignUp, boss: Browser, mod: Browser
) -> None:
    """In order, once each, for its hosts, moderators and administrators, and for nobody else."""
    table, ben = await open_table(), await sign_up("ben")

    await act_as_host(table, ben)

    for reader in (table.host, mod, boss):
        assert await log_of(reader, table.path) == OF_HOST
    assert await log_of(boss) == OF_HOST
    assert await ben.refused("GET", f"{table.path}/log") == (403, "hosts_only")
    for reader in (ben, mod):
        assert await reader.refused("GET", "/moderation/log") == (403, "staff_only")
    entries = (await table.host.do("GET", f"{table.path}/log"))["entries"]
    data = {entry["act"]: entry["data"] for entry in entries}
    assert data["queue_changed"] == {"locked": True}
    assert data["space_changed"] == {"title": None, "requests": "off"}
    assert data["let_back"] == {"count": 1}


async def test_the_order_of_a_line_and_the_table_are_in_the_log(
    open_table: OpenTable, sign_up: SignUp, boss: Browser
) -> None:
    """Who was moved in line, who got more time, what was pinned; nothing that was so already."""
    table = await open_table()
    path, host = table.path, table.host
    await host.do("PUT", f"{path}/queue", {"turn_seconds": 60})
    ben, zoe = await sign_up("ben"), await sign_up("zoe")
    for person in (ben, zoe):
        await table.join(person)
        await person.do("POST", f"{path}/requests")
    item = await host.do("POST", f"{path}/shared", {"text": "Hateful"})
    before = len(await log_of(boss))

    for _ in range(2):
        await host.do("PUT", f"{path}/requests/@zoe/place", {"before": "@ben"})
        await host.do("POST", f"{path}/requests/@ben/later")
        await host.do("PUT", f"{path}/shared/{item['id']}/pin")
    for _ in range(2):
        await host.do("DELETE", f"{path}/shared/{item['id']}/pin")
    await host.do("POST", f"{path}/requests/@ben/accept")
    await ben.do("DELETE", f"{path}/mutes/me")
    await host.do("POST", f"{path}/stage/@ben/turn", {"seconds": 30})
    thing = await ben.do("POST", f"{path}/shared", {"text": "Hateful"})
    await host.do("DELETE", f"{path}/shared/{thing['id']}")

    assert (await log_of(boss))[before:] == [
        ("moved_in_line", "ama", "zoe"),
        ("pinned", "ama", None),
        ("pinned", "ama", None),
        ("brought_up", "ama", "ben"),
        ("time_given", "ama", "ben"),
        ("shared_taken_away", "ama", "ben"),
    ]
    entries = (await host.do("GET", f"{path}/log"))["entries"]
    pins = [entry["data"]["pinned"] for entry in entries if entry["act"] == "pinned"]
    assert pins == [False, True]
    assert [e["data"]["seconds"] for e in entries if e["act"] == "time_given"] == [30]


async def test_what_was_so_already_is_no_act(
    open_table: OpenTable, sign_up: SignUp, boss: Browser
) -> None:
    """Nobody was invited or unmuted, and nothing is said otherwise than before."""
    table = await open_table()
    path, host, ben = table.path, table.host, await sign_up("ben")
    await table.join(ben)
    card = await host.do("GET", path)
    before = await log_of(boss)

    await host.do("DELETE", f"{path}/invitations/@ben")
    await host.do("PUT", f"{path}/mutes")
    await host.do("PATCH", path, {})
    await host.do("PATCH", path, {"title": card["title"], "listen_policy": card["listen_policy"]})
    await host.do("PUT", f"{path}/queue", {"locked": False, "turn_seconds": None})
    await host.do("PUT", f"{path}/chat", {"slow_seconds": 0})
    later = await host.do("POST", "/spaces", {"title": "Later", "starts_at": IN_A_DAY})
    for _ in range(2):
        await host.do("PATCH", f"/spaces/{later['id']}", {"starts_at": IN_TWO_DAYS})

    scheduled = ("scheduled", "ama", None)
    assert await log_of(boss) == [*before, scheduled, scheduled]


async def test_an_act_that_answers_a_case_is_in_the_log_with_it(
    open_table: OpenTable, sign_up: SignUp, boss: Browser, mod: Browser
) -> None:
    """The whole log names the case behind the act; hosts read nothing of it."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    await table.join(zoe)
    words = {"words": "Hateful"}
    of_zoe, of_space = f"/moderation/people/{zoe.id}", f"/moderation/spaces/{table.id}"
    for outcome, act, about, method, path, body in (
        ("warned", "warned", "zoe", "POST", f"{of_zoe}/warnings", {}),
        ("renamed", "space_changed", None, "PATCH", of_space, {"title": "A space"}),
        ("ended", "space_ended", None, "POST", f"{of_space}/end", {}),
        ("suspended", "suspended", "zoe", "PUT", f"{of_zoe}/suspension", {"until": None}),
    ):
        what = {"user": "@zoe"} if about else {}
        await ben.do("POST", "/reports", {**what, "space": table.id, "reason": "spam"})
        [case] = (await mod.do("GET", "/moderation/cases"))["cases"]
        before = len(await log_of(boss))

        await mod.do(method, path, {**words, **body, "case": case["id"]})

        written = (await boss.do("GET", "/moderation/log?limit=100"))["entries"][::-1][before:]
        [settled] = [each for each in written if each["act"] == "settled"]
        assert settled["data"] == {"case": case["id"], "outcome": outcome}
        assert (named(settled["person"]), settled["space"]) == (about, None)
        assert [(e["act"], named(e["person"])) for e in written if e != settled] == [(act, about)]
    of_space_only = (await table.host.do("GET", f"{table.path}/log"))["entries"]
    assert "settled" not in {entry["act"] for entry in of_space_only}
    assert "case" not in str(of_space_only)


async def test_every_act_of_moderators_is_in_the_log(
    open_table: OpenTable, sign_up: SignUp, boss: Browser, mod: Browser
) -> None:
    """Those in a space its hosts see too, with who did it; not that somebody was reported there."""
    table, ben, zoe = await open_table(), await sign_up("ben"), await sign_up("zoe")
    await table.join(zoe)
    await table.seat(zoe)
    await ben.do("POST", "/reports", {"user": "@zoe", "space": table.id, "reason": "spam"})
    [case] = (await mod.do("GET", "/moderation/cases"))["cases"]
    of_zoe, of_space = f"/moderation/people/{zoe.id}", f"/moderation/spaces/{table.id}"
    words = {"words": "Hateful"}
    before = len(await log_of(boss))

    await mod.do("PUT", f"{table.path}/mutes/@zoe")
    await mod.do("PUT", f"{table.path}/removals/@zoe")
    await mod.do("PATCH", of_space, {"title": "A space", **words})
    await mod.do("POST", f"{of_space}/end", words)
    await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss")
    await mod.do("POST", f"{of_zoe}/warnings", words)
    await mod.do("PUT", f"{of_zoe}/suspension", {"until": None, **words})
    await mod.do("DELETE", f"{of_zoe}/suspension")

    in_space = [
        ("muted", "mod", "zoe"),
        ("removed", "mod", "zoe"),
        ("space_changed", "mod", None),
        ("space_ended", "mod", None),
    ]
    elsewhere = ["settled", "warned", "suspended", "suspension_lifted"]
    assert (await log_of(boss))[before:] == [
        *in_space,
        *((act, "mod", "zoe") for act in elsewhere),
    ]
    entries = (await boss.do("GET", "/moderation/log"))["entries"]
    settled = [entry for entry in entries if entry["act"] == "settled"]
    assert [entry["data"] for entry in settled] == [{"case": case["id"], "outcome": "dismissed"}]
    assert (await log_of(table.host, table.path))[before:] == in_space


async def test_the_log_holds_no_names_and_no_words(
    open_table: OpenTable, sign_up: SignUp, boss: Browser, instance: Instance
) -> None:
    """An account that is gone leaves only that somebody did something."""
    table, ben = await open_table(), await sign_up("ben")
    await act_as_host(table, ben)
    async with instance.database.read() as session:
        rows = (await session.execute(text("SELECT * FROM audit_entry"))).all()
    assert not [row for row in rows if "ateful" in str(row) or "'ben'" in str(row)]

    async with instance.transactions.begin() as tx:
        await tx.session.execute(delete(Person).where(Person.id == ben.id))

    assert await log_of(boss) == [(act, by, None) for act, by, _ in OF_HOST]


@pytest.mark.parametrize("act", [update(AuditEntry).values(by="nobody"), delete(AuditEntry)])
async def test_nobody_rewrites_the_log(
    open_table: OpenTable,
    instance: Instance,
    boss: Browser,
    act: Any,  # noqa: ANN401
) -> None:
    """The database itself refuses, whoever asks."""
    table = await open_table()
    await table.host.do("PUT", f"{table.path}/queue", {"locked": True})

    with pytest.raises(IntegrityError, match="never rewritten"):
        async with instance.transactions.begin() as tx:
            await tx.session.execute(act)

    assert (await log_of(boss))[1:] == [("queue_changed", "ama", None)]


async def test_what_is_taken_back_was_never_done(
    open_table: OpenTable, sign_up: SignUp, mod: Browser, instance: Instance
) -> None:
    """An act that is refused in the end leaves no entry."""
    table, zoe = await open_table(), await sign_up("zoe")
    body = {"until": None, "words": "x", "case": "77"}
    path = f"/moderation/people/{zoe.id}/suspension"

    assert await mod.refused("PUT", path, body) == (404, "case_not_found")

    async with instance.database.read() as session:
        acts = select(AuditEntry.act)
        assert (await session.scalars(acts)).all() == ["space_started"]
    assert (await zoe.do("GET", "/me"))["name"] == "zoe"
    assert table.id


async def test_the_log_comes_in_pages(open_table: OpenTable, boss: Browser) -> None:
    """The latest first, each once."""
    table = await open_table()
    for seconds in range(1, 6):
        await table.host.do("PUT", f"{table.path}/queue", {"slow_seconds": seconds})
    seen: list[int] = []
    before = ""
    while before is not None:
        page = await boss.do("GET", f"/moderation/log?limit=2{before and f'&before={before}'}")
        seen += [entry["data"].get("slow_seconds", 0) for entry in page["entries"]]
        before = page["next"]

    assert seen == [5, 4, 3, 2, 1, 0]


def test_every_act_has_a_word_of_its_own() -> None:
    """Two that are told apart nowhere else would be one in the log."""
    words = [word for _, word, _ in ACTS]

    assert len(words) == len(set(words))
    assert {kind.__name__ for kind, *_ in ACTS} >= {"Muted", "PersonBarred", "SpaceEnded"}
