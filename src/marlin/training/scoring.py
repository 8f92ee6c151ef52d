"""How the tuned model and its parent score the held-out pairs. The only part of an evaluation that needs torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from marlin.training.dataset import Pair
from marlin.training.encoding import EncodedPair, Side, Tokenizer, encode
from marlin.training.extra import quiet_libraries
from marlin.training.models import local_model
from marlin.training.plan import Plan, RunFolder
from marlin.training.saying import Say, counting, silently
from marlin.training.templates import load_tokenizer, prepare


@dataclass(frozen=True, slots=True)
class Scored:
    """A held-out pair with its scores.

    :ivar chosen: the preferred side's score: for a reward model its reward, else β × how far tuning raised the
        log-probability of what the model itself would have had to write.
    :ivar drift: nats by which tuning moved the preferred side's log-probability, and ``parent`` it was before; ``None``
        for a reward model, which has none.
    """

    pair: Pair
    chosen: float
    rejected: float
    chosen_tokens: int
    rejected_tokens: int
    drift: float | None = None
    parent: float | None = None


def scored(run: RunFolder, say: Say = silently) -> Iterator[Scored]:
    """Score each pair of the test split that the run did not leave out."""
    say("loading torch")
    import torch

    quiet_libraries()
    plan = run.plan()
    say("loading the model and its adapter")
    base = local_model(plan.model)
    tokenizer = load_tokenizer(str(base))
    prepare(tokenizer, tools=plan.folder.has_tools)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token  # type: ignore[attr-defined]
    model = loaded(plan, run, tokenizer, base)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device).eval()
    score = _reward if plan.method == "reward" else _policy
    excluded = plan.excluded("test")
    results = plan.folder.results()
    kept = (pair for pair in plan.folder.pairs("test") if pair.id not in excluded)
    for found in counting(kept, say, "scoring held-out pairs", plan.folder.amount("test") - len(excluded)):
        pair = replace(found, facts={**found.facts, **results.get(found.id, {})})
        with torch.inference_mode():
            yield score(plan, model, pair, encode(tokenizer, pair).truncated(plan.max_length))


def loaded(plan: Plan, run: RunFolder, tokenizer: Tokenizer, base: Path) -> Any:
    """The base model with the run's adapter on it."""
    from peft import PeftModel

    from marlin.training.trainers import causal, scorer

    bare = scorer(plan, tokenizer, base) if plan.method == "reward" else causal(plan, base)
    return PeftModel.from_pretrained(bare, str(run.adapter))


def _policy(plan: Plan, model: Any, pair: Pair, encoded: EncodedPair) -> Scored:
    sides = [(encoded.prompt, encoded.chosen), (encoded.prompt, encoded.rejected)]
    tuned = [log_probability(model, prompt, side) for prompt, side in sides]
    with model.disable_adapter():
        parent = [log_probability(model, prompt, side) for prompt, side in sides]
    chosen, rejected = (after - before for after, before in zip(tuned, parent, strict=True))
    counts = [len(side.trained) for _, side in sides]
    return Scored(pair, plan.beta * chosen, plan.beta * rejected, counts[0], counts[1], chosen, parent[0])


def log_probability(model: Any, prompt: list[int], side: Side) -> float:
    """Of the tokens that the model itself wrote, given all before them; a sum in nats."""
    import torch

    device = next(model.parameters()).device
    ids = torch.tensor([prompt + side.ids], device=device)
    logits = model(input_ids=ids, use_cache=False).logits[0]
    mask = torch.tensor([0] * len(prompt) + side.mask, device=device)[1:].bool()
    rows, wanted = logits[:-1][mask].float(), ids[0, 1:][mask]
    return float((rows.gather(1, wanted[:, None])[:, 0] - rows.logsumexp(dim=1)).sum())


def _reward(plan: Plan, model: Any, pair: Pair, encoded: EncodedPair) -> Scored:
    import torch

    device = next(model.parameters()).device
    rewards = [
        float(model(input_ids=torch.tensor([encoded.prompt + side.ids], device=device)).logits[0, 0])
        for side in (encoded.chosen, encoded.rejected)
    ]
    counts = [len(side.trained) for side in (encoded.chosen, encoded.rejected)]
    return Scored(pair, rewards[0], rewards[1], counts[0], counts[1])
