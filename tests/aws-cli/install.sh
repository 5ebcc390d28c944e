#!/usr/bin/env bash
# Installs the AWS CLI from PyPI into this folder. Idempotent.
set -euo pipefail
cd "$(dirname "$0")"
if [ ! -x .venv/bin/aws ]; then
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check "awscli==1.44.87"
fi
.venv/bin/aws --version
