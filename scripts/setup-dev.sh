#!/usr/bin/env bash
# Adds what the tests need: Python packages, a headless Chromium and LibreOffice Calc. Called by make.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "Installing test packages."
.venv/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt -r requirements-dev.txt

have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
have_office() { command -v soffice || command -v libreoffice; }
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
can_install() { command -v apt-get >/dev/null && $as_root true 2>/dev/null; }
install() { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends "$1" >/dev/null; }

if ! have_browser >/dev/null; then
    echo "Installing Chromium for the browser tests."
    if can_install; then
        install chromium
    else
        .venv/bin/python -m playwright install chromium
    fi
fi
if ! have_office >/dev/null; then
    echo "Installing LibreOffice Calc for the round trip of review files."
    { can_install && install libreoffice-calc; } || echo "That cannot be done from here: the round trip will be skipped."
fi
touch .venv/.ready-dev
