"""Somebody who looks at the album through a browser, and notes everything that a good page would not do."""

from typing import Any
from urllib.parse import urlsplit

from mien.language import Language, text

LOCALES = {"en": "en-GB", "zh": "zh-CN"}

PATIENCE = 15_000
"""ms that anything may take to appear, on a busy machine."""

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


class Visitor:
    """A fresh profile with one page open.

    Attributes:
        page: playwright's page.
        complaints: what the pages did wrong: errors in the console, uncaught exceptions, breaches of the policy,
            requests that left for another origin or failed.
        expected: statuses ≥ 400 that the test asks for, and no complaints therefore.
    """

    def __init__(
        self,
        browser: Any,
        address: str,
        size: tuple[int, int],
        language: Language,
        *,
        is_touch: bool = False,
        scripts: bool = True,
        theme: str = "light",
        expected: frozenset[int] = frozenset(),
    ) -> None:
        self.address, self.language, self.expected = address.rstrip("/"), language, expected
        self.is_touch = is_touch
        self.complaints: list[str] = []
        self._context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=LOCALES[language],
            has_touch=is_touch,
            is_mobile=is_touch,
            java_script_enabled=scripts,
            color_scheme=theme,
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(PATIENCE)
        if scripts:
            self._context.add_init_script(REPORT_VIOLATIONS)
        self._context.on("console", self._hear)
        self._context.on("weberror", lambda error: self._complain(f"uncaught: {error.error}"))
        self._context.on("request", self._watch)
        self._context.on("response", self._check)
        self.page = self._context.new_page()

    def go(self, path: str = "/") -> None:
        """Open `path` and wait until everything on it is loaded."""
        self.page.goto(self.address + path, wait_until="load")

    def tab(self, path: str) -> Any:
        """A second page beside the first, at `path`."""
        beside = self._context.new_page()
        beside.goto(self.address + path, wait_until="load")
        return beside

    def say(self, code: str, **values: object) -> str:
        """A text of ours in the visitor's language."""
        return text(code, language=self.language, **values)

    def press(self, place: Any) -> None:
        """Click or tap."""
        if self.is_touch:
            place.tap()
        else:
            place.click()

    def close(self) -> None:
        self._context.close()

    def _watch(self, request: Any) -> None:
        wanted = urlsplit(request.url)
        if f"{wanted.scheme}://{wanted.netloc}" != self.address and wanted.scheme not in ("data", "blob"):
            self._complain(f"left for {request.url}")

    def _hear(self, message: Any) -> None:
        # a status that a page was to have is in `_check`
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self._complain(f"console: {message.text}")

    def _check(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self._complain(f"{response.status}: {response.request.method} {response.url}")

    def _complain(self, what: str) -> None:
        self.complaints.append(f"{what} (on {urlsplit(self.page.url).path})")
