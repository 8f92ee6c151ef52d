"""Keeps the stock of a small shop."""

__version__ = "0.4.0"
