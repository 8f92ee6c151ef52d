"""Claims in a text that one side is better than the other: on an axis, or as a whole. Pure, English, and cautious.

A claim is a comparison that stands in the text as its author's own ("A is clearly safer", "B's naming is worse",
"I prefer A", "security goes to B"). Questions, conditions, quotations, what somebody thought at first, comparisons with
the base and negations are no claims: a checker that is often wrong is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from marlin.ratings.checker.problems import SideName, other

SECURITY, RELIABILITY = "security", "reliability"
CORRECTNESS, MAINTAINABILITY = "correctness", "maintainability"


@dataclass(frozen=True, slots=True)
class Claim:
    """``side`` is said to be better.

    :ivar axes: axes that the words can mean, any of which bears the claim out; empty: as a whole.
    :ivar strong: a comparison; not merely something bad said of the other side.
    """

    side: SideName
    axes: tuple[str, ...]
    start: int
    end: int
    strong: bool = True


_ADJECTIVES: dict[str, tuple[str, ...]] = {
    r"secure|hardened": (SECURITY,),
    r"vulnerable|exploitable|injectable": (SECURITY,),
    r"safe|safer|unsafe|risky|riskier": (SECURITY, RELIABILITY),
    r"correct|accurate|complete|faithful to the (?:prompt|brief)": (CORRECTNESS,),
    r"incorrect|incomplete|wrong|buggy": (CORRECTNESS,),
    r"reliable|robust|resilient|stable|fault[- ]tolerant|defensive": (RELIABILITY,),
    r"fragile|brittle|flaky|error[- ]prone": (RELIABILITY, CORRECTNESS),
    r"maintainable|readable|idiomatic|elegant|modular|cohesive|concise|tidy|clean|cleaner|tidier|simple|simpler|clear"
    r"|clearer|leaner|neater|understandable|straightforward|minimal|focused|consistent"
    r"|better (?:structured|organi[sz]ed|named|documented|factored)": (MAINTAINABILITY,),
    r"thorough|better tested": (CORRECTNESS, RELIABILITY),
    r"easier to (?:read|maintain|follow|understand|review|extend|change|test|own)": (MAINTAINABILITY,),
    r"harder to (?:read|maintain|follow|understand|review|extend|change|test|own)": (MAINTAINABILITY,),
    r"messy|messier|complex|complicated|convoluted|over-?engineered|verbose|cluttered|bloated": (MAINTAINABILITY,),
}
_BAD = re.compile(
    r"vulnerable|exploitable|injectable|unsafe|risk|incorrect|incomplete|wrong|buggy|fragile|brittle|flaky|error|"
    r"harder|mess|complex|complicated|convoluted|engineered|verbose|cluttered|bloated"
)
_COMPARATIVE_FORMS = re.compile(
    r"safer|riskier|cleaner|tidier|simpler|clearer|leaner|neater|messier|easier .*|harder .*|better .*"
)
_ADJECTIVE = "|".join(_ADJECTIVES)

_NOUNS: dict[str, tuple[str, ...]] = {
    r"security": (SECURITY,),
    r"safety": (SECURITY, RELIABILITY),
    r"correctness|accuracy|completeness": (CORRECTNESS,),
    r"reliability|robustness|resilience|stability|error[- ]handling": (RELIABILITY,),
    r"maintainability|readability|simplicity|code quality|naming|structure|clarity": (MAINTAINABILITY,),
}
_NOUN = "|".join(_NOUNS)

_SIDE = (
    r"(?:\b(?:side|result|version|solution|option|response|model|answer|implementation|patch|change|approach)[ ])?"
    r"\b(?P<side>[AB])\b"
)
SIDE_WORDS = re.compile(r"\b[AB]\b")
"""What may be a side's letter; at the start of a sentence it can also be the article."""
_IS = (
    r"(?:is|was|looks|looked|seems|seemed|feels|felt|remains|stays|(?:comes|came) out|(?:turns|turned) out(?: to be)?"
    r"|(?:proves|proved)(?: to be)?|ends up)"
)
_VERY = (
    r"(?:(?:clearly|clear|obvious|hands[- ]down|well|"
    r"much|far|noticeably|significantly|considerably|slightly|a bit|a little|somewhat|also|still|simply|"
    r"just|even|obviously|definitely|marginally|way|a lot|overall|by far|decidedly|plainly|visibly|really|a good deal|"
    r"the)[ ]+){0,3}"
)
_JUDGED = r"(?P<comparison>better|stronger|superior|best|worse|weaker|inferior|worst|ahead|winner)"
_OTHER = (
    r"(?:[ ](?:than|of|to)[ ](?:(?:side|result|version|solution|option)[ ])?"
    r"(?:[AB]\b(?!')|the[ ]other(?:[ ](?:one|side))?\b))?"
)
_AS_TO = (
    r"(?:at|in|on|for|with|regarding|in terms of|when it comes to|as to|as for|with regard to"
    r"|with respect to|concerning)"
    r"[ ](?:the[ ]|its[ ]|overall[ ])?"
)
_OVER = r"(?P<wins>(?:clearly[ ]|narrowly[ ]|easily[ ]|just[ ])?(?:wins|leads|loses|won|lost))"
_CHOSEN = r"(?:pick|choice|preference|winner|vote|favou?rite)"
_MERGES = r"(?:merge|take|ship|accept|approve|pick|choose|prefer|go (?:with|for))"
_WORK = r"(?:code|approach|version|solution|implementation|change|patch|diff|result|take|fix|design)"
_SIGN = r"(?P<sign>>{1,3}|<{1,3}|≫|≪)"
_DOES = r"(?:did|does|has[ ]done)[ ](?:the|a)"
_HERE = r"(?:[ ](?:overall|here|for me|to me|clearly|in this turn|this time|of the two))*"
_ENDS = r"(?=[ ]*(?:[.,;:!)\n]|$|as[ ]it|for[ ]it|in[ ]that))"

