// config.json of the models that people start from, as their repositories have them, cut to what sizes follow from.

export const knownShapes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "HuggingFaceTB/SmolLM2-135M": {
    ...{ model_type: "llama", vocab_size: 49_152, hidden_size: 576, intermediate_size: 1536 },
    ...{ num_hidden_layers: 30, num_attention_heads: 9, num_key_value_heads: 3 },
    ...{ max_position_embeddings: 8192, tie_word_embeddings: true, torch_dtype: "bfloat16" },
  },
  "openai-community/gpt2": {
    ...{ model_type: "gpt2", vocab_size: 50_257, n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024 },
    torch_dtype: "float32",
  },
  "HuggingFaceTB/SmolLM2-360M": {
    ...{ model_type: "llama", vocab_size: 49_152, hidden_size: 960, intermediate_size: 2560 },
    ...{ num_hidden_layers: 32, num_attention_heads: 15, num_key_value_heads: 5 },
    ...{ max_position_embeddings: 8192, tie_word_embeddings: true, torch_dtype: "bfloat16" },
  },
  "Qwen/Qwen2.5-0.5B": {
    ...{ model_type: "qwen2", vocab_size: 151_936, hidden_size: 896, intermediate_size: 4864 },
    ...{ num_hidden_layers: 24, num_attention_heads: 14, num_key_value_heads: 2 },
    ...{ max_position_embeddings: 32_768, tie_word_embeddings: true, torch_dtype: "bfloat16" },
  },
  "Qwen/Qwen3-0.6B": {
    ...{ model_type: "qwen3", vocab_size: 151_936, hidden_size: 1024, intermediate_size: 3072 },
    ...{ num_hidden_layers: 28, num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128 },
    ...{ max_position_embeddings: 40_960, tie_word_embeddings: true, torch_dtype: "bfloat16" },
  },
  "TinyLlama/TinyLlama-1.1B-Chat-v1.0": {
    ...{ model_type: "llama", vocab_size: 32_000, hidden_size: 2048, intermediate_size: 5632 },
    ...{ num_hidden_layers: 22, num_attention_heads: 32, num_key_value_heads: 4 },
    ...{ max_position_embeddings: 2048, tie_word_embeddings: false, torch_dtype: "bfloat16" },
  },
};
