// The screen on which a storekeeper writes a document. The server's word is final: this shows
// early what it would say, keeps every keystroke, and never sends the same document as two.
"use strict";

(() => {
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
      countOf: {},

      init() {
        const kept = this.kept();
        const start = kept ?? config.form;
        this.form = { ...config.form, ...start, lines: [] };
        this.restored = Boolean(kept);
        this.form.lines = (start.lines ?? []).map((line) => this.lineOf(line));
        this.recount();
        this.refreshLots();
        this.$watch("form", () => this.changed());
        window.addEventListener("pagehide", () => this.keep());
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
        clearTimeout(this.keepTimer);
        this.keepTimer = setTimeout(() => this.keep(), 150);
        clearTimeout(this.timer);
        if (this.form.lines.length) this.timer = setTimeout(() => this.saveDraft(), 2500);
      },
      keep() {
        clearTimeout(this.keepTimer);
        if (this.state === "posted") return;
        try {
          localStorage.setItem(this.storageName(), JSON.stringify(this.typed(true)));
        } catch {
          // A full or forbidden store: the server's draft still keeps the document.
        }
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
        this.recount();
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
          known: false,
          key: this.nextKey++,
        };
      },

      ...window.supplyEntryLines(config),

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
