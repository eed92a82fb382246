"""What is new leaves over one's own stream, to its members and to nobody else."""

from contextlib import AsyncExitStack

from convivium.app import Instance
from convivium.core.clock import ManualClock
from tests.conftest import Browser, SignUp
from tests.messages.talk import befriend, say
from tests.notifications.test_stream import Eye, look


def conversations(eye: Eye) -> list[tuple[str, int]]:
    """Tell the last text of each conversation that somebody sees, and how many are news."""
    return [(item["last"]["text"], item["unread"]) for item in eye.seen["conversations"]]


async def test_everything_is_told_as_it_is_listed(
    instance: Instance, sign_up: SignUp, clock: ManualClock
) -> None:
    """After every act the applied events equal a fresh snapshot, of both; nobody else hears."""
    ama, ben, eve = [await sign_up(name) for name in ("ama", "ben", "eve")]
    await befriend(ama, ben)

    async def expect_same(eye: Eye, browser: Browser) -> None:
        await eye.catch_up()
        async with AsyncExitStack() as stack:
            assert eye.seen == (await look(instance, browser, stack)).seen

    async with AsyncExitStack() as stack:
        eyes = {browser: await look(instance, browser, stack) for browser in (ama, ben)}
        other = await look(instance, eve, stack)
        for act in (
            lambda: say(ama, "@ben", "one"),
            lambda: say(ama, "@ben", "two"),
            lambda: ben.do("PUT", "/messages/@ama/read", {"up_to": 1}),
            lambda: ama.do("DELETE", "/messages/@ben/2"),
            lambda: say(ben, "@ama", "three"),
            lambda: ben.do("PUT", "/people/@ama/block"),
            lambda: ben.do("DELETE", "/people/@ama/block"),
            lambda: ben.do("DELETE", "/messages/@ama"),
            lambda: say(ama, "@ben", "four"),
            lambda: ben.do("POST", "/messages/@ama/accept"),
        ):
            clock.advance(1)
            await act()
            for browser, eye in eyes.items():
                await expect_same(eye, browser)
        assert conversations(eyes[ben]) == [("four", 1)]
        assert await other.catch_up() == []


async def test_a_request_is_counted_apart(instance: Instance, sign_up: SignUp) -> None:
    """It is shown to who looks for it, and is no news before it is accepted."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    async with AsyncExitStack() as stack:
        eye = await look(instance, ben, stack)
        await say(ama, "@ben", "psst")
        assert await eye.catch_up() == ["messages_changed", "conversation_changed"]
        assert eye.seen["messages"] == {"unread": 0, "asked": 1}
        assert eye.seen["asking"][0]["last"]["text"] == "psst"
        assert eye.seen["conversations"] == []
        await ben.do("POST", "/messages/@ama/accept")
        came = await eye.catch_up()

        assert came == ["messages_changed", "conversation_gone", "conversation_changed"]
        assert eye.seen["messages"] == {"unread": 1, "asked": 0}
        assert eye.seen["notifications"] == []


async def test_an_invitation_that_is_answered_is_told(instance: Instance, sign_up: SignUp) -> None:
    """Whoever looks at the message sees that it is another one now."""
    ama, ben = await sign_up("ama"), await sign_up("ben")
    await befriend(ama, ben)
    space = (await ama.do("POST", "/spaces", {"title": "Bread"}))["id"]
    await ama.do("POST", f"/spaces/{space}/start")
    async with AsyncExitStack() as stack:
        eye = await look(instance, ben, stack)
        await ama.do("PUT", f"/spaces/{space}/invitations/@ben", {"role": "speaker"})
        await eye.catch_up()
        [before] = eye.seen["conversations"]
        await ben.do("DELETE", f"/spaces/{space}/invitations/me")
        await eye.catch_up()
        [after] = eye.seen["conversations"]

    assert before["last"]["invitation"]["open"]
    assert not after["last"]["invitation"]["open"]
    assert after["version"] > before["version"]
