"""What people report, who sees it, and what moderators do about it."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import delete, select

from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.moderation import service
from convivium.moderation.models import Report
from convivium.spaces.view import time_view
from tests.conftest import PASSWORD, Appoint, Browser, OpenTable, SignUp
from tests.notifications.test_stream import look

HARASSMENT = {"reason": "harassment", "words": "shouts at people"}


@pytest.fixture
async def mod(appoint: Appoint) -> Browser:
    return await appoint("mod")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


@pytest.fixture
async def zoe(sign_up: SignUp) -> Browser:
    return await sign_up("zoe")


async def report(browser: Browser, **about: object) -> str:
    made = await browser.do("POST", "/reports", HARASSMENT | about)
    return str(made["id"])


async def cases(browser: Browser, state: str = "open") -> list[Any]:
    page = await browser.do("GET", f"/moderation/cases?state={state}")
    return list(page["cases"])


async def told(browser: Browser) -> list[Any]:
    return list((await browser.do("GET", "/notifications"))["items"])


# What is reported


async def test_a_report_comes_with_what_could_be_seen(
    open_table: OpenTable, ben: Browser, zoe: Browser, mod: Browser, clock: ManualClock
) -> None:
    """Title, time, stage, the person's place and last lines are kept as they were."""
    table = await open_table()
    for person in (ben, zoe):
        await table.join(person)
    await table.seat(zoe)
    for text in ("you all", "are wrong"):
        await zoe.do("POST", f"{table.path}/chat", {"text": text})
        clock.advance(2)
    await ben.do("POST", f"{table.path}/chat", {"text": "please"})
    clock.advance(60)

    await report(ben, user="@zoe", space=table.id)
    await table.host.do("PUT", f"{table.path}/removals/@zoe")
    await table.host.do("PATCH", table.path, {"title": "Another title"})

    [case] = await cases(mod)
    assert (case["person"]["name"], case["count"], case["urgent"]) == ("zoe", 1, False)
    assert (case["space"]["title"], case["space"]["host"]["name"]) == ("Another title", "ama")
    [said] = case["reports"]
    assert (said["by"]["name"], said["reason"], said["words"]) == (
        "ben",
        "harassment",
        "shouts at people",
    )
    scene = said["scene"]
    assert (scene["title"], scene["live_s"], scene["role"]) == ("Kitchen table", 64, "speaker")
    assert [person["name"] for person in scene["stage"]] == ["ama", "zoe"]
    assert [line["text"] for line in scene["lines"]] == ["you all", "are wrong"]
    assert (await mod.do("GET", f"/moderation/cases/{case['id']}")) == case


async def test_reports_about_one_person_are_one_case(
    open_table: OpenTable, ben: Browser, zoe: Browser, mod: Browser, sign_up: SignUp
) -> None:
    """Wherever they were; a space as such is another one, and what is settled stays so."""
    table, dora = await open_table(), await sign_up("dora")
    await report(ben, user=zoe.id)
    await report(dora, user="@zoe", space=table.id)
    await report(ben, space=table.id)
    about_space, about_zoe = sorted(await cases(mod), key=lambda case: case["person"] is not None)

    assert (about_zoe["count"], about_zoe["space"]["id"]) == (2, table.id)
    assert (about_space["count"], about_space["space"]["id"]) == (1, table.id)
    await mod.do("POST", f"/moderation/cases/{about_zoe['id']}/dismiss", {"words": "a joke"})
    await report(ben, user="@zoe")

    fresh = [case for case in await cases(mod) if case["person"]]
    assert [case["count"] for case in fresh] == [1]
    assert fresh[0]["id"] != about_zoe["id"]
    [settled] = await cases(mod, "settled")
    assert settled["settled"]["outcome"] == "dismissed"
    assert settled["settled"]["words"] == "a joke"
    assert settled["settled"]["by"]["name"] == "mod"


async def test_said_again_the_words_are_replaced(ben: Browser, zoe: Browser, mod: Browser) -> None:
    """One person is one report, however often they press; danger stays danger."""
    first = await report(ben, user=zoe.id, reason="danger")

    assert await report(ben, user=zoe.id, reason="spam", words="sells things") == first

    [case] = await cases(mod)
    assert (case["count"], case["urgent"], len(case["reports"])) == (1, True, 1)
    assert case["reports"][0]["words"] == "sells things"


