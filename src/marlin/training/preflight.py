"""Refuse a run that would be spoilt in silence, with numbers.

Everything here has happened: TRL's default length made 49 of 60 agent pairs identical and dropped others, templates
swallowed tool calls, and training went on with a falling loss.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from marlin.counted import agreeing, counted
from marlin.training.cues import CueCounter
from marlin.training.dataset import PATCH_VIEWS, SPLITS, VIEW, DatasetFolder, Message, Pair, Split
from marlin.training.encoding import EncodedPair, Tokenizer, encode
from marlin.training.lengths import Lengths, lengths_of
from marlin.training.report import Amount, Check, Report
from marlin.training.saying import Say, counting, silently
from marlin.training.templates import prepare

LONGEST = 1_000_000
"""Tokens past which a trajectory is no trajectory but an accident (a dumped file, an endless loop)."""
EXAMPLES = 5
_UNUSABLE = ("no-template", "endless-template", "broken-template", "no-generation-mask", "dict-arguments")
"""Nothing can be rendered with such a template."""


def preflight(
    folder: DatasetFolder,
    tokenizer: Tokenizer,
    *,
    max_length: int | None = None,
    positions: int | None = None,
    leave_out_long: bool = False,
    say: Say = silently,
) -> Report:
    """Read the whole dataset as the run would, and say what is wrong. Swaps the template's training variant in.

    :raises UnreadableDatasetError: a file is not the one that the manifest names, or a line can't be read.
    :param max_length: tokens of a sequence; by default as many as the longest needs.
    :param positions: how many tokens the model can take at most, if that is known.
    :param leave_out_long: rows longer than ``max_length`` are left out, counted and named, instead of refused.
    """
    folder.check(say)
    say("loading the trainers and trying the chat template")
    template = [Check(one.code, one.message, one.hint) for one in prepare(tokenizer, tools=folder.has_tools)]
    if any(one.code in _UNUSABLE for one in template):
        return Report(folder.id, folder.synthetic, max_length or 0, Lengths(), {}, tuple(template))
    seen = {split: _Split() for split in SPLITS}
    for split in SPLITS:
        for pair in counting(folder.pairs(split), say, f"tokenizing pairs of {split}", folder.amount(split)):
            seen[split].add(pair, tokenizer)
    lengths = [one.longest for split in SPLITS for one in seen[split].rows]
    needed = -(-max(lengths, default=0) // 64) * 64
    limit = max_length or (min(needed, positions) if positions else needed)
    checks = list(template)
    left_out: dict[str, tuple[str, ...]] = {}
    amounts: dict[str, Amount] = {}
    for split in SPLITS:
        kept = seen[split].within(limit) if leave_out_long else seen[split].rows
        left = len(seen[split].rows) - len(kept)
        if left:
            names = {row.id for row in kept}
            left_out[split] = tuple(row.id for row in seen[split].rows if row.id not in names)
            checks.append(
                Check(
                    "left-out",
                    f"{left:,} of {len(seen[split].rows):,} pairs of {split} "
                    f"{agreeing(left, f'are longer than {limit:,} tokens')}: left out.",
                    "A larger --max-length keeps them.",
                    left,
                    len(seen[split].rows),
                    refuses=False,
                )
            )
        amounts[split] = Amount(
            len(kept),
            len({row.task for row in kept}),
            sum(row.tokens for row in kept),
            sum(row.trained(limit) for row in kept),
            sum(row.chosen_tokens for row in kept),
            sum(row.trained_sides(limit)[0] for row in kept),
        )
        if not (seen[split].rows or seen[split].too_long):
            checks.append(Check("empty", f"There are no pairs in {split} of {folder.view}.", _filled(folder, split)))
        checks += seen[split].checks(split, limit, kept, longest=max(lengths, default=0))
    checks += _leaks(seen["train"], seen["test"])
    checks += _cues(seen["train"].cues)
    if positions is not None and limit > positions:
        checks.append(
            Check(
                "longer-than-model",
                f"Sequences of {limit:,} tokens were asked for; the model takes {positions:,}.",
                f"--max-length {positions} or less.",
            )
        )
    return Report(
        folder.id,
        folder.synthetic,
        limit,
        lengths_of(lengths),
        amounts,
        tuple(checks),
        left_out,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """What is kept of a pair: numbers and digests, so that memory grows by some hundred bytes a pair."""

    id: str
    task: str
    prompt_tokens: int
    longest: int
    tokens: int
    chosen_tokens: int
    differs_at: int
    """The first position, from the sequence's start, at which the two sides differ; −1 if nowhere."""
    own: tuple[tuple[int, ...], tuple[int, ...]]
    """For each side, positions of runs of trained tokens: ``(start, end, start, end, …)``."""
    same_trained: bool

    def trained(self, limit: int) -> int:
        return sum(self.trained_sides(limit))

    def trained_sides(self, limit: int) -> tuple[int, int]:
        sides = (
            sum(max(0, min(end, limit) - start) for start, end in zip(runs[::2], runs[1::2], strict=True))
            for runs in self.own
        )
        chosen, rejected = sides
        return chosen, rejected


