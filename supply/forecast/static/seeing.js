// Sliders: a range moves the number beside it and the other way round; the number is what is sent. One
// question at a time: what moves meanwhile is asked when the answer is there, so the last one stands.
(function () {
  "use strict";
  const form = document.getElementById("sliders");
  if (!form) return;
  const answer = document.getElementById("answer"), said = document.getElementById("said");
  let timer = 0, asking = false, moved = false;
  form.addEventListener("input", (e) => {
    const range = e.target.closest("[data-moves]");
    if (range) document.getElementById(range.dataset.moves).value = range.value;
    else if (e.target.value !== "") { const other = form.querySelector(`[data-moves="${e.target.id}"]`); if (other) other.value = e.target.value; }
    later();
  });
  function later() { clearTimeout(timer); moved = true; answer.setAttribute("aria-busy", "true"); timer = setTimeout(ask, 200); }
  async function ask() {
    if (asking) return;
    asking = true;
    while (moved) {
      moved = false;
      const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
      try {
        const response = await fetch(address, { headers: { "HX-Request": "true" } });
        if (!response.ok) throw new Error(supply.say("Chưa tính được, xin thử lại.", "That could not be computed, please try again."));
        const page = new DOMParser().parseFromString(await response.text(), "text/html"), told = page.getElementById("said");
        if (moved) continue;
        told.remove();
        answer.replaceChildren(...page.body.childNodes);
        said.textContent = told.textContent;
        history.replaceState(null, "", address);
      } catch (e) { supply.toast(e instanceof TypeError ? supply.say("Mất kết nối. Chưa tính lại được.", "Connection lost. Nothing was computed.") : e.message, "danger"); }
    }
    asking = false;
    answer.setAttribute("aria-busy", "false");
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
