"""What came out, as a table and as faults."""

from collections.abc import Iterator, Sequence

from e2e.clients.guest import STEPS, Outcome
from e2e.clients.stacks import Stack

HEAD = ("client", "version", "SRTP offered", "used", "payload type", *STEPS)

PAGE_HEAD = """\
# Clients

Written by `make e2e-clients PAGE=docs/clients.md`; do not edit.

Each client visits the real server, one after the other, by the machine's own address.
It connects by the API, hears somebody who speaks, reads the snapshot and an event on the data
channel, is heard by a guest, restarts ICE and hears and reads on, and is removed: it reads the
goodbye, and gets no sound any more.
Firefox does that on the real page, with taps; its sound is measured at what the page plays.
Profiles and payload types are read from the datagrams: what was offered, and what was taken.
GCM is AEAD_AES_256_GCM or AEAD_AES_128_GCM; CM80 and CM32 are AES_CM_128_HMAC_SHA1_80 and _32.
"""


def as_table(outcomes: Sequence[Outcome]) -> str:
    """Lay out the outcomes as a table in Markdown, which reads well on a terminal too."""
    rows = [HEAD, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)


def faults(stack: Stack, outcome: Outcome) -> Iterator[str]:
    """Yield what a client does other than it is known to, in words."""
    for step, why in outcome.failed.items():
        if why != stack.limits.get(step):
            yield f"{stack.name} {step}: no. {why}"
    for step in stack.limits.keys() & outcome.done:
        yield f"{stack.name} {step}, though it is known not to: {stack.limits[step]}"


def as_page(outcomes: Sequence[tuple[Stack, Outcome]], where: str) -> str:
    """Write the page for docs/; where: date and machine."""
    limits = [
        f"- {stack.name} {step}: no, {why}."
        for stack, _ in outcomes
        for step, why in stack.limits.items()
    ]
    table = as_table([outcome for _, outcome in outcomes])
    return "\n".join([PAGE_HEAD, f"{where}.", "", table, "", "What is known:", "", *limits, ""])


def _row(outcome: Outcome) -> tuple[str, ...]:
    seen = outcome.seen
    kind = "" if seen.payload_type is None else str(seen.payload_type)
    steps = (_said(outcome, step) for step in STEPS)
    return (outcome.name, outcome.version, " ".join(seen.offered), seen.taken, kind, *steps)


def _said(outcome: Outcome, step: str) -> str:
    if step in outcome.failed:
        return "no"
    return "yes" if step in outcome.done else ""
