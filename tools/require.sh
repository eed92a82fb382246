#!/bin/sh
# Say in one sentence what this machine lacks and how to get it; nothing is installed here.
set -eu

lack() {
    echo "$1" >&2
    exit 1
}

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    lack "Convivium needs Python 3.11 or newer: on Debian, 'apt install python3 python3-venv'."
python3 -c 'import ensurepip, venv' 2>/dev/null ||
    lack "Python's venv module is missing: on Debian, 'apt install python3-venv'."
command -v cc >/dev/null ||
    lack "A C compiler is missing: on Debian, 'apt install build-essential'."
command -v cargo >/dev/null ||
    lack "Rust is missing: install 1.89 or newer with rustup, as https://rustup.rs says."
have=$(rustc --version | sed 's/^rustc \([0-9]*\.[0-9]*\).*/\1/')
printf '1.89\n%s\n' "$have" | sort --check=quiet --version-sort ||
    lack "Rust $have is too old: 'rustup update' brings 1.89 or newer."
