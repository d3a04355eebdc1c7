#!/bin/sh
# Installs the clients that tests/server drives beside the newest OpenAI SDK: the one that the model's guide was written for,
# and the one for Node. Both go to build/clients; tests that need them are skipped where they are missing.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-.venv/bin/python}"
[ -x build/clients/python/bin/python ] || "$python" -m venv build/clients/python
build/clients/python/bin/python -m pip install --quiet --disable-pip-version-check 'openai>=2,<3.23'
if command -v npm >/dev/null; then
    npm install --silent --no-audit --no-fund --no-save --prefix build/clients/node openai
else
    echo "npm is not here: no client for Node" >&2
fi
