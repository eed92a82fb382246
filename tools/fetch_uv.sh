#!/bin/sh
# Put uv into a private environment, for machines that have none on their path.
set -eu

rm -rf .tools
python3 -m venv .tools
.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
touch .tools/bin/uv
