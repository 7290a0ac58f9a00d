// The search box of every page: "/" leads to it, and it suggests how a question may go on.

const PAUSE = 120; // ms after the last key before suggestions are asked for

const form = document.getElementById("ask");
const field = document.getElementById("question");
const list = document.getElementById("suggestions");

field.setAttribute("role", "combobox");
field.setAttribute("aria-autocomplete", "list");
field.setAttribute("aria-controls", list.id);
field.setAttribute("aria-expanded", "false");

let chosen = -1;
let timer = null;
let asked = 0;

function close() {
  clearTimeout(timer);
  asked++; // an answer under way comes too late
  list.hidden = true;
  chosen = -1;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function choose(index) {
  const options = [...list.children];
  chosen = index < -1 ? options.length - 1 : index >= options.length ? -1 : index;
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
  if (chosen < 0) field.removeAttribute("aria-activedescendant");
  else {
    field.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  }
}

function take(option) {
  const end = option.dataset.text.length - option.dataset.behind; // behind the word, also where others follow
  field.value = option.dataset.text;
  field.setSelectionRange(end, end);
  close();
}

async function suggest() {
  const mine = ++asked;
  const behind = field.value.length - field.selectionStart;
  const before = [...field.value.slice(0, field.selectionStart)].length; // in characters, of which some are two in UTF-16
  const answer = await fetch(`/search/complete?q=${encodeURIComponent(field.value)}&at=${before}`);
  if (!answer.ok || mine !== asked || document.activeElement !== field) return;
  const suggestions = await answer.json();
  if (mine !== asked) return;
  list.replaceChildren(
    ...suggestions.map(({ text, label }, i) => {
      const option = document.createElement("li");
      option.id = `suggestion-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dir = "auto";
      option.dataset.text = text;
      option.dataset.behind = behind;
      option.textContent = label;
      return option;
    }),
  );
  chosen = -1;
  list.hidden = suggestions.length === 0;
  field.setAttribute("aria-expanded", String(!list.hidden));
  field.removeAttribute("aria-activedescendant");
}

field.addEventListener("input", (event) => {
  clearTimeout(timer);
  if (event.isComposing || !field.value.trim()) return close();
  choose(-1); // what was chosen goes on from words that have changed
  timer = setTimeout(() => suggest().catch(close), PAUSE); // suggestions are a help: without them one writes on
});
field.addEventListener("compositionend", () => field.dispatchEvent(new InputEvent("input")));

field.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // 229: Safari's Enter that ends a composition
  if (event.key === "Escape") {
    if (list.hidden) field.blur();
    else event.preventDefault(); // the words stay
    close();
  } else if (!list.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
  } else if (chosen >= 0 && (event.key === "Enter" || event.key === "Tab")) {
    event.preventDefault();
    take(list.children[chosen]);
  }
});

list.addEventListener("pointerdown", (event) => {
  event.preventDefault(); // the field keeps the focus
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});
field.addEventListener("blur", close);
form.addEventListener("submit", (event) => {
  if (!field.value.trim()) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const isWriting = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isWriting || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  field.focus();
  field.select();
});
