#!/bin/sh
# Browser tests need Chromium, the library its driver's runtime links to, and a Chinese font. Install
# them where that is possible; otherwise the tests that need them are skipped and say so.
set -u
ready() {
    command -v chromium >/dev/null 2>&1 &&
        command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh | grep -q . &&
        ldconfig -p 2>/dev/null | grep -q libatomic.so.1
}
ready && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium and a Chinese font for the browser tests"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-noto-cjk fontconfig libatomic1 >/dev/null && exit 0
fi
echo "Chromium, libatomic1 or a Chinese font is missing and cannot be installed here: browser tests will be skipped"
exit 0
