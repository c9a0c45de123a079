// Where to start: the Hub's own address, and small models of families that this program runs, with safetensors weights
// and a fast tokenizer. Sizes are those of the files that are downloaded, rounded.

export const defaultEndpoint = "https://huggingface.co";

export interface KnownModel {
  readonly id: string;
  readonly parameterCount: number;
  readonly sizeBytes: number;
  readonly modelType: string;
  readonly about: string;
}

export const knownModels: readonly KnownModel[] = [
  {
    id: "HuggingFaceTB/SmolLM2-135M",
    parameterCount: 135e6,
    sizeBytes: 271e6,
    modelType: "llama",
    about: "Good English for its size; the first one to try.",
  },
  {
    id: "HuggingFaceTB/SmolLM2-135M-Instruct",
    parameterCount: 135e6,
    sizeBytes: 271e6,
    modelType: "llama",
    about: "The same, taught to follow instructions.",
  },
  {
    id: "openai-community/gpt2",
    parameterCount: 124e6,
    sizeBytes: 550e6,
    modelType: "gpt2",
    about: "GPT-2 of 2019, which much of the literature uses; 32-bit weights.",
  },
  {
    id: "HuggingFaceTB/SmolLM2-360M",
    parameterCount: 362e6,
    sizeBytes: 726e6,
    modelType: "llama",
    about: "The larger sibling.",
  },
  {
    id: "Qwen/Qwen2.5-0.5B",
    parameterCount: 494e6,
    sizeBytes: 1e9,
    modelType: "qwen2",
    about: "Many languages and code.",
  },
  {
    id: "Qwen/Qwen3-0.6B",
    parameterCount: 596e6,
    sizeBytes: 1.51e9,
    modelType: "qwen3",
    about: "Newer, with reasoning in its chat template.",
  },
  {
    id: "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
    parameterCount: 1.1e9,
    sizeBytes: 2.2e9,
    modelType: "llama",
    about: "Needs a large GPU, or a base in 4 bits.",
  },
];
