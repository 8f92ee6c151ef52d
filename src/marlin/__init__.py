"""Marlin: from the judgement of professional engineers to better coding agents."""

__version__ = "0.1.0"
