// Questions, one after the other: by button or key; the next one takes the place of the one that was answered.

import { decide } from "./deciding.js";
import { renew, undo, whenFollowed } from "./naming.js";

const PREPARING = 2_000; // ms between two looks at whether questions are prepared
const KEYS = { y: "same", n: "different", s: "unsure" };

const form = () => document.getElementById("asked");
const said = []; // what can be taken back from here, the last at the end

document.addEventListener("mien:said", async ({ detail }) => {
  said.push(detail);
  await next();
});
document.addEventListener("mien:undone", async () => {
  said.pop();
  await next();
});

async function next() {
  await renew("review", "/review");
  (form()?.querySelector("h1") ?? document.querySelector("#review h1"))?.focus({ preventScroll: true });
  wait();
}

let timer;

/** Have the page filled once questions are prepared. One that is being read stays: nothing changes under a finger. */
function wait() {
  clearTimeout(timer);
  if (!("preparing" in document.getElementById("review").dataset)) return;
  timer = setTimeout(() => (form() ? look() : next()), PREPARING);
}

async function look() {
  const page = await fetch("/review").then((response) => response.text()).catch(() => null);
  const shown = page && new DOMParser().parseFromString(page, "text/html").getElementById("review");
  if (!shown || "preparing" in shown.dataset) wait();
  else document.getElementById("preparing")?.remove();
}

whenFollowed(() => true, () => form() || next());
wait();

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  const key = event.key.toLowerCase();
  if (key === "u" && said.length && !event.repeat) undo(said.at(-1).decision, said.at(-1).count);
  const button = KEYS[key] && form()?.querySelector(`button[value="${KEYS[key]}"]`);
  if (button) decide(form(), button);
});
