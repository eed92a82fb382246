"""Make sure that a Chromium is here for the browser tests, and install Debian's where we may.

The variable CHROMIUM names another one than Debian's.
"""

import os
import shutil
import sys

from packages import install

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def main() -> int:
    """Return 0 when a Chromium can be started, else say in one sentence what to do."""
    if not shutil.which(CHROMIUM):
        install("chromium", "the browser tests")
    if shutil.which(CHROMIUM):
        return 0
    print(
        f"The browser tests need {CHROMIUM}: on Debian, 'apt install chromium'; or name another in"
        " the variable CHROMIUM.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
