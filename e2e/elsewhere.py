"""What a server has around it: a provider to sign in by, and a mail server.

Says on a line of JSON at which ports they are, and each letter that comes on one more.
"""

import asyncio
import json
import sys

from tests.delivery.postbox import postbox
from tests.oidc.fake_provider import CLIENT, SECRET, fake_provider

LOOK_EVERY_S = 0.05


async def main() -> None:
    """Run both until somebody ends this."""
    async with fake_provider() as provider:
        with postbox() as box:
            config = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET}
            say({"provider": config, "mail": box.port})
            while True:
                while box.came:
                    plain = box.came.pop(0).get_body(("plain",))
                    say({"letter": plain.get_content() if plain else ""})
                await asyncio.sleep(LOOK_EVERY_S)


def say(what: dict[str, object]) -> None:
    """Say it at once."""
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
