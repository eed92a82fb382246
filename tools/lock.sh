#!/bin/sh
# Renew the pinned versions of all three languages. No list names a registry: a mirror works as well.
# uv and npm take nothing younger than a week (as server/pyproject.toml and .npmrc say); Cargo cannot tell.
set -eu

export_list() {
    "$UV" export --quiet --project server --frozen --no-header --no-annotate --no-emit-index-url \
        --no-emit-project --no-emit-package convivium-engine "$@"
}

"$UV" lock --quiet --upgrade --project server
export_list --group build --output-file requirements/run.txt
export_list --group build --group dev --output-file requirements/dev.txt
echo uv | "$UV" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
    --no-annotate --no-emit-index-url --exclude-newer "1 week" --output-file requirements/tools.txt -
$NPM update --package-lock-only --ignore-scripts
(cd engine && cargo update --quiet)
