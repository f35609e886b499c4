// The small things every page shares. No framework state here; components live beside their pages.
(function () {
  "use strict";
  const root = document.documentElement;
  const vi = root.lang !== "en";
  const say = (a, b) => (vi ? a : b);
  const token = () => document.querySelector("meta[name=csrf-token]")?.content || "";

  // theme: the system's, unless chosen
  const stored = localStorage.getItem("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => root.setAttribute("data-bs-theme", localStorage.getItem("theme") || (dark.matches ? "dark" : "light"));
  if (!stored) dark.addEventListener("change", paint);
  paint();

  const fold = (s) => s.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "").trim();
  const group = (n) => Math.round(n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ".");
  const dmy = (iso) => (iso ? iso.slice(0, 10).split("-").reverse().join("/") : "");
  function toast(text, kind) {
    let box = document.querySelector(".toasts");
    if (!box) { box = document.createElement("div"); box.className = "toasts"; box.setAttribute("role", "status"); document.body.append(box); }
    const note = document.createElement("div");
    note.className = "notice " + (kind || "");
    note.textContent = text;
    box.append(note);
    setTimeout(() => note.remove(), kind === "danger" ? 9000 : 4000);
  }
  // POST/GET JSON with the CSRF token; problem details become an Error with .problem
  async function call(url, options) {
    const o = Object.assign({ headers: {} }, options);
    o.headers = Object.assign({ Accept: "application/json", "X-CSRFToken": token() }, o.headers);
    if (o.json !== undefined) { o.method = o.method || "POST"; o.headers["Content-Type"] = "application/json"; o.body = JSON.stringify(o.json); }
    const response = await fetch(url, o);
    const body = (response.headers.get("Content-Type") || "").includes("json") ? await response.json() : null;
    if (!response.ok) { const e = new Error(body?.title || say("Có lỗi, xin thử lại.", "Something went wrong, please try again.")); e.problem = body; e.status = response.status; throw e; }
    return body;
  }
  window.supply = { vi, say, fold, group, dmy, toast, call, token };

  document.addEventListener("DOMContentLoaded", () => {
    const offline = () => document.body.classList.toggle("is-offline", !navigator.onLine);
    addEventListener("online", offline); addEventListener("offline", offline); offline();
    document.querySelectorAll("time[data-ago]").forEach((e) => { e.title = e.textContent; });
  });

  // dialogs, theme, confirmations: by attributes, so that no page needs inline script
  document.addEventListener("click", (event) => {
    const at = (s) => event.target.closest(s);
    const opener = at("[data-open]");
    if (opener) { event.preventDefault(); document.getElementById(opener.dataset.open)?.showModal(); return; }
    if (at("[data-close]")) { at("dialog")?.close(); return; }
    if (at("[data-theme]")) { localStorage.setItem("theme", root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark"); paint(); return; }
    const folds = at("[data-fold]");
    if (folds) { folds.setAttribute("aria-expanded", String(folds.form.classList.toggle("open"))); return; }
    if (at("[data-print]")) { print(); return; }
    const dismiss = at("[data-dismiss-notice]"); if (dismiss) dismiss.closest(".notice")?.remove();
    if (event.target.tagName === "DIALOG") event.target.close();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !form.dataset.sure) {
      event.preventDefault();
      confirmThen(form.dataset.confirm, () => { form.dataset.sure = "1"; form.requestSubmit(event.submitter || undefined); });
      return;
    }
    if (form.method.toLowerCase() === "post" && !form.dataset.many) {
      if (form.dataset.sent) { event.preventDefault(); return; } // a double click posts once
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 8000);
    }
  });
  // What a required field lacks, in the page's language instead of the browser's.
  document.addEventListener("invalid", (event) => {
    const field = event.target;
    if (!field.validity.valueMissing || field.validity.customError) return;
    const name = (field.labels?.[0]?.textContent || field.getAttribute("aria-label") || "").replace("*", "").trim();
    field.setCustomValidity(name ? say(`Hãy điền “${name}”.`, `Please fill in “${name}”.`) : say("Hãy điền ô này.", "Please fill in this field."));
  }, true);
  document.addEventListener("input", (event) => event.target.setCustomValidity?.(""), true);
  document.addEventListener("click", (event) => { // asked anew each time: a script may have filled it
    for (const field of event.target.closest("button,input[type=submit]")?.form?.elements ?? []) field.setCustomValidity("");
  }, true);
  function confirmThen(text, go) {
    const d = document.createElement("dialog");
    const p = document.createElement("p"); p.textContent = text;
    const row = document.createElement("div"); row.className = "d-flex gap-2 justify-content-end";
    const no = Object.assign(document.createElement("button"), { className: "btn btn-default", type: "button", textContent: say("Để sau", "Not now") });
    const yes = Object.assign(document.createElement("button"), { className: "btn btn-primary", type: "button", textContent: say("Đồng ý", "Yes, go on") });
    no.onclick = () => d.close(); yes.onclick = () => { d.close(); go(); };
    d.onclose = () => d.remove();
    row.append(no, yes); d.append(p, row); document.body.append(d); d.showModal(); yes.focus();
  }

  // selects with data-submit send their form at once
  document.addEventListener("change", (e) => { if (e.target.matches("[data-submit]")) e.target.form.requestSubmit(); });

  // dates dd/mm/yyyy: digits fall into place, "5/3" and "05032022" are understood
  document.addEventListener("input", (e) => {
    if (!e.target.matches("input[data-date]") || e.inputType === "deleteContentBackward") return;
    const d = e.target.value.replace(/[^\d/]/g, "");
    if (/^\d{8}$/.test(d)) e.target.value = d.slice(0, 2) + "/" + d.slice(2, 4) + "/" + d.slice(4);
    else if (/^\d{2}$/.test(d) || /^\d{2}\/\d{2}$/.test(d)) e.target.value = d + "/";
  });
  document.addEventListener("focusout", (e) => {
    if (!e.target.matches("input[data-date]")) return;
    const m = e.target.value.match(/^(\d{1,2})\/(\d{1,2})(?:\/(\d{2}|\d{4}))?\/?$/);
    if (m) e.target.value = m[1].padStart(2, "0") + "/" + m[2].padStart(2, "0") + "/" + (m[3] ? (m[3].length === 2 ? "20" + m[3] : m[3]) : new Date().getFullYear());
  });

  // htmx: token on every request, errors said aloud
  document.addEventListener("htmx:configRequest", (e) => { e.detail.headers["X-CSRFToken"] = token(); });
  document.addEventListener("htmx:responseError", (e) => {
    let text = ""; try { text = JSON.parse(e.detail.xhr.responseText).title; } catch { /* a page, not problem details */ }
    toast(text || say("Có lỗi, xin thử lại.", "Something went wrong, please try again."), "danger");
  });
  document.addEventListener("htmx:sendError", () => toast(say("Mất kết nối. Chưa có gì thay đổi.", "Connection lost. Nothing was changed."), "danger"));

  // command palette: Ctrl/⌘ K over the menu, and what the server finds: items, documents, new papers.
  // Typing without diacritics is enough.
  const palette = () => document.getElementById("palette");
  let paletteTimer = 0;
  function filterPalette() {
    const box = palette(), typed = box.querySelector("input").value, words = fold(typed).split(/\s+/);
    let first = true;
    box.querySelectorAll("a").forEach((a) => {
      const hit = a.dataset.found !== undefined ? a.dataset.found === typed : words.every((w) => fold(a.textContent).includes(w));
      a.hidden = !hit; a.classList.toggle("on", hit && first); if (hit) first = false;
    });
  }
  async function findFor(box) {
    const typed = box.querySelector("input").value;
    if (typed.trim().length < 2) return;
    const answer = await call(`${box.dataset.find}?q=${encodeURIComponent(typed)}`).catch(() => null); // the menu is there without
    if (!answer || typed !== box.querySelector("input").value) return;
    box.querySelectorAll("a[data-found]").forEach((a) => a.remove());
    box.querySelector(".sheet-list").append(...answer.found.map(({ label, note, url }) => {
      const a = Object.assign(document.createElement("a"), { className: "line", href: url, textContent: label });
      a.dataset.found = typed;
      a.append(Object.assign(document.createElement("span"), { className: "sub ms-auto", textContent: note }));
      return a;
    }));
    filterPalette();
  }
  document.addEventListener("keydown", (e) => {
    const box = palette();
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k" && box) { e.preventDefault(); box.showModal(); const i = box.querySelector("input"); i.value = ""; filterPalette(); i.focus(); return; }
    if (e.altKey && e.key.toLowerCase() === "n") { const link = document.querySelector("[data-new]"); if (link) { e.preventDefault(); link.click(); } return; }
    if (box?.open) {
      const links = [...box.querySelectorAll("a:not([hidden])")], now = links.findIndex((a) => a.classList.contains("on"));
      if (e.key === "Enter") { e.preventDefault(); links[now]?.click(); }
      if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); links[now]?.classList.remove("on"); const n = links[(now + (e.key === "ArrowDown" ? 1 : links.length - 1)) % links.length]; n?.classList.add("on"); n?.scrollIntoView({ block: "nearest" }); }
    }
    if (e.key === "/" && !e.target.matches("input,textarea,select")) { const s = document.querySelector("input[type=search]"); if (s) { e.preventDefault(); s.focus(); } }
  });
  document.addEventListener("input", (e) => {
    const box = e.target.closest("#palette");
    if (!box) return;
    filterPalette();
    clearTimeout(paletteTimer);
    if (box.dataset.find) paletteTimer = setTimeout(() => findFor(box), 160);
  });
})();
