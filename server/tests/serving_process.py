"""A server in a process of its own, with the fake engine: for what ends with the process."""

import sys

import uvloop

from convivium.core.config import read_settings
from convivium.core.errors import StartFailed
from convivium.media.fake import FakeEngine
from convivium.serving import serve

if __name__ == "__main__":
    try:
        uvloop.run(
            serve(read_settings(data=sys.argv[1], port=int(sys.argv[2])), lambda _: FakeEngine())
        )
    except StartFailed as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
