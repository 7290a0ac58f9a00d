// Choosing photos on the timeline, to make copies of: while it is on, a tap on a photo chooses it.

import { isElsewhere } from "./clicks.js";

const MOST = 200;

const pick = document.getElementById("pick");
const share = document.getElementById("share-picked");
const picked = new Set();

function show() {
  const isOn = pick?.getAttribute("aria-pressed") === "true";
  if (!share) return;
  share.hidden = !isOn;
  share.disabled = picked.size === 0;
  share.textContent = share.dataset.words.replace("{n}", picked.size.toLocaleString(document.documentElement.lang));
}

function end() {
  pick.setAttribute("aria-pressed", "false");
  picked.clear();
  for (const tile of document.querySelectorAll(".tile.is-picked")) {
    tile.classList.remove("is-picked");
    tile.querySelector("a").removeAttribute("aria-current");
  }
  show();
}

pick?.addEventListener("click", () => {
  if (pick.getAttribute("aria-pressed") === "true") return end();
  pick.setAttribute("aria-pressed", "true");
  show();
});
share?.addEventListener("click", () => {
  location.assign(`/share?${[...picked].map((photo) => `photo=${photo}`).join("&")}`);
});
document.addEventListener("click", (event) => {
  const tile = event.target.closest?.(".timeline .tile");
  if (!tile || pick?.getAttribute("aria-pressed") !== "true" || isElsewhere(event)) return;
  event.preventDefault();
  const photo = tile.id.slice("photo-".length);
  if (!picked.delete(photo) && picked.size < MOST) picked.add(photo);
  tile.classList.toggle("is-picked", picked.has(photo));
  if (picked.has(photo)) tile.querySelector("a").setAttribute("aria-current", "true");
  else tile.querySelector("a").removeAttribute("aria-current");
  show();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && pick?.getAttribute("aria-pressed") === "true") end();
});
