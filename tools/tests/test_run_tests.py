"""The total tells the truth: about what passed, what failed, and what did not run at all."""

import pytest

from run_tests import Suite, Tally, counted_by_cargo, counted_by_junit, main, run, summary

CARGO = """
running 2 tests
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
running 4 tests
test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
"""
JUNIT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure/></testcase>
<testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase>
</testsuite></testsuites>"""


def suite(command: str, limit_s: float = 30) -> Suite:
    return Suite("some", ".", command, limit_s)


def test_cargo_sums_are_added_over_all_binaries() -> None:
    assert counted_by_cargo(CARGO) == Tally(passed=5, failed=1, skipped=1)


def test_an_error_in_a_junit_report_counts_as_failed() -> None:
    assert counted_by_junit(JUNIT) == Tally(passed=1, failed=2, skipped=1)


def test_a_suite_in_which_no_test_ran_fails_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([suite("true")]) == 1

    assert "no test ran in some" in capsys.readouterr().out


def test_a_suite_that_breaks_after_its_tests_counts_as_failed() -> None:
    broken = suite("false")

    assert not run(broken).is_good()


def test_a_suite_that_hangs_is_ended_and_counts_as_failed() -> None:
    tally = run(suite("sleep 60", limit_s=0.1))

    assert tally == Tally(failed=1)


def test_the_total_names_each_kind() -> None:
    line = summary({"engine": Tally(passed=4), "server": Tally(passed=5, failed=1, skipped=2)})

    assert line == "Total: 9 tests passed (engine 4, server 5), 1 failed, 2 skipped"
