#!/bin/sh
# Renew the pinned versions of all languages. No list names a registry: a mirror works as well.
# uv and npm take nothing younger than a week (as server/pyproject.toml and .npmrc say); Cargo and Go cannot tell.
# What names one version stays at it: the clients in e2e/clients/package.json, Lighthouse in bench/lighthouse/package.json, and Pion in its go.mod.
set -eu

export_list() {
    "$UV" export --quiet --project server --frozen --no-header --no-annotate --no-emit-index-url \
        --extra voice --no-emit-project --no-emit-package convivium-engine "$@"
}

"$UV" lock --quiet --upgrade --project server
export_list --group build --output-file requirements/run.txt
export_list --group build --group dev --output-file requirements/dev.txt
pin() {
    echo "$1" | "$UV" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate --no-emit-index-url --exclude-newer "1 week" --output-file "requirements/$2.txt" -
}

pin uv tools
pin aiortc clients
$NPM update --package-lock-only --ignore-scripts
$NPM update --package-lock-only --ignore-scripts --prefix e2e/clients
$NPM update --package-lock-only --ignore-scripts --prefix bench/lighthouse
(cd engine && cargo update --quiet)
