"""How much memory there is left to use, as the kernel says."""

from pathlib import Path

MACHINE = Path("/proc/meminfo")
# What a container with a limit may have and has (cgroup v2).
GROUP = Path("/sys/fs/cgroup")


def free_bytes(machine: Path = MACHINE, group: Path = GROUP) -> int | None:
    """Tell how many bytes can still be had; None where the kernel does not say."""
    known = [left for left in (_of_machine(machine), _of_group(group)) if left is not None]
    return min(known, default=None)


def _of_machine(path: Path) -> int | None:
    for line in _read(path).splitlines():
        name, _, value = line.partition(":")
        number = value.removesuffix("kB").strip()
        if name == "MemAvailable" and number.isdecimal():
            return int(number) * 1024
    return None


def _of_group(folder: Path) -> int | None:
    limit, used = (_read(folder / name).strip() for name in ("memory.max", "memory.current"))
    if not (limit.isdecimal() and used.isdecimal()):
        return None
    return max(0, int(limit) - int(used) + _files_of(folder))


def _files_of(folder: Path) -> int:
    """Give what the kernel keeps of files for a group, and gives up when it is needed."""
    for line in _read(folder / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name == "inactive_file" and value.isdecimal():
            return int(value)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
