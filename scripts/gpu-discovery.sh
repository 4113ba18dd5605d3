#!/bin/bash
# Tells Spark which GPUs this container has, in the form that spark.executor.resource.gpu.discoveryScript asks for, and
# people, on standard error, whose they are. NVIDIA's are those that nvidia-smi lists. AMD's and Intel's are counted by
# their render nodes: a device plugin gives a container those of its own GPUs, and no vendor's program is needed.
# $1: another root of the file system, for tests.
set -euo pipefail
shopt -s nullglob
root=${1:-}

found() { # VENDOR ADDRESS...
  local addresses
  echo "gpu-discovery: ${1}: $(($# - 1))" >&2
  printf -v addresses ', "%s"' "${@:2}"
  printf '{"name": "gpu", "addresses": [%s]}\n' "${addresses:2}"
  exit
}

told="there is no nvidia-smi"
if command -v nvidia-smi > /dev/null; then
  if told=$(nvidia-smi --query-gpu=index --format=csv,noheader 2>&1) && [[ $told =~ ^[0-9]+($'\n'[0-9]+)*$ ]]; then
    mapfile -t indexes <<< "$told"
    found NVIDIA "${indexes[@]}"
  fi
  told="nvidia-smi says: ${told//$'\n'/ }"
fi

for vendor in AMD=0x1002 Intel=0x8086; do
  addresses=()
  for node in "$root"/dev/dri/renderD*; do
    if [[ $(cat "$root/sys/class/drm/${node##*/}/device/vendor" 2> /dev/null) == "${vendor#*=}" ]]; then
      addresses+=("${#addresses[@]}")
    fi
  done
  [[ ${#addresses[@]} == 0 ]] || found "${vendor%=*}" "${addresses[@]}"
done

echo "gpu-discovery: no GPU: $told, and no render node in /dev/dri is AMD's or Intel's." >&2
exit 1
