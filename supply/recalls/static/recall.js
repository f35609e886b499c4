// The clock of a recall runs on while the page is open, and the figures are fetched anew with it.
"use strict";

(() => {
  const box = document.querySelector("[data-recall-clock]");
  if (!box) return;
  const busy = () => document.querySelector("dialog[open]") || document.activeElement?.closest("form");
  setInterval(async () => {
    if (document.hidden || !navigator.onLine || busy()) return;
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of ["[data-recall-clock]", "[data-recall-holders]"]) {
      const now = document.querySelector(part), then = fresh.querySelector(part);
      if (now && then) now.replaceWith(document.importNode(then, true));
    }
  }, 30_000);
})();
