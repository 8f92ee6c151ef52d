"""The browser of the tests, of the pictures and of what is measured in one."""

from __future__ import annotations

from typing import Any

NOT_NEEDED = (
    # Each new window loads hundreds of files for the suggestions below its address bar: a second on a core, while the
    # page under test is being opened. Whoever works with Marlin has had their window for longer.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # What Playwright 1.65 turns off itself and matters here: a second list replaces its own.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
"""Features of Chromium that are turned off."""
ARGUMENTS = ("--no-sandbox", f"--disable-features={','.join(NOT_NEEDED)}")
CHROMIUM: dict[str, Any] = {"executable_path": "/usr/bin/chromium", "args": list(ARGUMENTS)}
"""What ``playwright.chromium.launch`` takes."""
