"""The servers' programs, from Debian's packages, unpacked into a folder: nothing is installed."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.server import MeasuringError

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "peers"
NAMES = ("janus", "icecast2", "mumble-server")
FETCH_LIMIT_S = 120.0


@dataclass(frozen=True)
class Unpacked:
    """A folder with the files of packages, as if it were the root of a system."""

    root: Path

    def program(self, path: str) -> Path:
        """Find a program, here or installed. Raises MeasuringError."""
        here = self.root / path
        installed = shutil.which(here.name)
        if here.exists():
            return here
        if installed is None:
            raise MeasuringError(f"there is no {here.name}")
        return Path(installed)

    def folder(self, path: str) -> Path:
        """Find a folder, here or of the system."""
        here = self.root / path
        return here if here.exists() else Path("/", path)

    def environment(self) -> dict[str, str]:
        """Give the environment in which its programs find their libraries."""
        libraries = self.libraries()
        return {
            **os.environ,
            "LD_LIBRARY_PATH": str(libraries),
            "QT_PLUGIN_PATH": str(self.folder(f"usr/lib/{libraries.name}/qt5/plugins")),
        }

    def libraries(self) -> Path:
        """Find the folder of the libraries, which is named after the machine's architecture."""
        found = sorted((self.root / "usr/lib").glob("*-linux-gnu*"))
        return found[0] if found else self.root / "usr/lib"


def unpacked() -> Unpacked:
    """Fetch the packages and those they need, once, and unpack them. Raises MeasuringError."""
    root, whole = FOLDER / "root", FOLDER / "whole"
    if not whole.exists():
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise MeasuringError("other servers come from Debian's packages: apt-get is missing")
        print("  Fetch Janus, Icecast and Murmur from Debian ...", flush=True)
        _fetch(FOLDER)
        for package in sorted(FOLDER.glob("*.deb")):
            _run("dpkg-deb", "--extract", str(package), str(root))
        whole.touch()
    return Unpacked(root)


def _fetch(folder: Path) -> None:
    """Let apt say what is missing here and fetch it; it changes nothing in the system."""
    (folder / "partial").mkdir(parents=True, exist_ok=True)
    fetch = (
        *("apt-get", "install", "--download-only", "--yes", "-qq", "--no-install-recommends"),
        *("-o", f"Dir::Cache::archives={folder}", "-o", "Debug::NoLocking=true"),
        *NAMES,
    )
    try:
        _run(*fetch)
    except MeasuringError:
        if os.geteuid():
            raise
        # The lists of what there is may be old or missing.
        _run("apt-get", "update", "-qq")
        _run(*fetch)


def _run(*command: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=FETCH_LIMIT_S
    )
    if done.returncode:
        last = (done.stderr.strip() or "it says nothing").splitlines()[-1]
        raise MeasuringError(f"{command[0]} failed: {last}")
