"""The live strip: what is listed, for whom, page by page."""

from collections.abc import Callable

from tests.conftest import Browser, SignUp


async def test_pages_go_from_the_newest_to_the_last(
    sign_up: SignUp, visitor: Callable[[], Browser]
) -> None:
    """Following the cursor gives every live space once, and an end."""
    ama = await sign_up("ama")
    for number in range(5):
        card = await ama.do("POST", "/spaces", {"title": f"{number}"})
        await ama.do("POST", f"/spaces/{card['id']}/start")
    await ama.do("POST", "/spaces", {"title": "a draft"})

    titles, cursor = [], ""
    while cursor is not None:
        query = f"/spaces?state=live&limit=2{f'&cursor={cursor}' if cursor else ''}"
        page = await visitor().do("GET", query)
        titles += [card["title"] for card in page["items"]]
        cursor = page["next_cursor"]

    assert titles == ["4", "3", "2", "1", "0"]
    assert [c["title"] for c in (await ama.do("GET", "/spaces?state=draft"))["items"]] == [
        "a draft"
    ]
    assert (await visitor().do("GET", "/spaces?state=draft"))["items"] == []
    assert (await ama.do("GET", "/spaces?state=scheduled"))["items"] == []
    assert await ama.refused("GET", "/spaces?limit=51") == (422, "invalid")
    assert await ama.refused("GET", "/spaces?cursor=x") == (422, "invalid")
