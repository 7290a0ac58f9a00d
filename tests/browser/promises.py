"""What every page promises, asked of the page as the browser shows it. Each answers with the offenders."""

import re
import tomllib
from importlib import resources
from typing import Any

SETTLED = """
async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})));
}
"""
"""Layout and colours follow a new window or theme within some frames."""

SEEN = """
const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  && element.getClientRects().length > 0;
const name = (element) => element.outerHTML.slice(0, 120);
"""

SIDEWAYS = """
(() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width && innerWidth <= screen.width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return [`${document.scrollingElement.scrollWidth} px of ${width}`, ...wide.slice(0, 5).map(name)];
})()
"""

UNNAMED = """
(() => {
  const words = (element) => [element.textContent, element.ariaLabel, element.title,
    ...[...element.querySelectorAll("img[alt], [aria-label]")].flatMap((one) => [one.alt, one.ariaLabel]),
    ...(element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent),
    ...[...(element.labels ?? [])].map((label) => label.textContent)];
  const isNamed = (element) => words(element).some((word) => word?.trim());
  const fields = document.querySelectorAll("input:not([type=hidden], [type=submit]), select, textarea");
  const nameless = [...fields].filter((field) => isSeen(field) &&
    !field.labels.length && !field.ariaLabel && !field.hasAttribute("aria-labelledby"));
  const silent = [...document.querySelectorAll("button, a[href], summary, [role=button]")]
    .filter((one) => isSeen(one) && !isNamed(one));
  const pictures = [...document.querySelectorAll("img:not([alt])")];
  const titles = document.title.trim() && document.querySelectorAll("h1").length === 1
    ? [] : ["a page has a title and one h1"];
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  return [...[...nameless, ...silent, ...pictures].map(name), ...titles, ...twice.map((id) => `#${id} twice`)];
})()
"""

FAINT = """
(() => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {  // [red, green, blue, opacity], 0-1
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
  };
  const over = (top, ground) => [0, 1, 2].map((i) => top[i] * top[3] + ground[i] * (1 - top[3]));
  const luminance = (colour) => {  // WCAG 2.2, relative luminance
    const [red, green, blue] = colour.map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const pictures = [...document.images].filter(isSeen).map((one) => one.getBoundingClientRect());
  const groundOf = (element) => {  // null where a picture lies under the words
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const isOn = (one) => one.left < right && left < one.right && one.top < bottom && top < one.bottom;
    if (pictures.some(isOn)) return null;
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== "none") return null;
      layers.push(channels(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((ground, layer) => over(layer, ground), [1, 1, 1]);
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!own || !isSeen(element) || element.closest("svg, :disabled, [aria-hidden=true], template")) continue;
    const style = getComputedStyle(element), ground = groundOf(element), size = parseFloat(style.fontSize);
    if (!ground || size === 0) continue;
    const ink = over(channels(style.color), ground);
    const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const isLarge = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${name(element)}`);
  }
  return found;
})()
"""

TINY = """
[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")].filter((one) => {
  const { width, height } = one.getBoundingClientRect();
  return isSeen(one) && !one.closest("label, p, td, li p, svg, .docs") && (width < 24 || height < 24);
}).map(name)
"""

TEXTS = """
(() => {
  const found = new Set([document.title]);
  const isOurs = (element) => !element.closest("body [lang]"); // the switch to the other language speaks it
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (isSeen(element) && isOurs(element) && !element.closest("code, pre, script, style, template"))
      found.add(walker.currentNode.data);
  }
  for (const element of document.body.querySelectorAll("*"))
    for (const attribute of ["aria-label", "title", "alt", "placeholder"])
      if (element.hasAttribute(attribute) && isOurs(element)) found.add(element.getAttribute(attribute));
  return [...found].map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
})()
"""


def sideways(page: Any) -> list[str]:
    """What makes the page scroll sideways."""
    return _ask(page, SIDEWAYS)


def unnamed(page: Any) -> list[str]:
    """Pictures, fields, links and buttons without words for those who do not see them; ids that are not unique."""
    return _ask(page, UNNAMED)


def tiny(page: Any) -> list[str]:
    """What fingers miss: targets, links within a text aside, that are below WCAG 2.2 AA (2.5.8)."""
    return _ask(page, TINY)


def faint(page: Any) -> list[str]:
    """Words on plain ground whose contrast is below WCAG 2.2 AA (1.4.3)."""
    return _ask(page, FAINT)


def english(page: Any) -> list[str]:
    """Texts of ours on a Chinese page that are still in English."""
    ours = _only_english()
    return [text for text in _ask(page, TEXTS) if any(pattern.fullmatch(text) for pattern in ours)]


def chinese(page: Any) -> list[str]:
    """Texts on an English page with Chinese characters."""
    return [text for text in _ask(page, TEXTS) if re.search("[一-鿿]", text)]


def _ask(page: Any, script: str) -> list[str]:
    page.evaluate(SETTLED)
    offenders: list[str] = page.evaluate(f"() => {{ {SEEN} return {script.strip()}; }}")
    return offenders


def _only_english() -> list[re.Pattern[str]]:
    """A pattern for each English text of ours that reads differently in Chinese."""
    found = []
    for file in (resources.files("mien") / "messages").iterdir():
        if file.name.endswith(".toml"):
            for english, chinese in _pairs(tomllib.loads(file.read_text(encoding="utf-8"))):
                if english != chinese and re.search("[A-Za-z]{3}", re.sub(r"\{.*?\}", "", english)):
                    words = re.split(r"\{.*?\}", " ".join(english.split()))
                    found.append(re.compile(".+".join(map(re.escape, words)), re.IGNORECASE))
    return found


def _pairs(table: dict[str, Any]) -> list[tuple[str, str]]:
    if "en" in table and "zh" in table and isinstance(table["en"], str):
        return [(table["en"], table["zh"])]
    return [pair for value in table.values() if isinstance(value, dict) for pair in _pairs(value)]
