#!/usr/bin/env bash
# Rebuilds every guest program from source: guests/{wasi,bench}/*.c and guests/wat/*.wat to .wasm, and the checksums
# that the benchmark programs must print (guests/bench/expected.json) from a native build of the same sources.
# The built modules are in the repository, so that nobody needs these compilers to run or test Anneal.
#
# Debian 12 packages: clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32 libc6-dev wabt (wat2wasm)
# Usage: guests/build.sh [wasi|bench|wat|expected ...]     (no argument: all)
set -euo pipefail
cd "$(dirname "$0")"

clang=${CLANG:-clang-14}
# No contraction: an x * y + z fused on one machine and not on another would give other checksums.
common=(-std=gnu11 -O2 -fno-math-errno -ffp-contract=off -Wall -Wextra -Werror)
# Debug sections go; the name section stays, because traps print the names of guest functions.
wasm=(--target=wasm32-wasi -mno-simd128 -msign-ext -mnontrapping-fptoint -mbulk-memory -mmutable-globals
    -Wl,--strip-debug -Wl,-z,stack-size=1048576)

need() {
    command -v "$1" >/dev/null || { echo "build.sh: $1 is missing; this script names the packages it needs" >&2; exit 1; }
}

# A source may ask for more flags in a line "// flags: ...".
compile() { # source
    local flags
    read -ra flags <<<"$(sed -n 's,^// flags: ,,p' "$1")"
    "$clang" "${wasm[@]}" "${common[@]}" "${flags[@]}" "$1" -o "${1%.c}.wasm"
}

build_wasi() {
    need "$clang"
    for source in wasi/*.c; do compile "$source"; done
}

build_bench() {
    need "$clang"
    for source in bench/*.c; do compile "$source"; done
}

build_wat() {
    need wat2wasm
    for source in wat/*.wat; do wat2wasm "$source" -o "${source%.wat}.wasm"; done
}

build_expected() {
    need "$clang"
    local folder separator='{' source name
    folder=$(mktemp -d)
    for source in bench/*.c; do
        name=$(basename "$source" .c)
        "$clang" "${common[@]}" "$source" -lm -o "$folder/$name"
        printf '%s\n  "%s": "%s"' "$separator" "$name" "$("$folder/$name" 2>/dev/null)"
        separator=','
    done >"$folder/expected.json"
    printf '\n}\n' >>"$folder/expected.json"
    mv "$folder/expected.json" bench/expected.json
    rm -r "$folder"
}

for part in "${@:-all}"; do
    case $part in
        wasi | bench | wat | expected) "build_$part" ;;
        all) build_wasi; build_bench; build_wat; build_expected ;;
        *) echo "build.sh: unknown part '$part' (wasi, bench, wat, expected)" >&2; exit 2 ;;
    esac
done
