#!/usr/bin/env bash
# Rebuilds every guest program from source: guests/{wasi,bench}/*.c and guests/wat/*.wat to .wasm, guests/ebpf/*.c to .o, and the checksums
# that the benchmark programs must print (guests/bench/expected.json) from a native build of the same sources.
# The built modules are in the repository, so that nobody needs these compilers to run or test Anneal.
#
# Debian 12 packages: clang-14 llvm-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32 libc6-dev wabt (wat2wasm)
# Usage: guests/build.sh [wasi|bench|wat|ebpf|expected ...]     (no argument: all)
set -euo pipefail
cd "$(dirname "$0")"

clang=${CLANG:-clang-14}
objcopy=${OBJCOPY:-llvm-objcopy-14}
strip=${STRIP:-llvm-strip-14}
# No contraction: an x * y + z fused on one machine and not on another would give other checksums.
common=(-std=gnu11 -O2 -fno-math-errno -ffp-contract=off -Wall -Wextra -Werror)
target=(--target=wasm32-wasi -mno-simd128 -msign-ext -mnontrapping-fptoint -mbulk-memory -mmutable-globals)
# The stack lies below all data, so that its overflow is an access out of bounds.
link=(-Wl,--stack-first -Wl,-z,stack-size=1048576)

need() {
    command -v "$1" >/dev/null || { echo "build.sh: $1 is missing; this script names the packages it needs" >&2; exit 1; }
}

# A source may ask for more flags in a line "// flags: ...". Compiling and linking are two steps, the second without
# -O, because else clang runs Binaryen's wasm-opt where one is installed and the result depends on the machine.
compile() { # source
    local flags name=${1%.c}
    read -ra flags <<<"$(sed -n 's,^// flags: ,,p' "$1")" || true
    "$clang" "${target[@]}" "${common[@]}" "${flags[@]}" -c "$1" -o "$name.o"
    "$clang" "${target[@]}" "${link[@]}" "$name.o" -o "$name.wasm"
    rm "$name.o"
    # The C library brings debug sections along. The name section stays: traps print the names of guest functions.
    "$objcopy" --strip-debug --remove-section=producers --remove-section=target_features "$name.wasm"
}

build_wasi() {
    need "$clang"
    need "$objcopy"
    for source in wasi/*.c; do compile "$source"; done
}

build_bench() {
    need "$clang"
    need "$objcopy"
    for source in bench/*.c; do compile "$source"; done
}

build_wat() {
    need wat2wasm
    for source in wat/*.wat; do wat2wasm "$source" -o "${source%.wat}.wasm"; done
}

# Debug information is for line numbers and map types (BTF); the DWARF beside it isn't needed.
build_ebpf() {
    need "$clang"
    need "$strip"
    local source
    for source in ebpf/*.c; do
        (cd ebpf && "$clang" --target=bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -fdebug-compilation-dir=. -c "${source#ebpf/}" -o "$(basename "$source" .c).o")
        "$strip" -g "${source%.c}.o"
    done
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
        wasi | bench | wat | ebpf | expected) "build_$part" ;;
        all) build_wasi; build_bench; build_wat; build_ebpf; build_expected ;;
        *) echo "build.sh: unknown part '$part' (wasi, bench, wat, ebpf, expected)" >&2; exit 2 ;;
    esac
done
