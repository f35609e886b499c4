// The count sheet: find or scan a lot, write what is there, go on. Nothing of the book is here.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const config = JSON.parse(document.getElementById("count-config").textContent);
  const { words } = config;
  const { fold, group, call, toast } = window.supply;
  const { amount, isSum } = window.supplyAmount;
  const { make, setText } = window.supplyGrid;
  const at = (id) => document.getElementById(id);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const FIELDS = ["quantity", "poor", "spoiled", "note"];

  // --- rows -------------------------------------------------------------------------------------

  const rows = [];
  const byId = new Map();
  let last = config.last;

  function rowOf(line) {
    const row = { ...line, key: fold(`${line.code} ${line.name} ${line.other_name} ${line.lot}`), more: false, theirs: null };
    take(row, line.tally);
    return row;
  }

  /** What the server holds of a line, unless it is being written here. */
  function take(row, tally) {
    row.tally = tally;
    row.quantity = tally ? group(tally.quantity) : "";
    row.poor = tally?.poor ? group(tally.poor) : "";
    row.spoiled = tally?.spoiled ? group(tally.spoiled) : "";
    row.note = tally?.note ?? "";
    row.more = row.more || Boolean(row.poor || row.spoiled || row.note);
  }

  function add(line) {
    const row = rowOf(line);
    rows.push(row);
    byId.set(row.id, row);
    return row;
  }

  const isDone = (row) => row.quantity !== "" && !faultOf(row, "quantity");

  function faultOf(row, name) {
    if (name === "note" || !FIELDS.includes(name)) return "";
    const typed = String(row[name] ?? "").trim();
    if (typed === "") return name === "quantity" && row.tally ? fill(words.not_blank, { quantity: group(row.tally.quantity) }) : "";
    if (amount(typed) === null) return words.bad_number;
    const parts = ["quantity", "poor", "spoiled"].map((n) => amount(row[n] || "0") ?? 0);
    return name !== "quantity" && parts[1] + parts[2] > parts[0] ? words.bad_quality : "";
  }

  function notesOf(row) {
    const notes = [];
    if (isSum(row.quantity) && amount(row.quantity) !== null) {
      notes.push({ text: fill(words.sum, { n: group(amount(row.quantity)), unit: row.unit }), strong: true });
    }
    if (row.found) notes.push({ text: words.found, tone: "info" });
    if (row.round > 1) notes.push({ text: `${words.recount} ${row.round}`, tone: "warning" });
    if (row.theirs) {
      const said = { by: row.theirs.by, quantity: group(row.theirs.quantity), at: row.theirs.at };
      notes.push({ text: fill(words.conflict, said), tone: "danger" });
      notes.push({ text: fill(words.take_theirs, said), act: () => settle(row, true), mark: "theirs" });
      notes.push({ text: words.keep_mine, act: () => settle(row, false), mark: "mine" });
    } else if (keeping.failing && keeping.pending.has(row.id)) notes.push({ text: words.waiting });
    else if (row.tally && row.tally.by_id !== config.user) notes.push({ text: fill(words.saved_by, row.tally) });
    return notes;
  }

  // --- keeping ----------------------------------------------------------------------------------

  let failing = false;
  const keeping = window.supplyKeeping({
    name: `supply-count:${config.user}:${config.count}`,
    url: `/counts/${config.count}/save`,
    saved(line, tally) {
      const row = byId.get(line);
      if (!row) return;
      last = Math.max(last, tally.id);
      row.tally = tally;
      row.theirs = null;
      grid.refresh(row);
    },
    conflict(line, theirs) {
      const row = byId.get(line);
      if (row) row.theirs = theirs;
      if (row) grid.refresh(row);
    },
    refused(_lines, error) { toast(error.problem?.detail || error.message, "danger"); },
    closed() { toast(words.closed, "danger"); },
    told({ pending, sending, failed }) {
      if (failed !== failing) { // only then are lines marked: a mark that comes and goes moves those below
        failing = failed;
        for (const line of keeping.pending.keys()) if (byId.has(line)) grid.refresh(byId.get(line));
      }
      setText(at("saving"), sending && !failed ? fill(words.saving, { n: pending }) : pending ? fill(words.pending, { n: pending }) : words.saved);
    },
  });

  function keep(row) {
    if (FIELDS.some((name) => faultOf(row, name)) || row.quantity === "") {
      keeping.drop(row.id);
      return;
    }
    row.theirs = null;
    keeping.put(row.id, {
      quantity: amount(row.quantity), poor: amount(row.poor || "0"), spoiled: amount(row.spoiled || "0"),
      note: row.note.trim(), seen: row.tally?.id ?? null,
    });
  }

  function settle(row, theirs) {
    const tally = row.theirs;
    row.theirs = null;
    if (theirs) {
      take(row, tally);
      keeping.drop(row.id);
    } else {
      row.tally = tally; // theirs has been seen: mine may follow it
      keep(row);
    }
    grid.refresh(row);
    progress();
  }

  // --- the grid ---------------------------------------------------------------------------------

  function drawItem(cell, row) {
    const said = `${row.code}|${row.lot}|${row.expiry}`;
    if (cell.supplySaid === said) return;
    cell.supplySaid = said;
    const lot = row.lot ? `${words.lot} ${row.lot}` : words.no_lot;
    cell.replaceChildren(make("b", {}, row.name), " ",
      make("span", { class: "sub d-block" }, [row.code, lot, row.expiry && `${words.expiry} ${row.expiry}`, row.unit, config.packs[row.code]?.name].filter(Boolean).join(" · ")));
  }

  function drawMore(cell, row) {
    if (cell.firstChild) return;
    const button = make("button", { class: "btn btn-sm btn-default", type: "button", tabindex: "-1", title: words.more, "aria-label": words.more }, "⋯");
    button.addEventListener("click", () => {
      row.more = !row.more;
      grid.refresh(row);
      if (row.more) grid.focus(grid.rows.indexOf(row), "poor");
    });
    cell.append(button);
  }

  const grid = window.supplyGrid.create(at("grid"), {
    label: words.label,
    columns: [
      { name: "item", label: words.item, type: "static", width: "minmax(12rem, 3fr)", draw: drawItem },
      { name: "quantity", label: words.quantity, type: "number", width: "minmax(6rem, 9rem)", enter: true, paste: ["so luong", "dem duoc", "counted"] },
      { name: "more", label: "", type: "static", width: "44px", draw: drawMore },
      { name: "poor", label: words.poor, type: "number", below: true, when: (row) => row.more },
      { name: "spoiled", label: words.spoiled, type: "number", below: true, when: (row) => row.more },
      { name: "note", label: words.note, type: "text", max: 200, below: true, when: (row) => row.more },
    ],
    cellId: (index, name) => `line-${index + 1}-${name}`,
    removable: false,
    enterDown: true,
    editable: () => config.open,
    fault: faultOf,
    notes: notesOf,
    changed(row) { keep(row); progress(); },
    leave() { at("find").focus(); at("find").select(); },
  });

  function progress() {
    const done = rows.filter(isDone).length;
    setText(at("progress-text"), fill(words.progress, { done: group(done), all: group(rows.length) }));
    at("progress").value = rows.length ? done / rows.length : 0;
  }

  // --- finding ----------------------------------------------------------------------------------

  const KINDS = { left: (row) => !isDone(row), recount: (row) => row.round > 1, found: (row) => row.found, "": () => true };

  function matches(text) {
    const typed = fold(text).split(/\s+/).filter(Boolean);
    return rows.filter((row) => KINDS[at("show").value](row) && typed.every((word) => row.key.includes(word)));
  }

  function show(found) {
    grid.replace(found);
    at("none").hidden = found.length > 0;
    setText(at("none"), words.none);
  }

  function look() {
    show(matches(at("find").value));
  }

  /** Enter in the box, or a scan: straight to the quantity of the lot it names. */
  async function go() {
    const text = at("find").value.trim();
    if (!text) return;
    let found = matches(text);
    if (!found.length) found = await scanned(text);
    if (!found.length) return;
    if (grid.rows.length !== found.length || grid.rows[0] !== found[0]) show(found);
    grid.focus(0, "quantity");
  }

  function loadScript(source) {
    return new Promise((resolve, reject) => {
      const script = make("script", { src: source });
      script.onload = resolve;
      script.onerror = () => reject(new Error(source));
      document.head.append(script);
    });
  }

  async function openCamera() {
    const { script, decoder } = at("open-camera").dataset;
    if (!window.supplyCamera) await loadScript(script);
    await window.supplyCamera.open({
      decoder, words, loadScript,
      found(text) {
        at("camera").close();
        at("find").value = text.replaceAll("\u001d", "~");
        go();
      },
    });
  }

  async function scanned(text) {
    try {
      const read = await call(`/counts/${config.count}/scan?code=${encodeURIComponent(text)}`);
      const codes = new Set(read.items.map((item) => item.code));
      const ofItem = rows.filter((row) => codes.has(row.code));
      const exact = ofItem.filter((row) => row.lot === read.lot_number);
      if (exact.length || (!read.lot_number && ofItem.length)) return exact.length && read.lot_number ? exact : ofItem;
      if (read.items.length === 1) {
        toast(words.not_on_sheet);
        openLot(read.items[0], read);
      } else toast(words.none, "warning");
    } catch (error) {
      toast(error.status === 422 ? words.bad_scan : error.message, "danger");
    }
    return [];
  }

  // --- a lot that is not on the sheet -------------------------------------------------------------

  let picked = null;

  function openLot(item, read) {
    pick(item);
    at("lot-number").value = read.lot_number;
    at("lot-expiry").value = read.expiry;
    at("found-lot").showModal();
    at("lot-number").focus();
  }

  function pick(item) {
    picked = item;
    at("lot-item").value = item ? `${item.code} ${item.name}` : "";
    at("lot-hits").replaceChildren();
  }

  async function search() {
    picked = null;
    const typed = at("lot-item").value.trim();
    if (typed.length < 2) return at("lot-hits").replaceChildren();
    const found = await call(`/counts/${config.count}/items?q=${encodeURIComponent(typed)}`);
    return at("lot-hits").replaceChildren(...found.items.map((item) => {
      const button = make("button", { class: "btn btn-sm btn-default", type: "button" }, `${item.code} ${item.name}`);
      button.addEventListener("click", () => { pick(item); at("lot-number").focus(); });
      return make("li", {}, button);
    }));
  }

  async function addLot(event) {
    event.preventDefault();
    const fault = at("lot-fault");
    try {
      const { line } = await call(`/counts/${config.count}/lots`, {
        json: { item_code: picked?.code ?? "", lot_number: at("lot-number").value, expiry: at("lot-expiry").value },
      });
      const row = byId.get(line.id) ?? add(line);
      at("found-lot").close();
      for (const id of ["lot-number", "lot-expiry"]) at(id).value = "";
      pick(null);
      at("find").value = "";
      at("show").value = "";
      show([row, ...rows.filter((other) => other !== row)]);
      grid.focus(0, "quantity");
      progress();
    } catch (error) {
      fault.hidden = false;
      fault.textContent = error.problem?.errors?.map((one) => one.message).join(" ") || error.message;
    }
  }

  // --- others' work -------------------------------------------------------------------------------

  async function news() {
    if (document.hidden || !navigator.onLine || !config.open) return;
    try {
      const { lines } = await call(`/counts/${config.count}/since/${last}`);
      for (const line of lines) {
        const row = byId.get(line.id);
        if (line.tally) last = Math.max(last, line.tally.id);
        if (!row) add(line);
        else if (line.tally && !keeping.pending.has(row.id) && !grid.elements.get(row)?.contains(document.activeElement)) {
          take(row, line.tally);
          grid.refresh(row);
        }
      }
      progress();
    } catch {
      // The next round asks again; what is typed here is kept by itself.
    }
  }

  // --- beginning ----------------------------------------------------------------------------------

  for (const line of config.lines) add(line);
  for (const [line, tally] of keeping.pending) {
    const row = byId.get(line);
    if (!row) continue;
    const seen = row.tally;
    take(row, tally);
    row.tally = seen;
  }
  if (config.show) at("show").value = config.show;
  look();
  progress();
  keeping.tell();
  if (keeping.pending.size) keeping.flush();
  let typing = 0;
  at("find").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(look, 120); });
  at("find").addEventListener("keydown", (event) => {
    // FNC1 between a code's parts comes as Ctrl+] or F8; "~" stands for it until the server reads it.
    if (event.key === "F8" || (event.ctrlKey && event.key === "]")) { event.preventDefault(); at("find").value += "~"; }
    if (event.key === "Enter") { event.preventDefault(); clearTimeout(typing); go(); }
    if (event.key === "ArrowDown") { event.preventDefault(); grid.focus(0, "quantity"); }
  });
  at("open-camera").addEventListener("click", openCamera);
  at("show").addEventListener("change", look);
  let asking = 0;
  at("lot-item").addEventListener("input", () => { clearTimeout(asking); asking = setTimeout(search, 150); });
  at("lot-form").addEventListener("submit", addLot);
  at("done").addEventListener("submit", async (event) => {
    if (!keeping.pending.size) {
      at("done").querySelector("button").disabled = true; // a double click compares once
      return;
    }
    event.preventDefault();
    while (keeping.pending.size && await keeping.flush() === false && navigator.onLine) await new Promise((go) => setTimeout(go, 300));
    if (!keeping.pending.size) at("done").requestSubmit();
  });
  setInterval(news, 15000);
});
