"""PEFT on the same device: the same step as a process that is told, line by line, what to do next.

Reads one JSON command a line from standard input and answers each with one JSON line, but for "run", which only
hands a step to the device:
  {"command": "ceilings", "size": 4096, "copyBytes": N}     -> {"matmulTflops": x, "copyGbps": y, "device": ...}
  {"command": "open", "id": ..., "config": {...}, "batchSize": B, "sequenceLength": T, "rank": r,
   "loraAlpha": a, "targetModules": [...], "dtype": "float32"}  -> {"loss": x}
  {"command": "run", "id": ...}      {"command": "finish"} -> {}      {"command": "close", "id": ...} -> {}
"""

import json
import sys
import time

import peft
import torch
import transformers

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def seconds(work):
    """Time of one call among many: the best of a few rounds."""
    work()
    synchronize()
    rounds = []
    for _ in range(4):
        start = time.perf_counter()
        for _ in range(20 if DEVICE == "cuda" else 1):
            work()
        synchronize()
        rounds.append((time.perf_counter() - start) / (20 if DEVICE == "cuda" else 1))
    return min(rounds)


def ceilings(size, copyBytes):
    a, b = (torch.randn(size, size, device=DEVICE) for _ in range(2))
    matmul = seconds(lambda: a @ b)
    source = torch.empty(copyBytes // 4, device=DEVICE)
    target = torch.empty_like(source)
    copy = seconds(lambda: target.copy_(source))
    name = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
    versions = {module.__name__: module.__version__ for module in (torch, transformers, peft)}
    return {
        "matmulTflops": 2 * size**3 / matmul / 1e12,
        "copyGbps": 2 * copyBytes / copy / 1e9,
        "device": name,
        "versions": versions,
    }


class Step:
    def __init__(self, config, batchSize, sequenceLength, rank, loraAlpha, targetModules, dtype):
        torch.manual_seed(0)
        settings = dict(config)
        model_type = settings.pop("model_type")
        model_config = transformers.AutoConfig.for_model(model_type, **settings)
        model_config.use_cache = False
        model = transformers.AutoModelForCausalLM.from_config(model_config, dtype=getattr(torch, dtype))
        lora = peft.LoraConfig(
            r=rank, lora_alpha=loraAlpha, target_modules=targetModules, lora_dropout=0.0,
            fan_in_fan_out=model_type == "gpt2",
        )
        self.model = peft.get_peft_model(model.to(DEVICE), lora).train()
        self.trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, lr=5e-3, weight_decay=0.0, fused=DEVICE == "cuda")
        self.ids = torch.randint(0, model_config.vocab_size, (batchSize, sequenceLength), device=DEVICE)

    def run(self):
        loss = self.model(input_ids=self.ids, labels=self.ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss


def main():
    steps = {}
    for line in sys.stdin:
        request = json.loads(line)
        command = request.pop("command")
        try:
            answer = {}
            if command == "ceilings":
                answer = ceilings(**request)
            elif command == "open":
                step = Step(**{key: value for key, value in request.items() if key != "id"})
                answer = {"loss": step.run().item()}
                steps[request["id"]] = step
            elif command == "run":
                steps[request["id"]].run()
                continue
            elif command == "finish":
                synchronize()
            elif command == "close":
                steps.pop(request["id"], None)
                if DEVICE == "cuda":
                    torch.cuda.empty_cache()
        except Exception as error:  # the other side prints it and goes on without this contestant
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
