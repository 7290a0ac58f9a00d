// One photo: figures light up and can be chosen; arrows, swipes and Escape lead on and back.

import { isElsewhere } from "./clicks.js";
import "./deciding.js";
import { renew, say, whenFollowed } from "./naming.js";

const page = document.querySelector(".photo-page");
const drawing = page.querySelector(".drawing");
const links = { newer: document.getElementById("newer"), older: document.getElementById("older") };
const panels = () => [...page.querySelectorAll(".panel")];
const panelOf = (id) => document.getElementById(`panel-${id}`);

let chosen = new URL(location).searchParams.get("figure");
if (!panelOf(chosen)) chosen = null;

/** Light up one figure, and let the others dim; null: none. */
function light(id) {
  if (id) for (const use of drawing.querySelectorAll(".lit")) use.setAttribute("href", `#shape-${id}`);
  drawing.classList.toggle("is-lit", Boolean(id));
}

/** Show what can be told of a figure; null: of none. */
function choose(id) {
  chosen = id;
  const all = panels();
  for (const panel of all) panel.hidden = panel.id !== `panel-${id}` && all.length > 1;
  for (const figure of page.querySelectorAll("[data-figure]")) {
    const isChosen = figure.dataset.figure === id;
    figure.classList.toggle("is-chosen", isChosen);
    if (isChosen) figure.setAttribute("aria-current", "true");
    else figure.removeAttribute("aria-current");
    if (isChosen && figure.closest(".strip")) figure.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  const hint = document.getElementById("choose");
  if (hint) hint.hidden = Boolean(id);
  light(id);
  history.replaceState(history.state, "", addressOf(id));
}

function addressOf(id) {
  const address = new URL(location);
  if (id) address.searchParams.set("figure", id);
  else address.searchParams.delete("figure");
  return address;
}

page.addEventListener("pointerover", (event) => {
  const figure = event.target.closest("[data-figure]");
  if (event.pointerType !== "touch") light(figure ? figure.dataset.figure : chosen);
});
page.addEventListener("pointerleave", () => light(chosen));
page.addEventListener("focusin", ({ target }) => {
  const figure = target.closest("[data-figure]");
  light(figure?.matches(":focus-visible") ? figure.dataset.figure : chosen);
});
page.addEventListener("click", (event) => {
  const figure = event.target.closest("[data-figure]");
  if (figure && !isElsewhere(event)) {
    event.preventDefault();
    const id = figure.dataset.figure;
    choose(chosen === id && figure.closest(".drawing") ? null : id);
    const byKey = event.detail === 0;
    if (byKey && chosen) panelOf(id).focus();
  } else if (chosen && event.target.closest(".stage") && !event.target.closest("a")) {
    choose(null);
  }
});
light(chosen);

// Naming in place. What is said of one figure may change who the others are.

/** Show what is known now; the photo stays as it is. */
async function refresh() {
  const areShown = document.getElementById("show-parts")?.checked;
  const wasNaming = document.activeElement?.closest(".naming-here");
  if (!(await renew("side", addressOf(chosen).href))) return;
  const shown = document.getElementById("show-parts");
  if (shown) shown.checked = areShown;
  for (const panel of panels()) {
    const figure = drawing.querySelector(`[data-figure="${panel.id.slice("panel-".length)}"]`);
    figure?.setAttribute("aria-label", panel.getAttribute("aria-label"));
  }
  choose(panelOf(chosen) ? chosen : null);
  if (wasNaming) (chosen ? panelOf(chosen) : panels()[0])?.focus({ preventScroll: true });
}

page.addEventListener("submit", (event) => {
  const form = event.target.closest(".naming-here");
  if (!form) return;
  event.preventDefault();
  if (!form.hasAttribute("aria-busy")) say(form.dataset.person, form, form.closest(".panel").querySelector("img").src);
});
page.addEventListener("keydown", (event) => {
  const form = event.target.closest(".naming-here");
  if (!form || event.key !== "Escape" || event.isComposing) return;
  form.reset();
  event.target.blur();
  event.preventDefault();
});
document.addEventListener("mien:named", refresh);
document.addEventListener("mien:undone", refresh);
document.addEventListener("mien:said", ({ detail: { form, address, decision } }) => {
  if (!form.matches("#draw-form, [action='/decisions/nobody']")) return refresh();
  const changed = new URL(address, location); // the drawing has other figures now; the page says how to take that back
  changed.searchParams.set("decision", decision);
  location.replace(changed);
});
whenFollowed(() => !document.activeElement?.closest(".naming-here"), refresh);

// Neighbours take this page's place in the history, so that the way back leads to where the visitor came from.

function visit(link) {
  if (link) location.replace(link.href);
}

function goBack() {
  const { navigation } = window;
  const before = navigation?.entries().slice(0, navigation.currentEntry.index) ?? [];
  const album = before.findLast((entry) => !new URL(entry.url).pathname.startsWith("/photos/"));
  if (album) navigation.traverseTo(album.key);
  else location.assign(document.getElementById("back").href);
}

for (const [id, go] of [["newer", visit], ["older", visit], ["back", goBack]]) {
  document.getElementById(id)?.addEventListener("click", (event) => {
    if (isElsewhere(event)) return;
    event.preventDefault();
    go(event.currentTarget);
  });
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
  const isWriting = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (isWriting) return;
  if (event.key === "Escape") goBack();
  else if (event.key === "ArrowLeft") visit(links.newer);
  else if (event.key === "ArrowRight") visit(links.older);
});

const SWIPE = 64; // px along, and twice as much as across
const stage = page.querySelector(".stage");
let start = null;
stage.addEventListener("touchstart", ({ touches }) => {
  start = touches.length === 1 && (visualViewport?.scale ?? 1) < 1.05 ? touches[0] : null; // zoomed in, a finger moves the photo
}, { passive: true });
stage.addEventListener("touchend", ({ changedTouches: [end], touches }) => {
  if (!start || touches.length) return;
  const [along, across] = [end.clientX - start.clientX, end.clientY - start.clientY];
  start = null;
  if (Math.abs(along) > SWIPE && Math.abs(along) > 2 * Math.abs(across)) visit(along > 0 ? links.newer : links.older);
});

// The next photos are fetched once this one is there, so that leafing does not wait.

const sharp = page.querySelector(".photo-sharp");
const fetchNeighbours = () => {
  for (const link of Object.values(links)) {
    if (link) Object.assign(new Image(), { fetchPriority: "low", src: link.dataset.preview });
  }
};
if (sharp.complete) fetchNeighbours();
else sharp.addEventListener("load", fetchNeighbours, { once: true });
