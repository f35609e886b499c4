// A grid of lines for writing by keyboard, scanner or paste: keyed rows of the caller's own plain
// objects, of which only those near the screen hold cells (1,000 lines stay smooth on a phone).
//
//   const grid = supplyGrid.create(element, {
//     label: "Các dòng của phiếu",
//     columns: [
//       { name: "item", label: "Mặt hàng", type: "static", draw: (cell, row, index) => {…},
//         paste: ["ma hang"], set: (row, text) => {…} },
//       { name: "quantity", label: "Số lượng", type: "number", width: "6rem", enter: true,
//         paste: ["so luong", "sl"] },
//       { name: "expiry", label: "Hạn dùng", type: "date", width: "8rem" },
//       { name: "pack_id", label: "Đơn vị", type: "select", options: (row) => [{ value, label }] },
//       { name: "reason", label: "Lý do", type: "text", below: true, when: (row) => row.asked },
//     ],
//     cellId: (index, name) => `line-${index + 1}-${name}`,   // default
//     newRow: (values) => ({ … }),        // without it a paste may not add rows
//     fault: (row, name, index) => "",    // said in place, under the cell
//     notes: (row, index) => [{ text, tone, strong, act, mark }],  // chips under the row; act(row): a button
//     changed: (row, name, index) => {},  // after every change of a cell
//     removed: (row, index) => {}, leave: (way) => {},   // "down", "up" or "end": out of the grid
//     rowPasted: (row) => {}, pasted: ({ rows, added, skipped, unnamed, undone }) => {},
//   });
//   grid.insert(index, rows); grid.remove(index); grid.replace(rows); grid.refresh(row); grid.refreshAll();
//   grid.focus(index, name); grid.pasteText(text, index, name); grid.undoPaste(); grid.rows
//
// A row is a plain object; cells are its fields, all text. Enter goes along the columns marked `enter`,
// past those `row.proposed` names, then calls leave("end") (or goes down: `enterDown`). Arrows move,
// Ctrl+D copies from above, Ctrl+Delete removes, Escape takes back, Ctrl+Z right after undoes a paste.
"use strict";

