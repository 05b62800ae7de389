#!/usr/bin/env bash
# Everything there is to check and measure on a machine with an NVIDIA GPU, in one call, each part under a time limit
# that keeps the whole below ten minutes: the numerical suite on the real adapter, the operations on WebGPU, the same in
# torch on CUDA (float32, TF32 off), TensorFlow on CUDA where its binding is built (pnpm native gpu).
# Results: benchmarks/results/gpu-*.json, or $OUT when that is set.
set -uo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
out=${OUT:-benchmarks/results}
python=${SVO_PYTHON:-python3}
mkdir -p "$out"

part() { # part NAME SECONDS COMMAND…: runs it, says how it went, goes on
  local name=$1 limit=$2
  shift 2
  if timeout "$limit" "$@"; then echo "gpu: $name done" >&2; else echo "gpu: $name FAILED (status $?)" >&2; fi
}

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || echo "gpu: no NVIDIA driver here" >&2

# Vulkan's loader needs to be told where the driver's description lies when several are installed.
for driver in /usr/share/vulkan/icd.d/nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd.json; do
  [ -z "${VK_ICD_FILENAMES:-}" ] && [ -e "$driver" ] && export VK_ICD_FILENAMES=$driver
done

part 'numerical suite on WebGPU' 180 npx vitest run packages/kernels/src/operations -t webgpu
part 'operations on WebGPU' 120 bash -c "node --conditions=@svo/source benchmarks/kernels/gpu.ts > '$out/gpu-webgpu.json'"
part 'operations in torch' 90 bash -c "'$python' benchmarks/kernels/gpu_torch.py > '$out/gpu-torch.json'"
part 'TensorFlow on CUDA' 60 node --conditions=@svo/source --input-type=module --eval \
  "const { useBackend } = await import('./packages/tensor/src/index.ts'); console.log(await useBackend('tensorflow-gpu'))"