class _Split:
    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.tasks: Counter[str] = Counter()
        self.repos: set[str] = set()
        self.prompts: dict[bytes, str] = {}
        self.ids: Counter[str] = Counter()
        self.too_long: list[str] = []
        self.text_arguments: list[str] = []
        self.undeclared: list[str] = []
        self.strangers: list[str] = []
        self.cues = CueCounter()

    def add(self, pair: Pair, tokenizer: Tokenizer) -> None:
        self.ids[pair.id] += 1
        self.tasks[pair.task] += 1
        self.cues.add(pair)
        if pair.facts.get("repository"):
            self.repos.add(str(pair.facts["repository"]))
        self.prompts.setdefault(_digest(pair.prompt), pair.id)
        kinds = set(_argument_faults(pair))
        if "text" in kinds:
            self.text_arguments.append(pair.id)
        if "undeclared" in kinds:
            self.undeclared.append(pair.id)
        for side in (pair.chosen, pair.rejected):
            if not side or side[0]["role"] != "assistant" or any(one["role"] in ("user", "system") for one in side):
                self.strangers.append(pair.id)
                break
        if _characters(pair) > LONGEST * 8:
            self.too_long.append(pair.id)
            return
        encoded = encode(tokenizer, pair)
        if encoded.longest > LONGEST:
            self.too_long.append(pair.id)
            return
        self.rows.append(_row(pair, encoded))

    def within(self, limit: int) -> list[_Row]:
        return [row for row in self.rows if row.longest <= limit]

    def checks(self, split: Split, limit: int, kept: list[_Row], *, longest: int) -> Iterator[Check]:
        """:param longest: tokens of the longest sequence of either split, which the advice must keep as well."""
        total = len(self.rows) + len(self.too_long)
        longer = f"--max-length {longest} keeps all, or --leave-out-long."
        if not total:
            return

        def found(code: str, ids: Iterable[str], what: str, hint: str, *, refuses: bool = True) -> Iterator[Check]:
            names = list(ids)
            if names:
                message = f"{len(names):,} of {total:,} pairs of {split} {agreeing(len(names), what)}."
                yield Check(code, message, hint, len(names), total, refuses, tuple(names[:EXAMPLES]))

        yield from found(
            "too-long", self.too_long, f"are longer than {LONGEST:,} tokens", "Leave them out of the dataset."
        )
        yield from found("repeated-ids", (name for name, n in self.ids.items() if n > 1), "share an id", _REBUILD)
        yield from found(
            "text-arguments",
            self.text_arguments,
            "have tool calls whose arguments are text, not an object; most templates then render them wrong",
            "Use the trl_pref view as it was built; do not convert it.",
        )
        yield from found(
            "undeclared-arguments",
            self.undeclared,
            "call tools with arguments that are empty and undeclared, as a conversion through plain Arrow adds them",
            "Use the JSON lines of the view, or its Parquet with the Json type of `datasets`.",
        )
        yield from found(
            "not-a-segment", self.strangers, "have a side that is not one agent's turn", "Build the dataset again."
        )
        gone = [row.id for row in kept if row.prompt_tokens >= limit]
        yield from found("dropped", gone, f"have a prompt of {limit:,} tokens or more, and TRL drops such", longer)
        rest = [row for row in kept if row.prompt_tokens < limit]
        cut = [row.id for row in rest if row.longest > limit]
        same = [row.id for row in rest if row.differs_at < 0 or row.differs_at >= limit]
        yield from found(
            "identical", same, f"are the same on both sides within {limit:,} tokens, which teaches nothing", longer
        )
        yield from found(
            "nothing-trained",
            [row.id for row in rest if 0 in row.trained_sides(limit)],
            f"have a side without one token of the model's own within {limit:,} tokens",
            longer,
        )
        yield from found(
            "same-trained",
            [row.id for row in rest if row.same_trained and row.id not in set(same)],
            "differ only in what tools answered",
            "Nothing the model wrote differs: leave them out of the dataset.",
        )
        yield from found("truncated", cut, f"are cut at {limit:,} tokens", longer, refuses=len(cut) * 100 > total)


