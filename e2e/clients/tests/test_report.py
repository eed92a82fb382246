"""A client that does other than it is known to is a fault, in either direction."""

from e2e.clients.guest import Outcome
from e2e.clients.library import answer_after_restart
from e2e.clients.report import as_table, faults
from e2e.clients.stacks import Stack


def stack(limits: dict[str, str]) -> Stack:
    return Stack("Some", "opus", list, limits)


def test_a_step_that_fails_is_a_fault_unless_it_is_known_to_for_this_reason() -> None:
    outcome = Outcome("Some", done=["hears"], failed={"restarts": "no check"})

    assert list(faults(stack({}), outcome)) == ["Some restarts: no. no check"]
    assert list(faults(stack({"restarts": "it cannot"}), outcome))
    assert not list(faults(stack({"restarts": "no check"}), outcome))


def test_a_known_limit_that_is_gone_is_a_fault_of_the_list() -> None:
    outcome = Outcome("Some", done=["restarts"])

    assert list(faults(stack({"restarts": "it cannot"}), outcome)) == [
        "Some restarts, though it is known not to: it cannot"
    ]


def test_the_table_says_yes_no_and_nothing_for_what_was_not_tried() -> None:
    outcome = Outcome("Some", "1.2", done=["connects"], failed={"hears": "silence"})

    cells = [cell.strip() for cell in as_table([outcome]).splitlines()[-1].split("|")[1:-1]]

    assert cells == ["Some", "1.2", "", "", "", "yes", "no", "", "", "", ""]


def test_the_answer_to_a_restart_is_the_former_one_with_new_names() -> None:
    answer = "v=0\r\na=ice-ufrag:old\r\na=ice-pwd:older\r\nm=audio\r\na=ice-ufrag:old\r\n"
    fragment = "a=ice-ufrag:new\r\na=ice-pwd:newer\r\n"

    assert answer_after_restart(answer, fragment) == (
        "v=0\r\na=ice-ufrag:new\r\na=ice-pwd:newer\r\nm=audio\r\na=ice-ufrag:new\r\n"
    )
