"""What is shown of spaces where nobody is signed in: previews, crawlers, home screens."""

import json
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from httpx import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from convivium.accounts import service as accounts
from convivium.accounts.models import Person
from convivium.app import Instance
from convivium.core.clock import ManualClock
from convivium.previews import drawing
from tests.conftest import Browser, OpenTable, SignUp

BASE = "https://convivium.test"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def nobody(visitor: Callable[[], Browser]) -> Browser:
    return visitor()


async def get(browser: Browser, path: str) -> Response:
    return await browser.http.get(path)


async def test_the_picture_of_a_space(open_table: OpenTable, nobody: Browser) -> None:
    """As large as previews want it, for everybody to keep for a moment."""
    table = await open_table()
    answer = await get(nobody, f"/spaces/{table.id}/card.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert Image.open(BytesIO(answer.content)).size == (1200, 630)


async def test_the_page_of_a_space_names_its_picture(
    open_table: OpenTable, nobody: Browser
) -> None:
    """By its whole address, and where else one can ask."""
    table = await open_table()
    page = (await get(nobody, f"/spaces/{table.id}")).text
    assert f'og:image" content="{BASE}/spaces/{table.id}/card.png"' in page
    assert f"{BASE}/oembed?url=https%3A%2F%2Fconvivium.test%2Fspaces%2F{table.id}" in page
    assert "og:image" not in (await get(nobody, "/")).text


async def test_what_nobody_may_know_has_no_picture(nobody: Browser, sign_up: SignUp) -> None:
    """A draft is its host's alone, also for whoever is signed in as the host."""
    ama = await sign_up("ama")
    draft = (await ama.do("POST", "/spaces", {"title": "Secret"}))["id"]
    for path in (f"/spaces/{draft}/card.png", f"/oembed?url={BASE}/spaces/{draft}"):
        for browser in (nobody, ama):
            answer = await get(browser, path)
            assert answer.status_code == 404
            assert "Secret" not in answer.text


@pytest.mark.parametrize("policy", ["invited", "followers", "followed"])
async def test_a_space_that_is_not_for_everybody_shows_its_host_alone(
    open_table: OpenTable, nobody: Browser, policy: str
) -> None:
    """Who else is on the stage is for those who may listen."""
    table = await open_table(listen_policy=policy)
    for path in (f"/spaces/{table.id}/card.png", f"/oembed?url={BASE}/spaces/{table.id}"):
        assert (await get(nobody, path)).status_code == 200


async def test_oembed(open_table: OpenTable, nobody: Browser) -> None:
    """Title, host and picture; nothing for addresses that are not ours, nor as XML."""
    table = await open_table()
    address = f"{BASE}/spaces/{table.id}"
    said = (await get(nobody, f"/oembed?url={address}")).json()
    assert (said["version"], said["type"], said["title"]) == ("1.0", "link", "Kitchen table")
    assert said["author_name"] == (await table.host.do("GET", "/me"))["display_name"]
    assert said["thumbnail_url"] == f"{address}/card.png"
    for url, status in (
        ("https://elsewhere.test/spaces/x", 404),
        (f"{BASE}/people/ama", 404),
        ("http://[", 404),
        (f"{address}&format=xml", 501),
    ):
        assert (await get(nobody, f"/oembed?url={url}")).status_code == status


async def test_the_sitemap_has_what_everybody_may_hear(
    open_table: OpenTable, sign_up: SignUp, nobody: Browser
) -> None:
    """And nothing else: no draft, nothing for invited people."""
    table = await open_table()
    zoe = await sign_up("zoe")
    closed = await zoe.do("POST", "/spaces", {"title": "x", "listen_policy": "invited"})
    await zoe.do("POST", f"/spaces/{closed['id']}/start")
    await zoe.do("POST", "/spaces", {"title": "draft"})

    answer = await get(nobody, "/sitemap.xml")

    assert answer.headers["content-type"] == "application/xml"
    found = [each.text for each in ET.fromstring(answer.text).iter(SITEMAP)]  # noqa: S314 - ours
    assert found == [f"{BASE}/", f"{BASE}/spaces/{table.id}"]


async def test_the_sitemap_has_no_space_of_who_is_suspended(
    open_table: OpenTable, nobody: Browser, instance: Instance
) -> None:
    """What was public once is not found any more."""
    table = await open_table()
    await table.host.do("POST", f"{table.path}/end")
    async with instance.transactions.begin() as tx:
        person = await tx.session.get_one(Person, table.host.id)
        await accounts.suspend(tx, person, until=None, by="")

    assert table.id not in (await get(nobody, "/sitemap.xml")).text


async def test_robots_are_told_where_to_look(nobody: Browser) -> None:
    text = (await get(nobody, "/robots.txt")).text
    assert f"Sitemap: {BASE}/sitemap.xml" in text
    assert "Disallow: /api/" in text.splitlines()


async def test_the_app_can_stand_on_a_home_screen(nobody: Browser) -> None:
    """Every icon that the manifest names is there, as large as it says."""
    answer = await get(nobody, "/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    shared = answer.json()["share_target"]
    assert (await get(nobody, shared["action"])).status_code == 200
    for icon in json.loads(answer.text)["icons"]:
        drawn = await get(nobody, icon["src"])
        width, height = Image.open(BytesIO(drawn.content)).size
        assert f"{width}x{height}" == icon["sizes"]
    page = (await get(nobody, "/")).text
    assert 'rel="manifest" href="/manifest.webmanifest"' in page
    assert (await get(nobody, "/icons/180.png")).status_code == 200
    assert (await get(nobody, "/icons/7.png")).status_code == 404


async def test_a_scheduled_space_says_when(sign_up: SignUp, clock: ManualClock) -> None:
    """In words that are right wherever they are read; others say nothing that ages."""
    from convivium.previews.api import _when  # noqa: PLC0415

    ama = await sign_up("ama")
    card = await ama.do("POST", "/spaces", {"title": "x", "starts_at": "2026-01-03T20:16:00Z"})
    assert clock.now().year == 2026
    assert _when(card) == "Saturday 3 January, 20:16 UTC"
    assert _when({**card, "state": "live"}) == ""


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=12))
def test_whatever_people_are_called_is_drawn(title: str, people: list[str]) -> None:
    """Or left out: signs that our fonts lack, right to left, nothing at all."""
    pen_lines = drawing.drawable(title)
    assert all(letter.isprintable() for letter in pen_lines)
    drawn = drawing.Card(title, tuple(people), "", "convivium.test")
    assert drawing.card(drawn).startswith(b"\x89PNG")


def test_the_same_card_is_drawn_once() -> None:
    """Crawlers come in dozens when a link is passed on."""
    drawn = drawing.Card("Once", ("Ama",), "", "convivium.test")
    assert drawing.card(drawn) is drawing.card(drawn)
