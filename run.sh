#!/usr/bin/env bash
# Điểm Cầu, in one script.
#
#   ./run.sh             set up what is missing, migrate, then serve pages and work through letters until Ctrl-C
#   ./run.sh test        set up what the tests need, then lint, types, import contract and every test
#   ./run.sh test-setup  only the setting up
#   ./run.sh prove       the long versions: full sizes of load, faults and made-up input
#   ./run.sh bench       the measurements of bench/
#   ./run.sh setup       what serving needs, without serving
#   ./run.sh lock        write the requirements out again from pyproject.toml
#
# INSTANCE (where data lives, ./instance), HOST (127.0.0.1), PORT (8000), DEMO=1 (a believable data set, once),
# DATABASE_URL, SECRET_KEY, PUBLIC_URL, MAIL_URL: see README.md.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

readonly VENV=.venv
readonly PYTHON=$VENV/bin/python
readonly UV_VERSION=0.13.9
export PYTHONUTF8=1

say() { printf '%s\n' "$*"; }
die() {
    printf 'run.sh: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# ---------------------------------------------------------------- setting up

# Debian packages, when this is root on a Debian; what it prints is kept for the case that it fails.
apt() {
    local log
    log=$(mktemp)
    say "Installing from Debian: $*"
    if ! {
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update &&
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
    } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install $*"
    fi
    rm -f "$log"
}

# Prints a Python that is new enough.
find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        if have "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    if [ -x "$PYTHON" ] && "$PYTHON" -c 'import pip' 2>/dev/null; then
        return
    fi
    local base
    if ! base=$(find_python); then
        if is_root && have apt-get; then
            apt python3 python3-venv >&2
            base=$(find_python) || die "Python 3.11 or newer is needed; this system offers only an older one"
        else
            die "Python 3.11 or newer is needed: as root, apt-get install python3 python3-venv"
        fi
    fi
    if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
        if is_root && have apt-get; then
            apt python3-venv
        else
            die "Python cannot make virtual environments yet: as root, apt-get install python3-venv"
        fi
    fi
    say "Making the virtual environment in $VENV"
    "$base" -m venv --clear "$VENV"
}

# install NAME FILE: the pinned requirements of FILE, once for each content of it.
install() {
    local name=$1 file=$2 mark=$VENV/.installed-$1 digest
    digest=$(sha256sum "$file" | cut -d' ' -f1)
    if [ -f "$mark" ] && [ "$(cat "$mark")" = "$digest" ]; then
        return
    fi
    say "Installing $name from $file"
    if ! { [ -x $VENV/bin/uv ] || "$PYTHON" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" 2>/dev/null; } ||
        ! $VENV/bin/uv pip install --quiet --python "$PYTHON" --compile-bytecode --require-hashes -r "$file"; then
        # a closed network may offer wheels to pip only (PIP_FIND_LINKS, PIP_INDEX_URL)
        "$PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$file" ||
            die "the requirements of $file could not be installed; is a package index reachable (PIP_INDEX_URL)?"
    fi
    printf '%s\n' "$digest" >"$mark"
}

setup() {
    have sha256sum || die "sha256sum is needed: as root, apt-get install coreutils"
    make_venv
    install "the product" requirements.txt
    "$PYTHON" -m meetings.web.assets
}

# ---------------------------------------------------------------- serving

# The folder with all that belongs to this installation, and the key that its links and sessions hang on.
prepare_instance() {
    INSTANCE=$(realpath -m "${INSTANCE:-instance}")
    export INSTANCE
    (umask 077 && mkdir -p "$INSTANCE") || die "the folder $INSTANCE cannot be made"
    [ -w "$INSTANCE" ] || die "the folder $INSTANCE cannot be written to"
    if [ -z "${SECRET_KEY:-}" ] && [ ! -s "$INSTANCE/secret_key" ]; then
        (umask 077 && "$PYTHON" -c 'import secrets; print(secrets.token_urlsafe(48))' >"$INSTANCE/secret_key.new")
        mv "$INSTANCE/secret_key.new" "$INSTANCE/secret_key"
    fi
}

flask() { "$PYTHON" -m flask --app wsgi "$@"; }

WEB='' WORKER=''

# End both, the web first so that nothing new comes in while the worker finishes its letter.
stop_both() {
    local pid
    trap '' INT TERM
    for pid in $WEB $WORKER; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in $WEB $WORKER; do
        wait "$pid" 2>/dev/null || true
    done
}

serve() {
    setup
    prepare_instance
    export HOST=${HOST:-127.0.0.1} PORT=${PORT:-8000}
    local bind=$HOST:$PORT processes=1 status=0 gone=''
    case $HOST in *:*) bind="[$HOST]:$PORT" ;; esac
    case ${DATABASE_URL:-sqlite} in sqlite*) ;; *) processes=2 ;; esac

    flask db upgrade
    flask prepare
    if [ "${DEMO:-}" = 1 ]; then
        flask demo
    fi

    trap 'stop_both; exit 0' INT TERM
    "$PYTHON" -m gunicorn wsgi:app --bind "$bind" --workers "$processes" --worker-class gthread --threads 32 \
        --timeout 120 --graceful-timeout 20 --keep-alive 5 --no-control-socket --log-level warning --logger-class meetings.log.ServerLog &
    WEB=$!
    "$PYTHON" -m flask --app wsgi worker & # not by the function: $! must be Python's own number
    WORKER=$!
    say "Điểm Cầu is starting at ${PUBLIC_URL:-http://$bind} (Ctrl-C ends it)."
    case ${PUBLIC_URL:-}$HOST in
    0.0.0.0 | ::) say "PUBLIC_URL is not set: the links in letters lead to this machine alone, and any host name is answered." ;;
    esac
    wait -n -p gone "$WEB" "$WORKER" || status=$?
    if [ "$gone" = "$WEB" ]; then
        say "run.sh: the web server has ended by itself (status $status); the worker is stopped as well." >&2
    else
        say "run.sh: the worker has ended by itself (status $status); the web server is stopped as well." >&2
    fi
    stop_both
    exit 1
}

