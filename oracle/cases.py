"""The model cases: tiny configurations chosen to be awkward, each with one adapter configuration.

Together they cover grouped-query and not, tied and untied, biases, F32/F16/BF16 files, ranks 1, 3, 8 and 64,
sizes that are no multiple of 4, every way PEFT has of choosing modules, and both config.json dialects.
"""

from dataclasses import dataclass, field

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
MLP = ["gate_proj", "up_proj", "down_proj"]


@dataclass
class Curve:
    """A training run with AdamW: `accumulation` micro-batches make one optimizer step."""

    schedule: str
    learning_rate: float
    warmup_steps: int = 0
    accumulation: int = 1
    steps: int = 50
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0


@dataclass
class Case:
    name: str
    dtype: str  # of model.safetensors
    config: dict  # fields of the model type's configuration
    lora: dict | None  # LoraConfig fields; None for the full fine-tuning cases
    lengths: list[int] = field(default_factory=lambda: [13, 9, 4])
    curve: Curve | None = None
    old_config: bool = False  # write config.json as Transformers 4 did (rope_theta, torch_dtype at the top)
    model_type: str = "llama"
    shards: str | None = None  # most bytes of a weights file, as save_pretrained takes it
    greedy: int = 0  # tokens that the model with its adapter goes on with, from the first row


def llama(hidden, layers, heads, kv_heads, head_dim, intermediate, vocab, tied, theta, eps=1e-5, **rest) -> dict:
    return {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
        "intermediate_size": intermediate,
        "vocab_size": vocab,
        "tie_word_embeddings": tied,
        "rope_parameters": {"rope_type": "default", "rope_theta": theta},
        "rms_norm_eps": eps,
        "max_position_embeddings": 64,
        "bos_token_id": 1,
        "eos_token_id": 2,
        **rest,
    }


LORA_CASES = [
    Case(
        "gqa-tied-f32-r8",
        "F32",
        llama(64, 2, 4, 2, 16, 96, 128, True, 10000.0),
        {"r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"]},
        curve=Curve("linear", 5e-3, warmup_steps=5),
    ),
    Case(
        "mha-untied-f16-r3",
        "F16",
        llama(48, 2, 4, 4, 12, 104, 131, False, 500000.0, eps=1e-6),
        {"r": 3, "lora_alpha": 7, "target_modules": ATTENTION + MLP},
        curve=Curve("cosine", 3e-3, warmup_steps=3, accumulation=2),
        old_config=True,
    ),
    Case(
        "gqa-untied-bf16-r1",
        "BF16",
        llama(48, 3, 6, 2, 8, 90, 157, False, 1000.0),
        {"r": 1, "lora_alpha": 4, "target_modules": ATTENTION},
        lengths=[11, 2, 7, 1],
        curve=Curve("constant", 2e-3),
    ),
    Case(
        "mqa-tied-bf16-r64",
        "BF16",
        llama(64, 2, 4, 1, 16, 96, 131, True, 10000.0),
        {"r": 64, "lora_alpha": 16, "target_modules": MLP},
    ),
    Case(
        "biased-untied-f32-rslora",
        "F32",
        llama(48, 2, 4, 2, 16, 90, 128, False, 10000.0, eps=1e-6, attention_bias=True, mlp_bias=True),
        {"r": 8, "lora_alpha": 5, "use_rslora": True, "target_modules": ATTENTION + MLP},
        old_config=True,
    ),
    Case(
        "odd-untied-f32-r3",
        "F32",
        llama(42, 2, 3, 1, 14, 101, 131, False, 20000.0),
        {"r": 3, "lora_alpha": 3, "target_modules": ATTENTION + MLP},
        lengths=[7, 5],
        curve=Curve("linear", 3e-3, weight_decay=0.1),
    ),
    Case(
        "patterns-tied-f16",
        "F16",
        llama(48, 3, 4, 2, 16, 104, 157, True, 10000.0),
        {
            "r": 4,
            "lora_alpha": 8,
            "target_modules": ["q_proj", "v_proj", "down_proj"],
            "rank_pattern": {"down_proj": 2, "layers.1.self_attn.q_proj": 7},
            "alpha_pattern": {"v_proj": 3, "layers.1.self_attn.q_proj": 20},
        },
    ),
    Case(
        "layers-biased-f16-r8",
        "F16",
        llama(64, 3, 4, 4, 16, 90, 128, False, 10000.0, attention_bias=True),
        {"r": 8, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], "layers_to_transform": [1, 2]},
        curve=Curve("cosine", 5e-3),
    ),
    Case(
        "regex-tied-bf16-r3",
        "BF16",
        llama(48, 3, 6, 3, 10, 104, 131, True, 10000.0, mlp_bias=True),
        {"r": 3, "lora_alpha": 12, "target_modules": r".*\.layers\.[12]\.(self_attn\.o_proj|mlp\.up_proj)"},
        old_config=True,
    ),
]

