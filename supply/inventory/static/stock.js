// "Xem lô": opens and closes the lots behind a row; htmx brings them the first time.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-lots]");
  if (!button) return;
  const row = document.getElementById(button.dataset.lots);
  row.hidden = !row.hidden;
  button.setAttribute("aria-expanded", String(!row.hidden));
});
