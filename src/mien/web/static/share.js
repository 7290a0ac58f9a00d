// Copies to hand out: what is chosen is shown at once, without a press on "Show preview".

const form = document.getElementById("choice");
const renew = document.getElementById("renew");

renew.hidden = true;
form.addEventListener("change", () => {
  document.querySelector(".share-download button").disabled = true; // it would send what was chosen before
  form.requestSubmit();
});
