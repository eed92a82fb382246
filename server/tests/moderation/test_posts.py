"""Posts that people report, and that moderators take away."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.moderation.models import AuditEntry, Report
from tests.conftest import Appoint, Browser, SignUp
from tests.moderation.test_reports import cases, report, told
from tests.voice_notes.samples import heard, share_of, spoken

WHY = {"words": "Not here."}


@pytest.fixture
async def mod(appoint: Appoint) -> Browser:
    return await appoint("mod")


@pytest.fixture
async def ben(sign_up: SignUp) -> Browser:
    return await sign_up("ben")


@pytest.fixture
async def zoe(sign_up: SignUp) -> Browser:
    return await sign_up("zoe")


async def write(browser: Browser, text: str = "You are all fools", **more: object) -> str:
    post = await browser.do("POST", "/posts", {"text": text, **more})
    return str(post["id"])


async def test_a_report_keeps_what_the_post_said(ben: Browser, zoe: Browser, mod: Browser) -> None:
    """It is about who wrote it; what they change or take away afterwards is still read."""
    post = await write(zoe)
    await report(ben, post=post)
    await zoe.do("PATCH", f"/posts/{post}", {"text": "You are all friends"})

    [case] = await cases(mod)
    assert (case["person"]["name"], case["space"]) == ("zoe", None)
    [said] = case["reports"]
    assert (said["posts"][0]["id"], said["posts"][0]["text"]) == (post, "You are all fools")
    assert said["posts"][0]["is_there"]
    await zoe.do("DELETE", f"/posts/{post}")
    [case] = await cases(mod)
    assert case["reports"][0]["posts"][0]["text"] == "You are all fools"
    assert not case["reports"][0]["posts"][0]["is_there"]


async def test_another_post_is_told_beside_the_first(
    ben: Browser, zoe: Browser, mod: Browser
) -> None:
    """One report of each person in a case, with all that they meant; the first words of each."""
    first, second = await write(zoe, "One"), await write(zoe, "Two")
    await report(ben, post=first)
    await report(ben, post=second)
    await zoe.do("PATCH", f"/posts/{first}", {"text": "Nothing"})
    await report(ben, post=first)

    [case] = await cases(mod)
    [said] = case["reports"]
    assert [post["text"] for post in said["posts"]] == ["One", "Two"]


async def test_only_what_one_can_see_can_be_reported(
    ben: Browser, zoe: Browser, mod: Browser
) -> None:
    """Nobody learns by a report whether there is a post; and nobody reports their own."""
    post = await write(zoe)
    said = {"reason": "spam", "post": post}
    assert await zoe.refused("POST", "/reports", said) == (403, "not_oneself")
    await zoe.do("PUT", "/people/@ben/block")
    unknown = await ben.refused("POST", "/reports", said | {"post": "nothing"})

    assert await ben.refused("POST", "/reports", said) == unknown == (404, "post_not_found")
    assert await cases(mod) == []


async def test_moderators_take_a_post_away(
    ben: Browser, zoe: Browser, mod: Browser, instance: Instance
) -> None:
    """It is gone for everybody; who wrote it reads why, who reported that somebody looked."""
    post = await write(zoe)
    answer = await write(ben, "No", reply_to=post)
    await report(ben, post=post)
    [case] = await cases(mod)

    path = f"/moderation/posts/{post}/take-away"
    await mod.do("POST", path, WHY | {"case": case["id"]})

    assert await ben.refused("GET", f"/posts/{post}") == (404, "post_not_found")
    assert "fools" not in str(await ben.do("GET", f"/posts/{answer}/thread"))
    [item] = [item for item in await told(zoe) if item["kind"] != "replied"]
    assert (item["kind"], item["words"]) == ("post_taken_away", "Not here.")
    assert [item["kind"] for item in await told(ben)] == ["report_seen"]
    [settled] = await cases(mod, "settled")
    assert (settled["settled"]["outcome"], settled["settled"]["by"]["name"]) == (
        "post_taken_away",
        "mod",
    )
    async with instance.database.read() as session:
        acts = await session.scalars(select(AuditEntry).where(AuditEntry.act == "post_taken_away"))
        [entry] = acts.all()
    assert (entry.by, entry.person_id, entry.data) == (mod.id, zoe.id, {"post": post})
    assert await mod.refused("POST", path, WHY) == (404, "post_not_found")


async def test_a_case_about_somebody_else_is_not_settled_by_it(
    ben: Browser, zoe: Browser, mod: Browser
) -> None:
    """Then the post stays as well."""
    post = await write(zoe)
    await report(zoe, user="@ben")
    [case] = await cases(mod)

    body = WHY | {"case": case["id"]}
    refused = await mod.refused("POST", f"/moderation/posts/{post}/take-away", body)

    assert refused == (404, "case_not_found")
    assert (await ben.do("GET", f"/posts/{post}"))["text"] == "You are all fools"


async def test_staff_are_out_of_reach(mod: Browser, appoint: Appoint, zoe: Browser) -> None:
    """Moderators do not take away what moderators wrote; nor does anybody who is none."""
    other = await appoint("olga")
    post, own = await write(other), await write(mod)
    path = "/moderation/posts/{}/take-away"
    assert await mod.refused("POST", path.format(post), WHY) == (403, "moderates_staff")
    assert await mod.refused("POST", path.format(own), WHY) == (403, "not_oneself")
    assert await zoe.refused("POST", path.format(post), WHY) == (403, "staff_only")


async def test_what_a_post_said_is_forgotten_with_the_report(
    ben: Browser, zoe: Browser, mod: Browser, clock: ManualClock, instance: Instance
) -> None:
    """Some time after the case is settled."""
    await report(ben, post=await write(zoe))
    [case] = await cases(mod)
    await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss")
    clock.advance(timedelta(days=instance.settings.reports_kept_days, hours=1).total_seconds())

    await instance.forget_old()

    async with instance.database.read() as session:
        [kept] = (await session.scalars(select(Report))).all()
    assert (kept.posts, kept.words) == (None, "")


async def test_a_reported_voice_is_heard_by_moderators_whatever_becomes_of_the_post(
    instance: Instance, ben: Browser, zoe: Browser, mod: Browser, clock: ManualClock
) -> None:
    """And by nobody else, until what was reported is forgotten."""
    sent = (await zoe.ask("POST", "/voice-notes", content=spoken())).json()["id"]
    post = await write(zoe, voice=sent)
    await report(ben, post=post)
    await zoe.do("DELETE", f"/posts/{post}")
    await instance.jobs.run_due()

    [case] = await cases(mod)
    voice = case["reports"][0]["posts"][0]["voice"]
    assert (voice["duration_ms"], voice["id"] != sent) == (1000, True)
    path = f"/voice-notes/{voice['id']}/ogg"
    assert share_of(heard((await mod.ask("GET", path)).content), 440.0) > 0.9
    for other in (ben, zoe):
        assert await other.refused("GET", path) == (404, "voice_note_not_found")

    await mod.do("POST", f"/moderation/cases/{case['id']}/dismiss", {"words": "no"})
    clock.advance(timedelta(days=instance.settings.reports_kept_days + 1).total_seconds())
    await instance.forget_old()
    await instance.jobs.run_due()
    assert await mod.refused("GET", path) == (404, "voice_note_not_found")
    assert not [each for each in instance.settings.voice_notes_path.rglob("*") if each.is_file()]