async def test_danger_comes_first_then_the_newest(
    sign_up: SignUp, ben: Browser, mod: Browser, clock: ManualClock
) -> None:
    """Page by page, and what is settled as it was settled."""
    for name in ("one", "two", "three", "four"):
        person = await sign_up(name)
        await report(ben, user=person.id, reason="danger" if name == "two" else "spam")
        clock.advance(1)
    seen: list[str] = []
    before = ""
    while before is not None:
        page = await mod.do("GET", f"/moderation/cases?limit=1{before and f'&before={before}'}")
        seen += [case["person"]["name"] for case in page["cases"]]
        before = page["next"]
    assert seen == ["two", "four", "three", "one"]

    ids = {case["person"]["name"]: case["id"] for case in await cases(mod)}
    for name in ("three", "two"):
        await mod.do("POST", f"/moderation/cases/{ids[name]}/dismiss")
        clock.advance(1)

    first = await mod.do("GET", "/moderation/cases?state=settled&limit=1")
    rest = await mod.do("GET", f"/moderation/cases?state=settled&before={first['next']}")
    assert [case["person"]["name"] for case in first["cases"] + rest["cases"]] == ["two", "three"]


async def test_those_whom_a_host_put_out_can_report(
    open_table: OpenTable, ben: Browser, zoe: Browser, mod: Browser, visitor: Callable[[], Browser]
) -> None:
    """The removed, the blocked, and guests; not somebody of whom nothing at all is known."""
    table, guest = await open_table(), visitor()
    await table.join(guest)
    await table.host.do("PUT", f"{table.path}/removals/@ben")
    await table.host.do("PUT", "/people/@zoe/block")
    for person in (ben, zoe, guest):
        await report(person, user=table.host.id, space=table.id)

    [case] = await cases(mod)
    assert case["count"] == 3
    assert {said["by"]["name"] for said in case["reports"]} == {"ben", "zoe", None}
    refused = await visitor().refused("POST", "/reports", {"user": "@ama", **HARASSMENT})
    assert refused == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("about", "refused"),
    [
        ({}, (422, "nothing_reported")),
        ({"user": "@nobody"}, (404, "person_not_found")),
        ({"user": "me"}, (403, "not_oneself")),
        ({"space": "nowhere"}, (404, "space_not_found")),
        ({"user": "@zoe", "reason": "boredom"}, (422, "invalid")),
        ({"user": "@zoe", "words": "x" * 501}, (422, "invalid")),
    ],
)
async def test_what_cannot_be_reported(
    ben: Browser, zoe: Browser, about: dict[str, str], refused: tuple[int, str]
) -> None:
    """Each is told what is wrong."""
    assert zoe.id
    assert await ben.refused("POST", "/reports", HARASSMENT | about) == refused


async def test_nobody_reports_a_draft_or_their_own_space(
    open_table: OpenTable, ben: Browser
) -> None:
    """A draft is nobody's to know of."""
    table = await open_table()
    draft = await table.host.do("POST", "/spaces", {"title": "Later"})
    about_draft = HARASSMENT | {"space": draft["id"]}

    assert await ben.refused("POST", "/reports", about_draft) == (404, "space_not_found")
    own = HARASSMENT | {"space": table.id}
    assert await table.host.refused("POST", "/reports", own) == (403, "not_oneself")


async def test_reports_are_bounded(ben: Browser, zoe: Browser, clock: ManualClock) -> None:
    """So many at once by one person; later again."""
    for _ in range(10):
        await report(ben, user=zoe.id)

    answer = await ben.ask("POST", "/reports", json=HARASSMENT | {"user": zoe.id})
    assert (answer.status_code, answer.json()["code"]) == (429, "slow_down")
    clock.advance(float(answer.headers["retry-after"]))
    await report(ben, user=zoe.id)


# Who sees it


