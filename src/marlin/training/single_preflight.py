"""The preflight of single results, which SFT and KTO learn from where a dataset has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from marlin.counted import agreeing, counted
from marlin.training.dataset import DatasetFolder, Single
from marlin.training.encoding import Tokenizer, encode_single
from marlin.training.lengths import lengths_of
from marlin.training.preflight import EXAMPLES, LONGEST
from marlin.training.report import Amount, Check, Report
from marlin.training.saying import Say, counting, silently


@dataclass(frozen=True, slots=True)
class _Seen:
    id: str
    task: str
    label: bool
    prompt: int
    tokens: int
    own: int
    text_arguments: bool


def with_singles(
    report: Report,
    folder: DatasetFolder,
    tokenizer: Tokenizer,
    *,
    max_length: int | None = None,
    positions: int | None = None,
    leave_out_long: bool = False,
    say: Say = silently,
) -> Report:
    """A report of pairs, with the single results in place of the training pairs. ``tokenizer`` is prepared already.

    That there are no pairs is then a note: they are needed for the evaluation alone.
    """
    if folder.singles is None or not report.amounts:
        return report
    results = folder.single_results("train")
    what = f"tokenizing results of {folder.singles}"
    seen = [_seen(tokenizer, one) for one in counting(results, say, what, folder.amount("train", folder.singles))]
    needed = -(-max((one.tokens for one in seen), default=0) // 64) * 64
    limit = max_length or max(report.max_length, min(needed, positions) if positions else needed)
    kept = [one for one in seen if one.tokens <= limit] if leave_out_long else seen
    left = tuple(one.id for one in seen if one.tokens > limit) if leave_out_long else ()
    tests = {pair.task for pair in folder.pairs("test")}
    checks = [
        *(replace(check, refuses=check.refuses and check.code != "empty") for check in report.checks),
        *_checks(kept, left, len(seen), limit, tests, folder.singles),
    ]
    tokens, own = sum(min(one.tokens, limit) for one in kept), sum(one.own for one in kept)
    # each result is read and learnt from, as only the preferred sides of pairs are
    amount = Amount(len(kept), len({one.task for one in kept}), tokens, own, tokens, own)
    return replace(
        report,
        max_length=limit,
        lengths=lengths_of([one.tokens for one in seen]),
        amounts={**report.amounts, "train": amount},
        checks=tuple(checks),
        left_out={**report.left_out, **({"train": left} if left else {})},
        singles=folder.singles,
    )


def _seen(tokenizer: Tokenizer, single: Single) -> _Seen:
    texts = [str(message.get("content") or "") for message in (*single.prompt, *single.completion)]
    if sum(map(len, texts)) > LONGEST * 8:
        return _Seen(single.id, single.task, single.label, 0, LONGEST + 1, 0, False)
    prompt, side = encode_single(tokenizer, single)
    calls = [call for message in single.completion for call in message.get("tool_calls") or ()]
    text = any(isinstance(call.get("function", call).get("arguments"), str) for call in calls)
    return _Seen(
        single.id, single.task, single.label, len(prompt), len(prompt) + len(side.ids), len(side.trained), text
    )


def _checks(
    kept: list[_Seen], left: tuple[str, ...], total: int, limit: int, tests: set[str], view: str
) -> Iterator[Check]:
    longest = max((one.tokens for one in kept), default=0)
    longer = f"--max-length {longest} keeps all, or --leave-out-long."
    findings = (
        (
            "left-out",
            left,
            f"are longer than {limit:,} tokens, and left out",
            "A larger --max-length keeps them.",
            False,
        ),
        (
            "too-long",
            [one.id for one in kept if one.tokens > LONGEST],
            f"are longer than {LONGEST:,} tokens",
            "Leave them out of the dataset.",
            True,
        ),
        (
            "text-arguments",
            [one.id for one in kept if one.text_arguments],
            "have tool calls whose arguments are text, not an object",
            "Use the view as it was built; do not convert it.",
            True,
        ),
        (
            "dropped",
            [one.id for one in kept if one.prompt >= limit],
            f"have a prompt of {limit:,} tokens or more",
            longer,
            True,
        ),
        (
            "nothing-trained",
            [one.id for one in kept if not one.own],
            "have no token of the model's own",
            "Leave them out of the dataset.",
            True,
        ),
    )
    for code, ids, what, hint, refuses in findings:
        if ids:
            message = f"{len(ids):,} of {total:,} results of {view} {agreeing(len(ids), what)}."
            yield Check(code, message, hint, len(ids), total, refuses, tuple(ids[:EXAMPLES]))
    cut = [one.id for one in kept if one.prompt < limit < one.tokens]
    if cut:
        message = f"{len(cut):,} of {total:,} results of {view} {agreeing(len(cut), 'are cut at')} {limit:,} tokens."
        yield Check("truncated", message, longer, len(cut), total, len(cut) * 100 > total, tuple(cut[:EXAMPLES]))
    shared = sorted({one.task for one in kept} & tests)
    if shared:
        message = f"{counted(len(shared), 'task')} {agreeing(len(shared), 'are in')} {view} and in the held-out pairs."
        hint = "Build the dataset again; `marlin dataset verify` says whether it is whole."
        yield Check("task-leak", message, hint, len(shared), len(tests), True, tuple(shared[:EXAMPLES]))
    if not kept:
        yield Check("empty", f"No result of {view} is left.", "A larger --max-length keeps more.")
    elif view == "kto" and len({one.label for one in kept}) < 2:
        only = "good" if kept[0].label else "bad"
        message = f"Every result of kto ({len(kept):,}) is {only}: there is nothing to tell apart."
        yield Check("one-label", message, "Widen the dataset's filters, or use `marlin tune sft`.")
