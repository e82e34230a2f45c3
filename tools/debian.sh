#!/bin/sh
# Install the Debian packages that tests use where they are missing and the user may; tests that still miss one skip and say so.
#   PostgreSQL: loading from a real database; a Java runtime: Spark; Chromium with Chinese fonts: cards and reports in a browser.
set -eu
wanted=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
command -v java >/dev/null 2>&1 || wanted="$wanted default-jre-headless"
command -v chromium >/dev/null 2>&1 || wanted="$wanted chromium"
ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || wanted="$wanted fonts-noto-cjk"
[ -n "$wanted" ] || exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing for the tests:$wanted"
    # shellcheck disable=SC2086  # a list of packages is meant
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null; } ||
        echo "Not all could be installed:$wanted. Tests that need them will skip." >&2
else
    echo "Missing for some tests, which will skip:$wanted. On Debian: sudo apt-get install$wanted" >&2
fi