def gpt2(hidden, layers, heads, inner, vocab, positions, tied=True, **rest) -> dict:
    return {
        "n_embd": hidden,
        "n_layer": layers,
        "n_head": heads,
        "n_inner": inner,
        "vocab_size": vocab,
        "n_positions": positions,
        "tie_word_embeddings": tied,
        "attn_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        **rest,
    }


def family(model_type: str, *arguments, rope: dict | None = None, **rest) -> dict:
    """Llama's fields for a relative of it; `rope` adds to the rotary parameters."""
    config = {**llama(*arguments, **rest), "pad_token_id": None}
    config["rope_parameters"] |= rope or {}
    if model_type == "phi3":
        config |= {"resid_pdrop": 0.0, "original_max_position_embeddings": 64}
    return config


LLAMA3 = {
    "rope_type": "llama3",
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}

# Every family once or twice: what only it has, and how it goes on greedily (longer than any window).
FAMILY_CASES = [
    Case(
        "llama3-scaled-bf16",
        "BF16",
        family("llama", 36, 2, 3, 1, 20, 50, 61, True, 500000.0, rope=LLAMA3),
        {"r": 3, "lora_alpha": 6, "target_modules": ["q_proj", "v_proj"]},
        greedy=24,
    ),
    Case(
        "llama-linear-shards-f16",
        "F16",
        family("llama", 32, 2, 4, 2, 8, 44, 67, False, 10000.0, rope={"rope_type": "linear", "factor": 2.5}),
        {"r": 2, "lora_alpha": 4, "target_modules": ["k_proj", "up_proj"]},
        shards="12KB",
        old_config=True,
    ),
    Case(
        "mistral-window-f16",
        "F16",
        family("mistral", 40, 2, 4, 2, 10, 50, 67, False, 10000.0, sliding_window=5),
        {"r": 3, "lora_alpha": 6, "target_modules": ["q_proj", "v_proj"]},
        model_type="mistral",
        greedy=24,
    ),
    Case(
        "qwen2-tied-bf16",
        "BF16",
        family("qwen2", 36, 3, 6, 2, 6, 50, 71, True, 1000000.0, use_sliding_window=True, sliding_window=6, max_window_layers=2),
        {"r": 3, "lora_alpha": 6, "target_modules": ATTENTION + MLP},
        model_type="qwen2",
        shards="20KB",
        greedy=24,
    ),
    Case(
        "qwen3-f32",
        "F32",
        family("qwen3", 28, 2, 4, 2, 10, 42, 67, True, 1000000.0, eps=1e-6),
        {"r": 3, "lora_alpha": 6, "use_rslora": True, "target_modules": ["q_proj", "k_proj", "o_proj", "gate_proj"]},
        model_type="qwen3",
        greedy=24,
    ),
    Case(
        "qwen3-biased-untied-f16",
        "F16",
        family("qwen3", 32, 2, 2, 1, 24, 44, 61, False, 10000.0, eps=1e-6, attention_bias=True),
        {"r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "v_proj", "down_proj"]},
        model_type="qwen3",
    ),
    Case(
        "gpt2-tied-f32",
        "F32",
        gpt2(30, 2, 3, None, 67, 40),
        {"r": 3, "lora_alpha": 12, "target_modules": ["c_attn", "c_proj"], "fan_in_fan_out": True},
        curve=Curve("linear", 5e-3, warmup_steps=5),
        model_type="gpt2",
        greedy=24,
    ),
    Case(
        "gpt2-untied-f16",
        "F16",
        gpt2(36, 3, 2, 50, 71, 33, tied=False, layer_norm_epsilon=1e-3),
        {"r": 2, "lora_alpha": 4, "target_modules": "all-linear", "fan_in_fan_out": True},
        model_type="gpt2",
        shards="20KB",
    ),
    Case(
        "phi3-bf16",
        "BF16",
        family("phi3", 36, 2, 6, 2, 6, 42, 67, False, 10000.0, sliding_window=7),
        {"r": 3, "lora_alpha": 6, "target_modules": ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]},
        model_type="phi3",
        greedy=24,
    ),
]

# Every parameter trained, and (where there are biases) only the biases.
FULL_CASES = [
    Case(
        "full-untied-biased-f32",
        "F32",
        llama(32, 2, 4, 2, 8, 44, 67, False, 10000.0, attention_bias=True, mlp_bias=True),
        None,
        curve=Curve("constant", 2e-3, steps=10),
    ),
    Case(
        "full-tied-f16",
        "F16",
        llama(36, 2, 3, 1, 10, 50, 61, True, 10000.0),
        None,
        curve=Curve("linear", 3e-3, warmup_steps=2, steps=10),
    ),
    Case("full-gpt2-tied-f32", "F32", gpt2(22, 2, 2, None, 31, 16), None, model_type="gpt2"),
    Case(
        "full-qwen3-untied-f32",
        "F32",
        family("qwen3", 20, 2, 2, 1, 10, 26, 31, False, 10000.0),
        None,
        model_type="qwen3",
    ),
]
