"""The page: what is written into its shell, what it may load, and what is kept by browsers."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from convivium import shell
from convivium.core.clock import ManualClock
from tests.conftest import Browser, OpenTable, SignUp

BUILT = """<!doctype html><html><head><meta name="description" content="old"><title>Old</title>
<script type="module" src="/assets/main-1a2b3c4d.js"></script>
<link rel="modulepreload" crossorigin href="/assets/Space-5e6f7a8b.js" data-screen="space">
</head><body></body></html>"""


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A web app as it is after a build."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(BUILT)
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main-1a2b3c4d.js").write_text("export {}")
    monkeypatch.setattr(shell, "STATIC", tmp_path)
    return tmp_path


def boot(page: Response) -> Any:  # noqa: ANN401
    found = re.search(r'<script type="application/json" id="boot"[^>]*>(.*?)</script>', page.text)
    assert found
    return json.loads(found[1])


async def test_the_page_starts_with_who_one_is(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Nobody has to ask for what the first answer can bring along."""
    ama = await sign_up("ama")

    limits = {"scheduled_days": 14, "message_length": 1000, "build": shell.build()}
    me = await ama.do("GET", "/me")
    assert boot(await ama.http.get("/")) == {"me": me, "space": None} | limits
    assert boot(await visitor().http.get("/explore")) == {"me": None, "space": None} | limits


async def test_opening_pages_keeps_one_signed_in(sign_up: SignUp, clock: ManualClock) -> None:
    """The page brings along who one is, so nobody asks for that: it counts as use all the same."""
    ama = await sign_up("ama")
    for _ in range(3):
        clock.advance(20 * 24 * 3600)
        assert boot(await ama.http.get("/"))["me"]["name"] == "ama"


async def test_a_space_has_its_own_title_and_card(
    open_table: OpenTable, visitor: Callable[[], Browser]
) -> None:
    """A link to a space shows what it is, to people and to previews."""
    table = await open_table(title="Bread & <salt>")

    page = await visitor().http.get(table.path)

    assert "<title>Bread &amp; &lt;salt&gt; · Convivium</title>" in page.text
    assert '<meta property="og:title" content="Bread &amp; &lt;salt&gt; · Convivium">' in page.text
    assert "is live with Ama" in page.text
    assert "Old" not in page.text
    assert page.text.count('name="description"') == 1
    assert boot(page)["space"]["title"] == "Bread & <salt>"


async def test_only_a_space_brings_along_what_a_space_needs(open_table: OpenTable) -> None:
    """Whoever comes by a link need not wait for the app to say what else is loaded."""
    table = await open_table()

    pages = [await table.host.http.get(path) for path in (table.path, "/", "/spaces/nowhere")]

    assert ["/assets/Space-" in page.text for page in pages] == [True, False, False]


async def test_the_page_for_being_offline_is_nobodys(sign_up: SignUp) -> None:
    """A worker keeps it: whoever is signed in, there is nothing of them in it."""
    ama = await sign_up("ama")

    page = await ama.http.get("/offline")

    assert page.status_code == 200
    assert boot(page)["offline"] is True
    assert boot(page)["me"] is None
    assert "ama" not in page.text.lower()


def test_a_build_has_another_name_when_anything_in_it_changed(built: Path) -> None:
    """Its pages name all of its files, each with a hash: a language alone is enough."""
    before = shell.build()
    (built / "index.de.html").write_text(BUILT)
    assert shell.build() != before

    for page in built.glob("index*.html"):
        page.unlink()
    assert shell.build() == ""


async def test_a_preview_says_when_a_space_starts(sign_up: SignUp, clock: ManualClock) -> None:
    """Whoever is sent the link of a scheduled space reads its time without opening it."""
    ama = await sign_up("ama")
    starts_at = (clock.now() + timedelta(days=2)).replace(hour=19, minute=30)
    card = await ama.do("POST", "/spaces", {"title": "Bread", "starts_at": starts_at.isoformat()})

    page = await ama.http.get(f"/spaces/{card['id']}")

    when = f"{starts_at.day} {starts_at:%B %Y} at 19:30 UTC"
    assert f"Bread will be held by Ama on {when}." in page.text


async def test_what_people_write_cannot_leave_the_start_values(open_table: OpenTable) -> None:
    """A title that ends a script ends nothing."""
    table = await open_table(title="</script><script>alert(1)</script>")

    page = await table.host.http.get(table.path)

    assert "<script>alert" not in page.text
    assert boot(page)["space"]["title"] == "</script><script>alert(1)</script>"


async def test_scripts_run_with_this_answers_nonce_only(visitor: Callable[[], Browser]) -> None:
    """Every script carries the nonce of the policy, which is another one each time."""
    browser = visitor()
    pages = [await browser.http.get("/") for _ in range(2)]

    nonces = set()
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        [nonce] = set(re.findall(r"'nonce-([^']+)'", policy))
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert scripts
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
        assert page.headers["Permissions-Policy"].startswith("microphone=(self)")
        assert page.headers["Cache-Control"] == "no-store"
        nonces.add(nonce)
    assert len(nonces) == 2


