"""A number with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, stdtrit

from marlin.statistics.errors import InvalidQuestionError


def t_quantile(probability: float, df: float) -> float:
    """The quantile of Student's t; of the normal distribution where df is infinite."""
    if np.isinf(df):
        from scipy.special import ndtri

        return float(ndtri(probability))
    return float(stdtrit(df, probability))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its standard error, and the interval that holds the truth in ``level`` of all repetitions.

    :ivar df: degrees of freedom of the t quantile used; infinite for the normal.
    """

    value: float
    standard_error: float
    low: float
    high: float
    level: float = 0.95
    df: float = float("inf")

    @classmethod
    def around(cls, value: float, standard_error: float, *, level: float = 0.95, df: float = float("inf")) -> Estimate:
        """The symmetric interval.

        :raises InvalidQuestionError: the level is not between 0 and 1.
        """
        reach = t_quantile(checked_level(level) / 2 + 0.5, df) * standard_error
        return cls(float(value), float(standard_error), float(value - reach), float(value + reach), level, df)


def exact_share(hits: float, tries: float, *, level: float = 0.95) -> Estimate:
    """A share with its exact interval (Clopper & Pearson 1934), which has a width also where all are hits, or none."""
    tail = (1 - checked_level(level)) / 2
    low = float(betaincinv(hits, tries - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, tries - hits, 1 - tail)) if hits < tries else 1.0
    share = hits / tries
    return Estimate(share, float(np.sqrt(share * (1 - share) / tries)), low, high, level)


def checked_level(level: float) -> float:
    """The level itself.

    :raises InvalidQuestionError: it is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise InvalidQuestionError(f"a level of {level:g} is not between 0 and 1", hint="0.95 is usual")
    return level
