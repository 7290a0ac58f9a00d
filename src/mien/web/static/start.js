// Naming a folder to index: what is wrong with it is said beside the field.

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-index]");
  if (!form) return;
  event.preventDefault();
  const answer = form.querySelector(".start-answer");
  const button = form.querySelector("button");
  button.disabled = true;
  answer.textContent = "";
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    if (!response.ok) answer.textContent = (await response.json()).error;
  } catch {
    answer.textContent = form.dataset.unreachable;
  }
  button.disabled = false;
  document.dispatchEvent(new CustomEvent("mien:brought"));
});
