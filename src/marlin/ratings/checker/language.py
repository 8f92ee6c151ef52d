"""Is a text in English? The rules that read words know no other language, and then have to be silent. Pure.

Only a text that is clearly something else counts as that: its letters are not Latin, or the small words that every
sentence needs are another language's more often than English ones.
"""

from __future__ import annotations

import re

from marlin.ratings import citations

FEWEST_WORDS = 6
"""A shorter text is taken for English, unless its letters say otherwise: names and numbers have no language."""

_CODE = re.compile(r"```.*?(?:```|$)|`[^`\n]*`|(?<![^\s`])[^\s`]*[/_\\]\S*|(?<![^\s`])[^\s`]+\.\w{1,4}\b", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f'’]+")
_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """
        the and is it its of to in that for on with not but are was be this both which so has does have at by from as
        than
        what when while because if no nothing one only every all an or where who they there would could should did do
        it's isn't doesn't don't didn't can can't more less better worse
        """,
    )
)
_OTHERS = frozenset(
    re.findall(
        r"\S+",
        """
        der das und ist nicht ein eine mit auf für von zu den dem sich auch wird als aber weil bei nach oder nur noch
        wenn
        le les des est pas un une et dans pour que qui sur avec il elle ne du au mais ou ce cette n'y quand
        el los las es una en por para con que se más pero como porque lo están qué
        di che non per una sono con del della le è gli ma più quindi quello
        os da em não uma um com mais mas é ao são qual
        het een van niet dat op voor zijn maar ook wordt
        jest nie że się na bo jak ale lub niż dla czy w z
        och att det som inte är på av för med ett
        ve bir bu için değil ile çok
        """,
    )
)
"""German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Turkish; what English has too is left out."""


def is_english(text: str) -> bool:
    """Whether the rules that read words may speak of ``text``."""
    plain = text
    for found in reversed(citations.find(text)):
        plain = plain[: found.start] + " " + plain[found.end :]
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(_CODE.sub(" ", plain))]
    letters = sum(len(word) for word in words)
    foreign = sum(len(word) for word in words if not _LATIN.fullmatch(word))
    if foreign * 3 > letters:
        return False
    if len(words) < FEWEST_WORDS:
        return True
    others = sum(word in _OTHERS for word in words)
    return others < 2 or others <= sum(word in _ENGLISH for word in words)
