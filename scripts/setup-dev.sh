#!/usr/bin/env bash
# Adds what the tests need: Python packages and a headless Chromium. Called by make.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "Installing test packages."
.venv/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt -r requirements-dev.txt

have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
if ! have_browser >/dev/null; then
    echo "Installing Chromium for the browser tests."
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
        $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null
    else
        .venv/bin/python -m playwright install chromium
    fi
fi
touch .venv/.ready-dev
