#!/usr/bin/env bash
# Everything there is to check and measure on a machine with an NVIDIA GPU, in one call that ends within ten minutes:
# each operation on WebGPU against float64, its time and its share of the card's limits, the same in torch on CUDA (float32,
# TF32 off), whole training steps against torch turn by turn, and TensorFlow on CUDA where its binding is built.
# Results: gpu.json in $OUT, or benchmarks/results.
#
# On a machine with this repository installed:   bash benchmarks/kernels/gpu/run.sh [small]
# On a bare one (no Node, no network): make .gpu/bundle.tar.xz with pack.ts where there is npm, carry it, then the same call.
set -uo pipefail
cd "$(dirname "$0")/../../.."
size=${1:-full}
out=${OUT:-benchmarks/results}
export SVO_PYTHON=${SVO_PYTHON:-python3} PYTHONUNBUFFERED=1
mkdir -p "$out"

if [ -e .gpu/bundle.tar.xz ]; then
  home=$(mktemp -d /tmp/svo-gpu-XXXXXX)
  tar -xJf .gpu/bundle.tar.xz -C "$home" || exit 1
  run=("$home/node" "$home/main.mjs")
  # Only what the system does not have: a second copy of a loader it has could disagree with its driver.
  if ! ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'; then
    export LD_LIBRARY_PATH="$home/lib:/usr/local/nvidia/lib64:/usr/local/nvidia/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  fi
else
  export PATH="$PWD/node_modules/.bin:$PATH"
  run=(node --conditions=@svo/source benchmarks/kernels/gpu/main.ts)
fi

nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm --format=csv,noheader || echo "gpu: no NVIDIA driver here"

# Vulkan's loader has to be told where the driver's description lies when it is not in the usual folders.
if [ -z "${VK_ICD_FILENAMES:-}${VK_DRIVER_FILES:-}" ]; then
  for driver in /usr/local/nvidia/share/vulkan/icd.d /usr/share/vulkan/icd.d /etc/vulkan/icd.d; do
    [ -e "$driver/nvidia_icd.json" ] && export VK_DRIVER_FILES="$driver/nvidia_icd.json" VK_ICD_FILENAMES="$driver/nvidia_icd.json" && break
  done
fi
echo "gpu: Vulkan driver ${VK_DRIVER_FILES:-${VK_ICD_FILENAMES:-as the loader finds it}}"

timeout 500 "${run[@]}" "$out" "$size" 2>&1 | tee "$out/gpu.log"
status=${PIPESTATUS[0]}
[ "$status" = 0 ] || echo "gpu: WebGPU FAILED with status $status; what was measured before is in $out/gpu.json"

# TensorFlow's binding has to be built for this machine (pnpm native gpu), which needs its wheel.
if [ ! -e .gpu/bundle.tar.xz ]; then
  timeout 60 node --conditions=@svo/source --input-type=module --eval \
    "const { useBackend } = await import('./packages/tensor/src/index.ts'); console.log(await useBackend('tensorflow-gpu'))" 2>&1 | tail -3
else
  echo "gpu: TensorFlow on CUDA was not tried: the bundle carries WebGPU only"
fi
exit "$status"
