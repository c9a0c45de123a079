"""The model cases: tiny Llama configurations chosen to be awkward, each with one adapter configuration.

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
    config: dict  # LlamaConfig fields
    lora: dict | None  # LoraConfig fields; None for the full fine-tuning cases
    lengths: list[int] = field(default_factory=lambda: [13, 9, 4])
    curve: Curve | None = None
    old_config: bool = False  # write config.json as Transformers 4 did (rope_theta, torch_dtype at the top)


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
]
