#!/bin/sh
# Runs the GPU benchmark from its bundle, with the first driver that gives it a GPU.
set -u
here=$(cd "$(dirname "$0")" && pwd)
bench() { "$here/node" "$here/build/benchmarks/gpu.js" "$@"; }
SEESAW_COMMIT=$(cat "$here/commit")
export SEESAW_COMMIT

# Only the libraries that the machine lacks, so that those of its driver fit its own.
mkdir -p "$here/missing"
for lib in "$here"/lib/*; do
  name=${lib##*/}
  for folder in /lib /usr/lib /lib64 /usr/lib64 /usr/local/lib /lib/x86_64-linux-gnu \
    /usr/lib/x86_64-linux-gnu; do
    [ -e "$folder/$name" ] && continue 2
  done
  cp "$lib" "$here/missing/"
done
LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/missing:/usr/local/nvidia/lib64
export LD_LIBRARY_PATH

# What a driver says of itself can be missing, or name a library that needs X.
for library in libEGL_nvidia.so.0 libGLX_nvidia.so.0; do
  printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.3.0"}}\n' \
    "$library" >"$here/$library.json"
done
software=
for files in "${VK_DRIVER_FILES:-}" \
  /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json \
  /etc/vulkan/icd.d/nvidia_icd.json \
  /usr/share/vulkan/icd.d/nvidia_icd.json \
  "$here/libEGL_nvidia.so.0.json" \
  "$here/libGLX_nvidia.so.0.json"; do
  [ -z "$files" ] || [ -e "${files%%:*}" ] || continue
  if [ -z "$files" ]; then unset VK_DRIVER_FILES; else export VK_DRIVER_FILES="$files"; fi
  bench --probe 2>"$here/probe.log"
  case $? in
    0) bench "$@"; exit ;;
    3) software=yes ;;
  esac
done
unset VK_DRIVER_FILES
if [ "$software" ]; then
  echo 'found no GPU but one that computes on the processor' >&2
  bench "$@"
  exit
fi
echo 'found no GPU; what the Vulkan loader says:' >&2
VK_LOADER_DEBUG=error,driver bench --probe
exit 2
