"""Pretrains the embedded model from corpus/recipe.json in PyTorch, f32 on the CPU: the oracle of `npm run pretrain`.

  python oracle/pretrain.py train --corpus DIR --model public/models/NAME --work DIR [--workers 2]
  python oracle/pretrain.py export --corpus DIR --model public/models/NAME --work DIR
`train` resumes from DIR/checkpoint.pt where one is; `export` writes the newest checkpoint as a Hugging Face
folder and prints its held-out loss.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed
from philox import RandomStream, initialise_llama
from tokenizers import Tokenizer
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, get_cosine_schedule_with_warmup

ROOT = Path(__file__).resolve().parent.parent
RECIPE = json.loads((ROOT / "corpus/recipe.json").read_text())
TRAINING = RECIPE["training"]
BOS, EOS = 1, 2
COMPARED_STEPS = 100
# Held-out blocks looked at while training; the export measures all of them.
GLIMPSE = 64


def token_stream(documents: Path, tokenizer_json: Path) -> np.ndarray:
    """<s> document </s> of every document in order, as uint16; kept beside the documents."""
    cache = documents.with_suffix(".tokens.npy")
    if cache.exists() and cache.stat().st_mtime > tokenizer_json.stat().st_mtime:
        return np.load(cache)
    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    parts = []
    lines = documents.read_text(encoding="utf-8").splitlines()
    for start in range(0, len(lines), 2000):
        texts = [json.loads(line) for line in lines[start : start + 2000]]
        for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False):
            parts.append(np.array([BOS, *encoding.ids, EOS], np.uint16))
    stream = np.concatenate(parts)
    np.save(cache, stream)
    return stream


def blocks_of(stream: np.ndarray) -> torch.Tensor:
    """[number of blocks, sequenceLength]; the tail that fills no block is left out."""
    length = TRAINING["sequenceLength"]
    count = len(stream) // length
    return torch.from_numpy(stream[: count * length].astype(np.int64).reshape(count, length))


def build_model() -> LlamaForCausalLM:
    shape = RECIPE["model"]
    config = LlamaConfig(
        vocab_size=shape["vocabSize"],
        hidden_size=shape["hiddenSize"],
        intermediate_size=shape["intermediateSize"],
        num_hidden_layers=shape["numHiddenLayers"],
        num_attention_heads=shape["numAttentionHeads"],
        num_key_value_heads=shape["numKeyValueHeads"],
        head_dim=shape["headDim"],
        max_position_embeddings=shape["maxPositionEmbeddings"],
        rope_theta=shape["ropeTheta"],
        rms_norm_eps=shape["rmsNormEps"],
        tie_word_embeddings=shape["tieWordEmbeddings"],
        bos_token_id=BOS,
        eos_token_id=EOS,
        # With a padding id torch's embedding would drop that row's gradient, and here </s> ends every document.
        pad_token_id=None,
        attention_bias=False,
        mlp_bias=False,
    )
    model = LlamaForCausalLM(config).float()
    shapes = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    start = initialise_llama(shapes, TRAINING["seed"])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(start[name]))
    return model


def block_at(position: int, count: int, orders: dict[int, np.ndarray]) -> int:
    """The block that comes `position`-th, epoch after epoch."""
    epoch, within = divmod(position, count)
    if epoch not in orders:
        orders[epoch] = RandomStream(TRAINING["seed"], f"shuffle:{epoch}").permutation(count)
    return int(orders[epoch][within])


@torch.no_grad()
def mean_loss(model: LlamaForCausalLM, blocks: torch.Tensor) -> float:
    """Mean over all predicted tokens of the blocks."""
    losses = [model(input_ids=part, labels=part).loss.item() * len(part) for part in blocks.split(16)]
    return sum(losses) / len(blocks)


def average(model: LlamaForCausalLM, loss: torch.Tensor) -> float:
    """Mean of the workers' gradients, into every worker's model, and of their losses: one sum over all."""
    gradients = [parameter.grad for parameter in model.parameters()]
    flat = torch.cat([*(gradient.reshape(-1) for gradient in gradients), loss.detach().reshape(1)])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    start = 0
    for gradient in gradients:
        gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
        start += gradient.numel()
    return flat[-1].item()


def train(rank: int, arguments: argparse.Namespace) -> None:
    """One of `--workers` processes; each takes an equal part of every batch, so the step is that of one process."""
    torch.set_num_threads(1)
    meeting = arguments.work / "workers"
    distributed.init_process_group(
        "gloo", init_method=f"file://{meeting.resolve()}", rank=rank, world_size=arguments.workers
    )
    blocks = blocks_of(token_stream(arguments.corpus / "train.jsonl", arguments.model / "tokenizer.json"))
    held_out = blocks_of(token_stream(arguments.corpus / "validation.jsonl", arguments.model / "tokenizer.json"))
    steps, batch = TRAINING["steps"], TRAINING["batchSize"]
    model = build_model()
    model.train()
    def loss_of(inputs: torch.Tensor) -> torch.Tensor:
        return model(input_ids=inputs, labels=inputs, use_cache=False).loss

    if arguments.compile:
        loss_of = torch.compile(loss_of, dynamic=False)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=TRAINING["learningRate"],
        betas=(TRAINING["beta1"], TRAINING["beta2"]),
        eps=TRAINING["epsilon"],
        weight_decay=TRAINING["weightDecay"],
        fused=True,
    )
    schedule = get_cosine_schedule_with_warmup(optimizer, TRAINING["warmupSteps"], steps)
    checkpoint = arguments.work / "checkpoint.pt"
    first, losses = 0, []
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first, losses = saved["step"], saved["losses"]
    if rank == 0:
        print(f"{blocks.numel()} tokens in {len(blocks)} blocks; {steps} steps use {steps * batch} of them", flush=True)
    orders: dict[int, np.ndarray] = {}
    started = time.time()
    for step in range(first, min(steps, arguments.stop or steps)):
        rows = [block_at(step * batch + i, len(blocks), orders) for i in range(rank, batch, arguments.workers)]
        inputs = blocks[rows]
        own_loss = loss_of(inputs)
        own_loss.backward()
        loss = average(model, own_loss)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), TRAINING["maxGradNorm"])
        rate = schedule.get_last_lr()[0]
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=False)
        if rank > 0:
            continue
        if step < COMPARED_STEPS or (step + 1) % 50 == 0:
            losses.append({"step": step + 1, "loss": loss, "learningRate": rate, "gradNorm": norm.item()})
        if (step + 1) % 50 == 0:
            speed = (step + 1 - first) * batch * TRAINING["sequenceLength"] / (time.time() - started)
            print(f"step {step + 1} loss {loss:.4f} norm {norm.item():.3f} {speed:.0f} tokens/s", flush=True)
        if (step + 1) % 500 == 0 or step + 1 in (200, steps):
            print(f"step {step + 1} held-out loss {mean_loss(model, held_out[:GLIMPSE]):.4f}", flush=True)
            state = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "step": step + 1,
                "losses": losses,
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)


def export(arguments: argparse.Namespace) -> None:
    saved = torch.load(arguments.work / "checkpoint.pt")
    model = build_model()
    model.load_state_dict(saved["model"])
    # The loss is measured on the 16-bit weights that ship.
    shipped = model.half().float().eval()
    held_out = blocks_of(token_stream(arguments.corpus / "validation.jsonl", arguments.model / "tokenizer.json"))
    loss = mean_loss(shipped, held_out)
    model.half()
    model.generation_config = GenerationConfig(bos_token_id=BOS, eos_token_id=EOS, pad_token_id=EOS, max_length=512)
    model.save_pretrained(arguments.model)
    (arguments.model / "model.safetensors").chmod(0o644)
    golden = {
        "step": saved["step"],
        "trainTokens": len(token_stream(arguments.corpus / "train.jsonl", arguments.model / "tokenizer.json")),
        "heldOutLoss": loss,
        "heldOutTokens": held_out.numel(),
        "losses": saved["losses"],
    }
    goldens = ROOT / "oracle/goldens"
    goldens.mkdir(exist_ok=True)
    (goldens / "pretrain.json").write_text(json.dumps(golden, indent=1) + "\n")
    print(f"step {saved['step']} held-out loss {loss:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["train", "export"])
    parser.add_argument("--corpus", type=Path, required=True, help="folder that corpus/build.mjs corpus wrote")
    parser.add_argument("--model", type=Path, required=True, help="the model's folder, with its tokenizer")
    parser.add_argument("--work", type=Path, required=True, help="folder of checkpoint.pt")
    parser.add_argument("--workers", type=int, default=2, help="processes that share a batch; a divisor of its size")
    parser.add_argument("--compile", action="store_true", help="fuse kernels with torch.compile; needs a C++ compiler")
    parser.add_argument("--stop", type=int, help="stop after this step (a trial; the schedule stays the recipe's)")
    arguments = parser.parse_args()
    if arguments.command == "export":
        export(arguments)
        return
    arguments.work.mkdir(parents=True, exist_ok=True)
    (arguments.work / "workers").unlink(missing_ok=True)
    torch.multiprocessing.spawn(train, args=(arguments,), nprocs=arguments.workers)


if __name__ == "__main__":
    main()
