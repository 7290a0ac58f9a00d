// Bringing photos: chosen or dropped, sent one after the other; what could not be taken stays listed, with the reason.

import { post } from "./post.js";

const AT_ONCE = 2; // the server works on few at a time; more would only fill memory

const files = document.getElementById("upload-files");
const zone = document.getElementById("drop-zone");
const panel = document.getElementById("uploads");
const words = panel.querySelector(".uploads-words");
const progress = panel.querySelector("progress");
const failures = panel.querySelector(".uploads-failed");

const waiting = [];
let all = 0;
let done = 0;
let failed = 0;
let working = 0;
let leaving;

/** @param {Iterable<File>} chosen */
function bring(chosen) {
  if (!working && !waiting.length) {
    all = done = failed = 0;
    failures.replaceChildren();
  }
  for (const file of chosen) waiting.push(file);
  all = done + working + waiting.length;
  if (!all) return;
  panel.hidden = false;
  tell();
  while (working < AT_ONCE && waiting.length) work();
}

async function work() {
  working++;
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    const reason = await send(file);
    done++;
    if (reason) {
      failed++;
      list(file.name, reason);
    }
    tell();
    document.dispatchEvent(new CustomEvent("mien:brought"));
  }
  working--;
  tell();
}

/** @returns {Promise<string | null>} why it was not taken */
async function send(file) {
  const form = new FormData();
  form.append("image", file);
  try {
    await post("/upload", form);
    return null;
  } catch (error) {
    return error.message;
  }
}

function list(name, reason) {
  const line = document.createElement("li");
  const title = document.createElement("b");
  title.dir = "auto";
  title.textContent = name;
  const why = document.createElement("span");
  why.textContent = reason;
  line.append(title, document.createElement("br"), why);
  failures.append(line);
}

function tell() {
  const isOver = !working && !waiting.length;
  const template = !isOver ? panel.dataset.going : failed ? panel.dataset.some : panel.dataset.done;
  words.textContent = template
    .replace("{done}", done)
    .replace("{all}", all)
    .replace("{n}", done - failed)
    .replace("{failed}", failed);
  progress.max = all;
  progress.value = done;
  clearTimeout(leaving);
  if (isOver && !failed) leaving = setTimeout(() => (panel.hidden = true), 6_000);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-choose-photos]")) files.click();
});
files.addEventListener("change", () => {
  bring(files.files);
  files.value = "";
});
panel.querySelector("[data-close]").addEventListener("click", () => (panel.hidden = true));

const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");
let depth = 0; // enter and leave come for every element below the pointer

addEventListener("dragenter", (event) => {
  if (bringsFiles(event)) zone.hidden = ++depth === 0;
});
addEventListener("dragleave", (event) => {
  if (bringsFiles(event)) zone.hidden = --depth <= 0;
});
addEventListener("dragover", (event) => bringsFiles(event) && event.preventDefault());
addEventListener("drop", async (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  depth = 0;
  zone.hidden = true;
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  bring(entries.length ? await filesIn(entries) : event.dataTransfer.files);
});

/** All files in what was dropped; folders are looked into. */
async function filesIn(entries) {
  const found = [];
  for (const entry of entries) {
    if (entry.isFile) {
      found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)).catch(() => null));
    } else {
      const reader = entry.createReader();
      const read = () => new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
      for (let some = await read(); some.length; some = await read()) found.push(...(await filesIn(some)));
    }
  }
  return found.filter((file) => file && !file.name.startsWith("."));
}

addEventListener("beforeunload", (event) => {
  if (working) event.preventDefault();
});
