"""How much memory there is left to use, as the kernel says."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MACHINE = Path("/proc/meminfo")
# Which groups this process belongs to, and where groups say what they may have and have
# (cgroup v2): a container's is the root that it sees, a service's of systemd lies below it.
BELONGS = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
# Groups lie in each other, seldom deeper than six.
DEEPEST = 16
# The longest of these files has a few kilobytes.
MOST_BYTES = 64 * 1024


def free_bytes(
    machine: Path = MACHINE, belongs: Path = BELONGS, groups: Path = GROUPS
) -> int | None:
    """Tell how many bytes can still be had; None where the kernel does not say."""
    all_left = [_of_machine(machine), *map(_of_group, _own_groups(belongs, groups))]
    return min((left for left in all_left if left is not None), default=None)


def _of_machine(path: Path) -> int | None:
    for line in _read(path).splitlines():
        name, _, value = line.partition(":")
        number = value.removesuffix("kB").strip()
        if name == "MemAvailable" and number.isdecimal():
            return int(number) * 1024
    return None


def _own_groups(belongs: Path, groups: Path) -> Iterator[Path]:
    """List the folders of all groups around this process: the limit of each is its limit too."""
    yield groups
    for line in _read(belongs).splitlines():
        # Version 2 has one line, with neither number nor name (cgroups(7)).
        inner = PurePosixPath(line.removeprefix("0::/"))
        if line.startswith("0::/") and ".." not in inner.parts:
            for depth in range(1, min(len(inner.parts), DEEPEST) + 1):
                yield groups.joinpath(*inner.parts[:depth])


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
        with path.open(encoding="ascii") as file:
            return file.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError):
        return ""
