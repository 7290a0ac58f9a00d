// Asking the server to do something, with the proof that a page of ours asks.

const csrf = document.querySelector('meta[name="csrf"]').content;

/**
 * Post a form to us.
 * @param {string} address
 * @param {FormData | URLSearchParams} form
 * @returns {Promise<object>} the answer
 * @throws {Error} with words for the visitor; what else was answered is in its `answer`
 */
export async function post(address, form) {
  let response;
  let answer;
  try {
    response = await fetch(address, {
      method: "POST",
      body: form,
      headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
    });
    answer = await response.json();
  } catch {
    throw new Error(unreachable());
  }
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error ?? ""), { answer });
}

/** What is said when the server does not answer. */
export function unreachable() {
  return document.body.dataset.unreachable;
}
