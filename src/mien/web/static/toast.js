// A word about what just happened, at the foot of the page; it is read out and goes away by itself.

const region = document.getElementById("toasts");
const template = document.getElementById("toast-template");

/** Show `words`. With `action` ({ label, act }) there is a button that does it; such a toast stays longer. */
export function toast(words, { action = null, isError = false } = {}) {
  const shown = template.content.cloneNode(true).firstElementChild;
  const close = () => shown.remove();
  shown.querySelector(".toast-words").textContent = words;
  shown.classList.toggle("toast-error", isError);
  shown.querySelector(".toast-close").addEventListener("click", close);
  if (action) {
    const button = shown.querySelector(".toast-action");
    button.textContent = action.label;
    button.hidden = false;
    button.addEventListener("click", () => {
      close();
      action.act();
    });
  }
  for (const other of [...region.children]) {
    if (!action && other.querySelector(".toast-words").textContent === words) other.remove(); // once is enough
  }
  region.append(shown);
  let timer;
  const wait = () => (timer = setTimeout(close, action || isError ? 12_000 : 5_000));
  const stay = () => clearTimeout(timer); // never taken away under the pointer or from the keyboard
  for (const event of ["pointerenter", "focusin"]) shown.addEventListener(event, stay);
  for (const event of ["pointerleave", "focusout"]) shown.addEventListener(event, wait);
  wait();
}
