// Asks a person for the control token.

/** A promise of the token; the dialog stays until one is given. */
export function askForToken(wasWrong) {
  const dialog = document.getElementById("token");
  const field = document.getElementById("token-field");
  document.getElementById("token-wrong").hidden = !wasWrong;
  field.value = "";
  if (!dialog.open) dialog.showModal();
  return new Promise((done) => {
    dialog.oncancel = (event) => event.preventDefault();
    document.getElementById("token-form").onsubmit = (event) => {
      event.preventDefault();
      const given = field.value;
      field.value = "";
      dialog.close();
      done(given);
    };
  });
}
