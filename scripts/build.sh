# SPDX-License-Identifier: BSL-1.0
# Sourced by examples/run, tests/run and bench/run after packages.sh: configures and builds below build/<kind>.
# It runs nothing. What it prints goes to standard error, so that standard output is the program's alone.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc 2>/dev/null || echo 2)}

# configure <kind> <cmake options>…: Release with Ninja where it is there; an existing build keeps its generator.
configure() {
    local kind=$1 generator=()
    shift
    if [ ! -e "$root/build/$kind/CMakeCache.txt" ] && command -v ninja >/dev/null; then generator=(-G Ninja); fi
    cmake -S "$root" -B "$root/build/$kind" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release \
        -DESPALIER_BUILD_TESTS=OFF -DESPALIER_BUILD_EXAMPLES=OFF -DESPALIER_BUILD_BENCH=OFF "$@" >&2
}

# build <kind> [target]…: all targets, or those named.
build() {
    local kind=$1
    shift
    cmake --build "$root/build/$kind" -j "$jobs" ${1:+--target "$@"} >&2
}
