import os

from bench.machine import describe, described


def test_a_machine_is_told_by_its_class() -> None:
    core = "processor\t: 0\nmodel name\t: Fast(R) CPU\n"
    meminfo = "MemTotal:       24576000 kB\nMemFree:  1 kB\n"

    told = described(core * 2, meminfo, 2, "6.18.5-cloud", 0.27)

    assert told == "2 x Fast(R) CPU, 23 GB, Linux 6.18, load 0.3 before; sound over loopback"


def test_a_machine_that_does_not_name_its_processor_is_told_too() -> None:
    assert "unnamed processor, unknown memory" in described("", "", 4, "6.1", 0.0)


def test_the_name_of_this_machine_is_not_told() -> None:
    assert os.uname().nodename not in describe()
