// The columns of a document's lines and the rows they show: what a cell takes, typed or pasted.
// Mixed into the document of entry.js, whose state these verbs read as `this`.
"use strict";

window.supplyEntryColumns = (() => {
  const { group } = window.supplyNumbers;
  const { make, setText } = window.supplyGrid;
  const FIELDS = ["item_code", "quantity", "pack_id", "lot_number", "expiry", "fund_code", "direction",
    "lost_quantity", "consignment_id", "asked_quantity", "reason", "note"];

  return (config) => ({
    packLists: new Map(),

    // --- columns ------------------------------------------------------------------------------

    /** The grid's columns for this kind, in the order of the screen and of a pasted sheet. */
    columns() {
      const w = this.words;
      const all = {
        item: {
          name: "item", label: w.item, type: "static", width: "minmax(9rem, 2.2fr)",
          paste: ["ma hang", "ma", "ma vat tu", "ten hang", "ten", "item code", "code", "item name"],
          set: (row, text) => this.nameRow(row, text), draw: (cell, row) => this.drawItem(cell, row),
        },
        direction: {
          name: "direction", label: w.direction, type: "select", width: "5.75rem",
          options: () => [{ value: "out", label: w.less }, { value: "in", label: w.more }],
          set: (row, text) => (row.direction = /^(in|tang|nhap|more|\+)/.test(window.supplyPaste.fold(text) || text) ? "in" : "out"),
        },
        pack_id: {
          name: "pack_id", label: w.unit, type: "select", width: "minmax(6.5rem, 1fr)",
          paste: ["dvt", "don vi tinh", "quy cach", "unit", "pack"],
          options: (row) => this.packChoices(row), set: (row, text) => this.unitRow(row, text),
        },
        quantity: {
          name: "quantity", label: config.form_of.arrives ? w.received : w.quantity, type: "number",
          width: config.form_of.takes ? "minmax(6.5rem, .8fr)" : "5.5rem", enter: true, paste: ["so luong", "sl", "qty", "quantity"],
        },
        lost_quantity: { name: "lost_quantity", label: w.lost, type: "number", width: "7rem", enter: true },
        lot_number: {
          name: "lot_number", label: w.lot, type: "text", width: config.form_of.takes ? "minmax(9rem, 1.3fr)" : "minmax(5.5rem, 1fr)", max: 50, enter: this.brings(),
          paste: ["so lo", "lo", "lot", "batch"], wide: config.form_of.takes,
          ...(config.form_of.takes ? { type: "select", options: (row) => this.lotChoices(row) } : {}),
        },
        expiry: {
          name: "expiry", label: w.expiry, type: "date", width: "7.25rem", max: 10, enter: this.brings(),
          paste: ["han dung", "hsd", "han su dung", "expiry", "exp"],
        },
        unit_price_vnd: {
          name: "unit_price_vnd", label: w.unit_price, type: "number", width: "6.25rem", enter: this.brings(),
          paste: ["don gia", "gia", "price"],
        },
        amount_vnd: { name: "amount_vnd", label: w.amount, type: "number", width: "7.25rem", paste: ["thanh tien", "amount"] },
        fund_code: {
          name: "fund_code", label: w.fund, type: "select", width: "minmax(5.5rem, .8fr)", wide: true,
          paste: ["nguon", "nguon quy", "fund"], options: () => config.funds,
          set: (row, text) => (row.fund_code = this.fundNamed(text)),
        },
        lot_shown: {
          name: "lot_shown", label: w.lot_expiry, type: "static", labelled: true, width: "minmax(9rem, 1fr)",
          draw: (cell, row) => setText(cell, [row.lot_number || w.no_lot, row.expiry].filter(Boolean).join(" · ")),
        },
        on_way: {
          name: "on_way", label: w.on_way, type: "static", labelled: true, numeric: true, width: "8rem",
          draw: (cell, row) => setText(cell, `${group(row.on_way ?? 0)} ${row.unit}`),
        },
        asked_quantity: {
          name: "asked_quantity", label: w.asked, type: "number", below: true, when: (row) => Boolean(row.asked_quantity),
        },
        reason: {
          name: "reason", label: w.reason, type: "text", below: true, wide: true, max: 200, list: "line-reasons",
          when: (row) => Boolean(row.asked_quantity || row.reason || this.passedOver(row) || this.overLimit(row)),
        },
      };
      return config.form_of.columns.map((name) => all[name]);
    },
    drawItem(cell, row) {
      if (!cell.firstChild) {
        cell.className = "line-item";
        cell.append(make("b"), make("span", { class: "sub d-block" }));
      }
      setText(cell.firstChild, row.name || row.wanted || "");
      setText(cell.lastChild, [row.item_code, this.onHand(row)].filter(Boolean).join(" · "));
    },

    // --- rows ---------------------------------------------------------------------------------

    lineOf(line) {
      const item = this.items.get(line.item_code);
      return {
        item_code: "", wanted: "", quantity: "", lot_number: "", expiry: "", unit_price_vnd: "",
        amount_vnd: "", fund_code: "", direction: "", lost_quantity: "", consignment_id: "", on_way: 0,
        asked_quantity: "", reason: "", note: "", by: line.amount_vnd && !line.unit_price_vnd ? "amount" : "unit",
        proposed: {}, ...line,
        name: line.name ?? item?.name ?? "", unit: line.unit ?? item?.unit ?? "",
        pack_id: line.pack_id ? String(line.pack_id) : "",
      };
    },
    blankLine() {
      return this.lineOf({ direction: config.form_of.adjusts ? config.ways[this.form.reason] || "out" : "" });
    },
    sentLine(line) {
      const sent = {};
      for (const name of FIELDS) if (line[name]) sent[name] = line[name];
      if (!sent.item_code && line.wanted) sent.item_code = line.wanted.slice(0, 20);
      if (this.brings(line)) {
        if (line.by === "amount") sent.amount_vnd = line.amount_vnd;
        else sent.unit_price_vnd = line.unit_price_vnd;
        if (!sent.fund_code && config.form_of.brings) sent.fund_code = this.form.fund_code;
      } else if (!config.form_of.arrives) {
        delete sent.expiry;
        delete sent.fund_code;
      }
      return sent;
    },
    packs(row) {
      return this.items.get(row.item_code)?.packs ?? [];
    },
    packChoices(row) {
      const known = this.packLists.get(row.item_code);
      if (known) return known;
      const list = [{ value: "", label: row.unit || "" }, ...this.packs(row).map((p) => ({ value: String(p.id), label: p.name }))];
      if (row.item_code && this.items.has(row.item_code)) this.packLists.set(row.item_code, list);
      return list;
    },
    fundNamed(text) {
      const wanted = window.supplyPaste.fold(text);
      const found = config.funds.find((f) => [f.value, f.label].some((name) => window.supplyPaste.fold(name) === wanted));
      return found?.value ?? text;
    },
    /** A pasted code or name: the item is asked for with all others of the paste. */
    nameRow(row, text) {
      row.wanted = text;
      row.item_code = "";
      row.name = "";
      row.unit = "";
      row.pack_id = "";
    },
    unitRow(row, text) {
      row.wanted_unit = text;
      this.fitUnit(row);
    },
    fitUnit(row) {
      if (!row.wanted_unit || !row.item_code) return;
      const wanted = window.supplyPaste.fold(row.wanted_unit);
      const pack = this.packs(row).find((p) => window.supplyPaste.fold(p.name) === wanted);
      row.pack_id = pack ? String(pack.id) : "";
      row.unit_unknown = !pack && window.supplyPaste.fold(row.unit) !== wanted;
      if (!row.unit_unknown) row.wanted_unit = "";
    },
    setItem(row, item) {
      this.items.set(item.code, item);
      row.item_code = item.code;
      row.name = item.name;
      row.unit = item.unit;
      row.wanted = "";
      row.unknown = false;
      this.fitUnit(row);
    },
  });
})();
