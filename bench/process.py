"""What another process on this machine has used: processor time and memory."""

import re
import time
from pathlib import Path

RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


def cpu_s(pid: int) -> float:
    """Read the processor time (user and system, ended threads too) of a process, in seconds.

    This is the clock of clock_getcpuclockid(3), whose number the kernel makes of the process id.
    It tells what utime + stime of /proc/PID/stat tell, in nanoseconds instead of 10 ms: a few
    idle listeners use less than that in a second. Raises OSError when there is no such process.
    """
    return time.clock_gettime((~pid << 3) | 2)


def thread_cpu_s(pid: int, name: str) -> float:
    """Read the processor time of a process's threads of this name, in seconds (proc(5))."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    named = [task for task in tasks if (task / "comm").read_text().strip() == name]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in named) / 1e9


def resident_kb(pid: int) -> int:
    """Read how much memory of a process is in RAM now, in units of 1,024 bytes."""
    return resident_kb_of(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))


def open_files(pid: int) -> int:
    """Count the descriptors of a process: files, sockets, pipes."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def resident_kb_of(status: str) -> int:
    """Find VmRSS in the text of /proc/PID/status (proc_pid_status(5)). Raises ValueError."""
    found = RESIDENT.search(status)
    if found is None:
        raise ValueError("no VmRSS: the process has ended")
    return int(found[1])