# ---------------------------------------------------------------- tests

test_setup() {
    setup
    install "the tools of the tests" tests/requirements.txt
    local missing=()
    have chromium || missing+=(chromium)
    have soffice || missing+=(libreoffice-writer-nogui)
    [ -e /usr/lib/libreoffice/program/libsclo.so ] || missing+=(libreoffice-calc-nogui)  # recalculates the workbooks
    have pdftoppm || missing+=(poppler-utils)
    [ -x /usr/sbin/dovecot ] && [ -e /usr/lib/dovecot/imap ] || missing+=(dovecot-imapd)
    # the older fonts-liberation has no Ơ, Ư, Ạ, Ộ and 89 more
    [ -e /usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf ] || missing+=(fonts-liberation2)
    [ -e /usr/lib/softhsm/libsofthsm2.so ] || missing+=(softhsm2)
    [ ${#missing[@]} -eq 0 ] && return
    if is_root && have apt-get; then
        apt "${missing[@]}"
    else
        die "the tests need some Debian packages: as root, apt-get install --no-install-recommends ${missing[*]}"
    fi
}

FAILED=()

# step NAME COMMAND…: run it, say how long it took; a failure is kept for the end, so that one run tells everything.
step() {
    local name=$1 began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        printf '== %s: good (%d s)\n' "$name" $((SECONDS - began))
    else
        printf '== %s: FAILED (%d s)\n' "$name" $((SECONDS - began))
        FAILED+=("$name")
    fi
}

verdict() {
    if [ ${#FAILED[@]} -gt 0 ]; then
        printf '\nFAILED after %d s: %s\n' "$SECONDS" "$(IFS=,; echo "${FAILED[*]}")"
        exit 1
    fi
    printf '\nAll good in %d s.\n' "$SECONDS"
}

# Nothing of this installation may colour the tests.
forget_settings() {
    unset DATABASE_URL SECRET_KEY PUBLIC_URL INSTANCE HOST PORT DEMO
    unset ${!MAIL@} ${!SMS_@} ${!JITSI_@} ${!BBB_@} ${!SIGNING_@} SOFFICE OSRM_URL FEED_PRIVATE_NETWORKS
}

run_pytest() { "$PYTHON" -m pytest -q "$@"; }

run_tests() {
    test_setup
    forget_settings
    export PYTHONDONTWRITEBYTECODE=''
    if [ $# -gt 0 ]; then
        run_pytest "$@"
        return
    fi
    step 'style' $VENV/bin/ruff check --quiet .
    step 'format' $VENV/bin/ruff format --check --quiet .
    step 'types' $VENV/bin/mypy --no-error-summary
    step 'order of the packages' $VENV/bin/lint-imports --no-cache
    step 'templates' $VENV/bin/djlint --lint --quiet templates
    # a process for each core; every one has databases of its own
    step 'tests' run_pytest -n auto --maxprocesses 8 -m 'not e2e' --durations=10 tests
    # two at a time: one waits for its pages while the other's server and worker are busy
    step 'tests in a browser' run_pytest -n 2 --dist loadfile --no-loadscope-reorder -m e2e --durations=10 tests
    verdict
}

prove() {
    test_setup
    forget_settings
    export PROVE=1
    if [ $# -gt 0 ]; then
        run_pytest "$@"
        return
    fi
    step 'every test in its long version' run_pytest --durations=25 tests
    verdict
}

# Postfix's own source and sink of letters, which Debian keeps where only root looks. No server is wanted and none is left.
bench_setup() {
    local PATH=$PATH:/usr/sbin:/sbin
    have smtp-sink && have smtp-source && return
    if is_root && have apt-get; then
        apt postfix
        have systemctl && systemctl disable --now postfix >/dev/null 2>&1 || true
    else
        say "bench/letters.py needs smtp-sink and smtp-source: as root, apt-get install --no-install-recommends postfix"
    fi
}

bench() {
    test_setup
    bench_setup
    local script
    for script in bench/*.py; do
        [ -e "$script" ] || die "there is nothing to measure in bench/"
        case $script in */_*) continue ;; esac
        step "$script" "$PYTHON" -m "bench.$(basename "$script" .py)" "$@"
    done
    verdict
}

lock() {
    make_venv
    [ -x $VENV/bin/uv ] || "$PYTHON" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    local options=(--python-version 3.11 --generate-hashes --no-header --quiet)
    $VENV/bin/uv pip compile pyproject.toml --universal "${options[@]}" -o requirements.txt >/dev/null
    $VENV/bin/uv pip compile --group tests -c requirements.txt "${options[@]}" -o tests/requirements.txt >/dev/null
}

case ${1:-serve} in
serve) serve ;;
setup) setup ;;
test-setup) test_setup ;;
test) shift && run_tests "$@" ;;
prove) shift && prove "$@" ;;
bench) shift && bench "$@" ;;
lock) lock ;;
*) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 2 ;;
esac
