"""Words for what people do with messages, for the tests beside this file."""

from typing import Any

from tests.conftest import Browser

Json = dict[str, Any]


async def say(browser: Browser, to: str | list[str], text: str = "hello", **more: object) -> Json:
    """Write to somebody, and give the message."""
    message: Json = await browser.do("POST", "/messages", {"to": to, "text": text, **more})
    return message


async def listed(browser: Browser, state: str = "accepted") -> list[Json]:
    """Give somebody's conversations."""
    items: list[Json] = (await browser.do("GET", f"/messages?state={state}"))["items"]
    return items


async def read(browser: Browser, who: str) -> list[str]:
    """Give the texts of a conversation as they were written, and the kind of all that is none."""
    page = await browser.do("GET", f"/messages/{who}")
    return [shown(item) for item in page["items"]][::-1]


def shown(item: Json) -> str:
    """Say in a word what a message shows."""
    if item["gone"]:
        return "(gone)"
    return str(item["text"]) if item["kind"] == "said" else f"({item['kind']})"


async def news(browser: Browser) -> tuple[int, int]:
    """Tell how much somebody has not read, and how many ask."""
    page = await browser.do("GET", "/messages")
    return page["unread"], page["asked"]


async def befriend(one: Browser, other: Browser) -> None:
    """Let two people follow each other: neither is a stranger to the other."""
    await one.do("PUT", f"/people/{other.id}/follow")
    await other.do("PUT", f"/people/{one.id}/follow")
