#!/usr/bin/env bash
# Installs moto's server and the original credstash from PyPI into this folder, and as root what Debian's python3 lacks for
# that. Idempotent.
set -euo pipefail
cd "$(dirname "$0")"
version=5.2.5

if [ "$(cat .venv/moto-version 2>/dev/null)" != "$version" ]; then
  if ! python3 -c "import ensurepip" 2>/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      echo "tests/moto/install.sh: needs python3 and python3-venv, please install them" >&2
      exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null
  fi
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check "moto[server]==$version"
  echo "$version" >.venv/moto-version # last: a broken install is begun anew
fi

credstash=1.17.1
if [ "$(cat .venv/credstash-version 2>/dev/null)" != "$credstash" ]; then
  .venv/bin/pip install --quiet --disable-pip-version-check "credstash==$credstash"
  echo "$credstash" >.venv/credstash-version
fi
