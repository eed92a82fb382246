"""A browser as a guest: a person at the real page, who taps and listens."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from e2e.clients import sound
from e2e.clients.guest import Guest
from e2e.clients.program import ClientError

PASSWORD = "a long table for all"  # noqa: S105 - of a person who lives as long as this test
START_LIMIT_S = 10.0
LOOK_EVERY_S = 0.05
STOP_LIMIT_S = 5.0


@dataclass
class Page(Guest):
    """Everything the page asks of the server, it asks by itself."""

    def connects(self) -> None:
        """Sign up, open the page, tap; sound comes on the way that the wire sees."""
        account = {"name": self.account, "display_name": self.account, "password": PASSWORD}
        path = f"/spaces/{self.room.space}"
        self.program.do(open=self.room.server.url + path, account=account)
        self.program.do(tap="Start listening")
        self.program.wait(self._gets_sound, "is not connected")

    def hears(self) -> None:
        """Hear the host in what the page plays."""
        self.program.wait(self._hears_host, "does not hear the host")

    def take_seat(self) -> None:
        """Tap twice."""
        self.program.do(tap="Take a seat")
        self.program.do(tap="Unmute")

    def mute(self) -> None:
        """Tap once."""
        self.program.do(tap="Mute")

    def restart(self) -> str:
        """Let the network change; the page restarts ICE on the call it has."""
        self.program.do(network=True)
        self.program.wait(self._has_new_name, "does not restart")
        return self.program.names[-1]

    def leaves(self) -> None:
        """See in words what happened, too."""
        super().leaves()
        self.program.do(see="You were removed")

    def _gets_sound(self) -> bool:
        self.program.do(names=True)
        self.names = self.program.names
        return self.room.wire.seen(*self.names).heard > 0

    def _hears_host(self) -> bool:
        self.program.do(listen=sound.HOST_TONES)
        return self.program.level_db > sound.AUDIBLE_DB

    def _has_new_name(self) -> bool:
        self.program.do(names=True)
        return self.program.names != self.names and len(self.program.names) == len(self.names)


@contextlib.contextmanager
def null_sink() -> Iterator[dict[str, str]]:
    """Run a sound server of one's own that plays to nowhere; gives the environment to find it.

    Without a device Firefox's AudioContext never runs. Raises ClientError when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="convivium-sound-") as folder:
        socket = Path(folder, "native")
        own = {"HOME": folder, "XDG_RUNTIME_DIR": folder}
        command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        command += ["--load=module-null-sink"]
        command += [f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1"]
        with subprocess.Popen(
            command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _wait_for(socket, process)
                yield {"PULSE_SERVER": f"unix:{socket}"}
            finally:
                process.terminate()
                process.wait(STOP_LIMIT_S)


def _wait_for(socket: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ClientError("the sound server that plays to nowhere did not start")
        time.sleep(LOOK_EVERY_S)