_FORMS = [
    # A is (much) more secure (than B); A is the safer choice; A is less readable
    re.compile(rf"{_SIDE}[ ]{_IS}[ ]{_VERY}(?P<degree>more|less|most|least)?[ ]?(?P<adjective>{_ADJECTIVE})\b"),
    # A is better at security; A is stronger in terms of readability; A wins on correctness
    re.compile(rf"{_SIDE}[ ](?:{_IS}[ ]{_VERY}{_JUDGED}(?:[ ]one)?{_OTHER}|{_OVER})[ ]{_AS_TO}(?P<noun>{_NOUN})\b"),
    # A has better error handling; A has worse naming
    re.compile(rf"{_SIDE}[ ](?:has|shows|offers|provides)[ ]{_VERY}{_JUDGED}[ ](?P<noun>{_NOUN})\b"),
    # A's security is better
    re.compile(rf"{_SIDE}'s[ ](?P<noun>{_NOUN})[ ]{_IS}[ ]{_VERY}{_JUDGED}\b"),
    # security goes to A; on readability, A wins; in terms of readability B is ahead; Security: A
    re.compile(rf"\b(?P<noun>(?i:{_NOUN}))[ ](?:clearly[ ])?(?:goes|belongs)[ ]to[ ]{_SIDE}"),
    re.compile(rf"\b(?i:{_AS_TO})(?P<noun>{_NOUN}),?[ ]{_SIDE}[ ](?:{_OVER}|{_IS}[ ]{_VERY}{_JUDGED})\b"),
    re.compile(rf"\b(?P<noun>(?i:{_NOUN}))[- ]wise,?[ ]{_SIDE}[ ](?:{_OVER}|{_IS}[ ]{_VERY}{_JUDGED})\b"),
    re.compile(
        rf"^[^\S\n]*+(?:[-*][^\S\n]*+)?(?P<noun>(?i:{_NOUN}))[ ]*[:=–-][ ]*{_SIDE}[ ]*(?=[.,;(]|$)", re.MULTILINE
    ),
    # I prefer A; I would merge B; I'd ship B; going with A; my pick is A; A is my choice; A gets my vote
    re.compile(
        rf"\b(?:(?:would|will|'d|'ll|to)[ ](?:still[ ]|rather[ ]|clearly[ ])?{_MERGES}|(?i:prefer(?:red)?|chose|picked"
        rf"|favou?r(?:ed)?|going[ ](?:with|for)|went[ ](?:with|for)))[ ]{_SIDE}(?:(?!['\w])|'s[ ]{_WORK}\b)"
    ),
    # B for me; I like B better; B takes it; B all the way; A > B
    re.compile(
        rf"(?:^|(?<=[.!\n])[^\S\n]*+|(?<=:)[ ]*){_SIDE}[ ](?:for[ ]me|all[ ]the[ ]way)\b(?=[ ]*(?:[.,;:!)(\n]|$|-|–|—))"
    ),
    re.compile(
        rf"\bI[ ](?:much[ ]|still[ ]|do[ ])?like[ ]{_SIDE}(?:'s[ ]{_WORK})?[ ](?:a[ ]lot[ ]|much[ ])?"
        rf"(?:better|more|best){_OTHER}(?=[ ]*(?:[.,;:!)\n]|$|overall|because|since))"
    ),
    re.compile(rf"{_SIDE}[ ]takes[ ](?:it|this[ ](?:one|turn))(?=[ ]*(?:[.,;:!)\n]|$|for|because|since))"),
    re.compile(
        r"(?:^|(?<=[.!\n]))[^\S\n]*+(?i:(?:overall|verdict|result|in sum)[:,]?[ ]*)?"
        rf"{_SIDE}[ ]?{_SIGN}[ ]?[AB]\b{_HERE}{_ENDS}"
    ),
    re.compile(rf"\b(?i:my)[ ]{_CHOSEN}[ ](?:is|was|goes[ ]to|would[ ]be)[ ]{_SIDE}(?!['\w])"),
    re.compile(rf"{_SIDE}[ ](?:is[ ]my[ ]{_CHOSEN}|gets[ ]my[ ]vote)\b"),
    re.compile(rf"{_SIDE}[ ](?:is[ ]the[ ]one[ ](?:that[ ])?I(?:'d|[ ]would)[ ]{_MERGES}|is[ ]{_VERY}preferable)\b"),
    re.compile(rf"{_SIDE}[ ]{_DOES}[ ]{_VERY}{_JUDGED}[ ]job{_HERE}{_ENDS}"),
    # A did a better job at error handling
    re.compile(rf"{_SIDE}[ ]{_DOES}[ ]{_VERY}{_JUDGED}[ ]job[ ](?:{_AS_TO}|of[ ])(?P<noun>{_NOUN})\b"),
    # A > B on correctness; Maintainability: A < B
    re.compile(rf"{_SIDE}[ ]?{_SIGN}[ ]?(?:side[ ])?[AB]\b[ ]{_AS_TO}(?P<noun>{_NOUN})\b"),
    re.compile(rf"(?P<noun>(?i:{_NOUN}))[ ]?[:=–-][ ]*{_SIDE}[ ]?{_SIGN}[ ]?(?:side[ ])?[AB]\b"),
    # A's code is easier to follow; the code of B is cleaner
    re.compile(
        rf"{_SIDE}'s[ ]{_WORK}[ ]{_IS}[ ]{_VERY}(?P<degree>more|less|most|least)?[ ]?(?P<adjective>{_ADJECTIVE})\b"
    ),
    re.compile(
        rf"\b(?i:the)[ ]{_WORK}[ ](?:of|in|from)[ ]{_SIDE}[ ]{_IS}[ ]{_VERY}(?P<degree>more|less|most|least)?[ ]?"
        rf"(?P<adjective>{_ADJECTIVE})\b"
    ),
    # readability is better in B; error handling was worse in A
    re.compile(
        rf"\b(?P<noun>(?i:{_NOUN}))[ ]{_IS}[ ]{_VERY}{_JUDGED}[ ](?:in|with|for|on)[ ](?:the[ ]{_WORK}[ ]of[ ])?{_SIDE}"
        r"(?!['\w])"
    ),
    # A handles errors better than B; B fails worse: what a side does with failures is its reliability
    re.compile(
        rf"{_SIDE}[ ](?P<handles>handles|reports|deals[ ]with|copes[ ]with|recovers[ ]from)[ ](?:\w+[ ]){{0,2}}"
        rf"(?:errors?|failures?|exceptions?|edge[ ]cases|timeouts)[ ]{_VERY}(?P<comparison>better|worse)\b"
    ),
    # I find B easier to maintain
    re.compile(
        rf"\bI[ ](?:find|found|consider)[ ]{_SIDE}[ ]{_VERY}(?P<degree>more|less)?[ ]?(?P<adjective>{_ADJECTIVE})\b"
    ),
    # A beats B
    re.compile(rf"{_SIDE}[ ](?:clearly[ ])?(?:beats|outperforms|outdoes|edges[ ]out)[ ](?:side[ ])?[AB]\b"),
    # A is better (than B) and no more; A is the better change here; A wins
    re.compile(
        rf"{_SIDE}[ ](?:{_IS}[ ]{_VERY}{_JUDGED}"
        rf"(?:[ ](?:one|result|change|solution|version|choice|option|answer|work))?{_OTHER}|{_OVER}){_HERE}{_ENDS}"
    ),
]
_ABSOLUTE = re.compile(
    rf"{_SIDE}[ ](?:is|was|remains|stays|leaves (?:it|this|the code))[ ](?:still[ ]|plainly[ ]|simply[ ])?"
    r"(?P<bad>vulnerable|exploitable|injectable|insecure|unsafe)\b"
)

