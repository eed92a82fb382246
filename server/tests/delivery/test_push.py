"""Being told by push: in the browsers one chose, once, and what becomes of those that are gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from convivium.accounts.models import Person, SignIn
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.errands import FIRST_PAUSE_S, Outcome
from convivium.core.jobs import ATTEMPTS, Due, Job
from convivium.delivery import push, service
from convivium.delivery.models import Delivery, PushSubscription
from convivium.delivery.push import MOST, outcome_of
from convivium.delivery.service import PushErrand
from tests.conftest import PASSWORD, Browser, SignUp
from tests.delivery.endpoint import PushService, Subscriber
from tests.delivery.time import Pass

TOMORROW = "2026-01-02T19:30:00Z"


async def told(ben: Browser, ama: Browser) -> None:
    """Let Ben answer Ama, who is told of it at once."""
    post = await ama.do("POST", "/posts", {"text": "Bread rises at night."})
    await ben.do("POST", "/posts", {"text": "Mine never does.", "reply_to": post["id"]})


async def subscribed(browser: Browser, service: PushService, name: str = "a") -> Subscriber:
    subscriber = service.subscriber(name)
    await browser.do("POST", "/me/push", subscriber.given)
    return subscriber


async def states(instance: Instance) -> list[str]:
    async with instance.database.read() as session:
        return list(await session.scalars(select(Delivery.state).order_by(Delivery.told_at)))


async def doors(instance: Instance) -> list[str]:
    async with instance.database.read() as session:
        return list(await session.scalars(select(PushSubscription.endpoint)))


async def jobs_left(instance: Instance) -> int:
    async with instance.database.read() as session:
        kinds = await session.scalars(select(Job.kind).where(Job.kind == service.PUSH))
        return len(kinds.all())


async def test_one_is_told_by_push(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Sealed for that browser, signed under our key, in the form that Safari shows by itself."""
    reader = await subscribed(ama, service)
    await told(ben, ama)
    await pass_s(0)

    [shown] = service.shown(reader)
    [taken] = service.taken
    [item] = (await ama.do("GET", "/notifications"))["items"]
    assert shown == {
        "web_push": 8030,
        "notification": {
            "title": "Ben answered you",
            "body": "Mine never does.",
            "navigate": f"https://convivium.test/posts/{item['post']['id']}",
            "tag": item["id"],
            "app_badge": "1",
        },
    }
    assert (taken.headers["content-encoding"], taken.headers["ttl"]) == ("aes128gcm", "43200")
    assert taken.claims["aud"] == f"http://127.0.0.1:{service.port}"
    assert taken.claims["k"] == (await ama.do("GET", "/me/push"))["key"]
    assert await states(instance) == ["sent"]


