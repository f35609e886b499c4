// The screen on which a storekeeper writes a document: its head, keeping what is typed, posting.
// The server's word is final: this shows early what it would say, keeps every keystroke, and never
// sends the same document as two. Lines: entry_lines.js on grid.js; finding: entry_find.js.
"use strict";

(() => {
  const { mask, date, group } = window.supplyNumbers;
  const { make, setText } = window.supplyGrid;
  const $ = (id) => document.getElementById(id);
  const MANY = 200; // lines, from which on keeping and saving take their time
  const FAULTS_SHOWN = 20;
  const FIELDS = {
    facility: "facility_id", counterpart_facility: "counterpart_facility_id", follows: "follows_id",
    settles: "settles_id", partner: "partner_code", fund: "fund_code", lines: "search",
  };

  /** The document being written: its state and verbs; `config` comes with the page. */
  const entry = (config) => ({
    kind: config.kind,
    words: config.words,
    form: { ...config.form, lines: undefined },
    items: new Map(Object.entries(config.items)),
    lotsOf: new Map(),
    byItem: new Map(),
    plans: new WeakMap(),
    amounts: new WeakMap(),
    faults: [],
    state: "writing",
    waiting: false,
    slot: "",

    async init() {
      this.grid = window.supplyGrid.create($("lines"), {
        label: this.words.lines, words: this.words, columns: this.columns(),
        newRow: config.form_of.arrives ? null : () => this.blankLine(),
        fault: (row, name, index) => this.fault(row, name, index),
        notes: (row) => this.notes(row),
        editable: (row, name) => this.editable(row, name),
        changed: (row, name, index) => this.lineChanged(row, name, index),
        removed: (row, index) => this.lineRemoved(row, index),
        leave: (way) => this.leaveGrid(way),
        rowPasted: (row) => this.linePasted(row),
        pasted: (done) => this.linesPasted(done),
        enterDown: config.form_of.arrives,
      });
      this.listen();
      await this.takeSlot();
      const kept = this.kept();
      if (kept) Object.assign(this.form, kept.form);
      for (const [code, item] of Object.entries(kept?.items ?? {})) if (!this.items.has(code)) this.items.set(code, item);
      const lines = kept?.lines ?? config.form.lines;
      this.tell("restored", kept ? this.words.restored : this.slot ? this.words.other_tab : "");
      this.grid.insert(0, lines.map((line) => this.lineOf(line)));
      this.regroup();
      const early = this.takeEarly();
      this.showHead();
      this.foot();
      this.initFind();
      this.initScan();
      this.initMore();
      this.loadLots(this.codesInUse());
      this.loadLimits();
      if (early.includes("follows_id")) this.bringLines();
      this.toSearch();
    },
    /** What a quick hand chose before this script ran; returns the names of those fields. */
    takeEarly() {
      const early = [];
      for (const field of document.querySelectorAll("[data-head]")) {
        const name = field.dataset.head;
        if (this.form[name] || !field.value) continue;
        this.form[name] = field.value;
        early.push(name);
      }
      return early;
    },
    codesInUse() {
      return this.grid.rows.map((row) => row.item_code).filter(Boolean);
    },

    // --- the head -----------------------------------------------------------------------------

    listen() {
      document.addEventListener("input", (event) => {
        const name = event.target.dataset.head;
        if (name) this.headTyped(name, event.target);
      });
      document.addEventListener("focusout", (event) => {
        if (event.target.dataset?.head === "happened_on") this.headTyped("happened_on", event.target, true);
      });
      $("post").addEventListener("click", () => this.post());
      $("discard-yes").addEventListener("click", () => this.discard());
      $("undo").addEventListener("click", () => this.undo?.());
      $("summary").addEventListener("click", (event) => {
        const link = event.target.closest("a");
        if (!link) return;
        event.preventDefault();
        this.jump(link.supplyFault);
      });
      document.addEventListener("keydown", (event) => this.pageKey(event));
      window.addEventListener("pagehide", () => this.keep());
      window.addEventListener("online", () => this.backOnline());
      window.addEventListener("offline", () => this.kept_since());
      document.addEventListener("supply:save-draft", () => this.saveDraft().then(() => this.sayDraft()));
      if (this.form.draft_id) this.sayDraft();
    },
    headTyped(name, field, finished = false) {
      if (name === "happened_on") {
        field.value = finished ? date(field.value) : mask(field.value, this.form.happened_on);
      }
      if (finished && this.form[name] === field.value) return;
      this.form[name] = field.value;
      this.mended(null, name);
      const verbs = {
        facility_id: () => this.facilityChanged(), follows_id: () => this.bringLines(),
        settles_id: () => this.bringLines(), reason: () => this.reasonChanged(),
        from_place: () => this.placeChanged(), happened_on: () => this.dayChanged(),
        fund_code: () => this.mended(undefined, "fund_code"), purpose: () => this.grid.refreshAll(),
      };
      verbs[name]?.();
      this.showHead();
      this.changed();
    },
    showHead() {
      for (const field of document.querySelectorAll("[data-head]")) {
        const name = field.dataset.head;
        const value = String(this.form[name] ?? "");
        if (field.value !== value) field.value = value;
        const wrapper = field.closest(".head-field");
        if (wrapper.dataset.when) wrapper.hidden = !wrapper.dataset.when.split(" ").includes(this.form.purpose);
        const fault = this.faults.find((f) => f.line === null && f.field === name)?.message ?? "";
        field.classList.toggle("is-invalid", Boolean(fault));
        field.setAttribute("aria-invalid", String(Boolean(fault)));
        const said = wrapper.querySelector(".fault");
        setText(said, fault);
        said.hidden = !fault;
      }
    },
    facilityChanged() {
      this.keep();
      // Another store has other receivers, loans and lots; lines typed so far go along.
      window.location.assign(`${config.urls.again}?facility=${this.form.facility_id}`);
    },
    placeChanged() {
      this.lotsOf.clear();
      this.loadLots(this.codesInUse(), true);
    },
    dayChanged() {
      this.plans = new WeakMap();
      this.grid.refreshAll();
      this.loadLimits();
      this.lookAhead();
    },
    /** A reason that only brings in, or only takes out, sets the direction of every line. */
    reasonChanged() {
      const way = config.form_of.adjusts && config.ways[this.form.reason];
      if (!way) return;
      for (const row of this.grid.rows) row.direction = way;
      this.plans = new WeakMap();
      this.grid.refreshAll();
      this.foot();
    },
    /** The lines of the document that is followed: a dispatch, an issue, a loan. */
    async bringLines() {
      const id = this.form.follows_id || this.form.settles_id;
      if (config.form_of.arrives) this.grid.replace([]);
      if (id) {
        try {
          const { body } = await this.send(`${config.urls.follows}${id}?facility=${this.form.facility_id}&kind=${this.kind}`, null);
          for (const [code, item] of Object.entries(body.items)) this.items.set(code, item);
          this.grid.replace(body.lines.map((line) => this.lineOf(line)));
        } catch (problem) {
          this.refused(problem);
        }
      }
      this.regroup();
      this.loadLots(this.codesInUse());
      this.foot();
      this.changed();
    },

    // --- keeping ------------------------------------------------------------------------------

    storageName() {
      return `supply-entry:${config.user}:${config.draft_page ? `draft-${config.form.draft_id}` : config.kind}${this.slot}`;
    },
    /** Two tabs do not write one document: the second gets a place of its own (where the browser can tell). */
    async takeSlot() {
      if (!navigator.locks || config.draft_page) return;
      const mine = await new Promise((resolve) => {
        navigator.locks.request(this.storageName(), { ifAvailable: true }, (lock) => {
          resolve(Boolean(lock));
          return lock ? new Promise(() => {}) : null; // held until the tab goes
        });
      });
      if (!mine) this.slot = `:${config.form.client_key}`;
    },
    kept() {
      if (config.filled) return null;
      try {
        const found = JSON.parse(localStorage.getItem(this.storageName()) ?? "null");
        if (!found?.lines?.length) return null;
        if (config.form.follows_id && config.form.follows_id !== found.form.follows_id) return null;
        if (new URLSearchParams(window.location.search).has("facility")) found.form.facility_id = config.form.facility_id;
        return config.form.stamp && found.form.stamp !== config.form.stamp ? null : found;
      } catch {
        return null;
      }
    },
    changed() {
      if (this.state === "posted") return;
      const many = this.grid.rows.length > MANY;
      clearTimeout(this.keepTimer);
      this.keepTimer = setTimeout(() => this.keep(), many ? 1500 : 150);
      clearTimeout(this.saveTimer);
      if (this.grid.rows.length) this.saveTimer = setTimeout(() => this.saveDraft(), many ? 4000 : 2500);
      this.lookAhead();
    },
    keep() {
      clearTimeout(this.keepTimer);
      if (this.state === "posted") return;
      const items = {};
      for (const { item_code: code } of this.grid.rows) {
        if (!code || items[code]) continue;
        const { name, unit, packs, last } = this.items.get(code) ?? { packs: [] };
        items[code] = { code, name, unit, packs, last };
      }
      const lines = this.grid.rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value)));
      try {
        localStorage.setItem(this.storageName(), JSON.stringify({ form: this.form, lines, items }));
      } catch {
        // A full or forbidden store: the server's draft still keeps the document.
      }
    },
    forget() {
      try {
        localStorage.removeItem(this.storageName());
      } catch {
        // Nothing was kept there.
      }
    },
    typed() {
      return { ...this.form, lines: this.grid.rows.map((row) => this.sentLine(row)) };
    },
    async saveDraft() {
      if (this.state !== "writing" || !this.grid.rows.length || this.savingDraft) return;
      const typed = this.typed();
      const content = JSON.stringify({ ...typed, draft_id: null, stamp: null });
      if (content === this.lastSaved) return;
      this.savingDraft = this.send(config.urls.save_draft, typed)
        .then(({ body }) => {
          this.lastSaved = content;
          this.form.draft_id = body.draft_id;
          this.form.stamp = body.stamp;
          this.since = null;
          this.sayDraft();
          this.tell("saved", this.words.saved.replace("{time}", body.saved_at));
        })
        .catch((problem) => (problem.status ? this.tell("saved", "") : this.kept_since()))
        .finally(() => (this.savingDraft = null));
      await this.savingDraft;
    },
    /** Papers can be attached from here on (attachments.js listens). */
    sayDraft() {
      document.dispatchEvent(new CustomEvent("supply:draft", { detail: { id: this.form.draft_id } }));
    },
    /** What has not reached the server, and since when. */
    kept_since() {
      if (!this.grid.rows.length || this.state === "posted") return;
      this.since ??= new Date();
      const time = `${String(this.since.getHours()).padStart(2, "0")}:${String(this.since.getMinutes()).padStart(2, "0")}`;
      this.tell("saved", this.words.pending.replace("{time}", time));
    },
    backOnline() {
      if (this.waiting) this.post();
      else if (this.since) this.saveDraft();
    },
    async discard() {
      this.state = "posted";
      clearTimeout(this.saveTimer);
      await this.savingDraft;
      if (this.form.draft_id) {
        await this.send(`${config.urls.drafts}${this.form.draft_id}/discard`, {}).catch(() => null);
      }
      this.forget();
      window.location.assign(config.draft_page ? config.urls.drafts : config.urls.again);
    },

    // --- posting ------------------------------------------------------------------------------

    async post() {
      if (this.state === "posting" || this.state === "posted" || !this.grid.rows.length) return;
      const stuck = this.stuck();
      if (stuck.length) {
        this.faults = stuck;
        this.summary(this.words.mend);
        return;
      }
      this.state = "posting";
      this.waiting = false;
      this.faults = [];
      this.summary("");
      this.foot();
      clearTimeout(this.saveTimer);
      await this.savingDraft;
      try {
        const { body } = await this.send(config.urls.post, this.typed());
        this.state = "posted";
        this.forget();
        window.location.assign(body.url);
      } catch (problem) {
        this.refused(problem);
      }
    },
    refused(problem) {
      this.state = problem.status && problem.status < 502 ? "writing" : "retry";
      if (!problem.status) {
        this.waiting = !problem.signedOut && !navigator.onLine;
        this.kept_since();
        this.summary(problem.signedOut ? this.words.signed_out : this.waiting ? this.words.lost_offline : this.words.lost);
      } else {
        this.faults = this.byCell(problem.errors);
        if (problem.code === "not_enough_stock") this.loadLots(this.codesInUse(), true);
        this.summary(problem.title);
      }
      this.foot();
    },
    /** The server's fields as cells; a fund missing on every line is the head's to choose, once. */
    byCell(errors) {
      const seen = new Set();
      return errors
        .map((f) => {
          const field = FIELDS[f.field] ?? f.field;
          const line = f.line === null ? null : this.grid.rows[f.line - 1];
          const heads = field === "fund_code" && config.form_of.brings && !line?.fund_code;
          return { ...f, field, line: heads ? null : f.line };
        })
        .filter((f) => {
          const name = `${f.line} ${f.field}`;
          return !seen.has(name) && seen.add(name);
        });
    },
    /** What is to be mended, with links to the cells; an empty title takes it away. */
    summary(title) {
      this.drawSummary(title);
      this.showHead();
      if (!title) return;
      this.grid.refreshAll();
      $("summary").focus();
      $("summary").scrollIntoView({ block: "nearest" });
    },
    drawSummary(title) {
      const box = $("summary");
      box.hidden = !title;
      setText(box.querySelector("b"), title);
      const shown = this.faults.slice(0, FAULTS_SHOWN).map((fault) => {
        const link = make("a", { href: "#main" }, fault.line ? `${this.words.line} ${fault.line}: ${fault.message}` : fault.message);
        link.supplyFault = fault;
        return make("li", {}, link);
      });
      const rest = this.faults.length - shown.length;
      if (rest > 0) shown.push(make("li", {}, this.words.and_more.replace("{count}", group(rest))));
      box.querySelector("ul").replaceChildren(...shown);
    },
    /** Typing mends: the server's word on that cell is taken back. `line` undefined: on every line. */
    mended(line, name) {
      if (!this.faults.length) return;
      const left = this.faults.filter((f) => (line !== undefined && f.line !== line) || f.field !== name);
      if (left.length === this.faults.length) return;
      this.faults = left;
      this.drawSummary(left.length ? $("summary").querySelector("b").textContent : "");
    },
    jump(fault) {
      if (fault.line) {
        const name = fault.field === "item_code" ? "item" : fault.field;
        if (!this.grid.focus(fault.line - 1, name)) this.grid.focus(fault.line - 1, "quantity");
      } else ($(fault.field) ?? $("search"))?.focus();
    },
    foot() {
      const count = this.grid.rows.length;
      setText($("foot-count"), group(count));
      setText($("foot-lines"), this.counted("lines_noun", count));
      if ($("foot-total")) setText($("foot-total"), group(this.total()));
      $("foot-sum")?.toggleAttribute("hidden", !count);
      $("empty").hidden = count > 0;
      for (const part of document.querySelectorAll("[data-with-lines]")) part.hidden = !count;
      const busy = this.state === "posting" || this.state === "posted";
      $("post").disabled = busy || !count;
      $("post").setAttribute("aria-busy", String(busy));
      const words = { posting: "posting", posted: "posting", retry: this.waiting ? "waiting" : "retry" };
      setText($("post-words"), this.words[words[this.state] ?? "post"]);
    },
    /** What `words` says of so many. */
    counted(name, count) {
      return this.words[count === 1 ? `${name}_one` : name].replace("{count}", group(count));
    },
    tell(id, text) {
      const place = $(id);
      place.hidden = !text;
      setText(place, text);
    },

    // --- moving about -------------------------------------------------------------------------

    toSearch() {
      if ($("search")) $("search").focus();
      else if (!this.grid.focus(0, "quantity")) $("follows_id")?.focus();
    },
    leaveGrid(way) {
      if (way === "up") return;
      this.toSearch();
    },
    pageKey(event) {
      if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
        event.preventDefault();
        this.picking.then(() => this.post()); // an item whose Enter still waits for its answer goes along
      } else if (event.altKey && event.key.toLowerCase() === "n") {
        event.preventDefault();
        this.toSearch();
      }
    },
    linesChanged() {
      this.regroup();
      this.foot();
      this.changed();
    },
    lineRemoved(row, index) {
      this.linesChanged();
      this.faults = this.faults.filter((f) => f.line !== index + 1)
        .map((f) => (f.line > index + 1 ? { ...f, line: f.line - 1 } : f));
      this.offerUndo(this.words.removed.replace("{item}", row.name || row.wanted), () => {
        this.grid.insert(index, [row]);
        this.linesChanged();
        this.grid.focus(index, "quantity");
      });
      if (!this.grid.focus(Math.max(0, index - 1), "quantity")) this.toSearch();
      this.grid.refreshAll();
    },
    offerUndo(text, verb) {
      setText($("undo-text"), text);
      $("undo-bar").hidden = false;
      this.undo = () => {
        $("undo-bar").hidden = true;
        this.undo = null;
        verb();
      };
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
          refused: found.refused,
        };
      }
      return { body: found };
    },
  });

  document.addEventListener("DOMContentLoaded", () => {
    const config = JSON.parse($("entry-config").textContent);
    const parts = [entry, window.supplyEntryColumns, window.supplyEntryLines, window.supplyEntryFind,
      window.supplyEntryScan, window.supplyEntryMore, window.supplyEntryLimits];
    const written = Object.assign({}, ...parts.map((part) => part(config)));
    written.init();
  });
})();
