// What is being indexed: asked for every second while something goes on, seldom else, not at all in a hidden tab.

import { post } from "./post.js";
import { toast } from "./toast.js";

const BUSY = 1_000; // ms between two questions
const IDLE = 10_000;
const PATIENCE = 15_000; // a question that is lost is asked again

const strip = document.getElementById("live");
const part = (name) => strip.querySelector(`.live-${name}`);
const language = document.documentElement.lang;

let timer;
let question = null;

async function ask() {
  clearTimeout(timer);
  if (document.hidden || question) return;
  question = fetch("/status", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
  let isBusy = false;
  try {
    const status = await (await question).json();
    isBusy = status.state !== "idle" || status.following === true;
    show(status);
    document.dispatchEvent(new CustomEvent("mien:status", { detail: status }));
  } catch {
    strip.hidden = false;
    strip.className = "live is-away";
    part("stop").hidden = part("why").hidden = true;
    put({ phase: strip.dataset.away });
  }
  question = null;
  timer = setTimeout(ask, isBusy ? BUSY : IDLE);
}

let wasRunning = false;

function show(status) {
  const { state, words, summary, following, error, again } = status;
  const hasEnded = wasRunning && state === "idle"; // what it did is told until the next question
  wasRunning = state !== "idle";
  strip.className = again && !wasRunning ? "live is-away" : error ? "live is-failed" : hasEnded ? "live is-over" : "live";
  part("stop").hidden = state !== "running";
  strip.hidden = !(wasRunning || following || error || again || (hasEnded && summary));
  part("why").hidden = !(again && !wasRunning);
  if (again && !wasRunning) put({ phase: again });
  else if (error) put({ phase: error });
  else if (["read", "refine"].includes(status.phase)) showRun(status);
  else if (wasRunning) put({ phase: words ?? "", failed: status.failed });
  else if (following) put({ phase: strip.dataset.follow });
  else if (hasEnded) put({ phase: fill("over", { summary }) });
}

part("stop").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  await post(event.target.action, new FormData(event.target)).catch((error) => toast(error.message, { isError: true }));
  button.disabled = false;
  ask();
});

function showRun({ phase, found, done, failed, rate, seconds_left: left, file }) {
  const speed = [];
  if (rate !== null) speed.push(fill("rate", { n: rate.toLocaleString(language, { maximumFractionDigits: rate < 10 ? 1 : 0 }) }));
  if (left !== null) speed.push(fill("left", { time: duration(left) }));
  put({
    phase: fill(phase, { done: done.toLocaleString(language), found: found.toLocaleString(language) }),
    speed: speed.join(" · "),
    file,
    failed,
    share: found ? done / found : undefined,
  });
}

function put({ phase, speed = "", file = "", failed = 0, share }) {
  setText("phase", phase);
  setText("speed", speed);
  setText("file", file ?? "");
  part("failed").hidden = !failed;
  setText("failed", failed ? fill("failed", { n: failed.toLocaleString(language) }) : "");
  const bar = part("progress");
  bar.hidden = strip.classList.length > 1; // nothing goes on
  if (share === undefined) bar.removeAttribute("value");
  else bar.value = share;
}

function setText(name, words) {
  if (part(name).textContent !== words) part(name).textContent = words;
}

function fill(name, values) {
  return strip.dataset[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function duration(seconds) {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return fill("seconds", { n: Math.max(1, Math.ceil(seconds / 5) * 5) });
  if (minutes < 60) return fill("minutes", { n: minutes });
  return fill("hours", { n: Math.floor(minutes / 60), m: minutes % 60 });
}

document.addEventListener("visibilitychange", ask);
document.addEventListener("mien:brought", ask);
document.addEventListener("mien:decided", ask);
ask();
