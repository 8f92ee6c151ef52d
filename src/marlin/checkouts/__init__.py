"""Checkouts: fetching the results of a comparison with git, at an address that works once."""

from marlin.checkouts.models import Checkout
from marlin.checkouts.service import prune_checkouts

__all__ = ["Checkout", "prune_checkouts"]
