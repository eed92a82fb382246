"""Start a PostgreSQL of one's own for as long as a command runs, and let nothing be left of it.

    postgres.py [COMMAND ...]

The command finds in CONVIVIUM_TESTS_ON_POSTGRES where it is. Without a command it is only made sure
that there is one, and Debian's is installed where we may. The variable POSTGRES names the folder of
another one's programs.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from packages import install

OLDEST = 15
OF_DEBIAN = Path("/usr/lib/postgresql")
VARIABLE = "CONVIVIUM_TESTS_ON_POSTGRES"
USER = "convivium"
START_S = 30.0
# It refuses to run as root.
SOMEBODY = ("postgres", "nobody")
# For rows that nobody will miss: as fast as it goes, on a socket that only this machine has.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


def main(command: Sequence[str]) -> int:
    """Run the command beside a PostgreSQL; the exit code is its own, or 1 where there is none."""
    programs = found() or installed()
    if programs is None:
        print(
            f"The tests need PostgreSQL {OLDEST} or newer: on Debian, 'apt install postgresql'; or"
            " name the folder of its programs in the variable POSTGRES.",
            file=sys.stderr,
        )
        return 1
    if not command:
        return 0
    with running(programs) as socket:
        address = f"postgresql://{USER}@/{{database}}?host={socket}"
        return subprocess.run(
            command, env={**os.environ, VARIABLE: address}, check=False
        ).returncode


def found() -> Path | None:
    """Find the folder of its programs: the newest of Debian's, unless one is named."""
    if named := os.environ.get("POSTGRES"):
        return Path(named) if (Path(named) / "initdb").exists() else None
    folders = (path.parent for path in OF_DEBIAN.glob("*/bin/initdb"))
    versions = {int(path.parent.name): path for path in folders if path.parent.name.isdecimal()}
    newest = max(versions, default=0)
    return versions[newest] if newest >= OLDEST else None


def installed() -> Path | None:
    """Install Debian's, and find it."""
    install("postgresql", "the tests on it")
    return found()


@contextmanager
def running(programs: Path) -> Iterator[Path]:
    """Make an empty one, run it, and take it away; gives the folder of its socket."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder, who = Path(name), somebody()
        if who:
            shutil.chown(folder, *who)
        data = folder / "data"
        how = ("--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
        make: list[str | Path] = [
            programs / "initdb",
            f"--pgdata={data}",
            f"--username={USER}",
            *how,
        ]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user(who))
        settings = {**SETTINGS, "unix_socket_directories": str(folder)}
        words = [f"--{key}={value}" for key, value in settings.items()]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [programs / "postgres", "-D", data, *words],
                stdout=log,
                stderr=log,
                cwd=folder,
                **as_user(who),
            ) as server,
        ):
            try:
                wait_for(server, data, folder / "log")
                yield folder
            finally:
                server.send_signal(signal.SIGINT)


def somebody() -> tuple[int, int] | None:
    """Choose who runs it in root's place; None for whoever is not root."""
    if os.geteuid():
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = next(known[name] for name in SOMEBODY if name in known)
    return user.pw_uid, user.pw_gid


def as_user(who: tuple[int, int] | None) -> dict[str, Any]:
    """Say to a new process whose it is."""
    return {"user": who[0], "group": who[1], "extra_groups": []} if who else {}


def wait_for(server: "subprocess.Popen[bytes]", data: Path, log: Path) -> None:
    """Wait until it says in its file that it is ready."""
    until = time.monotonic() + START_S
    while server.poll() is None and time.monotonic() < until:
        told = data / "postmaster.pid"
        if told.exists() and told.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    raise SystemExit(f"PostgreSQL does not start:\n{log.read_text()}")


def end(_number: int, _frame: object) -> None:
    """End in good order, so that the server and its folder go too."""
    sys.exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    sys.exit(main(sys.argv[1:]))