async def test_nobody_sees_a_case_about_themselves(
    open_table: OpenTable, appoint: Appoint, ben: Browser, mod: Browser
) -> None:
    """A moderator learns neither that they were reported nor by whom; others see it."""
    hosting = await appoint("hosting")
    table = await open_table()
    space = await hosting.do("POST", "/spaces", {"title": "Mine"})
    await hosting.do("POST", f"/spaces/{space['id']}/start")
    await report(ben, user=hosting.id)
    await report(ben, space=space["id"])
    await report(ben, space=table.id)

    assert len(await cases(mod)) == 3
    [case] = await cases(hosting)
    assert case["space"]["id"] == table.id
    for other in await cases(mod):
        if other["id"] != case["id"]:
            path = f"/moderation/cases/{other['id']}"
            assert await hosting.refused("GET", path) == (404, "case_not_found")
            assert await hosting.refused("POST", f"{path}/dismiss") == (404, "case_not_found")
    assert await hosting.refused("GET", "/moderation/people/me") == (403, "not_oneself")


async def test_only_an_administrator_settles_a_case_about_staff(
    appoint: Appoint, ben: Browser, mod: Browser
) -> None:
    """Moderators see it, and leave it."""
    admin, other = await appoint("boss", "admin"), await appoint("other")
    await report(ben, user=other.id)
    [case] = await cases(mod)
    path = f"/moderation/cases/{case['id']}/dismiss"

    assert await mod.refused("POST", path) == (403, "moderates_staff")
    warning = ("POST", f"/moderation/people/{other.id}/warnings", {"words": "no"})
    assert await mod.refused(*warning) == (403, "moderates_staff")
    await admin.do("POST", path)
    await admin.do(*warning)


async def test_moderators_are_told_live_what_waits_and_nobody_else(
    instance: Instance, ben: Browser, zoe: Browser, mod: Browser, clock: ManualClock
) -> None:
    """One event for each change; not of cases about themselves."""

    def waits(open_cases: int, urgent: int) -> dict[str, Any]:
        last_at = time_view(clock.now()) if open_cases else None
        return {"open_cases": open_cases, "urgent": urgent, "last_at": last_at}

    async with AsyncExitStack() as stack:
        eye, other = await look(instance, mod, stack), await look(instance, zoe, stack)
        assert eye.seen["moderation"] == waits(0, 0)
        assert other.seen["moderation"] is None
        await report(ben, user=zoe.id)
        await report(ben, user=mod.id)
        assert await eye.catch_up() == ["moderation_changed"]
        assert eye.events[-1]["data"] == {"moderation": waits(1, 0)}
        await report(ben, user=zoe.id, reason="danger")
        await eye.catch_up()
        assert eye.events[-1]["data"] == {"moderation": waits(1, 1)}
        [case] = await cases(mod)
        await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss")
        await eye.catch_up()
        assert eye.events[-1]["data"] == {"moderation": waits(0, 0)}
        assert await other.catch_up() == []


async def test_moderators_are_told_live_that_a_case_has_grown(
    instance: Instance,
    ben: Browser,
    zoe: Browser,
    sign_up: SignUp,
    mod: Browser,
    clock: ManualClock,
) -> None:
    """Another report, or other words of the same person, is news about a case known before."""
    await report(ben, user=zoe.id)
    chidi = await sign_up("chidi")
    async with AsyncExitStack() as stack:
        eye = await look(instance, mod, stack)
        for reporter in (chidi, ben):
            clock.advance(1)
            await report(reporter, user=zoe.id)
            assert await eye.catch_up() == ["moderation_changed"]
            assert eye.events[-1]["data"]["moderation"] == {
                "open_cases": 1,
                "urgent": 0,
                "last_at": time_view(clock.now()),
            }


