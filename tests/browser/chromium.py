"""The system's Chromium, headless and without a network."""

import os
import shutil
from typing import Any

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

NO_NETWORK = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def find() -> str | None:
    """Its command: what `MIEN_CHROMIUM` names, else the first that is installed."""
    return os.environ.get("MIEN_CHROMIUM") or next(filter(None, map(shutil.which, COMMANDS)), None)


def launch(playwright: Any, command: str) -> Any:
    """Playwright's browser."""
    arguments = ["--disable-gpu", "--disable-background-networking", f"--host-resolver-rules={NO_NETWORK}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to run as root otherwise
    return playwright.chromium.launch(executable_path=command, args=arguments)
