"""Builds one model case: base folder, PEFT adapter folder with non-zero B, logits, loss and gradients."""

import copy
import json
import shutil
from pathlib import Path

import torch
from cases import Case
from opGoldens import generator, stored
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    """max|a − b| / max|b|, the measure of every tolerance in this project."""
    return float((a.detach() - b.detach()).abs().max() / b.detach().abs().max().clamp_min(1e-30))


def module_path(name: str) -> str:
    """PEFT's parameter name without its wrapping and the adapter's name."""
    return name.removeprefix("base_model.model.").replace(".default.weight", "")


def load_base(folder: Path, dtype: torch.dtype = torch.float32):
    """The stored 16-bit values widened exactly; eager attention so that no fused kernel rounds differently."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")


def write_base(case: Case, folder: Path) -> None:
    config = AutoConfig.for_model(case.model_type, **case.config, attn_implementation="eager")
    model = AutoModelForCausalLM.from_config(config)
    gen = generator(case.name)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=gen)
            if parameter.dim() == 1 and name.endswith(".weight"):  # of a norm
                parameter.copy_(1 + 0.2 * noise)
            else:
                parameter.copy_(noise * 0.15)  # wide enough that logits and attention are not flat
    size = {"max_shard_size": case.shards} if case.shards else {}
    model.to(DTYPES[case.dtype]).save_pretrained(folder, **size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    config = json.loads((folder / "config.json").read_text())
    if case.old_config:
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        if rope["rope_type"] != "default":
            config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}
        config["torch_dtype"] = config.pop("dtype")
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def save_adapter(model: PeftModel, folder: Path, base_name: str) -> None:
    model.peft_config["default"].base_model_name_or_path = base_name
    model.save_pretrained(folder, save_embedding_layers=False)  # else it asks the hub for the base
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()  # a set in PEFT: its order changes from run to run
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def wrap(base, lora: dict, seed: int) -> PeftModel:
    """PEFT's default initialisation: A kaiming uniform, B zero."""
    torch.manual_seed(seed)
    config = LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **copy.deepcopy(lora))
    return get_peft_model(base, config)


def randomize(model: PeftModel, gen: torch.Generator) -> None:
    """Non-zero A and B such that every delta weight has a standard deviation near 0.05, whatever the scaling."""
    with torch.no_grad():
        for module in model.modules():
            if not isinstance(module, LoraLayer):
                continue
            a, b = module.lora_A["default"].weight, module.lora_B["default"].weight
            (rank, fan_in), scaling = a.shape, module.scaling["default"]
            a.copy_(torch.randn(a.shape, generator=gen) * fan_in**-0.5)
            b.copy_(torch.randn(b.shape, generator=gen) * 0.05 * (fan_in / rank) ** 0.5 / scaling)


def random_batch(lengths: list[int], vocab: int, gen: torch.Generator) -> dict[str, torch.Tensor]:
    """Right-padded token ids and a random loss mask; position 0 is never a target."""
    width = max(lengths)
    ids = torch.randint(0, vocab, (len(lengths), width), generator=gen)
    real = torch.arange(width)[None] < torch.tensor(lengths)[:, None]
    mask = (torch.rand(ids.shape, generator=gen) < 0.6) & real
    mask[:, 0] = False
    mask[0, -1] = True
    return {"input_ids": ids * real, "lengths": torch.tensor(lengths), "loss_mask": mask.int()}


def forward(model, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    ids = batch["input_ids"]
    real = torch.arange(ids.shape[1])[None] < batch["lengths"][:, None]
    return model(input_ids=ids, attention_mask=real.long()).logits


def token_losses(logits: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Sum of the counted tokens' losses; the caller divides by their number over the whole step."""
    targets = batch["input_ids"].long().masked_fill(batch["loss_mask"] == 0, -100)[:, 1:]
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]), targets.reshape(-1), ignore_index=-100, reduction="sum"
    )


def mean_loss(model, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    logits = forward(model, batch)
    return logits, token_losses(logits, batch) / batch["loss_mask"].sum()


def gradients(model, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {f"grad.{module_path(n)}": p.grad for n, p in model.named_parameters() if p.requires_grad}


def adapter_golden(base, model: PeftModel, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Base and adapter logits, loss, and dA/dB of every adapted module; fails if merging changes the logits."""
    with torch.no_grad(), model.disable_adapter():
        base_logits = forward(model, batch)
    logits, loss = mean_loss(model, batch)
    grads = gradients(model, loss)
    with torch.no_grad():
        merged = forward(copy.deepcopy(model).merge_and_unload(), batch)
    assert relative(merged, logits) < 1e-5, f"merged logits differ by {relative(merged, logits):.1e}"
    assert relative(base_logits, logits) > 1e-2, "the adapter hardly changes the logits"
    assert all(float(g.abs().max()) > 0 for g in grads.values()), "a gradient is zero"
    return {**batch, "base_logits": base_logits, "logits": logits, "loss": loss.reshape(1), **grads}


def continued(model, batch: dict[str, torch.Tensor], count: int) -> dict[str, torch.Tensor]:
    """Greedy tokens after the whole first row, by Transformers' own generation with its cache."""
    prompt = batch["input_ids"][:1, : int(batch["lengths"][0])]
    model.eval()
    ids = model.generate(
        input_ids=prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=count,
        do_sample=False,
        eos_token_id=-1,
        pad_token_id=0,
    )
    return {"greedy": ids[0, prompt.shape[1] :]}


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    save_file({name: stored(t) for name, t in tensors.items()}, path, metadata={"format": "pt"})


def write_case(case: Case, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_base(case, folder)
    gen = generator(case.name + " batch")
    batch = random_batch(case.lengths, case.config["vocab_size"], gen)
    base = load_base(folder)
    if case.lora is None:
        logits, loss = mean_loss(base, batch)
        golden = {**batch, "logits": logits, "loss": loss.reshape(1), **gradients(base, loss)}
    else:
        model = wrap(base, case.lora, seed=0)
        randomize(model, gen)
        save_adapter(model, folder / "adapter", case.name)
        reloaded = PeftModel.from_pretrained(load_base(folder), folder / "adapter", is_trainable=True)
        golden = adapter_golden(base, reloaded, batch)
        if case.greedy:
            golden |= continued(reloaded, batch, case.greedy)
    write_tensors(folder / "golden.safetensors", golden)
