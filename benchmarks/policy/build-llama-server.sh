#!/bin/sh
# Builds llama.cpp's HTTP server from what npm has: the source bundle in node-llama-cpp and the compiled libraries of
# @node-llama-cpp/linux-x64. Only the server's own files are compiled (some minutes on one core); image and audio input is
# left out. Needs npm, git, g++. Nothing is installed, nothing outside DIR is touched.
#
#   sh build-llama-server.sh DIR          → DIR/bin/llama-server
set -eu
mkdir -p "$1/build"
cd "$1"
version=3.22.1
npm pack --silent "node-llama-cpp@$version" "@node-llama-cpp/linux-x64@$version"
tar xzf "node-llama-cpp-$version.tgz" package/llama
[ -d source ] || git clone -q package/llama/gitRelease.bundle source
tar xzf "node-llama-cpp-linux-x64-$version.tgz" package/bins
mkdir -p bin && cp package/bins/linux-x64/*.so bin/

# The web page is not built; these are all the server asks of it.
cat > build/ui.h <<'UI'
#pragma once
#include <string>
#include <vector>
struct llama_ui_asset { std::string name, etag; const unsigned char * data; size_t size; std::string mime, type; };
inline std::vector<llama_ui_asset> llama_ui_get_assets() { return {}; }
UI
for file in source/tools/server/*.cpp; do
  object="build/$(basename "$file" .cpp).o"
  [ -f "$object" ] || (cd source && g++ -std=c++17 -O1 -w -DLLAMA_SHARED -DGGML_SHARED -DGGML_BACKEND_SHARED \
    -I../build -Itools/server -Itools/mtmd -I. -Icommon -Iinclude -Iggml/include -Ivendor -Ivendor/cpp-httplib \
    -c "${file#source/}" -o "../$object")
done

# The multimodal functions are never called without a projector file: they get empty bodies. Two return a record by value.
nm -u build/*.o | awk '{ print $2 }' | grep -E '^(mtmd_|_Z[0-9]+mtmd_)' | sort -u | awk '
  { value = (/_default$/ || /^_Z/) ? "p" : "0"; print "void *" $1 "(void *p) { return " value "; }" }' > build/no-mtmd.c
gcc -w -c build/no-mtmd.c -o build/no-mtmd.o
g++ -o bin/llama-server build/*.o -Lbin -lllama-common -l:"$(basename bin/libllama.v*.so)" -l:"$(basename bin/libggml.v*.so)" \
  -lggml-base -Wl,-rpath,'$ORIGIN' -Wl,--allow-shlib-undefined -lpthread
bin/llama-server --version
