// Results: arrows lead from one to the next, and coming back leads to the one that was opened. Chips lead to their words.

const field = document.getElementById("question");
const links = () => [...document.querySelectorAll(".found .tile-picture")];

/** The nearest link in a direction, by where they stand on the page. */
function next(from, key) {
  const all = links();
  const at = all.indexOf(from);
  if (key === "ArrowRight" || key === "ArrowLeft") return all[at + (key === "ArrowRight" ? 1 : -1)];
  const { left, top } = from.getBoundingClientRect();
  const isBehind = key === "ArrowDown" ? (box) => box.top > top + 8 : (box) => box.top < top - 8;
  const away = (link) => {
    const box = link.getBoundingClientRect();
    return Math.abs(box.top - top) * 4 + Math.abs(box.left - left);
  };
  return all.filter((link) => isBehind(link.getBoundingClientRect())).sort((one, other) => away(one) - away(other))[0];
}

const firstInView = () => links().find((link) => link.getBoundingClientRect().top >= 0) ?? links()[0];

document.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented || event.isComposing) return; // suggestions have their own
  const isAsking = event.target === field && event.key === "ArrowDown";
  if (!isAsking && event.target.closest?.("input, select, textarea")) return;
  const from = document.activeElement.closest(".tile-picture");
  const to = from ? next(from, event.key) : firstInView();
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest" });
});

document.addEventListener("click", (event) => {
  const result = event.target.closest(".found .tile-picture");
  if (result) history.replaceState({ ...history.state, opened: result.parentElement.id }, "");
  const words = event.target.closest(".chip-words");
  if (!words) return;
  event.preventDefault();
  const asked = [...field.defaultValue]; // the chips' places are counted in characters, those of a field in UTF-16
  const places = words.dataset.spans.split(" ").filter(Boolean).map((span) => span.split("-").map(Number));
  const [first, end] = [Math.min(...places.map(([at]) => at)), Math.max(...places.map(([, at]) => at))];
  field.focus();
  if (!places.length || field.value !== field.defaultValue) return; // something else is being asked already
  field.setSelectionRange(...[first, end].map((at) => asked.slice(0, at).join("").length));
  field.scrollLeft = (field.scrollWidth * (first + end)) / 2 / asked.length - field.clientWidth / 2;
});

if (!location.search) field.focus(); // nothing is asked yet

addEventListener("pageshow", () => {
  const opened = document.getElementById(history.state?.opened);
  opened?.querySelector("a").focus({ preventScroll: true });
});
