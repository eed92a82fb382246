"""What is shown of pages that people link to."""

import gzip
from typing import Any

import pytest
from sqlalchemy import select

from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.core.jobs import Due, Job
from convivium.core.outside import FETCHED_BYTES
from convivium.link_cards import service
from convivium.link_cards.fetching import Parcel
from convivium.link_cards.models import LinkCard
from convivium.link_cards.subscribers import forget_old
from convivium.pictures.service import PICTURES
from convivium.posts.models import Post
from tests.conftest import Browser
from tests.link_cards.site import HTML, Site
from tests.pictures.samples import SCRIPT, drawn
from tests.posts.test_posts import post

PAGE = """<!doctype html><html><head><title>Plain</title>
<meta property="og:title" content="Bread &amp; salt">
<meta property="og:description" content="  How it is
 baked "><meta property="og:site_name" content="The Oven">
<meta property="og:image" content="/bread.png"></head><body><title>no</title></body></html>"""
PNG = {"Content-Type": "image/png"}
DAY_S = 24 * 3600.0

Json = dict[str, Any]


def bread(web: Site) -> str:
    """Put up a page with a picture."""
    web.show("/bread.png", drawn(size=(1300, 700)), headers=PNG)
    return web.show("/bread", PAGE)


async def card_in(browser: Browser, instance: Instance, text: str) -> Json | None:
    """Write a post, let its page be fetched, and give the card that it shows."""
    post_id = await post(browser, text)
    await instance.fetches.run_due()
    card: Json | None = (await browser.do("GET", f"/posts/{post_id}"))["link_card"]
    return card


async def rows(instance: Instance) -> list[LinkCard]:
    async with instance.database.read() as session:
        return list(await session.scalars(select(LinkCard).order_by(LinkCard.number)))


async def test_a_link_shows_what_its_page_says(ama: Browser, instance: Instance, web: Site) -> None:
    """Its words as one line each, and its picture from here."""
    link = bread(web)
    card = await card_in(ama, instance, f"Look: ({link}).")

    assert card is not None
    picture = card.pop("picture")
    assert card == {
        "url": link,
        "title": "Bread & salt",
        "description": "How it is baked",
        "site": "The Oven",
    }
    assert (picture["width"], picture["height"]) == (640, 345)
    shown = await ama.ask("GET", f"/link-cards/pictures/{picture['name']}")
    assert shown.headers["content-type"] == "image/webp"
    assert "sandbox" in shown.headers["content-security-policy"]


async def test_who_asks_says_who_and_nothing_else(
    ama: Browser, instance: Instance, web: Site
) -> None:
    """No cookie, nothing of where the link stands, nothing of who reads."""
    await card_in(ama, instance, bread(web))

    assert [path for path, _ in web.asked] == ["/bread", "/bread.png"]
    for _, said in web.asked:
        assert set(said) == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert said["user-agent"].startswith("convivium/")


async def test_two_who_link_to_the_same_ask_once(
    ama: Browser, ben: Browser, instance: Instance, web: Site
) -> None:
    """However it is spelled; the second has the card at once."""
    link = bread(web)
    await card_in(ama, instance, link)
    second = await ben.do("POST", "/posts", {"text": f"{link}#top"})

    assert second["link_card"]["title"] == "Bread & salt"
    assert len(web.asked) == 2


async def test_without_the_card(ama: Browser, instance: Instance, web: Site) -> None:
    """Nobody is asked: by choice, beside pictures, and for pages of this server."""
    link = bread(web)
    kind = {"Content-Type": "image/png"}
    sent = (await ama.ask("POST", "/pictures", content=drawn(), headers=kind)).json()["id"]
    for body in (
        {"text": link, "link_card": False},
        {"text": link, "pictures": [{"id": sent}]},
        {"text": "https://convivium.test/spaces/x and " + link},
    ):
        written = await ama.do("POST", "/posts", body)
        assert written["link_card"] is None
    await instance.fetches.run_due()

    assert web.knocks == 0
    assert await rows(instance) == []


