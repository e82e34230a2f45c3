#!/bin/sh
# Make .venv from the lock file. Usage: tools/venv.sh run | all
#   run  what the product needs
#   all  every extra and the development tools
set -eu
python=${PYTHON:-python3}
if ! [ -x .venv/bin/python ]; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && apt-get install -y -qq python3-venv
    fi
    "$python" -m venv .venv || {
        echo "No virtual environment could be made. On Debian: sudo apt-get install python3-venv; then make again." >&2
        exit 1
    }
fi
uv=$(sed -n '/^name = "uv"$/{n;s/version = "\(.*\)"/\1/p;}' uv.lock)
.venv/bin/python -m uv --version 2>/dev/null | grep -q "uv $uv " || .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv"
case $1 in
    run) choice="--no-dev --extra web --inexact" ;;
    all) choice="--all-extras --inexact" ;;
esac
export UV_SYSTEM_CERTS=1  # many companies sign their network's traffic with a certificate of their own
# shellcheck disable=SC2086  # two words are meant
.venv/bin/python -m uv sync --quiet --frozen $choice --no-python-downloads --python .venv/bin/python
