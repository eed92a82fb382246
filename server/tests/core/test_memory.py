"""The kernel is asked, and may not say."""

from pathlib import Path

import pytest

from convivium.core.memory import DEEPEST, free_bytes


class Kernel:
    """What the kernel says, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.machine = folder / "meminfo"
        self.belongs = folder / "cgroup"
        self.groups = folder / "groups"
        self.groups.mkdir()

    def limit(self, group: str, limit: str, used: int, stat: str = "") -> None:
        """Give a group a limit, and let it use so much."""
        folder = self.groups / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(stat)

    def free_bytes(self) -> int | None:
        """Ask it."""
        return free_bytes(self.machine, self.belongs, self.groups)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def test_the_lesser_of_machine_and_group_counts(kernel: Kernel) -> None:
    """A container with a limit has no use for the machine's memory."""
    kernel.machine.write_text("MemTotal:  9000 kB\nMemAvailable:    2000 kB\n")
    assert kernel.free_bytes() == 2000 * 1024

    kernel.limit(".", "max", 3000)
    assert kernel.free_bytes() == 2000 * 1024
    kernel.limit(".", "5000", 3000)
    assert kernel.free_bytes() == 2000
    kernel.limit(".", "1000", 3000)
    assert kernel.free_bytes() == 0
    # Files that were read are given up when memory is needed.
    kernel.limit(".", "1000", 3000, "anon 7\ninactive_file 2500\nactive_file 9\n")
    assert kernel.free_bytes() == 500


def test_the_limit_of_a_service_counts_and_that_of_the_slice_around_it(kernel: Kernel) -> None:
    """Systemd gives each service a group below the root, and may limit those in between."""
    kernel.belongs.write_text("4:memory:/elsewhere\n0::/system.slice/convivium.service\n")
    kernel.limit("system.slice/convivium.service", "5000", 3000)
    kernel.limit("elsewhere", "1000", 999)
    assert kernel.free_bytes() == 2000
    kernel.limit("system.slice", "9000", 8000)
    assert kernel.free_bytes() == 1000
    kernel.limit(".", "9000", 8500)
    assert kernel.free_bytes() == 500


def test_only_so_many_groups_are_read_and_none_outside_the_tree(kernel: Kernel) -> None:
    """The file is the kernel's, and is believed in what it should be."""
    deep = "/".join(["a"] * (DEEPEST + 1))
    kernel.limit(deep, "5000", 3000)
    kernel.limit("../outside", "5000", 3000)
    for path in (f"/{deep}", "/../outside", "/a/../../outside"):
        kernel.belongs.write_text(f"0::{path}\n")
        assert kernel.free_bytes() is None, path


def test_a_kernel_that_says_nothing_is_no_trouble(kernel: Kernel) -> None:
    """Elsewhere than on Linux nothing is known."""
    assert kernel.free_bytes() is None
    kernel.belongs.write_bytes(b"0::/\xff\n")
    assert kernel.free_bytes() is None
