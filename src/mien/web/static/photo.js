// One photo: figures light up and can be chosen; arrows, swipes and Escape lead on and back.

const page = document.querySelector(".photo-page");
const drawing = page.querySelector(".drawing");
const figures = [...page.querySelectorAll("[data-figure]")]; // in the drawing, and in the strip
const panels = [...page.querySelectorAll(".panel")];
const hint = document.getElementById("choose");
const links = { newer: document.getElementById("newer"), older: document.getElementById("older") };

let chosen = new URL(location).searchParams.get("figure");
if (!document.getElementById(`panel-${chosen}`)) chosen = null;

/** Light up one figure, and let the others dim; null: none. */
function light(id) {
  if (id) for (const use of drawing.querySelectorAll(".lit")) use.setAttribute("href", `#shape-${id}`);
  drawing.classList.toggle("is-lit", Boolean(id));
}

/** Show what can be told of a figure; null: of none. */
function choose(id) {
  chosen = id;
  for (const panel of panels) panel.hidden = panel.id !== `panel-${id}` && panels.length > 1;
  for (const figure of figures) {
    const isChosen = figure.dataset.figure === id;
    figure.classList.toggle("is-chosen", isChosen);
    if (isChosen) figure.setAttribute("aria-current", "true");
    else figure.removeAttribute("aria-current");
    if (isChosen && figure.closest(".strip")) figure.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  if (hint) hint.hidden = Boolean(id);
  light(id);
  const address = new URL(location);
  if (id) address.searchParams.set("figure", id);
  else address.searchParams.delete("figure");
  history.replaceState(history.state, "", address);
}

for (const figure of figures) {
  const id = figure.dataset.figure;
  figure.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && light(id));
  figure.addEventListener("pointerleave", () => light(chosen));
  figure.addEventListener("focus", () => figure.matches(":focus-visible") && light(id));
  figure.addEventListener("blur", () => light(chosen));
  figure.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens elsewhere, as with any link
    event.preventDefault();
    choose(chosen === id && figure.closest(".drawing") ? null : id);
    const byKey = event.detail === 0;
    if (byKey && chosen) document.getElementById(`panel-${id}`).focus();
  });
}
page.querySelector(".stage").addEventListener("click", (event) => {
  if (chosen && !event.target.closest("a")) choose(null);
});
light(chosen);

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
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
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
