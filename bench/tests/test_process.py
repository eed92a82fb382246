import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.process import cpu_s, open_files, resident_kb, resident_kb_of, thread_cpu_s


def test_the_clock_of_a_process_is_the_one_it_reads_itself() -> None:
    before = time.process_time()
    seen = cpu_s(os.getpid())
    after = time.process_time()

    assert before <= seen <= after


def test_the_clock_of_another_process_counts_its_work_and_not_its_sleep() -> None:
    work = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        used = cpu_s(process.pid)

        process.kill()
    assert 0.2 <= used < 1


def test_a_process_that_is_not_there_has_no_clock() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

        with pytest.raises(OSError, match="Invalid argument"):
            cpu_s(process.pid)


def test_a_thread_is_found_by_its_name_and_its_work_counted() -> None:
    name = Path("/proc/self/comm").read_text().strip()

    assert thread_cpu_s(os.getpid(), name) > 0
    assert thread_cpu_s(os.getpid(), "nobody") == 0


def test_resident_memory_is_read_in_kilobytes() -> None:
    status = "Name:\tconvivium\nVmPeak:\t  999999 kB\nVmRSS:\t   54321 kB\nRssAnon:\t   1 kB\n"

    assert resident_kb_of(status) == 54321


def test_a_process_that_has_ended_has_no_memory() -> None:
    with pytest.raises(ValueError, match="has ended"):
        resident_kb_of("Name:\tconvivium\nState:\tZ (zombie)\n")


def test_an_open_file_is_counted() -> None:
    before = open_files(os.getpid())
    with Path(os.devnull).open(encoding="ascii"):
        assert open_files(os.getpid()) == before + 1


def test_this_process_is_in_memory() -> None:
    assert resident_kb(os.getpid()) > 5_000
