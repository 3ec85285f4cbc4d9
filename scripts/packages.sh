# SPDX-License-Identifier: BSL-1.0
# Sourced by examples/run, tests/run and bench/run: looks for what a build needs and installs what is missing.
# It builds nothing. What it prints goes to standard error.

say() { printf '%s\n' "$*" >&2; }

# has_header <header>: does the C++ compiler find it, with what CPATH and the CUDA toolkit add?
has_header() {
    local include
    for include in "" /usr/include /usr/local/include "${CUDA_HOME:-/usr/local/cuda}/include" "${CUDA_HOME:-/usr/local/cuda}/include/cccl"; do
        [ -e "$include/$1" ] && [ -n "$include" ] && return 0
    done
    command -v g++ >/dev/null && printf '#include <%s>\n' "$1" | g++ -std=c++20 -E -x c++ - >/dev/null 2>&1
}

# has <probe>: a probe is a command, or a header if it holds a dot; `a|b` is either.
has() {
    local probe
    for probe in ${1//|/ }; do
        case $probe in
            *.h | *.hpp) has_header "$probe" && return 0 ;;
            *) command -v "$probe" >/dev/null && return 0 ;;
        esac
    done
    return 1
}

# The tables: what is looked for, the Debian and Ubuntu package that holds it, and whether the build stops without it
# (must), fetches it (fetch) or does with less (may).
packages_core='
g++|c++               g++                 must
cmake                 cmake               must
ninja|make            ninja-build         must
thrust/version.h      libthrust-dev       fetch
nlohmann/json.hpp     nlohmann-json3-dev  fetch
xxhash.h              libxxhash-dev       fetch
oneapi/dnnl/dnnl.hpp  libdnnl-dev         may
zlib.h                zlib1g-dev          may'
packages_mpi='
boost/mpi.hpp         libboost-mpi-dev    may
mpirun                openmpi-bin         may'
packages_examples='
CLI/CLI.hpp           libcli11-dev        fetch
fmt/core.h            libfmt-dev          fetch'
packages_bench='
benchmark/benchmark.h libbenchmark-dev    fetch
gloo/allreduce.h      libgloo-dev         may'
packages_tests='
catch2/catch.hpp|catch2/catch_all.hpp  catch2  fetch
git                   git                 may
python3               python3             may
clang++               clang               may'

# may_install: root or sudo without a password, apt-get, and not forbidden.
may_install() {
    [ "${ESPALIER_NO_INSTALL:-0}" != 1 ] && command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# install <packages>: apt, one line printed first; packages that this release does not have are left out.
install_packages() {
    local as_root=() known=() package
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    say "+ ${as_root[*]:+${as_root[*]} }apt-get install -y --no-install-recommends $*"
    "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with the lists that are there"
    for package in "$@"; do
        if [[ $(apt-cache policy "$package" 2>/dev/null) =~ Candidate:\ [^\(] ]]; then
            known+=("$package")
        else
            say "apt knows no package $package"
        fi
    done
    [ ${#known[@]} -eq 0 ] ||
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${known[@]}" >&2
}

# missing_of <weight> <table>: the packages of that weight (a pattern) whose probe finds nothing.
missing_of() {
    local probe package weight
    while read -r probe package weight; do
        # shellcheck disable=SC2254 # a pattern is wanted
        case $weight in $1) has "$probe" || printf '%s\n' "$package" ;; esac
    done <<<"$2"
}

# need <table>…: installs what is missing, or says the one line that would; fails where the build cannot do without.
need() {
    local table missing must fetch may
    table=$(printf '%s\n' "$@")
    mapfile -t missing < <(missing_of '?*' "$table")
    if [ ${#missing[@]} -eq 0 ]; then return 0; fi
    if may_install; then
        install_packages "${missing[@]}" || say "apt-get failed; going on with what is there"
    else
        say "missing: ${missing[*]}. To install: sudo apt-get install -y ${missing[*]}"
    fi

    mapfile -t must < <(missing_of must "$table")
    if [ ${#must[@]} -gt 0 ]; then
        say "espalier: the build: requires ${must[*]}; got none. Install what is missing. See docs/build.md."
        return 1
    fi
    mapfile -t may < <(missing_of may "$table")
    if [ ${#may[@]} -gt 0 ]; then say "going on without ${may[*]}"; fi
    mapfile -t fetch < <(missing_of fetch "$table")
    if [ ${#fetch[@]} -gt 0 ]; then
        say "CMake will fetch what ${fetch[*]} would have held"
        if ! has git && may_install; then install_packages git ca-certificates; fi
    fi
}
