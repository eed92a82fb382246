"""What people say of themselves, what staff say of them, and whom a name must not read as."""
# ruff: noqa: RUF001 - names that read as others

from collections.abc import Callable

import pytest

from convivium.accounts.addresses import LINK_MAX, https_link
from convivium.accounts.likeness import likeness, spelling
from convivium.accounts.models import Person
from convivium.accounts.profiles import COMPARED
from convivium.app import Instance
from tests.conftest import Appoint, Browser, OpenTable, SignUp
from tests.table import fresh_snapshot

TOO_ALIKE = (409, "name_too_alike")
SAID = {
    "bio": "I record rivers at night.\nSpaces most Saturdays.",
    "links": ["https://example.org/rivers", "https://radio.example.org/"],
    "topics": ["Rivers", "Field recording"],
}


async def show(browser: Browser, **change: object) -> None:
    """Change how somebody is shown."""
    await browser.do("PATCH", "/me", change)


async def test_what_somebody_says_of_themselves_is_on_their_profile(sign_up: SignUp) -> None:
    """Everybody reads it; what is left out of a change stays, and what is emptied is gone."""
    ama, ben = await sign_up("ama"), await sign_up("ben")

    await show(ama, **SAID)
    profile = await ben.do("GET", "/people/@ama")
    assert {word: profile[word] for word in SAID} == SAID

    await show(ama, bio="", links=[])
    profile = await ben.do("GET", "/people/@ama")
    assert (profile["bio"], profile["links"], profile["topics"]) == ("", [], SAID["topics"])


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("bio", "x" * 201),
        ("bio", "e\u0301" * 5000),
        ("links", ["https://example.org/"] * 5),
        ("links", ["http://example.org/"]),
        ("links", ["javascript:alert(1)"]),
        ("links", ["https://" + "x" * LINK_MAX + ".org/"]),
        ("topics", ["x"] * 6),
        ("topics", ["x" * 31]),
        ("topics", ["\u202e"]),
    ],
)
async def test_what_is_too_much_or_no_address_is_refused(
    sign_up: SignUp, word: str, value: object
) -> None:
    """Nothing of the change is kept then."""
    ama = await sign_up("ama")

    assert (await ama.refused("PATCH", "/me", {"display_name": "Other", word: value}))[0] == 422
    assert (await ama.do("GET", "/people/me"))["display_name"] == "Ama"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.org", "https://example.org"),
        ("https://Example.ORG:443/a b?c=<d>#e", "https://example.org/a%20b?c=%3Cd%3E#e"),
        ("https://example.org:8443/%C3%A9", "https://example.org:8443/%C3%A9"),
        # What only looks like another name says so.
        ("https://раypal.com/", "https://xn--ypal-43d9g.com/"),
    ],
)
def test_a_link_is_written_plainly(text: str, link: str) -> None:
    """One spelling, in letters that are what they look like."""
    assert https_link(text) == link
    assert https_link(link) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "//example.org",
        "HTTP://example.org",
        "javascript:alert(1)//https://example.org",
        "data:text/html,x",
        "https://",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://1",
        "https://example.org@evil.example/",
        "https://user:word@example.org/",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://example..org/",
        'https://"><script>.org/',
    ],
)
def test_what_is_no_address_of_a_page_is_none(text: str) -> None:
    """Nor what hides where it leads."""
    with pytest.raises(ValueError, match=r"link|address"):
        https_link(text)


@pytest.mark.parametrize(
    "fake",
    ["Аma", "Amа", "ΑΜΑ", "\uff21ma", "A\u200dmа", "𝐀ma 𝐀".replace(" 𝐀", "").replace("a", "а")],
)
def test_letters_of_other_scripts_look_as_ours(fake: str) -> None:
    """However they are spelled."""
    assert likeness(fake) == likeness("Ama")


def test_names_that_differ_for_the_eye_differ() -> None:
    """Marks and other letters count; what stands between letters does not."""
    assert len({likeness(name) for name in ("Ama", "Amá", "Ana", "Aма", "Али", "阿")}) == 5
    assert likeness("Bamey") == likeness("Barney")
    assert likeness("lnes") == likeness("Ines")
    assert spelling("Ama 🌙") == spelling("ama") != spelling("Аma")
    assert likeness("🌙 —") == ""


