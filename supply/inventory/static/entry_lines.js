// The lines of a document being written: their lots, what they say at once, moving among cells.
// Mixed into the component of entry.js, whose state these verbs read as `this`.
"use strict";

window.supplyEntryLines = (() => {
  const { whole, group, mask, date, iso, dmy } = window.supplyNumbers;
  const COLUMNS = {
    receipt: ["pack_id", "quantity", "lot_number", "expiry", "unit_price_vnd", "amount_vnd", "fund_code"],
    issue: ["pack_id", "quantity", "lot_number"],
    transfer_dispatch: ["pack_id", "quantity", "lot_number"],
    transfer_receipt: ["quantity", "lost_quantity"],
    adjustment: ["direction", "pack_id", "quantity", "lot_number", "expiry", "unit_price_vnd", "fund_code"],
  };
  const ENTER = {
    receipt: ["quantity", "lot_number", "expiry", "unit_price_vnd"],
    issue: ["quantity"],
    transfer_dispatch: ["quantity"],
    transfer_receipt: ["quantity", "lost_quantity"],
    adjustment: ["quantity", "lot_number"],
  };
  const TAKES_OUT = new Set(["issue", "transfer_dispatch"]);

  return (config) => ({
    // --- lots ---------------------------------------------------------------------------------

    async loadLots(line) {
      if (this.kind === "transfer_receipt" || !line.item_code || !this.form.facility_id) return;
      const url = new URL(config.urls.lots, window.location.origin);
      url.search = new URLSearchParams({ item: line.item_code, facility: this.form.facility_id });
      try {
        line.lots = (await this.send(url, null)).body.lots;
        line.known = true;
      } catch {
        line.known = false;
      }
    },
    /** How many lines each item has, so that only repeated items look at each other. */
    recount() {
      const counts = {};
      for (const { item_code: code } of this.form.lines) counts[code] = (counts[code] ?? 0) + 1;
      for (const code of new Set([...Object.keys(this.countOf), ...Object.keys(counts)])) {
        this.countOf[code] = counts[code] ?? 0;
      }
    },
    async refreshLots() {
      const codes = new Set(this.form.lines.map((line) => line.item_code));
      for (const code of codes) {
        const lines = this.form.lines.filter((line) => line.item_code === code);
        await this.loadLots(lines[0]);
        for (const line of lines.slice(1)) Object.assign(line, { lots: lines[0].lots, known: lines[0].known });
      }
    },
    takes(line) {
      return TAKES_OUT.has(this.kind) || (this.kind === "adjustment" && line.direction === "out");
    },
    brings(line) {
      return this.kind === "receipt" || (this.kind === "adjustment" && line.direction === "in");
    },
    plan(line) {
      const wanted = this.base(line) ?? 0;
      const day = this.kind === "adjustment" ? null : iso(this.form.happened_on);
      const takenBefore = [];
      const others = this.countOf[line.item_code] > 1 ? this.form.lines : [];
      for (const other of others) {
        if (other === line || other.key === line.key) break;
        if (other.item_code === line.item_code && this.takes(other)) {
          takenBefore.push(this.plan(other).parts);
        }
      }
      return window.supplyFefo.take(line.lots, wanted, {
        day, lotNumber: line.lot_number, takenBefore,
      });
    },
    lotParts(line) {
      return this.takes(line) ? window.supplyFefo.byLot(this.plan(line).parts) : [];
    },
    lotText(part) {
      const name = part.lot_number || this.words.no_lot;
      const expiry = part.expiry ? ` · ${this.words.expires} ${dmy(part.expiry)}` : "";
      return `${group(part.quantity)} × ${name}${expiry}`;
    },
    lotChoices(line) {
      const seen = new Map();
      for (const lot of line.lots) {
        const before = seen.get(lot.lot_number);
        seen.set(lot.lot_number, { ...lot, quantity: lot.quantity + (before?.quantity ?? 0) });
      }
      return [...seen.values()].filter((lot) => lot.lot_number).map((lot) => ({
        value: lot.lot_number,
        label: `${lot.lot_number} · ${dmy(lot.expiry) || this.words.no_expiry} · ${group(lot.quantity)}`,
      }));
    },
    lotTone(part) {
      if (!part.expiry) return "";
      const days = (Date.parse(part.expiry) - Date.parse(config.today)) / 86400000;
      return days < 0 ? "danger" : days <= 90 ? "warning" : "";
    },
    listId(index) {
      return `lots-${index + 1}`;
    },
    onHand(line) {
      if (!line.known) return "";
      const { available } = this.plan({ ...line, quantity: "" });
      return `${this.words.on_hand} ${group(available)} ${line.unit}`;
    },

    // --- what a line says ---------------------------------------------------------------------

    units(line) {
      const pack = line.packs.find((p) => String(p.id) === line.pack_id);
      return pack ? pack.units_per_pack : 1;
    },
    isPack(line, pack) {
      return String(pack.id) === line.pack_id;
    },
    grouped(number) {
      return group(number);
    },
    packName(line) {
      return line.packs.find((p) => String(p.id) === line.pack_id)?.name ?? line.unit;
    },
    base(line) {
      const quantity = whole(line.quantity);
      return quantity === null ? null : quantity * this.units(line);
    },
    conversion(line) {
      const units = this.units(line);
      if (units === 1) return "";
      const quantity = whole(line.quantity);
      const shown = quantity === null ? 1 : quantity;
      return `${group(shown)} × ${this.packName(line)} = ${group(shown * units)} ${line.unit}`;
    },
    amount(line) {
      if (line.by === "amount") return whole(line.amount_vnd);
      const quantity = whole(line.quantity);
      const price = whole(line.unit_price_vnd);
      return quantity === null || price === null ? null : quantity * price;
    },
    priced(line, name) {
      line.by = name === "amount_vnd" ? "amount" : "unit";
      this.reprice(line);
    },
    reprice(line) {
      const quantity = whole(line.quantity);
      if (line.by === "amount") {
        const amount = whole(line.amount_vnd);
        line.unit_price_vnd = amount !== null && quantity ? group(amount / quantity) : "";
      } else {
        const amount = this.amount(line);
        line.amount_vnd = amount === null ? "" : group(amount);
      }
    },
    tidy(line, name) {
      if (name === "expiry") line.expiry = date(line.expiry);
      else if (whole(line[name]) !== null) line[name] = group(whole(line[name]));
    },
    tidyDate() {
      this.form.happened_on = date(this.form.happened_on);
    },
    maskExpiry(event, line) {
      event.target.value = mask(event.target.value, line.expiry);
      line.expiry = event.target.value;
      this.mended(line, "expiry");
    },
    cellTyped(line, name) {
      this.mended(line, name);
      if (name === "unit_price_vnd" || name === "amount_vnd") this.priced(line, name);
      else if (name === "quantity" || name === "pack_id") this.reprice(line);
    },
    headTyped(name, event) {
      if (name === "happened_on") {
        this.form.happened_on = mask(event.target.value, this.lastDay);
        this.lastDay = this.form.happened_on;
      }
      this.mended(null, name);
    },
    headChosen(name) {
      this.mended(null, name);
      if (name === "facility_id") this.facilityChanged();
      else if (name === "follows_id") this.chooseDispatch();
      else if (name === "reason") this.reasonChanged();
      else if (name === "fund_code") this.mendedFunds();
    },
    /** What is plainly wrong with a cell now; said in place, before anything is sent. */
    inPlace(line, name) {
      if (name === "quantity" && line.quantity && whole(line.quantity) === null) {
        return this.words.bad_quantity;
      }
      if (name === "quantity" && this.takes(line) && line.known && this.base(line)) {
        const { available, short } = this.plan(line);
        if (short) {
          return this.words.not_enough
            .replace("{available}", `${group(available)} ${line.unit}`)
            .replace("{asked}", `${group(this.base(line))}`);
        }
      }
      if (name === "quantity" && this.kind === "transfer_receipt") {
        const asked = (whole(line.quantity) ?? 0) + (whole(line.lost_quantity) ?? 0);
        if (asked > line.on_way) return this.words.more_than_sent.replace("{sent}", group(line.on_way));
      }
      if (name === "expiry" && line.expiry.length === 10) {
        const day = iso(line.expiry);
        if (!day) return this.words.bad_date;
        const on = iso(this.form.happened_on);
        if (this.kind === "receipt" && on && day < on) return this.words.expired;
      }
      return "";
    },
    fault(line, name) {
      if (!this.faults.length) return this.inPlace(line, name);
      const index = this.form.lines.indexOf(line) + 1;
      const found = this.faults.find((f) => f.line === index && f.field === name);
      return this.inPlace(line, name) || (found ? found.message : "");
    },
    headFault(name) {
      const found = this.faults.find((f) => f.line === null && f.field === name);
      return found ? found.message : "";
    },
    /** Typing mends: the server's word on that cell is taken back. */
    mended(line, name) {
      if (!this.faults.length) return;
      const index = line ? this.form.lines.indexOf(line) + 1 : null;
      this.faults = this.faults.filter((f) => f.line !== index || f.field !== name);
    },
    stuck() {
      return this.form.lines.some((line) =>
        ["quantity", "expiry"].some((name) => this.inPlace(line, name)));
    },
    count() {
      return group(this.form.lines.length);
    },
    total() {
      let sum = 0;
      for (const line of this.form.lines) {
        if (this.takes(line)) for (const part of this.plan(line).parts) sum += part.value;
        else sum += this.amount(line) ?? 0;
      }
      return group(sum);
    },

    // --- moving about -------------------------------------------------------------------------

    cellId(index, name) {
      return `line-${index + 1}-${name}`;
    },
    faultId(index, name) {
      return `fault-${index + 1}-${name}`;
    },
    firstCell() {
      return "quantity";
    },
    toSearch() {
      (document.getElementById("search") ?? document.getElementById(this.cellId(0, "quantity")))?.focus();
    },
    /** At once where the cell is there: a fast hand or a scanner must not type into the last one. */
    focusCell(index, name) {
      const focus = () => {
        const cell = document.getElementById(this.cellId(index, name));
        if (!cell) return false;
        cell.focus();
        cell.select?.();
        cell.closest(".entry-line")?.scrollIntoView({ block: "nearest" });
        return true;
      };
      if (!focus()) this.$nextTick(focus);
    },
    shown(index) {
      return COLUMNS[this.kind].filter((name) => document.getElementById(this.cellId(index, name)));
    },
    cellKey(event, index, name) {
      const line = this.form.lines[index];
      if ((event.ctrlKey || event.metaKey) && ["Delete", "Backspace"].includes(event.key)) {
        event.preventDefault();
        this.remove(line);
      } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.onward(index, name);
      } else if (event.key === "ArrowDown" && event.target.tagName !== "SELECT") {
        event.preventDefault();
        if (index + 1 < this.form.lines.length) this.focusCell(index + 1, name);
        else this.toSearch();
      } else if (event.key === "ArrowUp" && event.target.tagName !== "SELECT") {
        event.preventDefault();
        if (index > 0) this.focusCell(index - 1, name);
      } else if (["ArrowLeft", "ArrowRight"].includes(event.key)) {
        this.sideways(event, index, name);
      }
    },
    onward(index, name) {
      const order = ENTER[this.kind];
      const next = order[order.indexOf(name) + 1];
      if (next && order.includes(name) && document.getElementById(this.cellId(index, next))) {
        this.focusCell(index, next);
      } else if (this.kind === "transfer_receipt" && index + 1 < this.form.lines.length) {
        this.focusCell(index + 1, "quantity");
      } else {
        this.toSearch();
      }
    },
    sideways(event, index, name) {
      const cell = event.target;
      const right = event.key === "ArrowRight";
      const atEdge = cell.tagName === "SELECT" ||
        (cell.selectionStart === cell.selectionEnd &&
          cell.selectionStart === (right ? cell.value.length : 0)) ||
        (cell.selectionEnd - cell.selectionStart === cell.value.length);
      const names = this.shown(index);
      const next = names[names.indexOf(name) + (right ? 1 : -1)];
      if (!atEdge || !next) return;
      event.preventDefault();
      this.focusCell(index, next);
    },
    pageKey(event) {
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
        event.preventDefault();
        this.post();
      } else if (event.altKey && event.key.toLowerCase() === "n") {
        event.preventDefault();
        this.toSearch();
      }
    },
    remove(line) {
      const index = this.form.lines.indexOf(line);
      if (index < 0) return;
      this.removed = { line, index };
      this.form.lines.splice(index, 1);
      this.recount();
      this.faults = this.faults
        .filter((f) => f.line !== index + 1)
        .map((f) => (f.line > index + 1 ? { ...f, line: f.line - 1 } : f));
      this.form.lines.length ? this.focusCell(Math.max(0, index - 1), "quantity") : this.toSearch();
    },
    undo() {
      if (!this.removed) return;
      this.form.lines.splice(this.removed.index, 0, this.removed.line);
      this.recount();
      this.focusCell(this.removed.index, "quantity");
      this.removed = null;
    },
    removedText() {
      return this.removed ? this.words.removed.replace("{item}", this.removed.line.name) : "";
    },
    jump(fault) {
      const id = fault.line ? this.cellId(fault.line - 1, fault.field) : fault.field;
      const cell = document.getElementById(id) ??
        document.getElementById(this.cellId((fault.line ?? 1) - 1, "quantity")) ??
        document.getElementById("search");
      cell?.scrollIntoView({ block: "center" });
      cell?.focus();
    },

    facilityChanged() {
      if (this.kind.startsWith("transfer")) {
        this.forget();
        window.location.assign(`${config.urls.again}?facility=${this.form.facility_id}`);
      } else {
        this.refreshLots();
      }
    },
    mendedFunds() {
      this.faults = this.faults.filter((f) => f.field !== "fund_code");
    },
    /** A reason that only brings in, or only takes out, sets the direction of every line. */
    reasonChanged() {
      const way = config.ways[this.form.reason];
      if (way) for (const line of this.form.lines) line.direction = way;
    },

    // --- a transfer that arrived --------------------------------------------------------------

    async chooseDispatch() {
      this.form.lines = [];
      if (!this.form.follows_id) return;
      const url = `${config.urls.arrivals}${this.form.follows_id}`;
      try {
        const { body } = await this.send(url, null);
        this.form.lines = body.lines.map((line) => this.lineOf(line));
      } catch (problem) {
        this.refused(problem);
      }
    },
  });
})();