async def test_a_case_outlives_the_people_in_it(
    instance: Instance, mod: Browser, open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """A guest who is forgotten is null, whether they reported or were reported."""
    table, one, other = await open_table(), visitor(), visitor()
    for guest in (one, other):
        await table.join(guest)
    await report(one, user=other.id, space=table.id)
    async with instance.transactions.begin() as tx:
        await tx.session.execute(delete(Person).where(Person.id.in_([one.id, other.id])))

    [case] = await cases(mod)
    assert (case["person"], case["reports"][0]["by"]) == (None, None)
    record = await mod.do("GET", f"/moderation/people/{table.host.id}")
    assert record["cases"] == [], "it was not about the host"
    await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss")


async def test_what_was_reported_is_forgotten_long_after_it_was_settled(
    open_table: OpenTable,
    instance: Instance,
    ben: Browser,
    zoe: Browser,
    mod: Browser,
    clock: ManualClock,
) -> None:
    """Words and scene go; that somebody reported, why, and what came of it stays; open ones all."""
    table = await open_table()
    await report(ben, user="@zoe", space=table.id)
    [case] = await cases(mod)
    await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss", {"words": "a joke"})
    await report(ben, user="@mod", space=table.id)
    clock.advance(instance.settings.reports_kept_days * 24 * 3600 - 1)
    await mod.do("POST", "/sessions", {"name": "mod", "password": PASSWORD})
    await instance.forget_old()
    assert (await cases(mod, "settled"))[0]["reports"] == case["reports"]
    clock.advance(1)

    await instance.forget_old()

    [settled] = await cases(mod, "settled")
    [said] = settled["reports"]
    assert (said["words"], said["scene"]) == ("", None)
    assert (said["reason"], said["by"]["name"], settled["count"]) == ("harassment", "ben", 1)
    assert settled["settled"]["words"] == "a joke"
    async with instance.database.read() as session:
        [still] = await session.scalars(select(Report).where(Report.words != ""))
    assert still.scene is not None
    assert zoe.id


async def test_nothing_is_forgotten_where_the_operator_says_so(
    instance: Instance, ben: Browser, zoe: Browser, mod: Browser, clock: ManualClock
) -> None:
    """No day is for ever, and other work goes on."""
    await report(ben, user=zoe.id)
    [case] = await cases(mod)
    await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss")
    clock.advance(3650 * 24 * 3600)
    await mod.do("POST", "/sessions", {"name": "mod", "password": PASSWORD})
    async with instance.transactions.begin() as tx:
        await service.forget_reports(tx, 0)

    assert (await cases(mod, "settled"))[0]["reports"] == case["reports"]


async def test_a_space_that_was_over_settles_no_case_by_its_end(
    open_table: OpenTable, ben: Browser, mod: Browser
) -> None:
    """Nothing was ended, so that is not what came of it; the case is as open as before."""
    table = await open_table()
    await report(ben, space=table.id)
    await table.host.do("POST", f"{table.path}/end")
    [case] = await cases(mod)
    path, words = f"/moderation/spaces/{table.id}/end", {"words": "No."}

    refused = await mod.refused("POST", path, {**words, "case": case["id"]})
    assert refused == (409, "over_already")

    assert [each["id"] for each in await cases(mod)] == [case["id"]]
    # Without a case it only asks that every door be tried again.
    await mod.do("POST", path, words)
    await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss")


async def test_to_say_it_again_keeps_what_was_seen_first(
    open_table: OpenTable, ben: Browser, zoe: Browser, mod: Browser, clock: ManualClock
) -> None:
    """The lines that a host took away meanwhile stay with the report."""
    table = await open_table()
    await table.join(zoe)
    await zoe.do("POST", f"{table.path}/chat", {"text": "you are wrong"})
    await report(ben, user="@zoe", space=table.id)
    await table.host.do("PUT", f"{table.path}/removals/@zoe")
    clock.advance(60)

    await report(ben, user="@zoe", words="and she shouts")
    await report(ben, user="@zoe", space=table.id, words="and she shouts a lot")

    [case] = await cases(mod)
    [said] = case["reports"]
    assert said["words"] == "and she shouts a lot"
    assert [line["text"] for line in said["scene"]["lines"]] == ["you are wrong"]


async def test_a_case_about_a_space_stays_with_whose_it_was(
    open_table: OpenTable, ben: Browser, mod: Browser, appoint: Appoint
) -> None:
    """Whoever gets the space gets no case; whoever gave it away does not see who reported."""
    table, other = await open_table(), await appoint("boss", "admin")
    await table.join(mod)
    await table.seat(mod, "co_host")
    await report(ben, space=table.id)
    [case] = await cases(mod)
    await table.host.do("PUT", f"{table.path}/host/@mod")

    assert [each["id"] for each in await cases(mod)] == [case["id"]]
    of_mod = await other.do("GET", "/moderation/people/@mod")
    of_host = await other.do("GET", f"/moderation/people/{table.host.id}")
    assert (of_mod["cases"], [each["id"] for each in of_host["cases"]]) == ([], [case["id"]])


async def test_a_host_is_suspended_for_a_space_that_goes_to_whoever_suspends(
    open_table: OpenTable, ben: Browser, mod: Browser
) -> None:
    """The case is settled although the moderator, as co-host, holds the space at once."""
    table = await open_table()
    await table.join(mod)
    await table.seat(mod, "co_host")
    await report(ben, space=table.id)
    [case] = await cases(mod)

    body = {"until": None, "words": "Hateful", "case": case["id"]}
    await mod.do("PUT", f"/moderation/people/{table.host.id}/suspension", body)

    [settled] = await cases(mod, "settled")
    assert settled["settled"]["outcome"] == "suspended"


# What is done


async def test_an_act_answers_no_case_about_somebody_else(
    open_table: OpenTable, ben: Browser, zoe: Browser, mod: Browser
) -> None:
    """Nobody's case is put away by a word to another, or by another space's end."""
    table, another = await open_table(), await open_table("bea")
    await report(ben, user=zoe.id)
    await report(zoe, space=table.id)
    open_ones = await cases(mod)
    of_zoe, of_space = sorted(open_ones, key=lambda case: case["person"] is None)
    not_found = (404, "case_not_found")

    for path, case in (
        (f"/moderation/people/{ben.id}/warnings", of_zoe),
        (f"/moderation/people/{ben.id}/warnings", of_space),
        (f"/moderation/people/{table.host.id}/warnings", of_zoe),
        (f"/moderation/spaces/{another.id}/end", of_space),
        (f"/moderation/spaces/{another.id}/end", of_zoe),
    ):
        body = {"words": "No.", "case": case["id"]}
        assert await mod.refused("POST", path, body) == not_found
    assert await cases(mod) == open_ones
    assert await told(ben) == []

    body = {"words": "No.", "case": of_space["id"]}
    await mod.do("POST", f"/moderation/people/{table.host.id}/warnings", body)
    assert [case["id"] for case in await cases(mod)] == [of_zoe["id"]]


async def test_guests_are_not_warned(
    open_table: OpenTable, visitor: Callable[[], Browser], mod: Browser
) -> None:
    """Nothing would reach them."""
    table, guest = await open_table(), visitor()
    await table.join(guest)

    path = f"/moderation/people/{guest.id}/warnings"
    assert await mod.refused("POST", path, {"words": "No."}) == (403, "guest")


async def test_what_is_asked_again_after_a_lost_answer_is_done_again(
    open_table: OpenTable, ben: Browser, zoe: Browser, mod: Browser, appoint: Appoint
) -> None:
    """To suspend, or to end a space, by the same moderator; for another one it is settled."""
    table, other = await open_table(), await appoint("other")
    await report(ben, user=zoe.id)
    await report(ben, space=table.id)
    of_zoe, of_space = sorted(await cases(mod), key=lambda case: case["person"] is None)
    suspended = {"until": None, "words": "No.", "case": of_zoe["id"]}
    ended = {"words": "No.", "case": of_space["id"]}

    for _ in range(2):
        await mod.do("PUT", f"/moderation/people/{zoe.id}/suspension", suspended)
        await mod.do("POST", f"/moderation/spaces/{table.id}/end", ended)

    settled = (409, "case_settled")
    path = f"/moderation/people/{zoe.id}/suspension"
    assert await other.refused("PUT", path, suspended) == settled
    assert await other.refused("POST", f"/moderation/spaces/{table.id}/end", ended) == settled


async def test_a_warning_is_told_and_settles_its_case(
    ben: Browser, zoe: Browser, mod: Browser
) -> None:
    """The warned one reads the words; whoever reported reads that somebody looked, once."""
    await report(ben, user=zoe.id)
    [case] = await cases(mod)

    warning = {"words": "No shouting.", "case": case["id"]}
    await mod.do("POST", f"/moderation/people/{zoe.id}/warnings", warning)

    [item] = await told(zoe)
    assert (item["kind"], item["words"], item["people"]) == ("warned", "No shouting.", [])
    [item] = await told(ben)
    assert (item["kind"], item["words"], item["people"]) == ("report_seen", None, [])
    assert await cases(mod) == []
    [settled] = await cases(mod, "settled")
    assert settled["settled"]["outcome"] == "warned"
    again = await mod.refused("POST", f"/moderation/people/{zoe.id}/warnings", warning)
    assert again == (409, "case_settled")
    assert len(await told(zoe)) == 1, "a refused act leaves nothing"
    record = await mod.do("GET", "/moderation/people/@zoe")
    assert [each["words"] for each in record["warnings"]] == ["No shouting."]
    assert [each["id"] for each in record["cases"]] == [case["id"]]
    assert (record["role"], record["suspension"]) == ("member", None)


async def test_two_warnings_are_two(zoe: Browser, mod: Browser) -> None:
    """The second one does not take the place of the first."""
    for words in ("Once.", "Twice."):
        await mod.do("POST", f"/moderation/people/{zoe.id}/warnings", {"words": words})

    assert [item["words"] for item in await told(zoe)] == ["Twice.", "Once."]


async def test_a_space_is_ended_and_its_hosts_read_why(
    open_table: OpenTable, ben: Browser, mod: Browser, clock: ManualClock
) -> None:
    """Everybody is out; ended again it stays so, and nobody is told twice."""
    table = await open_table()
    await table.join(ben)
    await report(ben, space=table.id)
    [case] = await cases(mod)
    path = f"/moderation/spaces/{table.id}/end"

    await mod.do("POST", path, {"words": "Spam.", "case": case["id"]})
    clock.advance(1)
    await mod.do("POST", path, {"words": "Once more."})

    assert (await ben.do("GET", table.path))["state"] == "ended"
    assert not table.engine.peers
    assert [(item["kind"], item["words"]) for item in await told(table.host)] == [
        ("space_ended", "Spam.")
    ]
    [settled] = await cases(mod, "settled")
    assert settled["settled"]["outcome"] == "ended"


async def test_a_scheduled_space_is_cancelled_in_the_name_of_its_host(
    instance: Instance, ben: Browser, zoe: Browser, mod: Browser
) -> None:
    """Those who asked to be told are; which moderator it was they are not."""
    body = {"title": "Bread", "starts_at": "2026-01-02T19:30:00Z"}
    card = await zoe.do("POST", "/spaces", body)
    await ben.do("PUT", f"/spaces/{card['id']}/reminders/me")

    await mod.do("POST", f"/moderation/spaces/{card['id']}/end", {"words": "Spam."})
    await instance.jobs.run_due()

    assert (await ben.do("GET", f"/spaces/{card['id']}"))["state"] == "cancelled"
    [item] = await told(ben)
    assert (item["kind"], [person["name"] for person in item["people"]]) == ("cancelled", ["zoe"])
    assert [item["kind"] for item in await told(zoe)] == ["space_ended"]


async def test_a_hateful_title_is_replaced(
    open_table: OpenTable, ben: Browser, mod: Browser
) -> None:
    """At once for everybody; what is left out stays."""
    table = await open_table(title="Something hateful", description="and more")
    path = f"/moderation/spaces/{table.id}"

    await mod.do("PATCH", path, {"title": "A space", "words": "Not here."})

    card = await ben.do("GET", table.path)
    assert (card["title"], card["description"]) == ("A space", "and more")
    [item] = await told(table.host)
    assert (item["kind"], item["words"]) == ("space_renamed", "Not here.")
    for nothing in ({"words": "Not here."}, {"title": "A space"}, {"title": "", "words": "x"}):
        assert await mod.refused("PATCH", path, nothing) == (422, "invalid")


@pytest.mark.parametrize("words", ["", "  ", "x" * 501])
async def test_an_act_takes_words(zoe: Browser, mod: Browser, words: str) -> None:
    """Some, and not too many."""
    for method, path, more in (
        ("POST", f"/moderation/people/{zoe.id}/warnings", {}),
        ("PUT", f"/moderation/people/{zoe.id}/suspension", {"until": None}),
    ):
        assert await mod.refused(method, path, {"words": words, **more}) == (422, "invalid")
    assert await told(zoe) == []
