"""What is found by which words, in which order, page by page."""

from collections.abc import Callable
from pathlib import Path

import pytest

from convivium.app import Instance
from convivium.core.config import Settings
from tests.conftest import Browser, SignUp
from tests.databases import Beginning
from tests.search.looking import found, look, post, space, through


@pytest.fixture
def settings(data_folder: Path, empty_database: Beginning) -> Settings:
    return empty_database.settings(data_folder, searches_burst=1000, posts_burst=100)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What the river remembers", "river"),
        ("What the river remembers", "riv"),
        ("What the river remembers", "REMEMBERS What"),
        ("What the river remembers", "the rem"),
        ("Un café à Orléans", "cafe orleans"),
        ("Un cafe\u0301 noir", "café"),
        ("Überraschung", "uberr"),
        ("Привет, Мир", "привет"),
        ("हिन्दी बोलो", "हिन्दी"),
        ("مُحَمَّد هنا", "محمد"),
        ("هنا محمد", "مُحَمَّد"),
        ("今日は天気がいい。", "天気"),
        ("今日は天気がいい。", "天気がいい"),
        ("今日は天気がいい。", "天"),
        ("今日は iPhone で", "iphone"),
        ("我喜歡咖啡", "咖啡"),
        ("ที่นี่อากาศดี", "อากาศ"),
        ("한국어로 말해요", "한국"),
        ("Look: #dinner_party!", "#dinner_party"),
        ("Ask @nobody_here", "@nobody_here"),
        ("It's 2026 — why not?", "2026"),
        ('"quoted" OR NOT "this"', '"quoted" OR NOT'),
    ],
)
async def test_a_post_is_found(sign_up: SignUp, text: str, words: str) -> None:
    """By whole words and the beginning of the last, whatever the writing, marks or not."""
    ama = await sign_up("ama")
    await post(ama, text)
    await post(ama, "Something else altogether")

    assert await found(ama, "posts", words) == [text]


@pytest.mark.parametrize(
    "words", ["iver", "river lake", "rive ", "rememberz", "", " ", "!?", "r", "OR", "天気", "🎈"]
)
async def test_nothing_else_is_found(sign_up: SignUp, words: str) -> None:
    """Neither by the middle of a word, nor by one letter, nor by nothing at all."""
    ama = await sign_up("ama")
    await post(ama, "What the river remembers")

    assert await found(ama, "posts", words) == []


async def test_posts_go_from_the_newest_to_the_last(sign_up: SignUp) -> None:
    """Following the cursor gives each once, and an end."""
    ama = await sign_up("ama")
    for number in range(5):
        await post(ama, f"river {number}")

    assert await through(ama, "posts", "river", 2) == [
        ["river 4", "river 3"],
        ["river 2", "river 1"],
        ["river 0"],
    ]


async def test_what_is_changed_or_gone_is_found_as_it_is_now(sign_up: SignUp) -> None:
    """At once, also by its old words."""
    ama = await sign_up("ama")
    changed, gone = await post(ama, "old river"), await post(ama, "gone river")
    await ama.do("PATCH", f"/posts/{changed}", {"text": "new lake"})
    await post(ama, "kept river")
    await ama.do("DELETE", f"/posts/{gone}")

    assert await found(ama, "posts", "river") == ["kept river"]
    assert await found(ama, "posts", "old") == await found(ama, "posts", "gone") == []
    assert await found(ama, "posts", "lake") == ["new lake"]


async def test_people_are_found_by_name_and_any_part_of_their_handle(sign_up: SignUp) -> None:
    """The handle itself first, then whom one follows, then whom many follow."""
    ama, *_ = [await sign_up(name) for name in ("ama", "river", "big_river", "driver", "rivera")]
    ben = await sign_up("ben")
    await ben.do("PATCH", "/me", {"display_name": "Río Bravo"})
    await ama.do("PUT", "/people/@driver/follow")
    await ben.do("PUT", "/people/@rivera/follow")

    assert await found(ama, "people", "@river") == ["river", "driver", "rivera", "big_river"]
    assert await found(ama, "people", "rio br") == ["ben"]
    assert await found(ama, "people", "iv") == []
    shown = (await look(ama, "driver", kind="people"))["people"]["items"][0]
    assert shown["relation"]["follows"]


async def test_people_come_in_pages(sign_up: SignUp) -> None:
    """Each once, whatever there are before them."""
    names = {f"river_{number}" for number in range(5)}
    browsers = [await sign_up(name) for name in sorted(names)]

    pages = await through(browsers[0], "people", "river", 2)

    assert [len(page) for page in pages] == [2, 2, 1]
    assert {name for page in pages for name in page} == names


