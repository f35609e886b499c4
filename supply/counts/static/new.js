// Opening a count: only what the chosen scope needs is shown; items are filtered by typing.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("new-count");
  const show = () => {
    const scope = form.elements.scope.value;
    for (const part of form.querySelectorAll("[data-scope]")) part.hidden = part.dataset.scope !== scope;
  };
  form.addEventListener("change", show);
  show();
  document.getElementById("item-filter").addEventListener("input", (event) => {
    const words = window.supply.fold(event.target.value).split(/\s+/);
    for (const label of document.querySelectorAll("#items label")) {
      const text = window.supply.fold(label.dataset.search);
      label.hidden = !words.every((word) => text.includes(word)) && !label.querySelector("input").checked;
    }
  });
});