_NO_CLAIM = re.compile(
    r"\b(?:if|unless|whether|(?:would|could|might|may|should) be|at first|initially"
    r"|first (?:glance|reaction|impression|look|read(?:ing)?)|at a glance|thought|expected"
    r"|on paper|in theory|assumed|claim(?:s|ed)?|argu(?:e|ed|able|ably)|supposed(?:ly)?|both|equally"
    r"|as \w+ as|rather than|instead of|maybe|perhaps|possibly|one could|could say|some would|one might|eventually"
    r"|one day|earlier|previously|used to|last time|in (?:the )?(?:first|last|previous|earlier|turn)\b"
    r"|than (?:before|the (?:base|original|old|existing|current|previous)|it (?:was|is)|needed|necessary|required"
    r"|expected))\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:neither|nor|no more|not|isn't|wasn't|doesn't|don't|didn't|never|hardly|barely|wouldn't|can't|cannot)\b",
    re.IGNORECASE,
)
"""Counts up to the comma behind a claim: what is denied further on is something else."""
_FORCED = re.compile(r"\b(?:if|when) (?:forced|pressed|pushed|I had to|I must|I have to)\b", re.IGNORECASE)
_QUOTED = re.compile(r"```.*?(?:```|$)|`[^`\n]*`|\"[^\"\n]*\"|“[^“”\n]*+”|\[[AB]#[^\[\]\n]*+\]", re.DOTALL)
_BREAK = re.compile(
    r"(?<=[.!?])(?=\s)|[;\n]|:(?=\s+(?![AB]\b[ ]*(?:[.,;(\n<>≫≪]|$)))"
    r"|\b(?:but|while|whereas|although|though|yet|however|and|because|since)\b",
    re.IGNORECASE,
)


