"""The kernel is asked, and may not say."""

from pathlib import Path

from convivium.core.memory import free_bytes


def test_the_lesser_of_machine_and_group_counts(tmp_path: Path) -> None:
    """A container with a limit has no use for the machine's memory."""
    machine, group = tmp_path / "meminfo", tmp_path / "group"
    group.mkdir()
    machine.write_text("MemTotal:  9000 kB\nMemAvailable:    2000 kB\n")
    assert free_bytes(machine, group) == 2000 * 1024

    (group / "memory.current").write_text("3000\n")
    (group / "memory.max").write_text("max\n")
    assert free_bytes(machine, group) == 2000 * 1024
    (group / "memory.max").write_text("5000\n")
    assert free_bytes(machine, group) == 2000
    (group / "memory.max").write_text("1000\n")
    assert free_bytes(machine, group) == 0
    # Files that were read are given up when memory is needed.
    (group / "memory.stat").write_text("anon 7\ninactive_file 2500\nactive_file 9\n")
    assert free_bytes(machine, group) == 500


def test_a_kernel_that_says_nothing_is_no_trouble(tmp_path: Path) -> None:
    """Elsewhere than on Linux nothing is known."""
    assert free_bytes(tmp_path / "nothing", tmp_path) is None