window.supplyGrid = (() => {
  const NEAR = "500px 0px";
  const FEW = 40; // rows that all stay drawn
  const SLICE_MS = 8; // of work between two pictures: a slow phone stays awake

  /** An element with its attributes and children: `make("div", { class: "x" }, child, …)`. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  /** Changes the DOM only where it must: a caret, a selection, a layout stay as they are. */
  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  /** When the browser has nothing better to do, soon at the latest. */
  function later(work) {
    if (window.requestIdleCallback) window.requestIdleCallback(work, { timeout: 200 });
    else setTimeout(work, 16);
  }

  class Grid {
    constructor(root, options) {
      this.root = root;
      this.o = {
        cellId: (index, name) => `line-${index + 1}-${name}`,
        fault: () => "", notes: () => [], changed: () => {}, removed: () => {}, leave: () => {},
        pasted: () => {}, rowPasted: () => {}, editable: () => true, newRow: null, enterDown: false, removable: true,
        words: {}, ...options,
      };
      this.rows = [];
      this.elements = new Map(); // row -> its element
      this.columns = this.o.columns;
      this.byName = new Map(this.columns.map((column) => [column.name, column]));
      this.height = 0; // of a drawn row: what an empty one is given
      this.optionLists = new Map(); // options as text -> a fragment to copy
      this.waiting = new Set(); // elements near the screen, not drawn yet
      this.lastPaste = null;
      this.build();
      this.listen();
    }

    build() {
      const across = this.columns.filter((c) => !c.below);
      const tracks = ["1.75rem", ...across.map((c) => c.width ?? "minmax(7rem, 1fr)")];
      if (this.o.removable) tracks.push("36px");
      this.root.style.setProperty("--grid-columns", tracks.join(" "));
      this.root.classList.add("grid");
      this.root.setAttribute("role", "table");
      this.root.setAttribute("aria-label", this.o.label ?? "");
      this.head = make("div", { class: "grid-head", role: "row" },
        make("div", { class: "num", role: "columnheader" }, "#"),
        ...across.map((c) => make("div", { class: c.type === "number" ? "num" : "", role: "columnheader" }, c.label)));
      this.body = make("div", { class: "grid-body", role: "rowgroup" });
      this.root.replaceChildren(this.head, this.body);
      this.watcher = new IntersectionObserver((seen) => this.scrolled(seen), { rootMargin: NEAR });
    }

    // --- rows ---------------------------------------------------------------------------------

    insert(index, rows) {
      const fragment = document.createDocumentFragment();
      for (const row of rows) {
        const element = make("div", { class: `grid-row entry-line ${this.o.rowClass?.(row) ?? ""}`, role: "row" });
        element.supplyRow = row;
        this.elements.set(row, element);
        this.empty(element);
        fragment.append(element);
      }
      const before = this.rows[index] ? this.elements.get(this.rows[index]) : null;
      this.body.insertBefore(fragment, before);
      // In pieces: a spread of thousands of arguments would overflow the stack.
      this.rows = [...this.rows.slice(0, index), ...rows, ...this.rows.slice(index)];
      for (const row of rows) this.watcher.observe(this.elements.get(row));
      // A few rows are typed or scanned: their cells must be there for the next key.
      if (rows.length <= 3) for (const row of rows) this.draw(this.elements.get(row));
      if (index + rows.length < this.rows.length) this.renumber();
      this.counted();
    }

    remove(index, count = 1) {
      for (const row of this.rows.slice(index, index + count)) {
        const element = this.elements.get(row);
        this.watcher.unobserve(element);
        element.remove();
        this.elements.delete(row);
      }
      this.rows = [...this.rows.slice(0, index), ...this.rows.slice(index + count)];
      this.renumber();
      this.counted();
    }

    replace(rows) {
      this.watcher.disconnect();
      this.elements.clear();
      this.body.replaceChildren();
      this.rows = [];
      this.lastPaste = null;
      this.insert(0, rows);
    }

    counted() {
      this.root.setAttribute("aria-rowcount", String(this.rows.length + 1));
      this.root.hidden = !this.rows.length;
    }

    /** Rows in sight are drawn at once, those just outside it when there is time. */
    scrolled(seen) {
      for (const { target, isIntersecting, boundingClientRect: box } of seen) {
        if (!isIntersecting && this.rows.length > FEW) {
          this.waiting.delete(target);
          if (target.supplyCells && !target.contains(document.activeElement)) this.empty(target, box.height);
        } else if (box.bottom > 0 && box.top < window.innerHeight) this.draw(target);
        else this.waiting.add(target);
      }
      if (this.waiting.size) later(() => this.drawWaiting());
    }

    drawWaiting() {
      const until = performance.now() + SLICE_MS;
      for (const element of this.waiting) {
        if (performance.now() > until) return later(() => this.drawWaiting());
        this.waiting.delete(element);
        this.draw(element);
      }
    }

    empty(element, height = 0) {
      element.supplyCells = null;
      element.replaceChildren();
      element.style.height = height ? `${height}px` : ""; // not seen yet: grid.css, as high as others
    }

    /** The number of each drawn row and the ids of its cells, after rows came or went above it. */
    renumber() {
      this.rows.forEach((row, index) => {
        const element = this.elements.get(row);
        if (element.supplyCells && element.supplyIndex !== index) this.number(element, index);
      });
    }

    number(element, index) {
      element.supplyIndex = index;
      element.setAttribute("aria-rowindex", String(index + 2));
      setText(element.firstChild, String(index + 1));
      for (const [name, part] of element.supplyCells) {
        if (!part.input) continue;
        part.input.id = this.o.cellId(index, name);
        part.fault.id = `fault-${part.input.id}`;
        part.input.setAttribute("aria-describedby", part.fault.id);
      }
    }

    // --- drawing ------------------------------------------------------------------------------

    draw(element) {
      if (element.supplyCells || !this.elements.has(element.supplyRow)) return;
      const row = element.supplyRow;
      element.supplyCells = new Map();
      element.style.height = "";
      const cells = [make("div", { class: "num line-number", role: "cell" })];
      const below = make("div", { class: "grid-below" });
      for (const column of this.columns) {
        const part = this.cell(column, row);
        element.supplyCells.set(column.name, part);
        (column.below ? below : { append: (cell) => cells.push(cell) }).append(part.cell);
      }
      if (this.o.removable) cells.push(this.remover());
      const notes = make("div", { class: "grid-notes" });
      below.append(notes);
      element.supplyNotes = notes;
      element.supplyBelow = below;
      element.replaceChildren(...cells, below);
      this.number(element, this.rows.indexOf(row));
      this.fill(element);
      if (!this.height) requestAnimationFrame(() => this.learnHeight(element));
    }

    learnHeight(element) {
      if (this.height || !element.supplyCells) return;
      this.height = element.offsetHeight;
      this.root.style.setProperty("--row-height", `${this.height || 56}px`);
    }

    remover() {
      const button = make("button", { class: "btn btn-sm btn-default", type: "button", "data-remove": true, tabindex: "-1", title: this.o.words.remove, "aria-label": this.o.words.remove });
      button.textContent = "×";
      return make("div", { class: "line-remove", role: "cell" }, button);
    }

    cell(column, row) {
      const cell = make("div", {
        class: `cell cell-${column.name.replaceAll("_", "-")} ${column.wide ? "wide" : ""} ${column.type === "static" ? "static" : ""} ${column.class ?? ""}`,
        role: "cell", "data-label": column.type === "static" && !column.labelled ? null : column.label,
      });
      const fault = make("div", { class: "fault", hidden: true });
      if (column.type === "static") {
        const holder = make("div", { class: column.numeric ? "num" : "" });
        cell.append(holder, fault);
        return { cell, holder, fault };
      }
      const input = column.type === "select"
        ? make("select", { class: "form-select", "aria-label": column.label, "data-name": column.name })
        : make("input", {
            class: `form-control ${column.type === "number" ? "num" : ""}`, "aria-label": column.label,
            "data-name": column.name, autocomplete: "off", type: "text",
            inputmode: column.type === "text" ? "text" : "numeric", maxlength: column.max,
            placeholder: column.type === "date" ? "dd/mm/yyyy" : column.placeholder, list: column.list,
          });
      if (column.type === "select") this.options(input, column, row);
      cell.append(input, fault);
      return { cell, input, fault };
    }

    options(select, column, row) {
      const wanted = column.options(row);
      if (select.supplyList === wanted) return; // the same list: nothing to compare
      select.supplyList = wanted;
      const now = JSON.stringify(wanted);
      if (select.supplyOptions === now) return;
      select.supplyOptions = now;
      // Copied whole: making a dozen options one by one for every line is what a phone feels.
      if (!this.optionLists.has(now)) {
        const list = document.createDocumentFragment();
        list.append(...wanted.map(({ value, label }) => new Option(label, value)));
        this.optionLists.set(now, list);
      }
      select.replaceChildren(this.optionLists.get(now).cloneNode(true));
    }

    /** What the row says now, in the cells it has. */
    fill(element) {
      const row = element.supplyRow;
      const index = element.supplyIndex;
      for (const column of this.columns) {
        const part = element.supplyCells.get(column.name);
        const shown = !column.when || Boolean(column.when(row));
        if (part.cell.hidden === shown) part.cell.hidden = !shown;
        if (column.type === "static") column.draw(part.holder, row, index);
        else this.fillInput(part, column, row);
        const fault = this.o.fault(row, column.name, index);
        setText(part.fault, fault);
        part.fault.hidden = !fault;
        if (part.input) {
          part.input.classList.toggle("is-invalid", Boolean(fault));
          part.input.setAttribute("aria-invalid", String(Boolean(fault)));
        }
      }
      this.fillNotes(element, row, index);
    }

    fillInput(part, column, row) {
      if (column.type === "select") this.options(part.input, column, row);
      const value = String(row[column.name] ?? "");
      if (part.input.value !== value) part.input.value = value;
      const able = this.o.editable(row, column.name);
      part.input.disabled = !able;
      part.cell.classList.toggle("off", !able);
      part.cell.classList.toggle("proposed", Boolean(row.proposed?.[column.name]));
      if (column.placeholderOf) part.input.placeholder = column.placeholderOf(row);
    }

    fillNotes(element, row, index) {
      const notes = this.o.notes(row, index);
      const now = notes.map((n) => `${n.text}|${n.tone}|${n.strong}|${Boolean(n.act)}`).join("\n");
      if (element.supplySaid !== now || !element.supplyNotes.childNodes.length) {
        element.supplySaid = now;
        element.supplyNotes.replaceChildren(...notes.map((note) => {
          if (!note.act) return make("span", { class: note.strong ? "conversion" : `chip ${note.tone ?? ""}` }, note.text);
          const button = make("button", { class: "btn btn-sm btn-default", type: "button", "data-act": note.mark ?? "" }, note.text);
          button.supplyAct = note.act;
          return button;
        }));
      }
      const busy = notes.length > 0 || this.columns.some((c) => c.below && (!c.when || c.when(row)));
      element.supplyBelow.hidden = !busy;
    }

    refresh(row) {
      const element = this.elements.get(row);
      if (element?.supplyCells) this.fill(element);
    }

    refreshAll() {
      for (const element of this.elements.values()) if (element.supplyCells) this.fill(element);
    }

    // --- where one is -------------------------------------------------------------------------

    at(target) {
      const element = target.closest?.(".grid-row");
      if (!element || !this.elements.has(element.supplyRow)) return null;
      return { row: element.supplyRow, index: element.supplyIndex, name: target.dataset?.name, element };
    }

    /** The columns of a row that can be entered now, in the order of the screen. */
    entered(row) {
      return this.columns
        .filter((c) => c.type !== "static" && (!c.when || c.when(row)) && this.o.editable(row, c.name))
        .map((c) => c.name);
    }

    /** At once: a fast hand or a scanner must not type into the last cell. */
    focus(index, name) {
      const row = this.rows[index];
      if (!row) return false;
      const element = this.elements.get(row);
      this.draw(element);
      const input = element.supplyCells.get(name)?.input;
      if (!input || input.disabled || input.parentElement.hidden) return false;
      input.focus({ preventScroll: true });
      input.select?.();
      element.scrollIntoView({ block: "nearest" });
      return true;
    }

    listen() {
      const on = (type, verb) => this.body.addEventListener(type, (event) => {
        const at = this.at(event.target);
        if (at) verb.call(this, event, at);
      });
      on("input", this.typed);
      on("change", this.chosen);
      on("keydown", this.key);
      on("paste", this.pasteEvent);
      on("focusin", (event, at) => (at.element.supplyBefore = at.name ? at.row[at.name] : null));
      on("focusout", this.left);
      on("click", (event, at) => {
        if (event.target.closest("[data-remove]")) this.removeRow(at.index);
        const acting = event.target.closest("[data-act]");
        if (acting?.supplyAct) acting.supplyAct(at.row, at.index);
      });
    }

    typed(event, at) {
      if (!at.name || event.target.tagName === "SELECT") return;
      const column = this.byName.get(at.name);
      if (column.type === "date") {
        const masked = window.supplyNumbers.mask(event.target.value, at.row[at.name]);
        if (masked !== event.target.value) event.target.value = masked;
      }
      this.set(at, event.target.value);
    }

    chosen(event, at) {
      if (at.name && event.target.tagName === "SELECT") this.set(at, event.target.value);
    }

    set({ row, name, index }, value) {
      this.lastPaste = null;
      row[name] = value;
      if (row.proposed) delete row.proposed[name];
      this.o.changed(row, name, index);
      this.refresh(row);
    }

    /** A cell that is left is made tidy: "1200" -> "1.200", "3/25" -> "31/03/2025". */
    left(event, at) {
      if (!at.name || !(at.name in at.row)) return;
      const neat = this.tidy(this.byName.get(at.name), at.row[at.name]);
      if (neat !== at.row[at.name]) {
        at.row[at.name] = neat;
        this.o.changed(at.row, at.name, at.index);
      }
      this.refresh(at.row);
    }

    tidy(column, text) {
      const bare = String(text ?? "").trim();
      if (column.type === "date") return window.supplyNumbers.date(bare);
      if (column.type !== "number") return bare;
      const whole = window.supplyNumbers.whole(bare);
      return whole === null ? bare : window.supplyNumbers.group(whole);
    }

    // --- keys ---------------------------------------------------------------------------------

    key(event, at) {
      if (!at.name) return;
      const control = event.ctrlKey || event.metaKey;
      const list = event.target.tagName === "SELECT";
      const key = event.key;
      const done = (go) => {
        event.preventDefault();
        go();
      };
      if (control && (key === "Delete" || key === "Backspace") && this.o.removable) done(() => this.removeRow(at.index));
      else if (control && key.toLowerCase() === "d") done(() => this.copyDown(at));
      else if (control && key.toLowerCase() === "z" && this.lastPaste) done(() => this.undoPaste());
      else if (control || event.altKey) return;
      else if (key === "Enter") done(() => this.onward(at, event.shiftKey));
      else if (key === "ArrowDown" && !list) done(() => this.down(at));
      else if (key === "ArrowUp" && !list) done(() => (at.index ? this.focus(at.index - 1, at.name) : this.o.leave("up")));
      else if (key === "ArrowLeft" || key === "ArrowRight") this.sideways(event, at);
      else if (key === "Escape" && at.element.supplyBefore !== at.row[at.name]) done(() => this.set(at, (event.target.value = at.element.supplyBefore ?? "")));
    }

    down(at) {
      if (at.index + 1 < this.rows.length) this.focus(at.index + 1, at.name);
      else this.o.leave("down");
    }

    copyDown(at) {
      if (!at.index || !this.o.editable(at.row, at.name)) return;
      this.set(at, this.rows[at.index - 1][at.name] ?? "");
      if (this.byName.get(at.name).copied) this.byName.get(at.name).copied(this.rows[at.index - 1], at.row);
      this.refresh(at.row);
      this.elements.get(at.row).supplyCells.get(at.name).input.select?.();
    }

    /** Enter: the next column marked `enter`, those already proposed passed over; then out. */
    onward(at, backwards) {
      if (backwards) {
        if (at.index) this.focus(at.index - 1, at.name);
        return;
      }
      const order = this.entered(at.row).filter((name) => this.byName.get(name).enter);
      const all = this.entered(at.row);
      const rest = order.filter((name) => all.indexOf(name) > all.indexOf(at.name));
      const next = rest.find((name) => !at.row.proposed?.[name]);
      if (next && this.focus(at.index, next)) return;
      if (this.o.enterDown && at.index + 1 < this.rows.length) {
        const first = this.entered(this.rows[at.index + 1]).find((name) => this.byName.get(name).enter);
        if (first && this.focus(at.index + 1, first)) return;
      }
      this.o.leave("end");
    }

    sideways(event, at) {
      const cell = event.target;
      const right = event.key === "ArrowRight";
      const atEdge = cell.tagName === "SELECT" ||
        (cell.selectionStart === cell.selectionEnd && cell.selectionStart === (right ? cell.value.length : 0)) ||
        cell.selectionEnd - cell.selectionStart === cell.value.length;
      const names = this.entered(at.row);
      const next = names[names.indexOf(at.name) + (right ? 1 : -1)];
      if (!atEdge || !next) return;
      event.preventDefault();
      this.focus(at.index, next);
    }

    removeRow(index) {
      const row = this.rows[index];
      this.lastPaste = null;
      this.remove(index);
      this.o.removed(row, index);
    }

    // --- paste --------------------------------------------------------------------------------

    pasteEvent(event, at) {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!at.name || !/[\t\n]/.test(text.replace(/[\r\n]+$/, ""))) return;
      event.preventDefault();
      this.pasteText(text, at.index, at.name);
    }

    pasteText = (text, index, name) => window.supplyPaste.into(this, text, index, name);
    undoPaste = () => window.supplyPaste.undo(this);
  }

  return { create: (root, options) => new Grid(root, options), make, setText, SLICE_MS };
})();
