// The people page: naming in place, cards that go on, and a filter by name.

import { isElsewhere } from "./clicks.js";
import { keepLoading } from "./more.js";
import { renew, say, whenFollowed } from "./naming.js";

const form = document.getElementById("naming-form").content.firstElementChild;

function begin() {
  for (const part of document.querySelectorAll(".people-part")) {
    keepLoading(part, ".more", (piece) => part.querySelector(".cards").append(piece), "800px");
  }
}

async function again() {
  if (await renew("parts", location.href)) begin();
}

document.addEventListener("click", (event) => {
  const edit = event.target.closest("#parts [data-edit]");
  if (!edit || isElsewhere(event)) return;
  event.preventDefault();
  open(edit.closest("[data-naming]"));
});

/** Turn a name into a field. */
function open(place) {
  if (place.querySelector("form")) return;
  const before = [...place.childNodes];
  const naming = form.cloneNode(true);
  const field = naming.elements.name;
  const { naming: person, name } = place.dataset;
  naming.action = `/people/${person}/name`;
  field.value = name;
  place.replaceChildren(naming);
  field.focus();
  field.select();

  const close = (isBack) => {
    if (naming.hasAttribute("aria-busy") || !naming.isConnected) return;
    place.replaceChildren(...before);
    if (isBack) place.querySelector("[data-edit]").focus();
  };
  naming.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) close(true);
  });
  naming.addEventListener("focusout", ({ relatedTarget }) => {
    if (naming.contains(relatedTarget) || document.querySelector("dialog[open]")) return;
    if (field.value.trim() === name) close(false); // what was begun is not lost to a stray click
  });
  naming.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (naming.hasAttribute("aria-busy")) return;
    if (field.value === name) return close(true);
    const portrait = place.closest(".person-card").querySelector("img")?.src;
    await say(person, naming, portrait);
  });
}

document.addEventListener("mien:named", ({ detail: { was, person_id: now, card } }) => {
  const find = (person) => document.querySelector(`.person-card[data-person="${CSS.escape(person)}"]`);
  const [old, there] = [find(was), now === was ? null : find(now)];
  const holder = document.createElement("template");
  holder.innerHTML = card ?? "";
  const fresh = holder.content.firstElementChild;
  if (there) {
    old?.remove(); // who turned out to be somebody already shown
    there.replaceWith(fresh);
    fresh.scrollIntoView({ block: "nearest" });
  } else {
    old?.replaceWith(fresh); // it stays where it is, until the page is loaded again
  }
  fresh?.querySelector("a:not([tabindex])")?.focus();
  const names = document.getElementById("names");
  const name = fresh?.querySelector("[data-naming]").dataset.name;
  if (name && ![...names.options].some((option) => option.value === name)) names.append(new Option("", name));
});

document.addEventListener("mien:undone", again);
whenFollowed(() => false, again);

let timer;
document.addEventListener("input", (event) => {
  const search = event.target.closest(".people-search input");
  if (!search) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const query = search.value.trim() ? `?${new URLSearchParams({ name: search.value })}` : "";
    history.replaceState(null, "", `/people${query}`);
    again();
  }, 150);
});
document.addEventListener("submit", (event) => {
  if (event.target.closest(".people-search")) event.preventDefault();
});

begin();