def claims_in(text: str) -> list[Claim]:
    """All claims, in their order."""
    plain = _FORCED.sub(_blank, _QUOTED.sub(_blank, text)).replace("’", "'")
    found: list[Claim] = []
    taken = bytearray(len(plain))
    for start, clause in _clauses(plain):
        if clause.rstrip().endswith("?") or _NO_CLAIM.search(clause):
            continue
        for claim in _of_clause(clause, start):
            if not any(taken[claim.start : claim.end]):
                taken[claim.start : claim.end] = b"\1" * (claim.end - claim.start)
                found.append(claim)
    return found


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    """Where each clause begins, and the clause with the mark that ends it."""
    last = 0
    for joint in _BREAK.finditer(text):
        yield last, text[last : joint.end() if joint.end() == joint.start() else joint.start()]
        last = joint.end()
    yield last, text[last:]


def _of_clause(clause: str, start: int) -> Iterator[Claim]:
    denial = _DENIED.search(clause)
    for form in _FORMS:
        for match in form.finditer(clause):
            claim = None if _is_denied(clause, match, denial) else _claim(match, start)
            if claim is not None:
                yield claim
    for match in _ABSOLUTE.finditer(clause):
        if _is_denied(clause, match, denial):
            continue
        side = _side(match["side"])
        yield Claim(other(side), (SECURITY,), start + match.start(), start + match.end(), strong=False)


def _is_denied(clause: str, match: re.Match[str], denial: re.Match[str] | None) -> bool:
    """Whether the clause's first denial stands ahead of the comma behind the claim."""
    return denial is not None and clause.find(",", match.end(), denial.end()) == -1


def _claim(match: re.Match[str], start: int) -> Claim | None:
    words = match.groupdict()
    side = _side(match["side"])
    at = (start + match.start(), start + match.end())
    if adjective := words.get("adjective"):
        degree = words.get("degree")
        if degree is None and not _COMPARATIVE_FORMS.fullmatch(adjective):
            return None  # "A is readable" compares nothing
        worse = (degree in ("less", "least")) != bool(_BAD.search(adjective))
        return Claim(other(side) if worse else side, _axes(_ADJECTIVES, adjective), *at)
    judged = words.get("comparison") or words.get("wins") or "better"
    worse = judged.split()[-1] in ("worse", "weaker", "inferior", "worst", "loses", "lost")
    if sign := words.get("sign"):
        worse = sign[0] in "<≪"
    axes = _axes(_NOUNS, words["noun"]) if words.get("noun") else ()
    if words.get("handles"):
        axes = (RELIABILITY,)
    return Claim(other(side) if worse else side, axes, *at)


def _axes(table: dict[str, tuple[str, ...]], word: str) -> tuple[str, ...]:
    return next(axes for pattern, axes in table.items() if re.fullmatch(pattern, word, re.IGNORECASE))


def _side(letter: str) -> SideName:
    return "A" if letter == "A" else "B"