async def test_nobody_goes_by_what_reads_as_another(sign_up: SignUp) -> None:
    """Not as their shown name, and not as their handle; the same name spelled the same is fine."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await show(ama, display_name="Ama Mensah")

    for fake in ("Аma Mensah", "Ama Мensah", "АmaMensah 🌙", "аma", "@ama"):
        assert await ben.refused("PATCH", "/me", {"display_name": fake}) == TOO_ALIKE, fake
    for fine in ("Ama Mensah", "Ama Mensah 🌙", "Ama", "Amá Mensah", "@ben", "🌙"):
        await show(ben, display_name=fine)


async def test_a_name_does_not_read_as_ones_own_former_one(sign_up: SignUp) -> None:
    """One is compared with others only."""
    ama = await sign_up("ama")

    await show(ama, display_name="Аmа")
    assert (await ama.do("GET", "/me"))["display_name"] == "Аmа"


async def test_nobody_goes_by_the_name_of_staff(sign_up: SignUp, appoint: Appoint) -> None:
    """Not even spelled the same; whoever is nobody yet neither."""
    await appoint("marta")
    ben = await sign_up("ben")

    assert await ben.refused("PATCH", "/me", {"display_name": "Marta"}) == TOO_ALIKE


async def test_staff_are_found_among_many_of_their_name(
    instance: Instance, sign_up: SignUp, appoint: Appoint
) -> None:
    """Whoever had the name before them, and however many."""
    ben = await sign_up("ben")
    async with instance.transactions.begin() as tx:
        for number in range(COMPARED + 5):
            tx.session.add(
                Person(
                    id=f"marta{number}",
                    kind="account",
                    name=f"marta_{number}",
                    display_name="Marta",
                    role=None,
                    listed=False,
                    voice=1000 + number,
                    created_at=tx.now,
                    likeness=likeness("Marta"),
                )
            )
    await show(ben, display_name="Marta")
    await show(ben, display_name="Ben")

    await appoint("marta")

    assert await ben.refused("PATCH", "/me", {"display_name": "Marta"}) == TOO_ALIKE


async def test_handles_that_look_alike_are_not_given(sign_up: SignUp) -> None:
    """A nought is no letter o."""
    await sign_up("modern")
    ben = await sign_up("ben")

    for fake in ("m0dern", "rnodern", "modem"):
        body = {"name": fake, "password": "correct horse"}
        assert await ben.refused("POST", "/accounts", body) == TOO_ALIKE, fake


async def test_a_badge_is_seen_wherever_the_person_is(
    appoint: Appoint, open_table: OpenTable
) -> None:
    """On the profile, beside what they write, and in the room they are in at the moment."""
    marta = await appoint("marta")
    table = await open_table("ama")
    post = await table.host.do("POST", "/posts", {"text": "hello"})
    assert "badge" not in post["author"]

    await marta.do("PUT", "/moderation/people/@ama/badge", {"badge": "verified"})

    assert (await marta.do("GET", "/people/@ama"))["badge"] == "verified"
    assert (await marta.do("GET", f"/posts/{post['id']}"))["author"]["badge"] == "verified"
    snapshot = await fresh_snapshot(table, table.host)
    assert snapshot["stage"][0]["person"]["badge"] == "verified"

    await marta.do("DELETE", "/moderation/people/@ama/badge")

    assert "badge" not in await marta.do("GET", "/people/@ama")


async def test_badges_are_written_down(sign_up: SignUp, appoint: Appoint) -> None:
    """Who gave and took them; the same once more is nothing."""
    marta, admin = await appoint("marta"), await appoint("root", "admin")
    await sign_up("ama")
    for _ in range(2):
        await marta.do("PUT", "/moderation/people/@ama/badge", {"badge": "team"})
    for _ in range(2):
        await marta.do("DELETE", "/moderation/people/@ama/badge")

    log = (await admin.do("GET", "/moderation/log"))["entries"]

    assert [(entry["act"], entry["data"]) for entry in log[:3]][:2] == [
        ("badge_taken", {}),
        ("badge_given", {"badge": "team"}),
    ]
    assert sum(entry["act"].startswith("badge") for entry in log) == 2


async def test_a_verified_name_is_verified_as_it_was(sign_up: SignUp, appoint: Appoint) -> None:
    """With another name the badge is gone; what says whose somebody is stays."""
    marta = await appoint("marta")
    ama = await sign_up("ama")
    await marta.do("PUT", "/moderation/people/@ama/badge", {"badge": "verified"})
    await show(ama, display_name="Ama", bio="the same name")
    assert (await ama.do("GET", "/me"))["badge"] == "verified"

    await show(ama, display_name="Beyoncé")
    assert "badge" not in await ama.do("GET", "/me")

    await marta.do("PUT", "/moderation/people/@ama/badge", {"badge": "team"})
    await show(ama, display_name="Ama")
    assert (await ama.do("GET", "/me"))["badge"] == "team"


async def test_staff_give_themselves_no_badge(appoint: Appoint) -> None:
    """Nor other staff; there is another for that."""
    marta = await appoint("marta")
    await appoint("root", "admin")

    for who, code in (("me", "not_oneself"), ("@root", "moderates_staff")):
        path = f"/moderation/people/{who}/badge"
        assert await marta.refused("PUT", path, {"badge": "team"}) == (403, code)
    assert (await marta.refused("PUT", "/moderation/people/@root/badge", {"badge": "x"}))[0] == 422


async def test_nobody_reads_what_the_suspended_say(sign_up: SignUp, appoint: Appoint) -> None:
    """As with what they wrote; staff do, since that may be why."""
    marta, ama, ben = await appoint("marta"), await sign_up("ama"), await sign_up("ben")
    await show(ama, **SAID)
    why = {"words": "hateful", "until": None}
    await marta.do("PUT", "/moderation/people/@ama/suspension", why)

    seen = await ben.do("GET", "/people/@ama")

    assert (seen["bio"], seen["links"], seen["topics"]) == ("", [], [])
    assert (await marta.do("GET", "/people/@ama"))["bio"] == SAID["bio"]


async def test_guests_say_nothing_of_themselves(
    open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """They have no page."""
    table, guest = await open_table("ama"), visitor()
    await table.join(guest)

    changes: tuple[dict[str, object], ...] = (
        {"bio": "hello"},
        {"links": []},
        {"display_name": "Other"},
    )
    for change in changes:
        assert await guest.refused("PATCH", "/me", change) == (403, "guest")
