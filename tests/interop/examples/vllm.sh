# How we start it.
export TP=2
vllm serve Qwen/Qwen3-32B \
  --tensor-parallel-size $TP \
  --max-model-len 32K \
  --block-size=64 \
  --gpu-memory-utilization 0.95 \
  --max-num-seqs "$SEATS" \
  --no-enable-prefix-caching \
  --enforce-eager \
  --no-enable-log-requests \
  --kv-transfer-config '{"kv_connector": "NixlConnector"}' \
  --port 8200
