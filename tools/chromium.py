"""Make sure that a Chromium is here for the browser tests, and install Debian's where we may."""

import os
import shutil
import subprocess
import sys


def main() -> int:
    """Return 0 when a Chromium can be started, else say in one sentence what to do."""
    if shutil.which("chromium"):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("  Install Chromium for the browser tests ...", flush=True)
        quietly = ("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0")
        subprocess.run([*quietly, "update"], check=True)
        subprocess.run(
            [*quietly, "install", "--yes", "--no-install-recommends", "chromium"], check=True
        )
        return 0
    print(
        "The browser tests need Chromium: on Debian, 'apt install chromium' as root.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
