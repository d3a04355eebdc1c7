#!/usr/bin/env bash
# Installs what is missing, and says what: Debian packages (as root), then Python packages with hashes into .venv.
#   scripts/setup.sh [models] [dev] [clients] [browser] [demo] [bench]
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "setup: $*"; }
fail() { printf '%s\n' "setup: $*" >&2; exit 1; }
wanted() { local group; for group in "${groups[@]}"; do [[ $group == "$1" ]] && return 0; done; return 1; }
groups=(runtime "$@")
python=${PYTHON:-python3}

# The Debian packages of a group, from the one list of them (scripts/debian-packages.txt).
packages() { sed -n "s/^$1:[[:space:]]*//p" scripts/debian-packages.txt; }

is_installed() { [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == "install ok installed" ]]; }

apt_install() {
  say "Debian packages to install: $*"
  if [[ $(id -u) != 0 ]]; then
    return 1
  fi
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 ||
    { apt-get update && apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1 ||
    { cat "$log" >&2; rm -f "$log"; fail "apt-get could not install: $*"; }
  rm -f "$log"
}

system_packages() {
  local missing=() package group
  if ! command -v dpkg-query >/dev/null; then
    [[ -x .venv/bin/livetranslate ]] ||
      say "no Debian here: the embedded profile needs Apertium with these packages' language data: $(packages runtime)"
    return
  fi
  for group in "${groups[@]}"; do
    for package in $(packages "$group"); do
      is_installed "$package" || missing+=("$package")
    done
  done
  [[ ${#missing[@]} == 0 ]] && return
  apt_install "${missing[@]}" || {
    say "that needs root. Run this, then make again:"
    say "    sudo apt-get install --no-install-recommends ${missing[*]}"
    say "going on without them: 'livetranslate engines' shows what is missing."
  }
}

python_environment() {
  local uv_command=""
  if [[ -z ${NO_UV:-} ]] && command -v uv >/dev/null && uv --version >/dev/null 2>&1; then uv_command=uv; fi
  if [[ ! -x .venv/bin/python ]]; then
    if ! command -v "$python" >/dev/null || ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
      command -v apt-get >/dev/null && [[ -z ${PYTHON:-} ]] && apt_install python3 python3-venv ||
        fail "Python 3.11 or newer with venv is needed. On Debian: sudo apt-get install python3 python3-venv"
    fi
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
      fail "$("$python" --version) is too old: Python 3.11 or newer is needed. Name one: PYTHON=python3.12 make setup"
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv
  fi
  if [[ -n $uv_command ]]; then
    pip_install() { uv pip install --quiet --python .venv/bin/python "$@"; }
  else
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
    pip_install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --root-user-action ignore "$@"; }
  fi
}

# Installs a lock file unless its contents are what was installed last; further arguments go to pip.
lock_file() {
  local lock=$1 stamp now
  shift
  stamp=".venv/.installed-$lock"
  now=$(cksum <"$lock")
  [[ -f $stamp && $(<"$stamp") == "$now" ]] && return
  say "Python packages of $lock ($(grep -c '^[a-z]' "$lock"))"
  pip_install --require-hashes "$@" -r "$lock" || fail "the packages of $lock could not be installed (see above)"
  printf '%s\n' "$now" >"$stamp"
}

project() {
  local stamp=.venv/.installed-project now
  now=$(cksum pyproject.toml; pwd)
  [[ -x .venv/bin/livetranslate && -f $stamp && $(<"$stamp") == "$now" ]] && return
  say "livetranslate itself, editable"
  pip_install --no-deps --no-build-isolation --editable . || fail "livetranslate could not be installed (see above)"
  printf '%s\n' "$now" >"$stamp"
}

# What tests/server drives beside the newest OpenAI SDK: the one that the model's guide was written for, and the one for Node.
clients() {
  local folder=build/clients lock=tests/server/clients/package-lock.json now
  now=$(cat requirements-clients.lock "$lock" | cksum)
  [[ -f $folder/.installed && $(<"$folder/.installed") == "$now" ]] && return
  say "clients for the tests: an older OpenAI SDK, and the one for Node"
  rm -rf "$folder"
  mkdir -p "$folder/node"
  .venv/bin/python -m venv "$folder/python"
  "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --root-user-action ignore \
    --require-hashes -r requirements-clients.lock || fail "the packages of requirements-clients.lock could not be installed"
  if command -v npm >/dev/null; then
    cp tests/server/clients/package.json "$lock" "$folder/node"
    npm ci --silent --no-audit --no-fund --prefix "$folder/node" || fail "the packages of $lock could not be installed"
  else
    say "no npm here: the test of the SDK for Node will be skipped"
  fi
  printf '%s\n' "$now" >"$folder/.installed"
}

started=$SECONDS
system_packages
python_environment
lock_file requirements.lock
lock_file requirements-vad.lock --no-deps
if wanted models; then lock_file requirements-models.lock; fi
if wanted dev || wanted bench; then lock_file requirements-dev.lock; fi
project
if wanted clients; then clients; fi
if ((SECONDS - started > 2)); then say "ready in $((SECONDS - started)) s: .venv/bin/livetranslate --help"; fi
