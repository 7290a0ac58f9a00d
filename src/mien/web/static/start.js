// Naming a folder to index: what is wrong with it is said beside the field.

import { post } from "./post.js";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-index]");
  if (!form) return;
  event.preventDefault();
  const answer = form.querySelector(".start-answer");
  const button = form.querySelector("button");
  button.disabled = true;
  answer.textContent = "";
  try {
    await post(form.action, new URLSearchParams(new FormData(form)));
  } catch (error) {
    answer.textContent = error.message;
  }
  button.disabled = false;
  document.dispatchEvent(new CustomEvent("mien:brought"));
});
