// Results: arrows lead from one to the next.

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

document.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, select, textarea")) return;
  const from = document.activeElement.closest(".tile-picture");
  const to = from ? next(from, event.key) : links()[0];
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest" });
});
