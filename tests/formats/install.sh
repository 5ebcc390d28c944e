#!/usr/bin/env bash
# Installs what reader.py needs from PyPI into this folder, and as root what Debian's python3 lacks for that. Idempotent.
set -euo pipefail
cd "$(dirname "$0")"
version=50.0.2

if [ "$(cat .venv/cryptography-version 2>/dev/null)" != "$version" ]; then
  if ! python3 -c "import ensurepip" 2>/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      echo "tests/formats/install.sh: needs python3 and python3-venv, please install them" >&2
      exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
  fi
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check "cryptography==$version"
  echo "$version" >.venv/cryptography-version # last: a broken install is begun anew
fi