async def test_a_push_leads_home(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Where the settings say where that is, it is not where its browser met this server."""
    instance.push._site = "https://table.example"
    reader = await subscribed(ama, service)
    await told(ben, ama)
    await pass_s(0)

    [shown] = service.shown(reader)
    assert shown["notification"]["navigate"].startswith("https://table.example/posts/")


async def test_nothing_is_sent_twice(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """However often it is looked for what is due, in each of two browsers once."""
    for name in ("a", "b"):
        async with instance.transactions.begin() as tx:
            await tx.session.execute(update(PushSubscription).values(session_id=await other(tx)))
        await subscribed(ama, service, name)
    await told(ben, ama)
    for _ in range(3):
        await pass_s(60)

    assert sorted(one.path for one in service.taken) == ["/a", "/b"]
    assert await jobs_left(instance) == 0


async def other(tx: object) -> str:
    """Give a session of another browser, so that one person has two."""
    session = tx.session  # type: ignore[attr-defined]
    person = (await session.scalars(select(Person).where(Person.name == "ama"))).one()
    sign_in = SignIn(
        id="elsewhere",
        person_id=person.id,
        secret_hash="elsewhere",  # noqa: S106 - of nobody
        created_at=tx.now,  # type: ignore[attr-defined]
        expires_at=tx.now + timedelta(days=1),  # type: ignore[attr-defined]
    )
    await session.merge(sign_in)
    await session.flush()
    return "elsewhere"


async def test_who_was_killed_on_the_way_sends_nothing_more(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Whether it arrived nobody knows: it is in the list anyway, and is not sent again."""
    await subscribed(ama, service)
    service.answers = [(503, "")]
    await told(ben, ama)
    await pass_s(0)
    async with instance.transactions.begin() as tx:
        [job] = (await tx.session.scalars(select(Job).where(Job.kind == "push"))).all()
        errand = PushErrand(instance.transactions, instance.push)
        assert await errand.pack(tx, Due(job.number, job.kind, job.key, {}, 2)) is not None
    await pass_s(3600)

    assert len(service.taken) == 1
    assert await states(instance) == ["unsure"]
    assert await jobs_left(instance) == 0


async def test_a_broken_service_is_tried_again(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Later each time, and when it asks for it; then it is taken, once."""
    reader = await subscribed(ama, service)
    service.answers = [(503, ""), (429, "Retry-After: 300\r\n")]
    await told(ben, ama)
    await pass_s(0)
    await pass_s(FIRST_PAUSE_S - 1)
    assert len(service.taken) == 1
    await pass_s(1)
    assert len(service.taken) == 2
    await pass_s(299)
    assert len(service.taken) == 2
    await pass_s(1)

    assert len(service.shown(reader)) == 3
    assert await states(instance) == ["sent"]


async def test_it_is_given_up_some_time(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """After eight tries nobody tries any more."""
    await subscribed(ama, service)
    service.answers = [(500, "")] * 20
    await told(ben, ama)
    for _ in range(20):
        await pass_s(3600)

    assert len(service.taken) == ATTEMPTS
    assert await states(instance) == ["failed"]
    assert await jobs_left(instance) == 0


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(
    instance: Instance,
    ama: Browser,
    ben: Browser,
    service: PushService,
    pass_s: Pass,
    status: int,
) -> None:
    """Its maker says so; nothing more is sent there."""
    await subscribed(ama, service)
    service.answers = [(status, "")]
    await told(ben, ama)
    await pass_s(0)
    assert await doors(instance) == []
    await told(ben, ama)
    await pass_s(3600)

    assert len(service.taken) == 1


@pytest.mark.parametrize(
    ("status", "word"),
    [(201, "done"), (204, "done"), (301, "never"), (400, "never"), (413, "never"), (500, "again")],
)
def test_what_services_answer(status: int, word: str) -> None:
    """A redirection is not followed."""
    assert outcome_of(status, 0.0) == Outcome(word)  # type: ignore[arg-type]


async def test_whoever_reads_first_is_not_called(
    ama: Browser, ben: Browser, service: PushService, pass_s: Pass, instance: Instance
) -> None:
    """What waits to be sent again and was seen meanwhile stays."""
    await subscribed(ama, service)
    service.answers = [(503, "")]
    await told(ben, ama)
    await pass_s(0)
    [item] = (await ama.do("GET", "/notifications"))["items"]
    await ama.do("PUT", "/notifications/read", {"up_to": item["id"]})
    await pass_s(3600)

    assert len(service.taken) == 1
    assert await states(instance) == ["dropped"]


async def test_what_was_taken_back_is_not_sent(
    ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """The post is gone before the service is well again."""
    await subscribed(ama, service)
    service.answers = [(503, "")]
    post = await ama.do("POST", "/posts", {"text": "Bread"})
    answer = await ben.do("POST", "/posts", {"text": "No", "reply_to": post["id"]})
    await pass_s(0)
    await ben.do("DELETE", f"/posts/{answer['id']}")
    await pass_s(3600)

    assert len(service.taken) == 1


# When


QUIET = {"quiet": {"from": "11:30", "to": "13:00"}}


async def test_nothing_leaves_in_quiet_hours(
    ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """It leaves when they are over (the clock stands at noon); the list has it at once."""
    reader = await subscribed(ama, service)
    await ama.do("PATCH", "/me/notification-settings", QUIET)
    await told(ben, ama)
    assert (await ama.do("GET", "/notifications"))["unread"] == 1
    await pass_s(3599)
    assert service.taken == []
    await pass_s(1)

    assert len(service.shown(reader)) == 1


async def test_quiet_hours_that_are_chosen_while_it_waits(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Put off what is tried again in them, until they are over; then it leaves once."""
    await subscribed(ama, service)
    service.answers = [(503, "")]
    await told(ben, ama)
    await pass_s(0)
    await ama.do("PATCH", "/me/notification-settings", QUIET)
    await pass_s(3599)
    assert len(service.taken) == 1
    assert await states(instance) == ["waiting"]
    await pass_s(1)
    await pass_s(3600)

    assert len(service.taken) == 2
    assert await states(instance) == ["sent"]


async def test_what_is_switched_off_while_it_waits(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Does not leave any more."""
    await subscribed(ama, service)
    service.answers = [(503, "")]
    await told(ben, ama)
    await pass_s(0)
    await ama.do("PATCH", "/me/notification-settings", {"kinds": {"replies": {"push": False}}})
    await pass_s(3600)

    assert len(service.taken) == 1
    assert await states(instance) == ["dropped"]


async def test_a_session_that_ran_out_is_told_nothing(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Nobody has signed out there, but nobody is signed in any more either."""
    await subscribed(ama, service)
    async with instance.transactions.begin() as tx:
        await tx.session.execute(
            update(SignIn).where(SignIn.person_id == ama.id).values(expires_at=tx.now)
        )
    await told_by_mention(ben)
    await pass_s(0)

    assert service.taken == []
    assert await states(instance) == ["dropped"]


async def told_by_mention(ben: Browser) -> None:
    """Let Ben tell Ama something that takes nothing of hers."""
    await ben.do("POST", "/posts", {"text": "Mine never rises, @ama."})


async def test_what_is_over_by_then_is_not_said(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """That a host is live, once they are not any more."""
    await subscribed(ben, service)
    await ben.do("PATCH", "/me/notification-settings", QUIET)
    await ben.do("PUT", "/people/@ama/follow")
    await ben.do("PUT", "/people/@ama/bell")
    path = f"/spaces/{(await ama.do('POST', '/spaces', {'title': 'Bread'}))['id']}"
    await ama.do("POST", f"{path}/start")
    await pass_s(0)
    await ama.do("POST", f"{path}/end")
    await pass_s(3600)

    assert service.taken == []
    assert await states(instance) == ["dropped"]


async def test_what_goes_on_is_said_late(
    ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """A host who is live still is worth hearing of."""
    reader = await subscribed(ben, service)
    await ben.do("PATCH", "/me/notification-settings", QUIET)
    await ben.do("PUT", "/people/@ama/follow")
    await ben.do("PUT", "/people/@ama/bell")
    path = f"/spaces/{(await ama.do('POST', '/spaces', {'title': 'Bread'}))['id']}"
    await ama.do("POST", f"{path}/start")
    await pass_s(0)
    await pass_s(3600)

    [shown] = service.shown(reader)
    live = shown["notification"]
    assert (live["title"], live["body"]) == ("Ama is live", "Bread")
    assert live["navigate"] == f"https://convivium.test{path}"


async def scheduled(host: Browser, instance: Instance, in_s: int) -> str:
    """Let somebody schedule a space, so many seconds from now."""
    starts_at = (instance.clock.now() + timedelta(seconds=in_s)).isoformat()
    space = await host.do("POST", "/spaces", {"title": "Bread", "starts_at": starts_at})
    return f"/spaces/{space['id']}"


def said(service: PushService, reader: Subscriber) -> list[tuple[str, str]]:
    """List the titles that came to a browser, and for how many seconds each was to be kept."""
    titles = [one["notification"]["title"] for one in service.shown(reader)]
    return list(zip(titles, [one.headers["ttl"] for one in service.taken], strict=True))


async def test_reminders_say_how_long_it_is_still(
    instance: Instance, ama: Browser, service: PushService, pass_s: Pass
) -> None:
    """Also what is tried again later; and they are kept only as long as they are true."""
    reader = await subscribed(ama, service)
    service.answers = [(429, "Retry-After: 600\r\n"), (201, ""), (201, "")]
    await scheduled(ama, instance, 3600)
    await pass_s(1800)
    await pass_s(615)
    await pass_s(1185)

    assert said(service, reader) == [
        ("Bread starts in 30 minutes", "1800"),
        ("Bread starts in 20 minutes", "1185"),
        ("Bread starts now", "1800"),
    ]


async def test_a_reminder_of_an_old_time_is_not_sent(
    instance: Instance, ama: Browser, service: PushService, pass_s: Pass
) -> None:
    """Once the space starts later, nobody hears that it starts soon until it does."""
    reader = await subscribed(ama, service)
    service.answers = [(503, "")]
    path = await scheduled(ama, instance, 3600)
    await pass_s(1800)
    starts_at = (instance.clock.now() + timedelta(seconds=7200)).isoformat()
    await ama.do("PATCH", path, {"starts_at": starts_at})
    await pass_s(60)
    assert len(service.taken) == 1
    assert await states(instance) == ["dropped"]
    await pass_s(7200 - 1800 - 60)

    assert said(service, reader)[1:] == [("Bread starts in 30 minutes", "1800")]


async def test_a_call_is_kept_while_it_is_worth_hearing(
    ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """A browser that is on again only tomorrow shows nobody as live who was so today."""
    reader = await subscribed(ben, service)
    await ben.do("PUT", "/people/@ama/follow")
    await ben.do("PUT", "/people/@ama/bell")
    path = f"/spaces/{(await ama.do('POST', '/spaces', {'title': 'Bread'}))['id']}"
    await ama.do("POST", f"{path}/start")
    await pass_s(60)

    # It may have gone before the minute was over.
    [(text, kept)] = said(service, reader)
    assert text == "Ama is live"
    assert 2 * 3600 - 60 <= int(kept) <= 2 * 3600


async def test_likes_gather(
    ama: Browser, ben: Browser, sign_up: SignUp, service: PushService, pass_s: Pass
) -> None:
    """The first rings, if they ring at all; the others only count until one has looked."""
    reader = await subscribed(ama, service)
    post = await ama.do("POST", "/posts", {"text": "Bread"})
    await ben.do("PUT", f"/posts/{post['id']}/like")
    await pass_s(0)
    assert service.taken == []
    await ben.do("DELETE", f"/posts/{post['id']}/like")
    await ama.do("PATCH", "/me/notification-settings", {"kinds": {"likes": {"push": True}}})
    for name in ("eve", "dan", "fay"):
        await (await sign_up(name)).do("PUT", f"/posts/{post['id']}/like")
        await pass_s(0)
    assert [one["notification"]["title"] for one in service.shown(reader)] == [
        "Eve liked your post"
    ]
    [item] = (await ama.do("GET", "/notifications"))["items"]
    await ama.do("PUT", "/notifications/read", {"up_to": item["id"]})
    await pass_s(1)
    await ben.do("PUT", f"/posts/{post['id']}/like")
    await pass_s(0)

    assert len(service.taken) == 2


async def test_what_is_not_in_the_app_rings_each_time(
    ama: Browser, ben: Browser, sign_up: SignUp, service: PushService, pass_s: Pass
) -> None:
    """There is nothing to look at, so nothing that one has not looked at keeps it quiet."""
    reader = await subscribed(ama, service)
    only_push = {"kinds": {"likes": {"push": True, "app": False}}}
    await ama.do("PATCH", "/me/notification-settings", only_push)
    post = await ama.do("POST", "/posts", {"text": "Bread"})
    for browser in (ben, await sign_up("eve")):
        await browser.do("PUT", f"/posts/{post['id']}/like")
        await pass_s(1)

    assert [one["notification"]["title"] for one in service.shown(reader)] == [
        "Ben liked your post",
        "Eve and Ben liked your post",
    ]


async def test_signing_out_ends_it(
    instance: Instance, ama: Browser, ben: Browser, service: PushService, pass_s: Pass
) -> None:
    """Nobody who sits down there next reads what somebody else is told."""
    await subscribed(ama, service)
    await ama.do("DELETE", "/sessions/current")
    assert await doors(instance) == []
    await ama.do("POST", "/sessions", {"name": "ama", "password": PASSWORD})
    await told(ben, ama)
    await pass_s(60)

    assert service.taken == []


async def test_one_browser_belongs_to_whoever_came_last(
    instance: Instance, ama: Browser, ben: Browser, service: PushService
) -> None:
    """The same address of a second person is theirs alone; the same person has it once."""
    one = service.subscriber()
    for browser in (ama, ama, ben):
        await browser.do("POST", "/me/push", one.given)

    assert await doors(instance) == [one.endpoint]
    assert (await ama.do("GET", "/me/push"))["items"] == []
    [shown] = (await ben.do("GET", "/me/push"))["items"]
    assert shown["this"] is True
    assert await ama.refused("DELETE", f"/me/push/{shown['id']}") == (404, "push_not_found")
    await ben.do("DELETE", f"/me/push/{shown['id']}")
    assert await doors(instance) == []


async def test_the_oldest_makes_room(instance: Instance, ama: Browser, clock: ManualClock) -> None:
    """Nobody has more browsers than can be told."""
    for number in range(MOST + 2):
        async with instance.transactions.begin() as tx:
            await tx.session.execute(update(PushSubscription).values(session_id=await other(tx)))
        clock.advance(1)
        await ama.do("POST", "/me/push", Subscriber(f"https://push.example/{number}").given)

    left = {endpoint.rpartition("/")[2] for endpoint in await doors(instance)}
    assert left == {str(number) for number in range(2, MOST + 2)}


async def test_trying_it_out(ama: Browser, service: PushService, instance: Instance) -> None:
    """It says whether it was taken; and not more often than a few times."""
    assert await ama.do("POST", "/me/push/test") == {"sent": 0, "failed": 0}
    reader = await subscribed(ama, service)
    assert await ama.do("POST", "/me/push/test") == {"sent": 1, "failed": 0}
    service.answers = [(500, ""), (410, "")]
    assert await ama.do("POST", "/me/push/test") == {"sent": 0, "failed": 1}
    assert await ama.do("POST", "/me/push/test") == {"sent": 0, "failed": 1}
    assert await doors(instance) == []
    await ama.do("POST", "/me/push/test")

    assert service.shown(reader)[0]["notification"]["title"] == "This is how it looks"
    assert await ama.refused("POST", "/me/push/test") == (429, "slow_down")


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "AAAAAAAAAAAAAAAA", "auth": "c2l4dGVlbiBieXRlcyBpdA"},
        {"p256dh": Subscriber("").given["keys"]["p256dh"], "auth": "dG9vIHNob3J0"},
        {"p256dh": "not base64!", "auth": "c2l4dGVlbiBieXRlcyBpdA"},
    ],
)
async def test_keys_that_are_none(ama: Browser, keys: dict[str, str]) -> None:
    """With which nothing could be sealed."""
    body = {"endpoint": "https://push.example/a", "keys": keys}

    assert await ama.refused("POST", "/me/push", body) == (422, "invalid")


async def test_the_key_is_made_once(instance: Instance) -> None:
    """Or every browser would have to be asked again."""
    first = await instance.push.public_key()
    again = push.Push(instance.transactions, instance.outside, None)

    assert await again.public_key() == first
