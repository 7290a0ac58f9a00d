// Choosing photos of a person: a tap on a photo chooses it while the switch is on; what is chosen is counted.

import { isElsewhere } from "./clicks.js";

const toggle = () => document.getElementById("choose");
const boxes = () => [...document.querySelectorAll(".tile-choose input")];

function count() {
  const bar = document.getElementById("choose-bar");
  if (!bar) return;
  const chosen = boxes().filter((box) => box.checked).length;
  const words = bar.querySelector(".choose-count");
  words.textContent = words.dataset.chosen.replace("{n}", chosen.toLocaleString(document.documentElement.lang));
  for (const button of bar.querySelectorAll("button")) button.disabled = chosen === 0;
}

document.addEventListener("click", (event) => {
  const picture = event.target.closest?.(".person .tile-picture");
  if (!picture || !toggle()?.checked || isElsewhere(event)) return;
  event.preventDefault();
  const mine = [...picture.parentElement.querySelectorAll(".tile-choose input")];
  const isChosen = mine.every((box) => box.checked);
  for (const box of mine) box.checked = !isChosen;
  count();
});
document.addEventListener("change", (event) => {
  if (event.target.id === "choose" && !event.target.checked) for (const box of boxes()) box.checked = false;
  if (event.target.closest?.("#choose, .tile-choose")) count();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !toggle()?.checked || event.target.closest("dialog, .naming-here")) return;
  toggle().checked = false;
  toggle().dispatchEvent(new Event("change", { bubbles: true }));
  toggle().focus();
});
document.addEventListener("mien:renewed", count);
count();
