#!/bin/bash
# Tells Spark which GPUs this executor has, in the form that spark.executor.resource.gpu.discoveryScript asks for.
set -euo pipefail

indexes=$(nvidia-smi --query-gpu=index --format=csv,noheader)
printf '{"name": "gpu", "addresses": ["%s"]}\n' "${indexes//$'\n'/\", \"}"
