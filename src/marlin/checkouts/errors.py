"""What can go wrong with fetching results."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, NotFoundError


class CheckoutNotFoundError(NotFoundError):
    """Nothing can be fetched at this address, or nothing any more."""

    code = "checkout-not-found"


class CheckoutOverError(NotFoundError):
    """The address was used, or is too old."""

    code = "checkout-over"
    status: ClassVar[int] = 410


class NothingToFetchError(ConflictError):
    """No side has left a result that may be seen."""

    code = "nothing-to-fetch"


class TooManyCheckoutsError(ConflictError):
    """The person has made very many addresses in a short time."""

    code = "too-many-checkouts"


class TooManyFetchesError(ConflictError):
    """The person's earlier fetches are still in progress."""

    code = "too-many-fetches"
    status: ClassVar[int] = 429