async def test_a_quote_shows_the_card_too(ama: Browser, instance: Instance, web: Site) -> None:
    """Of the post that is quoted, in whatever shows posts."""
    quoted = await post(ama, bread(web))
    await instance.fetches.run_due()
    await post(ama, "This", quote=quoted)

    listed = (await ama.do("GET", "/timeline"))["items"][0]["post"]
    assert listed["link_card"] is None
    assert listed["quote"]["link_card"]["site"] == "The Oven"


async def test_other_words_have_another_card(ama: Browser, instance: Instance, web: Site) -> None:
    """The former one goes with the last post that showed it, and its files too."""
    post_id = await post(ama, bread(web))
    await instance.fetches.run_due()
    [card] = await rows(instance)
    other = web.show("/other", "<title>Other</title>")

    changed = await ama.do("PATCH", f"/posts/{post_id}", {"text": f"better: {other}"})
    assert changed["link_card"] is None, "nobody has looked yet"
    await instance.fetches.run_due()
    await instance.jobs.run_due()

    now = await ama.do("GET", f"/posts/{post_id}")
    assert now["link_card"]["title"] == "Other"
    assert [one.url for one in await rows(instance)] == [other]
    assert not instance.album.path(str(card.picture), 640).exists()


async def test_the_same_link_in_other_words_keeps_what_was_chosen(
    ama: Browser, instance: Instance, web: Site
) -> None:
    """Whoever wanted no card has none after a correction."""
    link = bread(web)
    written = await ama.do("POST", "/posts", {"text": f"Lok {link}", "link_card": False})
    changed = await ama.do("PATCH", f"/posts/{written['id']}", {"text": f"Look {link}"})
    await instance.fetches.run_due()

    assert changed["link_card"] is None
    assert (await ama.do("GET", f"/posts/{written['id']}"))["link_card"] is None


async def test_a_card_goes_with_the_last_post(
    ama: Browser, ben: Browser, instance: Instance, web: Site
) -> None:
    """And not with the first of two."""
    link = bread(web)
    first, second = await post(ama, link), await post(ben, link)
    await instance.fetches.run_due()
    await ama.do("DELETE", f"/posts/{first}")
    assert len(await rows(instance)) == 1
    await ben.do("DELETE", f"/posts/{second}")
    assert await rows(instance) == []


@pytest.mark.parametrize(
    ("page", "how"),
    [
        ("<title>Gone</title>", {"status": 404}),
        ("no title at all", {}),
        ("<title> \u200d </title>", {}),
        ('{"title": "data"}', {"headers": {"Content-Type": "application/json"}}),
        ("<title>Hi</title>", {"headers": {"Content-Type": "text/plain"}}),
        ("<title>Hi</title>", {"headers": HTML | {"X-Robots-Tag": "noindex, NoSnippet"}}),
        ('<meta name="robots" content="none"><title>Hi</title>', {}),
        ("<title>Hi</title>", {"headers": HTML | {"Content-Encoding": "br"}}),
        ("not packed", {"headers": HTML | {"Content-Encoding": "gzip"}}),
    ],
)
async def test_what_is_no_page_has_no_card(
    ama: Browser, instance: Instance, web: Site, page: str, how: Json
) -> None:
    """And that is remembered: the next one who links to it has nobody asked."""
    link = web.show("/x", page, **how)
    assert await card_in(ama, instance, link) is None
    asked = len(web.asked)
    assert await card_in(ama, instance, f"again {link}") is None
    assert len(web.asked) == asked


async def test_in_vain_it_is_tried_ever_more_seldom(
    ama: Browser, instance: Instance, web: Site, clock: ManualClock
) -> None:
    """After an hour, after four more, and at most after a week."""
    link = web.show("/x", status=404)
    await card_in(ama, instance, link)
    for hours, more in ((0.9, 0), (0.2, 1), (3.5, 0), (1.0, 1)):
        clock.advance(hours * 3600)
        before = len(web.asked)
        await card_in(ama, instance, link)
        assert len(web.asked) - before == more, hours


