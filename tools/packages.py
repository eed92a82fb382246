"""Install what a test needs from Debian's packages, where we may."""

import os
import shutil
import subprocess

APT = ("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0")
SAYS_NOTHING = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def install(package: str, what_for: str) -> None:
    """Let Debian's package manager try, if this is root and there is one; it tells its errors."""
    if os.geteuid() or not shutil.which("apt-get"):
        return
    print(f"  Install {package} for {what_for} ...", flush=True)
    apt("update")
    apt("install", "--yes", "--no-install-recommends", package)


def apt(*arguments: str) -> None:
    """Let Debian's package manager do something; only its errors are shown."""
    subprocess.run([*APT, *arguments], check=False, env=SAYS_NOTHING, stdout=subprocess.DEVNULL)
