"""A name, words, colours and a sign of one's own: wherever the instance names itself."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from convivium import shell
from convivium.app import Instance
from convivium.delivery.letters import message, of_notification
from convivium.delivery.words import Words
from tests.conftest import Appoint, Browser, OpenTable
from tests.pictures.samples import drawn

BLUE = {"light": "#1f5fbf", "dark": "#8ab8ff"}
PALE = {"light": "#6fd3c4", "dark": "#6fd3c4"}
LONGTABLE = {
    "name": "Longtable",
    "about": "A table in Bristol.\nCome in.",
    "rules": "Be kind.",
    "contact": "hello@example.org",
    "colours": {"lamp": BLUE},
}
SHELL = "<!doctype html><html><head><title>Old</title></head><body></body></html>"


@pytest.fixture
async def boss(appoint: Appoint) -> Browser:
    return await appoint("boss", "admin")


@pytest.fixture
def nobody(visitor: Callable[[], Browser]) -> Browser:
    return visitor()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text(SHELL)
    monkeypatch.setattr(shell, "STATIC", tmp_path)


async def last_act(boss: Browser) -> tuple[str, Any]:
    entry = (await boss.do("GET", "/moderation/log?limit=1"))["entries"][0]
    return entry["act"], entry["data"]


def points_of(webp: bytes) -> Image.Image:
    return Image.open(BytesIO(webp))


async def test_everything_is_ours_at_first(boss: Browser, nobody: Browser) -> None:
    """Nothing was chosen, and everybody is told our name."""
    shown = await boss.do("GET", "/admin/branding")
    told = await nobody.do("GET", "/instance")

    assert (shown["name"], set(shown["colours"].values())) == ("", {None})
    assert shown["ours"]["lamp"] == {"light": "#f3ae3d", "dark": "#f8b84e"}
    assert told == {"name": "Convivium", "about": "", "rules": "", "contact": "", "logo": None}


async def test_what_is_chosen_is_told_to_everybody(boss: Browser, nobody: Browser) -> None:
    """Name and words from the next answer on; the log says that they are others, not which."""
    shown = await boss.do("PUT", "/admin/branding", LONGTABLE)

    assert shown["colours"]["lamp"] == BLUE
    told = await nobody.do("GET", "/instance")
    assert (told["name"], told["rules"]) == ("Longtable", "Be kind.")
    words = ("name", "about", "rules", "contact", "colours")
    assert await last_act(boss) == ("branding_changed", dict.fromkeys(words))


async def test_only_what_is_another_stands_in_the_log(boss: Browser) -> None:
    """Who saves the same once more has done nothing."""
    await boss.do("PUT", "/admin/branding", LONGTABLE)
    await boss.do("PUT", "/admin/branding", LONGTABLE | {"contact": "0117 496 0000"})
    await boss.do("PUT", "/admin/branding", LONGTABLE | {"contact": "0117 496 0000"})

    entries = (await boss.do("GET", "/moderation/log"))["entries"]
    assert [list(entry["data"]) for entry in entries][:1] == [["contact"]]
    assert len(entries) == 2


@pytest.mark.usefixtures("built")
async def test_the_page_has_name_colours_and_sign(boss: Browser, nobody: Browser) -> None:
    """Written into its first answer, under the nonce of that answer: nothing flashes."""
    before = (await nobody.http.get("/")).text
    await boss.do("PUT", "/admin/branding", LONGTABLE)
    answer = await nobody.http.get("/")

    assert "<style" not in before
    assert '"brand"' not in before
    assert "<title>Longtable</title>" in answer.text
    assert '<meta name="description" content="A table in Bristol.">' in answer.text
    assert '"brand":{"name":"Longtable","logo":null}' in answer.text
    nonce = answer.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert f'<style nonce="{nonce}">@media not (prefers-contrast: more)' in answer.text
    assert "--lamp:light-dark(#1f5fbf,#8ab8ff);" in answer.text


@pytest.mark.usefixtures("built")
async def test_a_name_is_text_wherever_it_stands(boss: Browser, nobody: Browser) -> None:
    """What an administrator writes ends no element and begins none."""
    evil = '</title><script>"&'
    await boss.do("PUT", "/admin/branding", {"name": evil, "about": evil})
    page = (await nobody.http.get("/")).text

    assert "<script>" not in page
    assert "&lt;/title&gt;&lt;script&gt;&quot;&amp;" in page


async def test_links_and_home_screens_have_the_name(
    boss: Browser, nobody: Browser, open_table: OpenTable
) -> None:
    """The manifest, and what others show of a link."""
    table = await open_table()
    await boss.do("PUT", "/admin/branding", LONGTABLE)

    manifest = (await nobody.http.get("/manifest.webmanifest")).json()
    assert (manifest["name"], manifest["short_name"]) == ("Longtable", "Longtable")
    assert manifest["description"] == "A table in Bristol."
    url = f"https://convivium.test/spaces/{table.id}"
    assert (await nobody.http.get("/oembed", params={"url": url})).json()["provider_name"] == (
        "Longtable"
    )


def test_letters_have_the_name() -> None:
    """In what is read, and as text also where somebody called it cunningly."""
    words = Words("Ama is live", "Come in", "/spaces/x")
    letter = of_notification("a@example.org", words, "https://x.test", "live", "key", "1")
    made = message(letter, "x@example.org", datetime.now(UTC), "<b>Longtable")
    plain, page = made.iter_parts()

    assert "at <b>Longtable." in plain.get_content()
    assert "&lt;b&gt;Longtable" in page.get_content()
    assert "<b>Longtable" not in page.get_content()
    assert "{instance}" not in plain.get_content() + page.get_content()


async def test_colours_that_cannot_be_read_are_refused(boss: Browser) -> None:
    """And nothing else of it is kept either; what is wrong can be asked before."""
    body = LONGTABLE | {"colours": {"host": PALE}}
    assert await boss.refused("PUT", "/admin/branding", body) == (422, "colours_unreadable")
    assert (await boss.do("GET", "/admin/branding"))["name"] == ""

    tried = await boss.do("POST", "/admin/branding/check", {"host": PALE})
    [fault] = tried["faults"]
    assert (fault["colour"], fault["theme"], fault["needed"]) == ("host", "light", 4.5)
    assert fault["ratio"] < 4.5
    assert tried["tokens"]["host"] == PALE
    assert (await boss.do("POST", "/admin/branding/check", {"lamp": BLUE}))["faults"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x" * 41},
        {"rules": "x" * 4001},
        {"colours": {"lamp": {"light": "red", "dark": "#000000"}}},
        {"colours": {"lamp": {"light": "#F3AE3D", "dark": "#000000"}}},
        {"colours": {"lamp": {"light": "#f3ae3d;}", "dark": "#000000"}}},
    ],
)
async def test_what_is_no_name_and_no_colour_is_refused(boss: Browser, body: object) -> None:
    """Names are short, and colours are six figures of sixteen."""
    assert await boss.refused("PUT", "/admin/branding", body) == (422, "invalid")


async def test_a_sign_is_written_anew(boss: Browser, nobody: Browser) -> None:
    """Squares in three sizes, through which one can see where one could; kept for good by name."""
    sent = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    into = BytesIO()
    sent.save(into, "PNG")
    answer = await boss.ask("PUT", "/admin/branding/logo", content=into.getvalue())
    name = answer.json()["logo"]

    for size in (64, 192, 512):
        found = await nobody.ask("GET", f"/logo/{name}/{size}")
        assert found.headers["content-type"] == "image/webp"
        assert "immutable" in found.headers["cache-control"]
        picture = points_of(found.content)
        assert (picture.size, picture.format) == ((size, size), "WEBP")
        assert picture.convert("RGBA").getpixel((size // 2, size // 2))[3] == 0  # type: ignore[index]
    assert await last_act(boss) == ("branding_changed", {"logo": None})


async def test_a_sign_stands_on_home_screens(boss: Browser, nobody: Browser) -> None:
    """The icons of the app are drawn of it, and of ours again when it was taken off."""
    ours = (await nobody.http.get("/icons/192.png")).content
    await boss.ask("PUT", "/admin/branding/logo", content=drawn())
    own = (await nobody.http.get("/icons/192.png")).content
    former = (await boss.do("GET", "/admin/branding"))["logo"]
    await boss.do("DELETE", "/admin/branding/logo")

    assert points_of(own).size == (192, 192)
    assert own != ours
    assert (await nobody.http.get("/icons/192.png")).content == ours
    assert await nobody.refused("GET", f"/logo/{former}/64") == (404, "logo_not_found")


async def test_a_sign_is_its_name(boss: Browser, nobody: Browser) -> None:
    """Browsers keep it for good by its name, so another one is never given under it."""
    first = (await boss.ask("PUT", "/admin/branding/logo", content=drawn())).json()["logo"]
    other = BytesIO()
    Image.new("RGB", (90, 90), "teal").save(other, "PNG")
    second = await boss.ask("PUT", "/admin/branding/logo", content=other.getvalue())

    assert await nobody.refused("GET", f"/logo/{first}/64") == (404, "logo_not_found")
    assert (await nobody.ask("GET", f"/logo/{second.json()['logo']}/64")).is_success


async def test_what_is_no_picture_is_no_sign(boss: Browser) -> None:
    """Whatever it says it is."""
    answer = await boss.ask("PUT", "/admin/branding/logo", content=b"<svg onload=alert(1)>")

    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_picture")


async def test_all_of_it_is_ours_again(boss: Browser, nobody: Browser, instance: Instance) -> None:
    """With one act: name, words, colours and sign; done twice it is no act."""
    await boss.do("PUT", "/admin/branding", LONGTABLE)
    await boss.ask("PUT", "/admin/branding/logo", content=drawn())
    await boss.do("DELETE", "/admin/branding")
    await boss.do("DELETE", "/admin/branding")

    assert (await nobody.do("GET", "/instance"))["name"] == "Convivium"
    assert instance.brands.current.style == ""
    assert await last_act(boss) == ("branding_changed", {"all": None})
    assert len((await boss.do("GET", "/moderation/log"))["entries"]) == 3


async def test_a_server_that_starts_again_knows_it(boss: Browser, instance: Instance) -> None:
    """It is a row, and looked up at the start."""
    await boss.do("PUT", "/admin/branding", LONGTABLE)
    fresh = type(instance.brands)(instance.database)
    await fresh.look()

    assert fresh.current == instance.brands.current
    assert fresh.current.name == "Longtable"
