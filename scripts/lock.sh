#!/usr/bin/env bash
# Writes the lock files anew: every package with its hashes, and no word about where it came from. Needs uv.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "lock: uv is needed: pip install uv" >&2; exit 1; }

lock() {
  local out=$1
  shift
  uv pip compile "$@" --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --custom-compile-command "make lock" --output-file "$out"
}

lock requirements.lock pyproject.toml --extra embedded --extra ocr --group pyproject.toml:build
models=(--extra embedded --extra ocr --extra whisper --extra ctranslate)
lock requirements-models.lock pyproject.toml "${models[@]}" --group pyproject.toml:build --constraint requirements.lock
lock requirements-dev.lock pyproject.toml "${models[@]}" --extra dev --group pyproject.toml:build --constraint requirements.lock
# Its metadata asks for torch, which its ONNX file does not need: so it stands alone and is installed without dependencies.
lock requirements-vad.lock --no-deps - <<<"silero-vad>=6.2"
# The last OpenAI SDK that the sample of the model's guide runs on, and the SDK of the realtime models.
lock requirements-clients.lock - <<<$'openai<3.23\ndashscope>=2'
grep -nE '://|--(extra-)?index|--find-links' requirements*.lock && { echo "lock: a host crept in" >&2; exit 1; }

if command -v npm >/dev/null; then
  cd tests/server/clients
  npm update --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent
  grep -n '://' package-lock.json && { echo "lock: a host crept in" >&2; exit 1; }
fi
exit 0
