// Drawing a frame around somebody whom Mien did not see.

import { toast } from "./toast.js";

const page = document.querySelector(".photo-page");
const photo = document.getElementById("photo");
const LEAST = 0.01; // of the photo's width and height: less is a slip of the hand

let frame = null;
let from = null;

const isDrawing = () => page.classList.contains("is-drawing");

function stop() {
  page.classList.remove("is-drawing");
  frame?.remove();
  frame = from = null;
}

/** Where a pointer is: shares of the photo. */
function at(event) {
  const { left, top, width, height } = photo.getBoundingClientRect();
  const share = (value, size) => Math.min(Math.max(value / size, 0), 1);
  return [share(event.clientX - left, width), share(event.clientY - top, height)];
}

function box(event) {
  const [x, y] = at(event);
  return { x0: Math.min(from[0], x), y0: Math.min(from[1], y), x1: Math.max(from[0], x), y1: Math.max(from[1], y) };
}

page.addEventListener("click", (event) => {
  if (!event.target.closest("#draw")) return;
  if (isDrawing()) return stop();
  page.classList.add("is-drawing");
  photo.scrollIntoView({ block: "nearest" });
  toast(document.getElementById("draw").dataset.about);
});

photo.addEventListener("pointerdown", (event) => {
  if (!isDrawing() || !event.isPrimary || event.button) return;
  event.preventDefault();
  from = at(event);
  frame ??= photo.appendChild(Object.assign(document.createElement("div"), { className: "draw-frame" }));
  photo.setPointerCapture(event.pointerId);
  show(event);
});
photo.addEventListener("pointermove", (event) => from && show(event));
photo.addEventListener("pointercancel", stop);
photo.addEventListener("pointerup", (event) => {
  if (!from) return;
  const drawn = box(event);
  stop();
  if (drawn.x1 - drawn.x0 < LEAST || drawn.y1 - drawn.y0 < LEAST) return;
  const form = document.getElementById("draw-form");
  for (const [name, value] of Object.entries(drawn)) form.elements[name].value = value.toFixed(5);
  form.requestSubmit();
});
photo.addEventListener("click", (event) => isDrawing() && event.preventDefault(), true);

function show(event) {
  const { x0, y0, x1, y1 } = box(event);
  const percent = (share) => `${100 * share}%`;
  Object.assign(frame.style, { left: percent(x0), top: percent(y0), width: percent(x1 - x0), height: percent(y1 - y0) });
}

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !isDrawing()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  stop();
  document.getElementById("draw").focus();
}, true);
