"""Make sure that a Chromium is here for the browser tests, and install Debian's where we may.

The variable CHROMIUM names another one than Debian's.
"""

import os
import shutil
import subprocess
import sys

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
APT = ("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0")
SAYS_NOTHING = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def main() -> int:
    """Return 0 when a Chromium can be started, else say in one sentence what to do."""
    if not shutil.which(CHROMIUM) and os.geteuid() == 0 and shutil.which("apt-get"):
        print("  Install Chromium for the browser tests ...", flush=True)
        apt("update")
        apt("install", "--yes", "--no-install-recommends", "chromium")
    if shutil.which(CHROMIUM):
        return 0
    print(
        f"The browser tests need {CHROMIUM}: on Debian, 'apt install chromium'; or name another in"
        " the variable CHROMIUM.",
        file=sys.stderr,
    )
    return 1


def apt(*arguments: str) -> None:
    """Let Debian's package manager try something; only its errors are shown."""
    subprocess.run([*APT, *arguments], check=False, env=SAYS_NOTHING, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