async def test_who_is_away_is_asked_three_times(
    ama: Browser, instance: Instance, web: Site, clock: ManualClock
) -> None:
    """And the card is there as soon as they are."""
    link = web.show("/x", status=503)
    assert await card_in(ama, instance, link) is None
    web.show("/x", "<title>Back</title>")
    clock.advance(40)
    await instance.fetches.run_due()
    assert [one.title for one in await rows(instance)] == ["Back"]

    other = web.show("/y", status=503)
    await post(ama, other)
    for _ in range(5):
        await instance.fetches.run_due()
        clock.advance(600)
    assert len([path for path, _ in web.asked if path == "/y"]) == 3
    async with instance.database.read() as session:
        assert not list(await session.scalars(select(Job.key).where(Job.kind == service.FETCH)))


async def test_after_a_week_a_page_is_looked_at_anew(
    ama: Browser, instance: Instance, web: Site, clock: ManualClock
) -> None:
    """By who links to it next; what was there stays until there is something else."""
    link = bread(web)
    await card_in(ama, instance, link)
    clock.advance(8 * DAY_S)
    web.show("/bread", status=503)
    kept = await card_in(ama, instance, link)
    assert kept is not None
    assert kept["title"] == "Bread & salt"
    web.show("/bread", "<title>New</title>")
    clock.advance(60)
    await instance.fetches.run_due()
    assert [(one.title, one.picture) for one in await rows(instance)] == [("New", None)]


async def test_what_nothing_shows_is_forgotten(
    ama: Browser, instance: Instance, web: Site, clock: ManualClock
) -> None:
    """A week later; what a post shows stays, and more than there may be do not."""
    shown = await post(ama, bread(web))
    only_asked = web.show("/asked", "<title>Asked</title>")
    await ama.do("POST", "/link-cards", {"link": only_asked})
    await instance.fetches.run_due()
    assert len(await rows(instance)) == 2
    clock.advance(8 * DAY_S)
    await forget_old(instance.transactions, 100)
    assert [one.title for one in await rows(instance)] == ["Bread & salt"]

    for number in range(5):
        await ama.do("POST", "/link-cards", {"link": web.show(f"/{number}", "<title>x</title>")})
    await instance.fetches.run_due()
    clock.advance(8 * DAY_S)
    await forget_old(instance.transactions, 1)
    assert [one.title for one in await rows(instance)] == ["Bread & salt"], "numbers are no cards"

    await card_in(ama, instance, web.show("/more", "<title>More</title>"))
    await forget_old(instance.transactions, 1)
    assert [one.title for one in await rows(instance)] == ["More"]
    assert (await ama.do("GET", f"/posts/{shown}"))["link_card"] is None


async def test_one_person_has_so_many_pages_fetched(
    ama: Browser, ben: Browser, instance: Instance, web: Site
) -> None:
    """Whoever writes more of them writes on, and others have theirs."""
    for number in range(7):
        await post(ama, web.show(f"/{number}", "<title>x</title>"))
    await instance.fetches.run_due()
    assert len(web.asked) == 5
    assert await card_in(ben, instance, web.url("/6")) is not None


async def test_one_host_is_asked_so_often(
    ama: Browser, instance: Instance, web: Site, clock: ManualClock
) -> None:
    """Also for many people together."""
    for _ in range(3):
        clock.advance(60)
        for number in range(5):
            await post(ama, f"{web.url()}{clock.now().timestamp()}-{number}")
    await instance.fetches.run_due()
    assert len(web.asked) < 15


