#!/bin/sh
# bootstrap.sh PYTHON FOLDER LOCK: put the pinned uv into FOLDER/bin with whatever installer this Python has.
set -eu
python=$1 folder=$2 lock=$3

say() { echo "tidegate: $*" >&2; exit 1; }

command -v "$python" >/dev/null 2>&1 || say "\`$python\` not found: install Python 3.11 or newer (Debian: apt-get install python3-venv)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    say "\`$python\` is older than 3.11: name a newer one with \`make setup PY=python3.12\`"

rm -rf "$folder"
mkdir -p "$folder/bin"
flags="-q --disable-pip-version-check --require-hashes --only-binary :all: --root-user-action ignore -r $lock"
if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$python" -m venv "$folder/python"
    # shellcheck disable=SC2086  the flags are words
    "$folder/python/bin/python" -m pip install $flags
    ln -s ../python/bin/uv "$folder/bin/uv"
elif "$python" -m pip --version >/dev/null 2>&1; then
    # no ensurepip (Debian without python3-venv), but pip: uv makes environments without either
    # shellcheck disable=SC2086
    "$python" -m pip install $flags --target "$folder/python"
    ln -s ../python/bin/uv "$folder/bin/uv"
elif command -v uv >/dev/null 2>&1; then
    ln -s "$(command -v uv)" "$folder/bin/uv"
else
    say "\`$python\` has neither venv nor pip: install one (Debian: apt-get install python3-venv)"
fi
