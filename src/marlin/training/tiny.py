"""A tiny model from random weights that knows the tool format of one dataset, for demos. All its weights are trained.

A low-rank adapter on a frozen random base is too slow at learning a format. So the base of a demo is made here: its
tokenizer from the training split's own texts (whole lines that many rows share are one token), some hundred thousand
weights, and then every result of the training split is imitated, *whatever people thought of it*: what is learnt is how
to call tools, not what is preferred. Its manners when sampling are those of the data: where half of the results did one
thing and half another, so will it.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.counted import counted
from marlin.training import record
from marlin.training.dataset import DatasetFolder, Single
from marlin.training.disks import telling_full
from marlin.training.encoding import Tokenizer, encode_single
from marlin.training.errors import InvalidRunError, RoundTripError, RunStateError
from marlin.training.templates import prepare

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]
TEMPLATE = "qwen3_instruct_2507"
RESPONSE = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open_pattern": r"\s*<tool_call>",
            "close": "</tool_call>",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"\s*(?:<\|im_end\|>|<\|endoftext\|>)", "content": "text"},
    },
}
"""How a server reads that template's calls: what `transformers serve` uses for the family that the template is of."""
BATCH = 6
EPOCHS = 20
"""Of one round; after each it is asked whether calls can be read."""
LEARNING_RATE = 3e-3
NOISE = 0.06
"""Share of what the model only reads that is changed at random, so that words it never saw don't throw it off."""
SHORTENED = 0.3
"""Share of tools' answers that lose a stretch, or are nonsense: whatever a tool says, the format is to be kept."""
GOOD_ENOUGH = 0.04
"""Loss a token below which the format is learnt; what remains is what the data itself leaves open."""
LONGEST = 4096
WIDTH, HEADS = 64, 4
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Taught:
    """A model that calls tools. :ivar name: of its folder and under which it is served; holds the hash's beginning."""

    folder: Path
    name: str
    hash: str
    loss: float
    rounds: int


def taught(
    dataset: Path, output: Path, *, rounds: int = 6, epochs: int = EPOCHS, seed: int = 1, say: Say = lambda _: None
) -> Taught:
    """Make the model in a folder within ``output`` that is named by its hash.

    :param rounds: the most, of so many epochs each; it ends once the model's calls can be read and its loss is low.
    :raises InvalidRunError: the dataset has no results with tools to imitate.
    :raises RunFailedError: the disk is full.
    :raises RoundTripError: after all rounds its calls can't be read; shows what it said.
    """
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)  # a model this small waits longer for a second thread than that saves
    folder = DatasetFolder(dataset, singles="kto")
    folder.check()
    results = [one for one in folder.single_results("train") if one.tools]
    if not results:
        raise InvalidRunError(
            f"{dataset} has no results of agents with tools in its training split.",
            hint="Build it from a campaign whose arms made model calls through the gateway.",
        )
    tokenizer, server_template = _tokenizer(results)
    model = _random(len(tokenizer), tokenizer)
    say(f"{sum(weight.numel() for weight in model.parameters()):,} random weights, {len(tokenizer):,} tokens")
    rows = [_row(tokenizer, one) for one in results]
    longest = max(len(ids) for ids, _ in rows)
    say(f"{counted(len(rows), 'result')} to imitate, {longest:,} tokens at most")
    if longest > LONGEST:
        raise InvalidRunError(
            f"The longest result has {longest:,} tokens.",
            hint=f"The demo's model takes {LONGEST:,}: use a dataset with shorter results.",
        )
    loss, done = _teach(model, tokenizer, rows, results, (rounds, epochs), seed, say)
    return _saved(model, tokenizer, server_template, output, loss, done)


