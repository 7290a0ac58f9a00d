// One person: all their photos, and their name.

import { keepJustified } from "./justify.js";
import { joinMonths, keepLoading } from "./more.js";
import "./deciding.js";
import { renew, say, whenFollowed } from "./naming.js";

function begin() {
  const months = document.getElementById("months");
  const lay = keepJustified(months);
  keepLoading(months, ".more", (piece) => {
    joinMonths(months, piece);
    lay();
  });
}

async function show(address) {
  if (address !== location.pathname) history.replaceState(null, "", address);
  if (await renew("person", address)) begin();
}

document.addEventListener("submit", (event) => {
  const naming = event.target.closest(".naming-here");
  if (!naming) return;
  event.preventDefault();
  if (!naming.hasAttribute("aria-busy")) say(naming.dataset.person, naming, document.querySelector(".person-head img")?.src);
});
document.addEventListener("keydown", (event) => {
  const naming = event.target.closest?.(".naming-here");
  if (naming && event.key === "Escape" && !event.isComposing) naming.reset();
});

document.addEventListener("mien:named", ({ detail: { address } }) => show(address));
document.addEventListener("mien:undone", ({ detail: { address } }) => show(address));
document.addEventListener("mien:said", ({ detail: { address } }) => show(address));
whenFollowed(
  () => scrollY < 300 && !document.activeElement?.closest(".naming-here"),
  () => show(location.pathname),
);

begin();
