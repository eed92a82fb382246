"""What kind of machine the figures are from. Its class, never its name."""

import os
import re
from pathlib import Path

KIB_PER_GIB = 1024 * 1024


def describe() -> str:
    """Say cores, processor, memory, kernel and how busy it was in the last minute, in one line."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    meminfo = Path("/proc/meminfo").read_text(encoding="ascii")
    cores, kernel = len(os.sched_getaffinity(0)), os.uname().release
    return described(cpuinfo, meminfo, cores, kernel, os.getloadavg()[0])


def described(cpuinfo: str, meminfo: str, cores: int, kernel: str, load: float) -> str:
    """Say it from the texts of /proc/cpuinfo and /proc/meminfo; `load`: who waits for a core."""
    processor = re.search(r"^model name\s*: (.+)$", cpuinfo, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB$", meminfo, re.MULTILINE)
    name = processor[1] if processor else "unnamed processor"
    size = f"{int(memory[1]) / KIB_PER_GIB:.0f} GB" if memory else "unknown memory"
    linux = ".".join(kernel.split(".")[:2])
    return f"{cores} x {name}, {size}, Linux {linux}, load {load:.1f} before; sound over loopback"
