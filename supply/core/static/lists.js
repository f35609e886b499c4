// Lists by keyboard: j/k or arrows move, Enter opens the row's first link, "more" is fetched on the way.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("table.list > tbody > tr")].filter((r) => !r.hidden && (r.classList.contains("more-row") || r.querySelector("a[href]")));
  let at = null;
  const busy = (e) => e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,textarea,select,dialog[open],button,summary");
  function go(row) {
    if (!row) return;
    at?.classList.remove("at");
    at = row;
    row.classList.add("at");
    const link = row.querySelector("a[href]");
    link?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (e) => {
    if (busy(e)) return;
    const down = e.key === "j" || e.key === "ArrowDown", up = e.key === "k" || e.key === "ArrowUp";
    if (!down && !up) return;
    const all = rows();
    if (!all.length) return;
    e.preventDefault();
    const now = all.indexOf(at);
    const next = now < 0 ? all[0] : all[Math.min(all.length - 1, Math.max(0, now + (down ? 1 : -1)))];
    if (next.classList.contains("more-row") && down) {
      const before = all[now] || all[0];
      document.addEventListener("htmx:afterSettle", () => { const fresh = rows(); go(fresh[fresh.indexOf(before) + 1]); }, { once: true });
      next.querySelector("a").click();
      return;
    }
    go(next);
  });
  // Enter on the focused link opens it by itself; a click anywhere in a row of a phone's card does too.
  document.addEventListener("focusin", (e) => {
    const row = e.target.closest("table.list > tbody > tr");
    if (row && row !== at) { at?.classList.remove("at"); at = row; row.classList.add("at"); }
  });
})();