async def test_built_files_are_kept_by_browsers(visitor: Callable[[], Browser]) -> None:
    """Files with a hash in their name for good, the others are asked for again."""
    browser = visitor()

    script = await browser.http.get("/assets/main-1a2b3c4d.js")
    icon = await browser.http.get("/favicon.svg")

    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"].startswith("text/javascript")
    assert icon.headers["Cache-Control"] == "no-cache"


async def test_text_is_sent_packed(visitor: Callable[[], Browser], built: Path) -> None:
    """A browser that can unpack gets less to load, of the version that is there now."""
    path = built / "assets" / "main-1a2b3c4d.js"
    path.write_text("// long\n" * 1000)
    browser = visitor()

    answers = [
        await browser.http.get("/assets/main-1a2b3c4d.js", headers={"Accept-Encoding": encoding})
        for encoding in ("gzip, br", "identity")
    ]

    assert [answer.headers.get("content-encoding") for answer in answers] == ["gzip", None]
    assert int(answers[0].headers["content-length"]) < 200
    assert answers[0].text == answers[1].text == path.read_text()


@pytest.mark.parametrize("path", ["/sign-in", "/moderation", "/moderation/cases/7"])
async def test_what_the_app_knows(visitor: Callable[[], Browser], path: str) -> None:
    """An address at which the app shows something is there, whoever may see it."""
    assert (await visitor().http.get(path)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/moderations",
        "/spaces/unknown",
        "/assets/gone.js",
        "/%2e%2e/%2e%2e/etc/passwd",
    ],
)
async def test_what_is_not_there(visitor: Callable[[], Browser], path: str) -> None:
    """An unknown address gets the app with status 404, and no file from elsewhere."""
    page = await visitor().http.get(path)

    assert page.status_code == 404
    assert boot(page)["space"] is None


async def test_an_unknown_address_of_the_api_is_a_problem(visitor: Callable[[], Browser]) -> None:
    """Programs are answered as programs."""
    assert await visitor().refused("GET", "/nothing") == (404, "not_found")


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "fr, ar;q=0.5, en;q=0.4", "ar"),
        (None, "en;q=0.2, de;q=0.7", "de"),
        (None, "de;q=0, ar;q=0.1", "ar"),
        (None, "fr-FR", "en"),
        (None, "*", "en"),
        (None, "de;q=much, ;;;, ar", "ar"),
        (None, ",".join(["fr"] * 30) + ",de", "en"),
        ("ar", "de", "ar"),
        ("fr", "de", "de"),
        ("../../etc/passwd", "de", "de"),
    ],
)
async def test_a_page_is_in_the_language_of_who_opens_it(
    visitor: Callable[[], Browser],
    built: Path,
    chosen: str | None,
    accepted: str,
    language: str,
) -> None:
    """What was chosen here counts first, then what the browser wants, then English."""
    for other in ("de", "ar"):
        (built / f"index.{other}.html").write_text(
            BUILT.replace("<html>", f'<html lang="{other}">')
        )
    headers = {"accept-language": accepted}
    if chosen:
        headers["cookie"] = f"{shell.LANGUAGE_COOKIE}={chosen}"

    page = await visitor().http.get("/", headers=headers)

    assert page.status_code == 200
    assert ('lang="' not in page.text) if language == "en" else (f'lang="{language}"' in page.text)


async def test_the_page_of_a_language_is_no_file(
    visitor: Callable[[], Browser], built: Path
) -> None:
    """It is only given with this answer's policy and start values."""
    (built / "index.de.html").write_text(BUILT)

    page = await visitor().http.get("/index.de.html")

    assert page.status_code == 404
    assert boot(page)["me"] is None


async def test_without_a_build_a_sentence(visitor: Callable[[], Browser], built: Path) -> None:
    """Whoever runs a server without its page is told what is missing."""
    (built / "index.html").unlink()

    page = await visitor().http.get("/")

    assert page.status_code == 503
    assert "make web" in page.text


async def test_a_draft_is_no_page_for_strangers(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """What the API does not show is on no page either."""
    ama = await sign_up("ama")
    card = await ama.do("POST", "/spaces", {"title": "A secret plan"})

    page = await visitor().http.get(f"/spaces/{card['id']}")

    assert page.status_code == 404
    assert "secret" not in page.text


async def test_the_api_is_described_here(visitor: Callable[[], Browser]) -> None:
    """People read the API without a request to another host; programs get the same as JSON."""
    browser = visitor()

    page = await browser.http.get("/api/docs")
    described = (await browser.http.get("/api/openapi.json")).json()

    assert "PUT /api/v1/spaces/{space_id}/mutes/{user}" in page.text
    assert "Close a microphone, somebody&#x27;s or one&#x27;s own." in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "/api/v1/spaces/{space_id}/call" in described["paths"]


@pytest.mark.parametrize("path", ["/%00", "/assets/%00.js", "/" + "a" * 300])
async def test_what_no_file_can_be_called(visitor: Callable[[], Browser], path: str) -> None:
    """An address that no file could have is a page that is not there."""
    assert (await visitor().http.get(path)).status_code == 404