def _tokenizer(results: list[Single]) -> tuple[Any, str]:
    """Made for these texts, with the template to train by; and the template to serve by."""
    import trl
    from tokenizers import Regex, decoders, models, pre_tokenizers, trainers
    from tokenizers import Tokenizer as Bare
    from transformers import PreTrainedTokenizerFast

    served = (Path(trl.__file__).parent / "chat_templates" / f"{TEMPLATE}.jinja").read_text(encoding="utf-8")

    def made(bare: Any) -> Any:
        whole = PreTrainedTokenizerFast(
            tokenizer_object=bare, pad_token=SPECIAL[0], eos_token=SPECIAL[2], padding_side="left"
        )
        whole.add_special_tokens({"additional_special_tokens": [SPECIAL[1]]})
        whole.chat_template = served
        whole.response_template = RESPONSE
        return whole

    plain = made(Bare(models.BPE()))
    texts = [
        plain.apply_chat_template([*one.prompt, *one.completion], tools=one.tools, tokenize=False) for one in results
    ]
    bare = Bare(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\n|[`(]"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bare.decoder = decoders.ByteLevel()
    bare.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=6000,
            min_frequency=max(2, len(texts) // 6),  # what fewer share is spelled out, so unknown words are no surprise
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    ready = made(bare)
    found = prepare(ready)
    if found:
        raise InvalidRunError(f"The demo's chat template is unfit: {found[0].message}", hint=found[0].hint)
    return ready, served


def _random(vocabulary: int, tokenizer: Any) -> Any:
    from transformers import GenerationConfig, GraniteConfig, GraniteForCausalLM

    ids = {"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id, "bos_token_id": None}
    # a plain Llama in shape, of a family whose tokenizers are loaded as they were saved; Qwen's are built anew
    model = GraniteForCausalLM(
        GraniteConfig(
            vocab_size=vocabulary,
            hidden_size=WIDTH,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=HEADS,
            num_key_value_heads=HEADS // 2,
            attention_multiplier=(HEADS / WIDTH) ** 0.5,  # one by the root of a head's width
            max_position_embeddings=LONGEST,
            tie_word_embeddings=True,
            initializer_range=0.1,  # with the usual 0.02 so narrow a model takes many times as long to look back
            **ids,
        )
    )
    model.generation_config = GenerationConfig(do_sample=True, temperature=1.0, top_p=0.9, top_k=0, **ids)
    return model


def _row(tokenizer: Tokenizer, one: Single) -> tuple[list[int], list[int]]:
    prompt, side = encode_single(tokenizer, one)
    return prompt + side.ids, [0] * len(prompt) + side.mask


def _teach(
    model: Any, tokenizer: Any, rows: list[Any], results: list[Single], length: tuple[int, int], seed: int, say: Say
) -> tuple[float, int]:
    import torch

    rounds, epochs = length
    steps = max(10, -(-len(rows) // BATCH) * epochs)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.05)
    rng, began = random.Random(seed), time.monotonic()  # noqa: S311 - an order, no secret
    unread, loss, marks = "", float("inf"), _marks(tokenizer)
    for number in range(1, rounds + 1):
        # falls within a round, since any may turn out to be the last
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps + 1, pct_start=0.2)
        model.train()
        for _ in range(epochs):
            for part in _batches(rows, rng):
                noisy = [_noisy(rng, ids, mask, len(tokenizer), marks) for ids, mask in part]
                optimizer.zero_grad()
                _loss(model, tokenizer, noisy).backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.no_grad():
            parts = [_loss(model, tokenizer, part).item() for part in _batches(rows, rng)]
        loss = round(sum(parts) / len(parts), 4)
        unread = next((words for one in results[::7] if (words := _unreadable(model, tokenizer, one))), "")
        parses = "its calls can be read" if not unread else "its calls can't be read yet"
        say(f"round {number} of {rounds} at most: loss {loss:.3f}, {parses}, {time.monotonic() - began:.0f} s")
        if not unread and loss < GOOD_ENOUGH:
            return loss, number
    if unread:
        raise RoundTripError(
            f"After {counted(rounds, 'round')} the model still calls no tool that can be read. It said: {unread[:500]}",
            hint="Teach it for longer (--rounds), or from a dataset with more results.",
        )
    return loss, rounds


def _batches(rows: list[Any], rng: random.Random) -> list[list[Any]]:
    order = rng.sample(rows, len(rows))
    return [order[at : at + BATCH] for at in range(0, len(order), BATCH)]


def _noisy(
    rng: random.Random, ids: list[int], mask: list[int], vocabulary: int, marks: tuple[int, int] | None
) -> tuple[list[int], list[int]]:
    """The same, with what the model only reads changed here and there; its own words and the markers stay.

    :param marks: tokens that begin and end a tool's answer.
    """
    new_ids: list[int] = []
    new_mask: list[int] = []
    at = 0
    while at < len(ids):
        token, own = ids[at], mask[at]
        if marks is not None and token == marks[0] and not own and rng.random() < SHORTENED:
            end = next((place for place in range(at, len(ids)) if ids[place] == marks[1]), at)
            if end > at + 3:  # it keeps the line breaks beside its markers
                said = ids[at + 2 : end - 1]
                left, right = sorted(rng.randint(0, len(said)) for _ in range(2))
                some = [rng.randrange(len(SPECIAL), vocabulary) for _ in range(rng.randint(1, 3))]
                kept = rng.choice((said[:left] + said[right:], some))
                new_ids += [*ids[at : at + 2], *kept, ids[end - 1]]
                new_mask += [0] * (len(kept) + 3)
                at = end
                continue
        draw = rng.random() if not own and token >= len(SPECIAL) and token not in (marks or ()) else 1.0
        if draw >= NOISE / 3:  # else it is left out
            if draw < NOISE:
                new_ids.append(rng.randrange(len(SPECIAL), vocabulary))
                new_mask.append(0)
            if not NOISE / 1.5 <= draw < NOISE:  # there it is replaced
                new_ids.append(token)
                new_mask.append(own)
        at += 1
    return new_ids, new_mask


def _marks(tokenizer: Any) -> tuple[int, int] | None:
    """The tokens around a tool's answer, where each is one."""
    found = [tokenizer.encode(mark) for mark in ("<tool_response>", "</tool_response>")]
    return (found[0][0], found[1][0]) if all(len(ids) == 1 for ids in found) else None


def _loss(model: Any, tokenizer: Any, part: list[tuple[list[int], list[int]]]) -> Any:
    import torch

    longest = max(len(ids) for ids, _ in part)
    ids = torch.full((len(part), longest), tokenizer.pad_token_id)
    labels = torch.full((len(part), longest), -100)
    for at, (tokens, mask) in enumerate(part):
        ids[at, : len(tokens)] = torch.tensor(tokens)
        labels[at, : len(tokens)] = torch.tensor(
            [token if own else -100 for token, own in zip(tokens, mask, strict=True)]
        )
    # padding is on the right, where causal attention never looks back from: no mask needed
    return model(input_ids=ids, labels=labels).loss


def _unreadable(model: Any, tokenizer: Any, one: Single) -> str:
    """What it says that can't be read; empty if it calls a declared tool, and goes on in form when that says "ok"."""
    words = _answer(model, tokenizer, one, one.prompt)
    call = _call(words, one)
    if call is None:
        return words or "(nothing)"
    answered = [
        *one.prompt,
        {"role": "assistant", "content": "", "tool_calls": [{"id": "call_1", "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "ok"},
    ]
    then = _answer(model, tokenizer, one, answered)
    in_form = _call(then, one) is not None if "<tool_call>" in then else SPECIAL[2] in then
    return "" if in_form else then or "(nothing)"


def _answer(model: Any, tokenizer: Any, one: Single, messages: list[dict[str, Any]]) -> str:
    import torch

    ids = tokenizer.apply_chat_template(
        messages, tools=one.tools, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    with torch.no_grad():
        found = model.generate(**ids, max_new_tokens=96, do_sample=False, top_p=None, temperature=None, top_k=None)
    return str(tokenizer.decode(found[0, ids["input_ids"].shape[1] :]))


def _call(words: str, one: Single) -> dict[str, Any] | None:
    """The call in what it said; None if there is none of a declared tool that can be read."""
    declared = {tool["function"]["name"] for tool in one.tools}
    try:
        call = json.loads(words.split("<tool_call>", 1)[1].split("</tool_call>", 1)[0])
        return call if call["name"] in declared and isinstance(call["arguments"], dict) else None
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def _saved(model: Any, tokenizer: Any, template: str, output: Path, loss: float, rounds: int) -> Taught:
    from transformers import AutoTokenizer

    fresh = output / ".teaching"
    shutil.rmtree(fresh, ignore_errors=True)
    tokenizer.chat_template = template
    try:
        with telling_full(output, "Free some space, then make it again; it is the same for the same seed."):
            fresh.mkdir(parents=True)
            model.save_pretrained(str(fresh))
            tokenizer.save_pretrained(str(fresh))
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if AutoTokenizer.from_pretrained(str(fresh)).encode(template) != tokenizer.encode(template):
        raise InvalidRunError(
            "The tokenizer that was made is not the one that is loaded again.",
            hint="Use the versions of the extra “tune”: `make setup-tune`.",
        )
    found = record.folder_hash(fresh, record.WEIGHTS)
    name = f"marlin-{found[:12]}"
    if (output / name).exists():  # the same from an earlier try
        shutil.rmtree(fresh)
    else:
        fresh.replace(output / name)
    whole = Taught(output / name, name, found, loss, rounds)
    record.write_whole(
        output / "taught.json",
        json.dumps({"name": name, "hash": found, "loss": loss, "rounds": rounds}, indent=2) + "\n",
    )
    return whole


def taught_before(output: Path) -> Taught | None:
    """The model that was made in ``output``; None if there is none.

    :raises RunStateError: its files have changed.
    """
    try:
        kept = json.loads((output / "taught.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    folder = output / str(kept["name"])
    if not folder.is_dir() or record.folder_hash(folder, record.WEIGHTS) != kept["hash"]:
        raise RunStateError(f"{folder} is not what was made: its files have changed.", hint=f"Remove {output}.")
    return Taught(folder, kept["name"], kept["hash"], float(kept["loss"]), int(kept["rounds"]))
