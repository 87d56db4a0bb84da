#!/bin/sh
# Browser tests need Chromium, and pages and figures a Chinese font. Install them where that is
# possible; otherwise the tests that need them are skipped and say so.
set -u
if command -v chromium >/dev/null 2>&1 && fc-list :lang=zh 2>/dev/null | grep -q .; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium and a Chinese font for the browser tests"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-noto-cjk fontconfig >/dev/null && exit 0
fi
echo "Chromium or a Chinese font is missing and cannot be installed here: browser tests will be skipped"
exit 0