def _filled(folder: DatasetFolder, split: Split) -> str:
    """What gives a split pairs: it was left out, another view has them, or there are too few."""
    if split == "test" and folder.manifest.split.test_fraction == 0:
        return (
            "The dataset was built with --no-test-split, so nothing was held out to evaluate on. Build it again "
            "without that; it takes two repositories at least."
        )
    rows = {view: folder.manifest.views[view].rows for view in (VIEW, *PATCH_VIEWS) if view in folder.manifest.views}
    others = [view for view, counted in rows.items() if view != folder.view and counted.get(split)]
    if others:
        first = others[0]
        return f"The view {first} has {rows[first][split]:,}: add --view {first}."
    return "Widen the dataset's filters, and build it again."


_REBUILD = "Build the dataset again; `marlin dataset verify` says whether it is whole."


def _row(pair: Pair, encoded: EncodedPair) -> _Row:
    start, chosen, rejected = len(encoded.prompt), encoded.chosen, encoded.rejected
    shared = next(
        (at for at, (one, other) in enumerate(zip(chosen.ids, rejected.ids, strict=False)) if one != other),
        min(len(chosen.ids), len(rejected.ids)) if len(chosen.ids) != len(rejected.ids) else -1,
    )
    return _Row(
        pair.id,
        pair.task,
        start,
        encoded.longest,
        encoded.tokens,
        start + len(chosen.ids),
        -1 if shared < 0 else start + shared,
        (_runs(chosen.mask, start), _runs(rejected.mask, start)),
        chosen.trained == rejected.trained,
    )


def _runs(mask: list[int], start: int) -> tuple[int, ...]:
    edges = []
    before = 0
    for at, own in enumerate([*mask, 0], start=start):
        if own != before:
            edges.append(at)
        before = own
    return tuple(edges)


def _leaks(train: _Split, test: _Split) -> Iterator[Check]:
    for code, one, many, shared in (
        ("task-leak", "task", "tasks", set(train.tasks) & set(test.tasks)),
        ("repository-leak", "repository", "repositories", train.repos & test.repos),
        ("prompt-leak", "prompt", "prompts", {test.prompts[one] for one in set(train.prompts) & set(test.prompts)}),
        ("row-leak", "row id", "row ids", set(train.ids) & set(test.ids)),
    ):
        if shared:
            yield Check(
                code,
                f"{counted(len(shared), one, many)} {agreeing(len(shared), 'are in')} train and in test: "
                "the held-out accuracy would be a memory test.",
                _REBUILD,
                len(shared),
                max(len(test.rows), 1),
                True,
                tuple(sorted(shared)[:EXAMPLES]),
            )


def _cues(counter: CueCounter) -> Iterator[Check]:
    found = list(counter.found())
    if found:
        first = found[0]
        side = "losing" if first.losing > first.winning else "winning"
        yield Check(
            "environment-cue",
            f"{counted(len(found), 'line')} of tool output {agreeing(len(found), 'go')} with one side of the training "
            f"pairs, such as “{first.line}” with "
            f"the {side} side in {max(first.losing, first.winning):,} of {counter.pairs:,}. The model won't learn to "
            "write them, but may learn to react to them.",
            "That is as it should be where it follows from what the agent did, as with tests that pass. If the "
            "environment differed between the sides, leave those pairs out of the dataset.",
            len(found),
            counter.pairs,
            refuses=False,
            examples=tuple(cue.line for cue in found[:EXAMPLES]),
        )


def _argument_faults(pair: Pair) -> Iterator[str]:
    declared = {
        tool.get("function", tool).get("name"): set(
            (tool.get("function", tool).get("parameters") or {}).get("properties") or {}
        )
        for tool in pair.tools
    }
    for message in (*pair.prompt, *pair.chosen, *pair.rejected):
        for call in message.get("tool_calls") or ():
            function = call.get("function", call)
            arguments = function.get("arguments")
            if isinstance(arguments, str):
                yield "text"
            elif isinstance(arguments, dict):
                known = declared.get(function.get("name"))
                if known is not None and any(arguments[key] is None and key not in known for key in arguments):
                    yield "undeclared"


def _characters(pair: Pair) -> int:
    """Of its longer side and the prompt, with all that a template renders: a whole file may be a call's argument."""
    parts = ("content", "reasoning_content", "tool_calls")
    prompt, chosen, rejected = (
        sum(len(str(one.get(part) or "")) for one in messages for part in parts)
        for messages in (pair.prompt, pair.chosen, pair.rejected)
    )
    return prompt + max(chosen, rejected)


def _digest(messages: list[Message]) -> bytes:
    return hashlib.sha256(json.dumps(messages, sort_keys=True).encode()).digest()
