// Sliders: a range moves the number beside it and the other way round; the number is what is sent.
// htmx asks for the answer, drops what is no longer wanted, and keeps the values in the address.
(function () {
  "use strict";
  const form = document.getElementById("sliders");
  if (form) {
    form.addEventListener("input", (e) => {
      const range = e.target.closest("[data-moves]");
      if (range) { document.getElementById(range.dataset.moves).value = range.value; return; }
      const moved = form.querySelector(`[data-moves="${e.target.id}"]`);
      if (moved && e.target.value !== "") moved.value = e.target.value;
    });
    const answer = document.getElementById("answer"), busy = (on) => answer.setAttribute("aria-busy", on);
    form.addEventListener("htmx:beforeRequest", () => busy("true"));
    form.addEventListener("htmx:afterRequest", () => busy("false"));
  }
})();
