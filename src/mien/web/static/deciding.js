// Forms that decide something (`data-decide`): said in place, with a toast that takes it back.

import { undo } from "./naming.js";
import { post } from "./post.js";
import { toast } from "./toast.js";

const label = document.querySelector("[data-undo]").dataset.undo;

/**
 * Post a deciding form. Fires `mien:said` with the server's answer and the form.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter the button, whose `formaction`, name and value count
 * @returns {Promise<boolean>} whether it was said
 */
export async function decide(form, submitter = null) {
  if (form.hasAttribute("aria-busy")) return false;
  const values = new FormData(form, submitter);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await post(submitter?.getAttribute("formaction") ?? form.getAttribute("action"), values);
    for (const other of document.querySelectorAll(".toast-action:not([hidden])")) other.closest(".toast").remove();
    const act = () => undo(answer.decision, answer.count);
    toast(answer.said, { action: answer.decision ? { label, act } : null });
    document.dispatchEvent(new CustomEvent("mien:said", { detail: { ...answer, form } }));
    document.dispatchEvent(new CustomEvent("mien:decided"));
    return true;
  } catch (error) {
    toast(error.message, { isError: true });
    return false;
  } finally {
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-decide]");
  if (!form) return;
  event.preventDefault();
  decide(form, event.submitter);
});
