"""A lock file that names a registry, or that pins without a hash, is found out."""

import json

from check_locks import CRATES, faults_of_cargo, faults_of_go, faults_of_list, faults_of_npm

HASH = "--hash=sha256:00"


def test_a_hashed_list_without_addresses_passes() -> None:
    assert not list(faults_of_list(f"a==1 \\\n    {HASH}\nb==2 \\\n    {HASH}\n", "run.txt"))


def test_a_version_without_a_hash_is_found() -> None:
    assert list(faults_of_list(f"a==1\nb==2 \\\n    {HASH}\n", "run.txt")) == [
        "requirements/run.txt: a==1 has no hash"
    ]


def test_an_index_address_in_a_list_is_found() -> None:
    assert list(faults_of_list(f"--index-url https://some.where/simple\na==1 {HASH}\n", "run.txt"))


def test_npm_entries_say_their_hash_and_not_their_address() -> None:
    lock = {
        "": {"name": "whole"},
        "web": {"name": "convivium-web"},
        "node_modules/convivium-web": {"resolved": "web", "link": True},
        "node_modules/good": {"integrity": "sha512-0"},
        "node_modules/addressed": {"integrity": "sha512-0", "resolved": "https://some.where/a.tgz"},
        "node_modules/good/node_modules/unhashed": {},
    }

    assert list(faults_of_npm(json.dumps({"packages": lock}))) == [
        "package-lock.json: node_modules/addressed names the address it came from",
        "package-lock.json: node_modules/good/node_modules/unhashed has no hash",
    ]


def test_a_crate_from_elsewhere_is_found() -> None:
    elsewhere = 'source = "git+https://some.where/crate"'

    assert list(faults_of_cargo(f"{CRATES}\n{elsewhere}\n")) == [f"engine/Cargo.lock: {elsewhere}"]


def test_a_module_without_a_hash_or_from_elsewhere_is_found() -> None:
    wanted = "go 1.25\nrequire (\n\tsome.where/a v1.0.0\n\tsome.where/b v2.0.0 // indirect\n)\n"
    sums = "some.where/a v1.0.0 h1:0=\nsome.where/b v2.0.0/go.mod h1:0=\n"

    assert list(faults_of_go(f"{wanted}replace some.where/a => ../a\n", sums)) == [
        "go.mod: some.where/b has no hash",
        "go.mod: replace some.where/a => ../a",
    ]
