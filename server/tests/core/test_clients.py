"""Which clients are understood, and what they are told of the page's build."""

import pytest

from convivium import shell
from convivium.core import web
from convivium.core.web import Clients
from tests.conftest import SignUp


@pytest.fixture(autouse=True)
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of later years, whose page was built."""
    monkeypatch.setattr(shell, "build", lambda: "b1")
    monkeypatch.setattr(Clients.__init__, "__defaults__", (3,))


async def test_a_client_too_old_is_told_so(sign_up: SignUp) -> None:
    """It gets a refusal with words of its own, whatever it asks for."""
    ama = await sign_up("ama")

    for path in ("/me", "/me/events", "/no-such-thing"):
        refused = await ama.ask("GET", path, headers={"Convivium-Protocol": "2"})
        assert refused.status_code == 426
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "too_old"
        assert refused.headers["upgrade"] == f"convivium/{web.PROTOCOL}"


@pytest.mark.parametrize("said", ["3", "40", "", "two", "-1", "9" * 400])
async def test_who_speaks_what_is_understood_or_says_nothing_is_let_through(
    sign_up: SignUp, said: str
) -> None:
    """Other programs than our page need not know of it."""
    ama = await sign_up("ama")

    answer = await ama.ask("GET", "/me", headers={"Convivium-Protocol": said})

    assert answer.status_code == 200


async def test_every_answer_of_the_api_names_the_build(sign_up: SignUp) -> None:
    """A page that stays open hears of a newer one by whatever it asks next, refusals too."""
    ama = await sign_up("ama")

    named = [
        (await ama.ask("GET", path)).headers.get("convivium-build")
        for path in ("/me", "/people/nobody")
    ]

    assert named == ["b1", "b1"]
    assert "convivium-build" not in (await ama.http.get("/healthz")).headers
