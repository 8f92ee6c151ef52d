"""Evidence: is there any where it is needed, and does it exist?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import basename

from marlin.campaigns import Answers
from marlin.ratings import citations
from marlin.ratings.checker.claims import SIDE_WORDS
from marlin.ratings.checker.problems import LABELS, TEXTS, Mark, Problem, ResultFacts, SideName, other, text_of
from marlin.ratings.citations import Citation

EXTREME = 3

_EVIDENCE = re.compile(
    r"""
    (?<![\w./-])[\w./-]+\.[A-Za-z]{1,8}\b   # a file
    | \b(?:line|step|test|check|turn)s?\s{0,3}[#:]?\s{0,3}\w*\d   # line 12, step 4, test_3
    | \b[A-Za-z_]\w*\(\)?               # a call
    | \b\w+_\w+\b                       # a snake_case name
    | \b[a-z]+[A-Z]\w*\b                # a camelCase name
    | `[^`\n]+`                         # quoted code
    | "[^"\n]{4,}"                      # quoted output
    | \b\d+\s*(?:lines?|files?|tests?|ms|seconds?|%|of\s+\d+)\b
    | \[(?:A|B)\#[^\[\]]+\]             # a citation made by click
    """,
    re.VERBOSE,
)
_ENDINGS = (
    "py|pyi|js|jsx|ts|tsx|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|swift|scala|sh|sql|md|rst|toml|yaml|yml|json|cfg|ini|"
    "html|css|vue"
)
_FILE = rf"[\w.-]+(?:/[\w.-]+)*\.(?:{_ENDINGS})"
_MENTION = re.compile(
    rf"`(?P<quoted>[A-Za-z_][\w.]*(?:\(\))?|{_FILE})`|(?<![\w/.`-])(?P<file>{_FILE})\b(?!\()"
    r"|(?<![\w.`])(?P<call>[A-Za-z_]\w{2,})\(\)"
)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_ADDS = re.compile(
    r"\b(?:adds?|added|adding|introduces?|introduced|new|creates?|created|extracts?|extracted)\b", re.IGNORECASE
)
_SIDE_ADDS = re.compile(
    r"\b(?P<side>[AB]) (?:\w+ly |also |then |even )?"
    r"(?:adds|introduces|creates|extracts|added|introduced|created|extracted)\b"
)
_NOT_PRAISE = re.compile(
    r"\b(?:not|no|never|without|instead|unlike|rather|avoids?|lacks?|missing|misses|drops?|removes?|removed|removing"
    r"|replac\w+|than|doesn't|isn't|could|should|would|may|might|if|keeps?|kept|leaves?|untouched|unchanged|existing"
    r"|already|still|like|as in|callers? of)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"`?\s*+(?:(?:is|was|are|were|would be|stays|remains)\s++)?+(?:not|never|missing|gone|removed|un\w+)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:[^.;,!?\n]|[.](?=\w))+")


def extreme_without_evidence(number: int, answers: Answers) -> Iterator[Problem]:
    """A score at the end of the scale, and nothing to check it by."""
    everything = " ".join(text_of(answers, name) for name in TEXTS)
    fields = [f"axes.{name}" for name, score in answers.axes.items() if score is not None and abs(score) == EXTREME]
    if answers.overall is not None and abs(answers.overall) == EXTREME:
        fields.append("overall")
    if fields and not _EVIDENCE.search(everything):
        yield Problem(
            "extreme-score-without-evidence",
            "warning",
            number,
            fields[-1],
            "A score at the end of the scale stands without evidence.",
            "Cite what shows it: a file and line, a name, an output, a check. Or choose a milder score.",
        )


def citations_to_nothing(number: int, answers: Answers, results: Mapping[SideName, ResultFacts]) -> Iterator[Problem]:
    """Cited files, lines and steps that are not there."""
    for name in TEXTS:
        text = text_of(answers, name)
        for found in citations.find(text):
            facts = results.get(found.citation.side)
            lacking = missing(found.citation, facts) if facts is not None else None
            if lacking is not None:
                yield Problem(
                    "citation-points-to-nothing",
                    "error",
                    number,
                    name,
                    lacking,
                    "Cite it again by a click on the line or step, or take the citation out.",
                    (Mark.of(name, text, found.start, found.end),),
                )


def cited_exists(citation: Citation, facts: ResultFacts) -> bool | None:
    """Whether what is cited is there; None where that is not known."""
    known = facts.steps is not None if citation.step is not None else (citation.path, citation.at) in facts.lines
    return missing(citation, facts) is None if known else None


def missing(citation: Citation, facts: ResultFacts) -> str | None:
    """What is not there, in words; None if it is, or if that is not known."""
    if citation.step is not None:
        if facts.steps is None or citation.step <= facts.steps:
            return None
        return f"The transcript of {citation.side} has {facts.steps} steps; step {citation.step} is cited."
    assert citation.path is not None
    key = (citation.path, citation.at)
    if key not in facts.lines:
        return None
    count = facts.lines[key]
    where = "result" if citation.at == "result" else f"{citation.at} of the turn" if citation.at == "start" else "base"
    if count is None:
        whose = f"The result of {citation.side}" if citation.at == "result" else f"The {where}"
        return f"{whose} has no file {citation.path}."
    if citation.lines is not None and citation.lines[1] > count:
        lines = f"{count} line{'' if count == 1 else 's'}"
        return f"{citation.path} has {lines} in the {where} of {citation.side}; line {citation.lines[1]} is cited."
    return None


def praise_of_nothing(number: int, answers: Answers, results: Mapping[SideName, ResultFacts]) -> Iterator[Problem]:
    """A side is praised for what its change does not hold.

    Said of a file or name that only the other side's change holds, and of anything that a side is said to add and that
    is in neither. Unchanged code is no mistake to speak of, so silence in both is not enough.
    """
    for name, side, start, clause in _praise(answers):
        facts, others = results.get(side), results.get(other(side))
        if facts is None or facts.words is None or facts.paths is None:
            continue
        denied, adds = _first_end(_NOT_PRAISE, clause), _first_end(_ADDS, clause)
        for match in _MENTION.finditer(clause):
            if denied <= match.start():
                break  # nor is anything after it praise
            if _holds(facts, match) or _DENIED.match(clause, match.end()):
                continue
            elsewhere = others is not None and others.words is not None and _holds(others, match)
            if not elsewhere and adds > match.start():
                continue
            where = f"It is in {other(side)}'s change only." if elsewhere else "It is in neither change."
            mark = Mark.of(name, text_of(answers, name), start + match.start(), start + match.end())
            yield Problem(
                "praise-of-what-is-not-there",
                "warning",
                number,
                name,
                f"{mark.words} in {LABELS[name]} is not in {side}'s change. {where}",
                "Check which side you mean, and the spelling.",
                (mark,),
            )


def _first_end(pattern: re.Pattern[str], clause: str) -> int:
    """Where its first match ends, behind the clause if there is none. Looked for once: a clause can be long."""
    found = pattern.search(clause)
    return found.end() if found else len(clause) + 1


def _praise(answers: Answers) -> Iterator[tuple[str, SideName, int, str]]:
    """Clauses that praise one side alone: field, side, where the clause begins, the clause."""
    sides: tuple[tuple[str, SideName], ...] = (("strengths_a", "A"), ("strengths_b", "B"))
    for name, side in sides:
        for clause in _clauses(text_of(answers, name)):
            if other(side) not in SIDE_WORDS.findall(clause[0]):
                yield name, side, clause.start(), clause[0]
    for clause in _clauses(answers.justification):
        adds = _SIDE_ADDS.search(clause[0])
        if adds and len(set(SIDE_WORDS.findall(clause[0]))) == 1:
            yield "justification", ("A" if adds["side"] == "A" else "B"), clause.start(), clause[0]


def _clauses(text: str) -> Iterator[re.Match[str]]:
    # citations are checked by themselves; blanked, they keep every place where it was
    blanked = list(text)
    for found in citations.find(text):
        blanked[found.start : found.end] = " " * (found.end - found.start)
    return _CLAUSE.finditer("".join(blanked))


def _holds(facts: ResultFacts, mention: re.Match[str]) -> bool:
    assert facts.paths is not None
    assert facts.words is not None
    text = mention["quoted"] or mention["file"] or mention["call"]
    if mention["file"] or re.fullmatch(_FILE, text):
        return any(path == text or path.endswith("/" + text) for path in facts.paths) or (
            basename(text).rsplit(".", 1)[0] in facts.words
        )
    names = [word for word in _IDENTIFIER.findall(text) if len(word) >= 3]
    return not names or any(word in facts.words for word in names)
