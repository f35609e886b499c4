// The lines of a document being written: which lots they take, what they cost, what they say at
// once. Mixed into the document of entry.js, whose state these verbs read as `this`.
"use strict";

window.supplyEntryLines = (() => {
  const { whole, group, iso, dmy } = window.supplyNumbers;
  const NEAR_DAYS = 90;

  return (config) => ({
    // --- which way ----------------------------------------------------------------------------

    takes(line) {
      return config.form_of.takes || (config.form_of.adjusts && line.direction === "out");
    },
    brings(line) {
      return config.form_of.brings || (config.form_of.adjusts && line?.direction === "in");
    },
    editable(row, name) {
      if (["expiry", "unit_price_vnd", "fund_code"].includes(name) && config.form_of.adjusts) return this.brings(row);
      return true;
    },
    usableFrom() {
      return config.form_of.any_lot ? null : iso(this.form.happened_on) ?? config.today;
    },
    blockedToo() {
      return config.form_of.any_lot || this.form.from_place === "quarantine";
    },

    // --- lots ---------------------------------------------------------------------------------

    lots(line) {
      return this.lotsOf.get(line.item_code) ?? null;
    },
    /** Where the goods lie: what the head says where it may say so, otherwise the kind's one place. */
    place() {
      return document.getElementById("from_place") ? this.form.from_place : config.form_of.place;
    },
    /** Ask for the lots of these items, all in one question; lines are refreshed as they come. */
    async loadLots(codes, again = false) {
      if (config.form_of.arrives || !this.form.facility_id) return;
      const wanted = [...new Set(codes)].filter((code) => code && (again || !this.lotsOf.has(code)));
      if (!wanted.length) return;
      try {
        const { body } = await this.send(config.urls.lots, {
          facility_id: this.form.facility_id, place: this.place(), items: wanted,
        });
        for (const [code, lots] of Object.entries(body.lots)) this.lotsOf.set(code, lots);
      } catch {
        return; // The server chooses the lots in any case; the page says less until it is back.
      }
      this.plans = new WeakMap();
      this.grid.refreshAll();
      this.foot();
    },
    /** Lines by item, so that only lines of the same item look at each other. */
    regroup() {
      this.byItem = new Map();
      for (const row of this.grid.rows) {
        const same = this.byItem.get(row.item_code);
        if (same) same.push(row);
        else this.byItem.set(row.item_code, [row]);
      }
      this.plans = new WeakMap();
      this.amounts = new WeakMap();
    },
    /** What of which lots the line would take; remembered until a line of its item changes. */
    plan(line) {
      const known = this.plans.get(line);
      if (known) return known;
      const takenBefore = [];
      for (const other of this.byItem.get(line.item_code) ?? []) {
        if (other === line) break;
        if (this.takes(other)) takenBefore.push(this.plan(other).parts);
      }
      const plan = window.supplyFefo.take(this.lots(line) ?? [], this.base(line) ?? 0, {
        day: this.usableFrom(), lotNumber: line.lot_number, takenBefore, blocked: this.blockedToo(),
      });
      this.plans.set(line, plan);
      return plan;
    },
    forgetPlans(line) {
      for (const row of this.byItem.get(line.item_code) ?? [line]) this.plans.delete(row);
    },
    /** The lot that ought to go before the one chosen: then a reason must be given. */
    passedOver(line) {
      if (!config.form_of.fefo || !line.lot_number || !this.lots(line)) return null;
      const taken = (this.byItem.get(line.item_code) ?? []).map((row) => this.plan(row).parts);
      return window.supplyFefo.passedOver(this.lots(line), line.lot_number, taken, { day: this.usableFrom() });
    },
    lotText(part) {
      const name = part.lot_number || this.words.no_lot;
      const expiry = part.expiry ? ` · ${this.words.expires} ${dmy(part.expiry)}` : "";
      return `${group(part.quantity)} × ${name}${expiry}`;
    },
    lotChoices(line) {
      const seen = new Map();
      for (const lot of this.lots(line) ?? []) {
        const before = seen.get(lot.lot_number);
        seen.set(lot.lot_number, { ...lot, quantity: lot.quantity + (before?.quantity ?? 0) });
      }
      const found = [...seen.values()].filter((lot) => lot.lot_number).map((lot) => ({
        value: lot.lot_number,
        label: [lot.lot_number, dmy(lot.expiry) || this.words.no_expiry, group(lot.quantity),
          lot.blocked ? this.words.blocked : ""].filter(Boolean).join(" · "),
      }));
      if (line.lot_number && !seen.has(line.lot_number)) found.push({ value: line.lot_number, label: line.lot_number });
      return [{ value: "", label: this.words.fefo }, ...found];
    },
    lotTone(part) {
      if (!part.expiry) return "";
      const days = (Date.parse(part.expiry) - Date.parse(config.today)) / 86400000;
      return days < 0 ? "danger" : days <= NEAR_DAYS ? "warning" : "";
    },
    onHand(line) {
      const lots = this.lots(line);
      if (!lots) return "";
      const { available } = window.supplyFefo.take(lots, 0, { day: this.usableFrom(), blocked: this.blockedToo() });
      return `${this.words.on_hand} ${group(available)} ${line.unit}`;
    },

    // --- quantities and money -----------------------------------------------------------------

    units(line) {
      return this.packs(line).find((p) => String(p.id) === line.pack_id)?.units_per_pack ?? 1;
    },
    packName(line) {
      return this.packs(line).find((p) => String(p.id) === line.pack_id)?.name ?? line.unit;
    },
    base(line) {
      const quantity = whole(line.quantity);
      return quantity === null ? null : quantity * this.units(line);
    },
    conversion(line) {
      const units = this.units(line);
      if (units === 1) return "";
      const shown = whole(line.quantity) ?? 1;
      return `${group(shown)} × ${this.packName(line)} = ${group(shown * units)} ${line.unit}`;
    },
    amount(line) {
      if (line.by === "amount") return whole(line.amount_vnd);
      const quantity = whole(line.quantity);
      const price = whole(line.unit_price_vnd);
      return quantity === null || price === null ? null : quantity * price;
    },
    reprice(line) {
      this.amounts.delete(line);
      const quantity = whole(line.quantity);
      if (line.by === "amount") {
        const amount = whole(line.amount_vnd);
        line.unit_price_vnd = amount !== null && quantity ? group(amount / quantity) : "";
      } else {
        const amount = this.amount(line);
        line.amount_vnd = amount === null ? "" : group(amount);
      }
    },

    // --- what a line says ---------------------------------------------------------------------

    notes(row) {
      const notes = [];
      const say = (text, more = {}) => text && notes.push({ text, ...more });
      say(this.conversion(row), { strong: true });
      if (this.takes(row) && this.lots(row)) {
        const plan = this.plan(row);
        for (const part of window.supplyFefo.byLot(plan.parts)) say(this.lotText(part), { tone: this.lotTone(part) });
        if (plan.short && config.form_of.may_fall_short) {
          const give = Math.floor(plan.available / this.units(row));
          say(this.words.give_what_is.replace("{given}", `${group(give)} ${this.packName(row)}`)
            .replace("{short}", group((whole(row.quantity) ?? 0) - give)), { act: () => this.giveWhatIs(row, give), mark: "short" });
        }
      }
      for (const { text, ...more } of this.limitNotes(row)) say(text, more);
      if (row.unknown) say(this.words.choose_item, { act: () => this.chooseFor(row), mark: "choose" });
      if (row.guessed) say(this.words.guessed, { tone: "warning" });
      if (row.proposed_from && Object.keys(row.proposed).length) {
        say(this.words.as_last.replace("{day}", row.proposed_from));
      }
      return notes;
    },
    /** Less than asked is there: what is there goes out, the rest is said with its reason. */
    giveWhatIs(row, give) {
      row.asked_quantity = row.quantity;
      row.quantity = group(give);
      row.reason ||= this.words.short_reason;
      this.lineChanged(row, "quantity");
      this.grid.refresh(row);
      this.grid.focus(this.grid.rows.indexOf(row), "reason");
    },
    /** What is plainly wrong with a cell now; said in place, before anything is sent. */
    inPlace(line, name) {
      if (name === "item") return line.unknown ? this.words.unknown_item.replace("{text}", line.wanted) : "";
      if (name === "pack_id") return line.unit_unknown ? this.words.unknown_unit.replace("{text}", line.wanted_unit) : "";
      if (name === "quantity") return this.quantityFault(line);
      if (name === "reason") {
        const other = line.reason.trim() ? null : this.passedOver(line);
        if (other) return this.words.why_lot.replace("{lot}", other.lot_number).replace("{day}", dmy(other.expiry));
        return line.asked_quantity && !line.reason.trim() ? this.words.why_short : "";
      }
      if (name === "expiry" && line.expiry?.length === 10 && !config.form_of.arrives) {
        const day = iso(line.expiry);
        if (!day) return this.words.bad_date;
        const on = iso(this.form.happened_on);
        if (config.kind === "receipt" && on && day < on) return this.words.expired;
      }
      return "";
    },
    quantityFault(line) {
      const quantity = whole(line.quantity);
      if (line.quantity && quantity === null) return this.words.bad_quantity;
      if (config.form_of.arrives) {
        const asked = (quantity ?? 0) + (whole(line.lost_quantity) ?? 0);
        if (asked <= line.on_way) return "";
        const words = config.kind === "return" ? this.words.more_than_issued : this.words.more_than_sent;
        return words.replace("{sent}", group(line.on_way));
      }
      if (!this.takes(line) || !this.lots(line) || !this.base(line)) return "";
      const { available, short } = this.plan(line);
      if (!short) return "";
      return this.words.not_enough.replace("{available}", `${group(available)} ${line.unit}`)
        .replace("{asked}", group(this.base(line)));
    },
    fault(row, name, index) {
      const now = this.inPlace(row, name);
      if (now || !this.faults.length) return now;
      const field = name === "item" ? "item_code" : name;
      return this.faults.find((f) => f.line === index + 1 && f.field === field)?.message ?? "";
    },
    /** What keeps the document from being sent: [{line, field, message}]. */
    stuck() {
      const found = [];
      this.grid.rows.forEach((row, index) => {
        for (const field of ["item", "pack_id", "quantity", "expiry", "reason"]) {
          const message = this.inPlace(row, field);
          if (message) found.push({ line: index + 1, field, message });
        }
      });
      return found;
    },

    // --- a line changes -----------------------------------------------------------------------

    lineChanged(row, name, index) {
      this.amounts.delete(row);
      if (this.faults.length) this.mended(index === undefined ? null : index + 1, name);
      if (name === "unit_price_vnd" || name === "amount_vnd") row.by = name === "amount_vnd" ? "amount" : "unit";
      if (name === "pack_id") {
        row.unit_unknown = false;
        this.proposePrice(row);
      }
      if (["unit_price_vnd", "amount_vnd", "quantity", "pack_id"].includes(name)) this.reprice(row);
      if (name === "lot_number" && this.brings(row)) this.lotNamed(row);
      if (this.takes(row) || config.form_of.adjusts) {
        const same = this.byItem.get(row.item_code) ?? [];
        this.forgetPlans(row);
        if (same.length > 1) for (const other of same) if (other !== row) this.grid.refresh(other);
      }
      this.foot();
      this.changed();
    },
    /** A lot known here brings its expiry; another lot takes back the expiry that was proposed. */
    lotNamed(row) {
      const known = (this.lots(row) ?? []).find((lot) => lot.lot_number === row.lot_number.trim());
      if (known?.expiry && (!row.expiry || row.proposed.expiry)) {
        row.expiry = dmy(known.expiry);
        row.proposed.expiry = true;
      } else if (row.proposed.expiry) {
        row.expiry = "";
        delete row.proposed.expiry;
      }
    },
    /** The last receipt's lot, expiry and price: shown as proposals, taken by Enter, changed by typing. */
    propose(row, item) {
      const last = item.last;
      if (!last || !config.form_of.brings) return;
      const on = iso(this.form.happened_on) ?? config.today;
      row.proposed_from = dmy(last.happened_on);
      if (!last.expiry || last.expiry >= on) {
        row.lot_number ||= last.lot_number;
        row.expiry ||= dmy(last.expiry);
        row.proposed.lot_number = true;
        row.proposed.expiry = true;
      }
      row.last_price = last.amount_vnd / last.quantity;
      row.proposed.unit_price_vnd = true;
      this.proposePrice(row);
    },
    proposePrice(row) {
      if (!row.proposed.unit_price_vnd) return;
      row.unit_price_vnd = group(row.last_price * this.units(row));
      this.reprice(row);
    },
    /** Of all lines; each is worked out once until it changes, so that a key costs one line's work. */
    total() {
      let sum = 0;
      for (const row of this.grid.rows) {
        let worth = this.amounts.get(row);
        if (worth === undefined) {
          worth = this.takes(row) ? null : this.amount(row) ?? 0;
          this.amounts.set(row, worth);
        }
        if (worth === null) for (const part of this.plan(row).parts) sum += part.value;
        else sum += worth;
      }
      return sum;
    },
  });
})();
