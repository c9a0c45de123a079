"""Writes oracle/goldens/chat.json: conversations as Transformers' apply_chat_template writes and masks them, and what
a tokenizer's configuration puts around a text, for src/data/chat.test.ts.

  python oracle/chatGoldens.py [../shared/data/tokenizers]

Where a template has {% generation %}, the mask is Transformers' `return_assistant_tokens_mask`. Of the others it says
nothing; there the tokens that count are those within what the assistant says and what closes its turn, found in the
text by the strings written down here.
"""

import json
import sys
import tempfile
from pathlib import Path

from transformers import PreTrainedTokenizerFast

ROOT = Path(__file__).resolve().parent.parent
CONVERSATIONS = [
    [("user", "Hello"), ("assistant", "Hi! How are you?")],
    [("system", "Be brief."), ("user", "2 + 2?"), ("assistant", "4"), ("user", "And\n\n3 × 3 🙂?"), ("assistant", " 9 \n")],
    [("user", "日本語で"), ("assistant", "はい、\nどうぞ。"), ("user", "ありがとう")],
]  # fmt: skip

GENERATION = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}{% else %}{{ message['content'] + "
    "'<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# The same over lines, with the white space that block tags take along.
GENERATION_LINES = """{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\n' }}
    {%- if message.role == 'assistant' %}
        {%- generation %}
            {{- message.content }}
        {%- endgeneration %}
    {%- else %}
        {{- message.content }}
    {%- endif %}
    {{- '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}
"""
# As Qwen2.5's and SmolLM2's: a system turn of its own where there is none.
CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# As Mistral's: nothing says that the assistant speaks but the end of the user's turn.
INSTRUCTIONS = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}"
    "{{ ' ' + message['content'] | trim + eos_token }}{% else %}"
    "{{ '[INST] ' + message['content'] | trim + ' [/INST]' }}{% endif %}{% endfor %}"
)

# Tokenizer, template (null: its own), and what the assistant's turn is; `last` closes the conversation.
CASES = [
    ("phi3-llama-family", None, lambda said: said + "<|end|>\n", "<|endoftext|>"),
    ("phi3-llama-family", INSTRUCTIONS, lambda said: " " + said.strip() + "<|endoftext|>", ""),
    ("smollm", CHATML, lambda said: said + "<|im_end|>\n", ""),
    ("smollm", GENERATION, None, ""),
    ("smollm", GENERATION_LINES, None, ""),
]


def mask_of(text: str, offsets: list, messages: list, turn, last: str) -> list[int]:
    spans, at = [], 0
    for number, message in enumerate(messages):
        if message["role"] != "assistant":
            at = text.index(message["content"].strip(), at)
            continue
        said = turn(message["content"]) + (last if number == len(messages) - 1 else "")
        start = text.index(said, at)
        at = start + len(said)
        spans.append((start, at))
    return [int(any(a <= start and end <= b for a, b in spans)) for start, end in offsets]


def chat(folder: Path) -> list[dict]:
    rows = []
    for name, template, turn, last in CASES:
        # As tokenizer.json says: Transformers 5 builds the classes it knows, such as GPT-2's, anew from the vocabulary.
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder / name)
        if template is not None:
            tokenizer.chat_template = template
        for number, conversation in enumerate(CONVERSATIONS):
            messages = [{"role": role, "content": content} for role, content in conversation]
            text = tokenizer.apply_chat_template(messages, tokenize=False)
            encoded = tokenizer.apply_chat_template(
                messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=turn is None
            )
            ids = encoded["input_ids"]
            if turn is None:
                mask = encoded["assistant_masks"]
            else:
                offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
                assert offsets.input_ids == ids
                mask = mask_of(text, offsets.offset_mapping, messages, turn, last)
            rows.append({"tokenizer": name, "template": template, "conversation": number, "ids": ids, "mask": mask})
    return rows


def framing(folder: Path) -> list[dict]:
    """tokenizer.json alone says what is put around a text: the flags of tokenizer_config.json are no part of it."""
    rows = []
    for name in ["phi3-llama-family", "smollm"]:
        for keeps_own in [True, False]:
            for bos, eos in [(None, None), (True, True)]:
                with tempfile.TemporaryDirectory() as work:
                    tokenizer_json = json.loads((folder / name / "tokenizer.json").read_text(encoding="utf-8"))
                    config = json.loads((folder / name / "tokenizer_config.json").read_text(encoding="utf-8"))
                    tokenizer_json.update({"padding": None, "truncation": None})
                    if not keeps_own:
                        tokenizer_json["post_processor"] = None
                    flags = {"add_bos_token": bos, "add_eos_token": eos}
                    config = {key: value for key, value in config.items() if key not in flags}
                    config.update({key: value for key, value in flags.items() if value is not None})
                    (Path(work) / "tokenizer.json").write_text(json.dumps(tokenizer_json), encoding="utf-8")
                    (Path(work) / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
                    ids = PreTrainedTokenizerFast.from_pretrained(work)("the cat").input_ids
                rows.append({"tokenizer": name, "keepsOwn": keeps_own, "bos": bos, "eos": eos, "ids": ids})
    return rows


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/data/tokenizers")
    conversations = [[{"role": r, "content": c} for r, c in turns] for turns in CONVERSATIONS]
    golden = {"conversations": conversations, "chat": chat(folder), "framing": framing(folder)}
    path = ROOT / "oracle/goldens/chat.json"
    path.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(golden['chat'])} conversations, {len(golden['framing'])} framings in {path}")


if __name__ == "__main__":
    main()
