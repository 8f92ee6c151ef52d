"""Marlin: from the judgement of professional engineers to better coding agents."""
