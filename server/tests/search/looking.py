"""Looking for something in tests."""

from typing import Any
from urllib.parse import quote

from tests.conftest import Browser

Json = dict[str, Any]
# What tells one found thing from another, by kind.
SHOWN = {"people": "name", "spaces": "title", "posts": "text", "tags": "tag"}


async def look(browser: Browser, words: str, **how: object) -> Json:
    """Look for all kinds of things, or for one."""
    more = "".join(f"&{name}={quote(str(value))}" for name, value in how.items())
    found: Json = await browser.do("GET", f"/search?q={quote(words)}{more}")
    return found


async def found(browser: Browser, kind: str, words: str, **how: object) -> list[str]:
    """List what of one kind is found: names, titles, texts or tags."""
    page = (await look(browser, words, kind=kind, **how))[kind]
    return [item[SHOWN[kind]] for item in page["items"]]


async def through(browser: Browser, kind: str, words: str, limit: int) -> list[list[str]]:
    """Follow the cursor to the end, and give each page."""
    pages, cursor = [], ""
    while cursor is not None:
        page = (await look(browser, words, kind=kind, limit=limit, cursor=cursor))[kind]
        pages.append([item[SHOWN[kind]] for item in page["items"]])
        cursor = page["next_cursor"]
    return pages


async def post(browser: Browser, text: str) -> str:
    """Write something; gives its id."""
    return str((await browser.do("POST", "/posts", {"text": text}))["id"])


async def space(browser: Browser, title: str, state: str = "live", **words: object) -> str:
    """Open a space, schedule it, or end it; gives its id."""
    if state == "scheduled":
        words = {"starts_at": "2026-01-02T19:30:00Z", **words}
    card = await browser.do("POST", "/spaces", {"title": title, **words})
    if state in ("live", "ended"):
        await browser.do("POST", f"/spaces/{card['id']}/start")
    if state == "ended":
        await browser.do("POST", f"/spaces/{card['id']}/end")
    return str(card["id"])
