"""The log: what it must never say."""

import subprocess
import sys

FAILING = """
import structlog
from convivium.core.logging import set_up_logging

set_up_logging(json={json})
def sign_in(password):
    raise ValueError("something else")
try:
    sign_in("correct " + "horse")
except ValueError:
    structlog.get_logger().exception("failed")
"""


def test_a_failure_is_logged_without_the_values_at_hand() -> None:
    """Neither kind of log shows what the variables of the failing function held."""
    for json in (False, True):
        program = FAILING.format(json=json)
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )

        assert "something else" in done.stderr
        assert "correct horse" not in done.stderr
