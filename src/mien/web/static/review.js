// Questions, one after the other: by button or key; the next one takes the place of the one that was answered.

import { decide } from "./deciding.js";
import { renew, undo } from "./naming.js";

const KEYS = { y: "same", n: "different", s: "unsure" };

const form = () => document.getElementById("question");
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
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  const key = event.key.toLowerCase();
  if (key === "u" && said.length && !event.repeat) undo(said.at(-1).decision, said.at(-1).count);
  const button = KEYS[key] && form()?.querySelector(`button[value="${KEYS[key]}"]`);
  if (button) decide(form(), button);
});
