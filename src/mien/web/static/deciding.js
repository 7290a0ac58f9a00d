// Forms that decide something (`data-decide`): said in place, with a toast that takes it back.

import { isSame, undo } from "./naming.js";
import { post } from "./post.js";
import { toast } from "./toast.js";

const label = document.querySelector("[data-undo]").dataset.undo;

/**
 * Post a deciding form. Fires `mien:said` with the server's answer and the form.
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} submitter the button, whose `formaction`, name and value count
 * @param {string} same the other person, if they are known to be one
 * @returns {Promise<boolean>} whether it was said
 */
export async function decide(form, submitter = null, same = "") {
  if (form.hasAttribute("aria-busy")) return false;
  const values = new FormData(form, submitter);
  if (same) values.set("same", same);
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
    const portrait = document.querySelector(".person-head img")?.src;
    if (error.answer?.ask && !values.has("same")) {
      if (!(await isSame(error.answer, portrait))) return false;
      form.removeAttribute("aria-busy");
      return await decide(form, submitter, error.answer.same);
    }
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
