// The screen on which a storekeeper writes a document. The server's word is final: this shows
// early what it would say, keeps every keystroke, and never sends the same document as two.
"use strict";

(() => {
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
  const FIELDS = {
    facility: "facility_id",
    counterpart_facility: "counterpart_facility_id",
    follows: "follows_id",
    partner: "partner_code",
    lines: "search",
  };

  /** The component's state and verbs; `config` comes with the page. */
  function entry() {
    const config = JSON.parse(document.getElementById("entry-config").textContent);
    return {
      kind: config.kind,
      form: { ...config.form, lines: [] },
      words: config.words,
      query: "",
      results: [],
      active: 0,
      ahead: null,
      searching: false,
      open: false,
      faults: [],
      title: "",
      state: "writing",
      restored: false,
      saved: "",
      removed: null,
      online: navigator.onLine,
      nextKey: 1,

      init() {
        const kept = this.kept();
        const start = kept ?? config.form;
        this.form = { ...config.form, ...start, lines: [] };
        this.restored = Boolean(kept);
        for (const line of start.lines ?? []) this.form.lines.push(this.lineOf(line));
        this.refreshLots();
        this.$watch("form", () => this.changed());
        window.addEventListener("online", () => (this.online = true));
        window.addEventListener("offline", () => (this.online = false));
        this.$nextTick(() => this.toSearch());
      },

      // --- keeping ------------------------------------------------------------------------------

      storageName() {
        return `supply-entry:${config.user}:${config.draft_page ? `draft-${config.form.draft_id}` : config.kind}`;
      },
      kept() {
        try {
          const found = JSON.parse(localStorage.getItem(this.storageName()) ?? "null");
          if (!found?.lines?.length) return null;
          const asked = config.form.follows_id;
          if (asked && asked !== found.follows_id) return null;
          return config.form.stamp && found.stamp !== config.form.stamp ? null : found;
        } catch {
          return null;
        }
      },
      changed() {
        if (this.state === "posted") return;
        try {
          localStorage.setItem(this.storageName(), JSON.stringify(this.typed(true)));
        } catch {
          // A full or forbidden store: the server's draft still keeps the document.
        }
        clearTimeout(this.timer);
        if (this.form.lines.length) this.timer = setTimeout(() => this.saveDraft(), 2500);
      },
      typed(whole_) {
        const lines = this.form.lines.map((line) => (whole_ ? this.keptLine(line) : this.sentLine(line)));
        return { ...this.form, lines };
      },
      keptLine(line) {
        const rest = { ...line };
        delete rest.lots;
        delete rest.key;
        return rest;
      },
      sentLine(line) {
        const sent = {};
        for (const name of ["item_code", "quantity", "pack_id", "lot_number", "expiry", "fund_code",
          "direction", "lost_quantity", "consignment_id"]) {
          if (line[name]) sent[name] = line[name];
        }
        if (this.brings(line)) {
          if (line.by === "amount") sent.amount_vnd = line.amount_vnd;
          else sent.unit_price_vnd = line.unit_price_vnd;
          if (!sent.fund_code && this.kind === "receipt") sent.fund_code = this.form.fund_code;
        } else {
          delete sent.expiry;
          delete sent.fund_code;
        }
        return sent;
      },
      async saveDraft() {
        if (this.state !== "writing" || !this.form.lines.length || this.savingDraft) return;
        const typed = this.typed(false);
        const content = JSON.stringify({ ...typed, draft_id: null, stamp: null });
        if (content === this.lastSaved) return;
        this.savingDraft = this.send(config.urls.save_draft, typed)
          .then(({ body }) => {
            this.lastSaved = content;
            this.form.draft_id = body.draft_id;
            this.form.stamp = body.stamp;
            this.saved = body.saved_at;
          })
          .catch(() => (this.saved = ""))
          .finally(() => (this.savingDraft = null));
        await this.savingDraft;
      },
      async discard() {
        this.state = "posted";
        clearTimeout(this.timer);
        await this.savingDraft;
        if (this.form.draft_id) {
          await this.send(`${config.urls.drafts}${this.form.draft_id}/discard`, {}).catch(() => null);
        }
        this.forget();
        window.location.assign(config.draft_page ? config.urls.drafts : config.urls.again);
      },
      forget() {
        try {
          localStorage.removeItem(this.storageName());
        } catch {
          // Nothing was kept there.
        }
      },

      // --- search or scan -----------------------------------------------------------------------

      typedQuery() {
        clearTimeout(this.searchTimer);
        this.open = this.query.trim().length > 0;
        if (!this.open) {
          this.results = [];
          return;
        }
        this.searching = true;
        this.searchTimer = setTimeout(() => this.search(), 120);
      },
      async search() {
        clearTimeout(this.searchTimer);
        const asked = this.query.trim();
        if (!asked) return [];
        const url = new URL(config.urls.items, window.location.origin);
        url.search = new URLSearchParams({ q: asked, facility: this.form.facility_id });
        try {
          const { body } = await this.send(url, null);
          if (asked !== this.query.trim()) return [];
          this.results = body.items;
          this.active = 0;
        } catch {
          this.results = [];
          this.say(this.words.offline);
        }
        this.searching = false;
        this.open = true;
        return this.results;
      },
      searchKey(event) {
        const steps = { ArrowDown: 1, ArrowUp: -1 };
        if (event.key in steps && this.open && this.results.length) {
          event.preventDefault();
          const count = this.results.length;
          this.active = (this.active + steps[event.key] + count) % count;
        } else if (event.key === "ArrowUp" && !this.query && this.form.lines.length) {
          event.preventDefault();
          this.focusCell(this.form.lines.length - 1, this.firstCell());
        } else if (event.key === "Escape") {
          this.closeSearch();
        } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
          event.preventDefault();
          if (!this.query.trim()) return;
          this.pickSoon();
        } else if (this.ahead !== null && event.key.length === 1) {
          event.preventDefault();
          this.ahead += event.key;
        }
      },
      /** Enter may come before the answer: what is typed meanwhile is the quantity. */
      async pickSoon() {
        if (this.ahead !== null) return;
        this.ahead = "";
        const found = this.searching ? await this.search() : this.results;
        if (found.length) this.pick(found[Math.min(this.active, found.length - 1)], this.ahead);
        this.ahead = null;
      },
      closeSearch() {
        this.query = "";
        this.results = [];
        this.open = false;
        this.searching = false;
      },
      leaveSearch() {
        setTimeout(() => (this.open = false), 150);
      },
      optionId(index) {
        return `option-${index}`;
      },
      activeOption() {
        return this.open && this.results.length ? this.optionId(this.active) : "";
      },
      pick(item, quantity = "") {
        this.closeSearch();
        const before = TAKES_OUT.has(this.kind)
          ? this.form.lines.findIndex((line) => line.item_code === item.code && !line.lot_number)
          : -1;
        if (before >= 0) {
          this.focusCell(before, "quantity");
          return;
        }
        const pack = this.kind === "receipt" ? item.packs.find((p) => p.is_default) : null;
        this.form.lines.push(this.lineOf({
          item_code: item.code,
          name: item.name,
          unit: item.unit,
          packs: item.packs,
          quantity,
          pack_id: pack ? String(pack.id) : "",
          direction: this.kind === "adjustment" ? config.ways[this.form.reason] || "out" : "",
        }));
        const index = this.form.lines.length - 1;
        this.loadLots(this.form.lines[index]);
        this.focusCell(index, "quantity");
        if (quantity) this.$nextTick(() => document.getElementById(this.cellId(index, "quantity")).setSelectionRange(9, 9));
      },
      lineOf(line) {
        return {
          item_code: "", name: "", unit: "", packs: [], pack_id: "", quantity: "", lot_number: "",
          expiry: "", unit_price_vnd: "", amount_vnd: "", by: line.amount_vnd ? "amount" : "unit",
          fund_code: "", direction: "", lost_quantity: "", consignment_id: "", on_way: 0,
          ...line,
          pack_id: line.pack_id ? String(line.pack_id) : "",
          lots: [],
          key: this.nextKey++,
        };
      },

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
      refreshLots() {
        for (const line of this.form.lines) this.loadLots(line);
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
        for (const other of this.form.lines) {
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
        const days = (Date.parse(part.expiry) - Date.now()) / 86400000;
        return days < -1 ? "danger" : days <= 90 ? "warning" : "";
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
        this.faults = this.faults
          .filter((f) => f.line !== index + 1)
          .map((f) => (f.line > index + 1 ? { ...f, line: f.line - 1 } : f));
        this.form.lines.length ? this.focusCell(Math.max(0, index - 1), "quantity") : this.toSearch();
      },
      undo() {
        if (!this.removed) return;
        this.form.lines.splice(this.removed.index, 0, this.removed.line);
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
          for (const line of body.lines) this.form.lines.push(this.lineOf(line));
        } catch (problem) {
          this.refused(problem);
        }
      },

      // --- posting ------------------------------------------------------------------------------

      async post() {
        if (this.state === "posting" || this.state === "posted") return;
        if (this.stuck()) {
          this.localFaults();
          return;
        }
        this.state = "posting";
        this.faults = [];
        this.title = "";
        clearTimeout(this.timer);
        await this.savingDraft;
        try {
          const { body } = await this.send(config.urls.post, this.typed(false));
          this.state = "posted";
          this.forget();
          window.location.assign(body.url);
        } catch (problem) {
          this.refused(problem);
        }
      },
      localFaults() {
        this.title = this.words.mend;
        this.faults = [];
        this.form.lines.forEach((line, index) => {
          for (const field of ["quantity", "expiry"]) {
            const message = this.inPlace(line, field);
            if (message) this.faults.push({ line: index + 1, field, message });
          }
        });
        this.showSummary();
      },
      refused(problem) {
        if (!problem.status) {
          this.state = "retry";
          this.title = problem.signedOut ? this.words.signed_out : this.words.lost;
          this.showSummary();
          return;
        }
        this.state = problem.status >= 502 ? "retry" : "writing";
        this.title = problem.title;
        this.faults = this.byCell(problem.errors);
        if (problem.code === "not_enough_stock") this.refreshLots();
        this.showSummary();
      },
      /** The server's fields as cells; a fund missing on every line is the head's to choose, once. */
      byCell(errors) {
        const seen = new Set();
        return errors
          .map((f) => {
            const field = FIELDS[f.field] ?? f.field;
            const line = f.line === null ? null : this.form.lines[f.line - 1];
            const heads = field === "fund_code" && this.kind === "receipt" && !line?.fund_code;
            return { ...f, field, line: heads ? null : f.line };
          })
          .filter((f) => {
            const name = `${f.line} ${f.field}`;
            return !seen.has(name) && seen.add(name);
          });
      },
      showSummary() {
        this.$nextTick(() => document.getElementById("summary")?.focus());
      },
      faultText(fault) {
        return fault.line ? `${this.words.line} ${fault.line}: ${fault.message}` : fault.message;
      },
      say(text) {
        this.title = text;
      },
      buttonText() {
        if (this.state === "posting" || this.state === "posted") return this.words.posting;
        return this.state === "retry" ? this.words.retry : this.words.post;
      },
      busy() {
        return this.state === "posting" || this.state === "posted";
      },

      /** GET (body null) or POST as JSON; throws {status, title, errors}, or {} when nothing came. */
      async send(url, body) {
        const options = { headers: { Accept: "application/json" }, credentials: "same-origin" };
        if (body !== null) {
          options.method = "POST";
          options.body = JSON.stringify(body);
          options.headers["Content-Type"] = "application/json";
          options.headers["X-CSRFToken"] = config.csrf;
        }
        let response;
        try {
          response = await fetch(url, options);
        } catch {
          throw {};
        }
        if (response.redirected || !/json/.test(response.headers.get("Content-Type") ?? "")) {
          throw response.status >= 500 ? {} : { signedOut: true };
        }
        const found = await response.json();
        if (!response.ok) {
          throw {
            status: response.status,
            title: found.title,
            code: String(found.type ?? "").split(":").pop(),
            errors: found.errors ?? [],
          };
        }
        return { body: found };
      },
    };
  }

  document.addEventListener("alpine:init", () => window.Alpine.data("entry", entry));
})();
