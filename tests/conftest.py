"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No assertion is timed, these neither: on a busy machine a process may stand still for longer than any example takes.
settings.register_profile("marlin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("marlin")
