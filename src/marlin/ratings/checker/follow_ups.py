"""Follow-ups: a good one asks for something that can be checked afterwards, as a reviewer would."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from marlin.ratings.checker.language import is_english
from marlin.ratings.checker.problems import Mark, Problem
from marlin.tasks import style_slips

_ASKS = re.compile(
    r"\b(add|allow|assert|avoid|benchmark|change|check|clean|convert|cover|create|delete|describe|document|drop|ensure|"
    r"explain|extend|extract|fix|handle|implement|improve|inline|keep|make|merge|migrate|move|optimi[sz]e|print|raise|"
    r"reduce|refactor|remove|rename|reorgani[sz]e|replace|report|restore|return|revert|rewrite|run|separate|show|"
    r"simplify|split|support|test|tidy|undo|update|use|validate|verify|write|why|what|which|how|where|when|can|could|"
    r"should|would|must|need|needs|please|instead|without)\b|\?",
    re.IGNORECASE,
)
_GENERAL = frozenset(
    re.findall(
        r"\S+",
        """
        a able about again all also an and any anything are as at be best better bit bug bugs can change changes
        check clean cleaner clearer code continue correct correctly could do does double else ensure errors
        everything fine fix fixed for further get give go good great have here i if improve improvement improvements
        in into is issue issues it its job just keep like little look looks made make makes maybe me more my need
        needs nice no not now of ok okay on one our out over please possible problem problems proper properly
        quality really refine refactor remaining result review right robust same secure simpler so solution some
        something still sure take tests thank thanks that the their them then there these thing things this those
        tidy to too try up us very want was we well what where whole why will with work working works would you your
        wrong cleanly production ready professional polish everything's it's optimize optimise whatever
        """,
    )
)
"""Words that a request of no content is made of."""
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?", re.UNICODE)
_CODE = re.compile(r"`[^`\n]+`|\w_\w|[a-z][A-Z]|\w\(\)|[\w/-]\.\w{1,5}\b|\d")
FEWEST_CONCRETE = 2
"""Words beyond the general ones that a follow-up needs; a question needs one."""
ALIKE = 0.8
"""Share of the words that two prompts have in common, from which on they say the same."""


def check_prompt(number: int, prompt: str, earlier: Sequence[str]) -> Iterator[Problem]:
    """Everything about the prompt of turn ``number``, given those of the turns before."""
    if is_english(prompt):
        yield from _asks_little(number, prompt)
    yield from _repeats(number, prompt, earlier)
    for slip in style_slips(prompt):
        yield Problem(
            slip.code,
            "warning",
            number,
            "prompt",
            f"“{prompt[slip.start : slip.end].strip()}”: {slip.message}",
            slip.hint,
            (Mark.of("prompt", prompt, slip.start, slip.end),),
        )


def _asks_little(number: int, prompt: str) -> Iterator[Problem]:
    concrete = len(_concrete(prompt)) + (2 if _CODE.search(prompt) else 0)
    if len(prompt.split()) < 3 or (not _ASKS.search(prompt) and concrete <= FEWEST_CONCRETE):
        yield Problem(
            "follow-up-asks-nothing",
            "warning",
            number,
            "prompt",
            f"The follow-up of turn {number} does not seem to ask for anything.",
            "A follow-up asks for a change or an explanation. If this one does, acknowledge the warning.",
        )
    elif concrete < FEWEST_CONCRETE - ("?" in prompt):
        yield Problem(
            "follow-up-not-concrete",
            "warning",
            number,
            "prompt",
            f"The follow-up of turn {number} asks for improvement in general.",
            "Name what is wrong and where, so that it can be seen afterwards whether it was done.",
            (Mark.of("prompt", prompt, 0, len(prompt)),),
        )


def _concrete(prompt: str) -> set[str]:
    return {word for word in _words(prompt) if word not in _GENERAL}


def _words(text: str) -> set[str]:
    return {match[0].casefold() for match in _WORD.finditer(text.replace("’", "'"))}


def _repeats(number: int, prompt: str, earlier: Sequence[str]) -> Iterator[Problem]:
    mine = _words(prompt)
    for index, before in enumerate(earlier, start=1):
        theirs = _words(before)
        if len(mine) >= 3 and len(mine & theirs) / max(len(mine | theirs), 1) >= ALIKE:
            yield Problem(
                "follow-up-repeats",
                "warning",
                number,
                "prompt",
                f"The follow-up of turn {number} says again what the prompt of turn {index} said.",
                "Say what is still wrong with the result that both sides continue from.",
                (Mark.of("prompt", prompt, 0, len(prompt)),),
            )
            return
