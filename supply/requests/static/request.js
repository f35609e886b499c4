// Writing a requisition by keyboard: find an item, Enter, quantity, Enter, the next item.
"use strict";

(() => {
  const form = document.getElementById("ask");
  if (!form) return;
  const find = document.getElementById("find");
  const list = document.getElementById("found");
  const lines = document.getElementById("lines");
  let hits = [], at = 0, timer = 0, asked = 0;

  const value = (name) => form.elements[name]?.value ?? "";
  const quantities = () => [...lines.querySelectorAll("input[name=quantity]")];

  function counted() {
    const count = lines.children.length;
    document.getElementById("count").textContent = count;
    document.getElementById("empty").hidden = count > 0;
  }

  function close() {
    list.hidden = true;
    find.setAttribute("aria-expanded", "false");
  }

  function show() {
    list.replaceChildren(...(hits.length ? hits : [null]).map((hit, index) => {
      const row = document.createElement("li");
      row.textContent = hit ? `${hit.name} · ${hit.code}` : form.dataset.none;
      row.className = hit ? (index === at ? "on" : "") : "found-none";
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", hit && index === at ? "true" : "false");
      if (hit) row.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
      return row;
    }));
    list.hidden = false;
    find.setAttribute("aria-expanded", "true");
  }

  async function search() {
    const typed = find.value.trim(), mine = ++asked;
    if (!typed) { hits = []; close(); return; }
    const query = new URLSearchParams({ q: typed, facility: value("facility_id"), asked: value("asked_id") });
    try {
      const body = await supply.call(`${form.dataset.search}?${query}`);
      if (mine !== asked) return;
      hits = body.items;
      at = 0;
      show();
    } catch (error) {
      supply.toast(error.message, "danger");
    }
  }

  function take(index) {
    const hit = hits[index];
    if (!hit) return;
    let row = [...lines.children].find((line) => line.dataset.code === hit.code);
    if (!row) {
      const holder = document.createElement("tbody");
      holder.innerHTML = hit.row;
      row = holder.querySelector("tr");
      lines.append(row);
    }
    find.value = "";
    hits = [];
    close();
    counted();
    const cell = row.querySelector("input[name=quantity]");
    cell.focus();
    cell.select();
  }

  find.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 120); });
  find.addEventListener("blur", () => setTimeout(close, 150));
  find.addEventListener("keydown", async (event) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % Math.max(1, hits.length);
      show();
    } else if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      if (find.value.trim()) { await search(); take(at); }
    } else if (event.key === "Escape") close();
  });

  lines.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || !event.target.matches("input")) return;
    const all = quantities(), index = all.findIndex((cell) => event.target.closest("tr").contains(cell));
    if (event.key === "Enter") {
      event.preventDefault();
      const next = all.slice(index + 1).find((cell) => !cell.value.trim());
      (next ?? find).focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = all[index + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); next.select(); }
    }
  });
  lines.addEventListener("click", (event) => {
    if (!event.target.closest("[data-remove]")) return;
    event.target.closest("tr").remove();
    counted();
    find.focus();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(form.querySelector(".foot button[value=send]"));
    }
  });
  if (!document.getElementById("faults")) find.focus({ preventScroll: true });
})();
