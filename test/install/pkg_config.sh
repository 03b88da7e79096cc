#!/bin/sh
# Builds and runs the consumer with what pkg-config says.
# usage: pkg_config.sh <pkg-config> <folder of the .pc files> <consumer> <build folder> <compiler> <option>...
set -eu
pkg_config=$1 packages=$2 consumer=$3 build=$4
shift 4

mkdir -p "$build"
rm -rf "$build/consumer.wal" "$build/consumer_mmap.wal" "$build/consumer_uring.wal"
export PKG_CONFIG_PATH="$packages"

# Unquoted: the answer is a list of options.
"$@" "$consumer/main.cpp" $("$pkg_config" --cflags --libs tusk) -o "$build/consumer"
"$build/consumer" "$build/consumer.wal"
"$@" "$consumer/main_lz4.cpp" $("$pkg_config" --cflags --libs tusk-lz4) -o "$build/consumer_lz4"
"$@" "$consumer/main_zstd.cpp" $("$pkg_config" --cflags --libs tusk-zstd) -o "$build/consumer_zstd"
"$build/consumer_zstd"
"$build/consumer_lz4"
"$@" "$consumer/main_json.cpp" $("$pkg_config" --cflags --libs tusk-json) -o "$build/consumer_json"
"$build/consumer_json"
"$@" "$consumer/main_protobuf.cpp" $("$pkg_config" --cflags --libs tusk-protobuf) -o "$build/consumer_protobuf"
"$build/consumer_protobuf"
"$@" "$consumer/main_mmap.cpp" $("$pkg_config" --cflags --libs tusk-mmap) -o "$build/consumer_mmap"
"$build/consumer_mmap" "$build/consumer_mmap.wal"
"$@" "$consumer/main_uring.cpp" $("$pkg_config" --cflags --libs tusk-uring) -o "$build/consumer_uring"
"$build/consumer_uring" "$build/consumer_uring.wal"
