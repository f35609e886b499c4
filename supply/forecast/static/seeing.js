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

// A table of links: arrow keys go from cell to cell.
document.querySelectorAll("table[data-arrows]").forEach((table) => {
  "use strict";
  table.addEventListener("keydown", (e) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[e.key], cell = e.target.closest("td");
    if (!step || !cell) return;
    e.preventDefault();
    const rows = [...table.tBodies[0].rows];
    for (let r = rows.indexOf(cell.parentElement) + step[0], c = cell.cellIndex + step[1]; rows[r]?.cells[c]; r += step[0], c += step[1]) {
      const link = rows[r].cells[c].querySelector("td a");
      if (link) { link.focus(); return; }
    }
  });
});