async def test_a_page_is_read_no_further_than_it_may(
    ama: Browser, instance: Instance, web: Site
) -> None:
    """Neither one without an end, nor one that unpacks to more; what stands in front counts."""
    endless = web.show("/endless", "<title>Endless</title>", endless=True)
    packed = gzip.compress(b"<title>Packed</title>" + b" " * 50_000_000)
    bomb = web.show("/bomb", packed, headers=HTML | {"Content-Encoding": "gzip"})
    behind = web.show("/behind", b" " * FETCHED_BYTES + b"<title>Behind</title>")
    cards = [await card_in(ama, instance, link) for link in (endless, bomb, behind)]

    assert [card and card["title"] for card in cards] == ["Endless", "Packed", None]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "image/png"),
        (b"<svg onload=alert(1)>" + SCRIPT, "image/svg+xml"),
        (b"\xff\xd8\xff" + SCRIPT, "image/jpeg"),
        (drawn(), "text/html"),
        (drawn() + b" " * FETCHED_BYTES, "image/png"),
    ],
)
async def test_a_card_does_without_what_is_no_picture(
    ama: Browser, instance: Instance, web: Site, body: bytes, kind: str
) -> None:
    """Or one that is too long."""
    web.show("/bread.png", body, headers={"Content-Type": kind})
    card = await card_in(ama, instance, web.show("/bread", PAGE))
    assert card is not None
    assert card["picture"] is None


async def test_no_picture_where_the_page_wants_none(
    ama: Browser, instance: Instance, web: Site
) -> None:
    """As it says in its head, or with it."""
    bread(web)
    link = web.show("/bread", PAGE, headers=HTML | {"X-Robots-Tag": "max-image-preview: none"})
    card = await card_in(ama, instance, link)
    assert card is not None
    assert card["picture"] is None
    assert len(web.asked) == 1


async def test_who_writes_sees_the_card_before(ama: Browser, web: Site) -> None:
    """The answer waits until somebody has looked, and the second one does not."""
    link = bread(web)
    for _ in range(2):
        found = await ama.do("POST", "/link-cards", {"link": link})
        assert found["card"]["title"] == "Bread & salt"
    assert len(web.asked) == 2


async def test_no_card_for_what_is_no_link(ama: Browser, web: Site) -> None:
    """Nor for what cannot be reached; neither is an error."""
    nothing = [" ", "bread", "ftp://example.org/", "https://", web.show("/x", status=404)]
    for link in nothing:
        assert await ama.do("POST", "/link-cards", {"link": link}) == {"card": None}


async def test_switched_off(instance: Instance, ama: Browser, web: Site) -> None:
    """Nobody is asked anything."""
    instance.link_cards._is_on = False
    assert await card_in(ama, instance, bread(web)) is None
    assert web.knocks == 0


async def test_files_of_cards_are_kept_as_long_as_the_card(
    ama: Browser, instance: Instance, web: Site
) -> None:
    """Sweeping looks at cards too."""
    await card_in(ama, instance, bread(web))
    [card] = await rows(instance)
    name = str(card.picture)
    async with instance.transactions.begin() as tx:
        await PICTURES.forget_left_behind(tx, [name, "0" * 32])
        await PICTURES.forget_files(tx, name)
    await instance.jobs.run_due()
    assert instance.album.path(name, 640).is_file()


async def test_nothing_of_a_card_is_left_with_who_leaves(
    ama: Browser, instance: Instance, web: Site
) -> None:
    """The last post that shows it goes with its author."""
    await card_in(ama, instance, bread(web))
    await ama.do("DELETE", "/me")
    await instance.jobs.run_due()
    assert await rows(instance) == []
    async with instance.database.read() as session:
        assert not list(await session.scalars(select(Post.number)))


async def test_a_fetch_that_a_crash_cut_off_goes_on(
    ama: Browser, instance: Instance, web: Site
) -> None:
    """Nothing is lost by asking for a page twice, so it is packed again."""
    await card_in(ama, instance, bread(web))
    [card] = await rows(instance)
    errand = instance.fetches._errands[service.FETCH]
    due = Due(number=1, kind=service.FETCH, key=card.id, payload={}, attempts=2)
    async with instance.transactions.begin() as tx:
        first, second = await errand.pack(tx, due), await errand.pack(tx, due)
    assert first == second == Parcel(card.id, card.url, 2)
