// Saying who somebody is, in place; asking first where that would make two people one; taking it back.

import { post, unreachable } from "./post.js";
import { toast } from "./toast.js";

const words = document.getElementById("naming-words").dataset;
const dialog = document.getElementById("same-person");

/**
 * Name a person. Fires `mien:named` with the server's answer, and shows a toast that takes it back.
 * @param {string} person
 * @param {HTMLFormElement} form with the field `name`; its `.naming-answer` says what went wrong
 * @param {string | undefined} portrait of the person
 * @returns {Promise<boolean>} whether it was said
 */
export async function say(person, form, portrait) {
  const field = form.elements.name;
  const status = form.querySelector(".naming-answer");
  const values = { name: field.value };
  const busy = (isBusy) => {
    form.toggleAttribute("aria-busy", isBusy);
    field.readOnly = isBusy;
    for (const button of form.querySelectorAll("button")) button.disabled = isBusy;
    status.textContent = isBusy ? words.saving : "";
  };
  for (;;) {
    busy(true);
    try {
      const answer = await post(`/people/${person}/name`, new URLSearchParams(values));
      busy(false);
      for (const other of document.querySelectorAll(".toast-action:not([hidden])")) other.closest(".toast").remove();
      toast(answer.said, { action: { label: words.undo, act: () => undo(answer.decision) } }); // only the last can be
      document.dispatchEvent(new CustomEvent("mien:named", { detail: { ...answer, was: person } }));
      document.dispatchEvent(new CustomEvent("mien:decided"));
      return true;
    } catch (error) {
      busy(false);
      const asked = error.answer?.ask ? error.answer : null;
      if (asked && (await isSame(asked, portrait))) {
        values.same = asked.same;
        continue;
      }
      status.textContent = asked ? words.other : error.message;
      status.classList.toggle("is-advice", Boolean(asked));
      field.focus();
      field.select();
      return false;
    }
  }
}

/** Take back the last `count` decisions, of which `decision` is the last. Fires `mien:undone` with the server's answer. */
export async function undo(decision, count = 1) {
  try {
    const answer = await post("/undo", new URLSearchParams({ decision, count }));
    for (const offer of document.querySelectorAll(".toast-action:not([hidden])")) offer.closest(".toast").remove();
    toast(answer.said);
    document.dispatchEvent(new CustomEvent("mien:undone", { detail: answer }));
    document.dispatchEvent(new CustomEvent("mien:decided"));
  } catch (error) {
    toast(error.message, { isError: true });
  }
}

/** Ask whether two people are one, as the server wants to know. `portrait`: of the first. */
export function isSame({ ask, doubt, key_figure: figure }, portrait) {
  const [mine, theirs] = dialog.querySelectorAll("img");
  dialog.querySelector("#same-question").textContent = ask;
  const note = dialog.querySelector(".same-doubt");
  note.textContent = doubt ?? "";
  note.hidden = !doubt;
  for (const [image, source] of [[mine, portrait], [theirs, figure && `/pictures/figures/${figure}/portrait.jpg`]]) {
    image.hidden = !source;
    if (source) image.src = source;
  }
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * Once the people follow what was said, which takes a while in large libraries: `then` is called, and may return
 * false to have the visitor asked before anything moves under the pointer.
 * @param {() => Promise<boolean>} isQuiet
 * @param {() => void} then
 */
export function whenFollowed(isQuiet, then) {
  let isFollowing = false;
  document.addEventListener("mien:status", ({ detail }) => {
    if (isFollowing && !detail.following) {
      if (isQuiet()) then();
      else toast(words.ready, { action: { label: words.show, act: then } });
    }
    isFollowing = detail.following === true;
  });
}

let renewal = null;

/**
 * Put what `address` shows in `#id` in the place of what is there, unless something else is to be put there meanwhile.
 * @returns {Promise<boolean>} whether it is there now
 */
export async function renew(id, address) {
  renewal?.abort();
  const { signal } = (renewal = new AbortController());
  let response;
  let html;
  try {
    response = await fetch(address, { signal });
    html = await response.text();
  } catch {
    if (!signal.aborted) toast(unreachable(), { isError: true });
    return false;
  }
  const page = new DOMParser().parseFromString(html, "text/html");
  const [here, now] = [document, page].map((each) => each.getElementById(id));
  if (!response.ok || !now) {
    location.assign(response.ok ? address : "/people");
    return false;
  }
  here.replaceWith(document.adoptNode(now));
  document.title = page.title;
  document.getElementById("names").replaceWith(document.adoptNode(page.getElementById("names")));
  document.dispatchEvent(new CustomEvent("mien:renewed"));
  if (response.redirected) history.replaceState(null, "", response.url);
  return true;
}