async def test_spaces_are_found_live_then_coming_then_over(sign_up: SignUp) -> None:
    """By title, description, topic and language; what is a draft or was cancelled is not."""
    ama = await sign_up("ama")
    await space(ama, "River over", "ended")
    await space(ama, "River later", "scheduled", starts_at="2026-01-03T19:30:00Z")
    await space(ama, "River soon", "scheduled", topics=["Ström"], languages=["sv", "pt-BR"])
    await space(ama, "On air", description="About a river", languages=["sv"])
    await space(ama, "River draft", "draft")
    cancelled = await space(ama, "River cancelled", "scheduled")
    await ama.do("POST", f"/spaces/{cancelled}/cancel")

    everything = ["On air", "River soon", "River later", "River over"]
    assert await found(ama, "spaces", "river") == everything
    assert await through(ama, "spaces", "river", 1) == [[title] for title in everything]
    assert await found(ama, "spaces", "strom") == ["River soon"]
    assert await found(ama, "spaces", "", language="sv") == ["On air", "River soon"]
    assert await found(ama, "spaces", "river", language="pt-BR") == ["River soon"]
    assert await found(ama, "spaces", "sv") == await found(ama, "spaces", "", language="'") == []


async def test_hashtags_are_found_by_their_beginning(sign_up: SignUp) -> None:
    """With how many posts have them, by their letters, page by page."""
    ama = await sign_up("ama")
    for text in ("#rivers #river", "#river", "#Riverboats", "#lake", "#天気予報"):
        await post(ama, text)

    items = (await look(ama, "#river", kind="tags"))["tags"]["items"]
    assert items == [
        {"tag": "river", "posts": 2},
        {"tag": "riverboats", "posts": 1},
        {"tag": "rivers", "posts": 1},
    ]
    assert await through(ama, "tags", "river", 1) == [["river"], ["riverboats"], ["rivers"]]
    assert await found(ama, "tags", "天気") == ["天気予報"]
    assert await found(ama, "tags", "iver") == []


async def test_the_first_page_has_some_of_everything(sign_up: SignUp) -> None:
    """And one kind alone says nothing of the others."""
    river = await sign_up("river")
    await post(river, "The #river")
    await space(river, "River")

    everything = await look(river, "river")
    assert {kind: len(page["items"]) for kind, page in everything.items()} == {
        "people": 1,
        "spaces": 1,
        "posts": 1,
        "tags": 1,
    }
    alone = await look(river, "river", kind="tags")
    assert [kind for kind, page in alone.items() if page is not None] == ["tags"]


@pytest.mark.parametrize("kind", ["people", "spaces", "posts"])
@pytest.mark.parametrize("cursor", ["x", "-1", "live-x", "draft-1", "²", "9999999999999"])
async def test_a_cursor_of_nothing_is_refused(sign_up: SignUp, kind: str, cursor: str) -> None:
    """With words; and a number that no list has reached gives an empty page."""
    ama = await sign_up("ama")

    answer = await ama.ask("GET", f"/search?q=river&kind={kind}&cursor={cursor}")

    is_far = kind == "posts" and cursor.startswith("9")
    assert answer.status_code == (200 if is_far else 422)
    if not is_far:
        assert answer.json()["code"] == "bad_cursor"


@pytest.mark.parametrize(
    ("kind", "cursor"),
    [
        ("posts", "9" * 19),
        ("people", "9" * 19),
        ("spaces", "ended-" + "9" * 19),
        ("spaces", "scheduled-1-" + "9" * 19),
        # Seconds, of which there is no date.
        ("spaces", "scheduled-253402300800-1"),
        ("spaces", "scheduled-" + "9" * 18 + "-1"),
    ],
)
async def test_a_cursor_beyond_every_list_is_refused(
    sign_up: SignUp, kind: str, cursor: str
) -> None:
    ama = await sign_up("ama")
    refused = await ama.refused("GET", f"/search?q=river&kind={kind}&cursor={cursor}")
    assert refused == (422, "bad_cursor")


async def test_the_last_moment_is_a_cursor(sign_up: SignUp) -> None:
    """Of which there is a date, in every database."""
    ama = await sign_up("ama")
    page = await look(ama, "river", kind="spaces", cursor="scheduled-253402300799-" + "9" * 18)
    assert page["spaces"] == {"items": [], "next_cursor": None}


async def test_who_looks_too_often_waits(
    instance: Instance, visitor: Callable[[], Browser], sign_up: SignUp
) -> None:
    """A person for themselves; people without an account with their network."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    for _ in range(instance.settings.searches_burst):
        await look(ama, "", kind="tags")

    assert await ama.refused("GET", "/search?q=river") == (429, "slow_down")
    await look(ben, "", kind="tags")
    await look(visitor(), "", kind="tags")
