"""A server in a process of its own, with the fake engine: for what ends with the process.

Told by SIGUSR1, a thread of the engine fails.
"""

import asyncio
import signal
import sys

import uvloop

from convivium.core.config import Settings, read_settings
from convivium.core.errors import StartFailed
from convivium.media.engine import Failed
from convivium.media.fake import FakeEngine
from convivium.serving import serve


def start(_: Settings) -> FakeEngine:
    """Make an engine that fails when told to."""
    engine = FakeEngine()
    failure = Failed("convivium-rx")
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, engine.tell, failure)
    return engine


if __name__ == "__main__":
    try:
        uvloop.run(serve(read_settings(data=sys.argv[1], port=int(sys.argv[2])), start))
    except StartFailed as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
