// Finding an item by a few letters: the items the store uses are searched in the page, most used
// first, so that two or three letters and Enter are enough; the catalogue's rest is asked for.
// Mixed into the document of entry.js, whose state these verbs read as `this`.
"use strict";

window.supplyEntryFind = (() => {
  const { make, setText } = window.supplyGrid;
  const { fold } = window.supplyPaste;
  const { group } = window.supplyNumbers;
  const SHOWN = 12;
  const $ = (id) => document.getElementById(id);

  /** Whether `typed` is made of the beginnings of words in a row: "ktr" of "khẩu trang y tế". */
  function abbreviates(typed, words, from) {
    if (!typed) return true;
    const word = words[from];
    if (!word) return false;
    for (let length = 1; length <= typed.length && typed[length - 1] === word[length - 1]; length += 1) {
      if (abbreviates(typed.slice(length), words, from + 1)) return true;
    }
    return false;
  }

  /** How well an item fits what was typed; 0: not at all. */
  function fit(item, typed, words) {
    const code = fold(item.code);
    if (code === typed) return 10000;
    let score = code.startsWith(typed.replaceAll(" ", "")) ? 3000 : 0;
    if (words.length === 1 && abbreviates(typed, item.words, 0)) score = Math.max(score, 2600);
    const heads = words.every((word) => item.folded.includes(` ${word}`));
    if (heads) score = Math.max(score, 2500);
    else if (!score && words.every((word) => item.folded.includes(word))) score = 500;
    return score && score + Math.min(item.uses, 400);
  }

  function prepared(item) {
    const folded = fold(`${item.search} ${item.name}`);
    return { ...item, folded: ` ${folded}`, words: fold(item.name).split(" ") };
  }

  /** The best of `known` for what was typed, best first. */
  function best(known, query) {
    const typed = fold(query);
    const words = typed.split(" ").filter(Boolean);
    if (!words.length) return [];
    return known.map((item, at) => ({ item, at, score: fit(item, typed, words) }))
      .filter((found) => found.score > 0)
      .sort((a, b) => b.score - a.score || a.at - b.at)
      .slice(0, SHOWN).map((found) => found.item);
  }

  return (config) => ({
    known: [],
    complete: false,
    picking: Promise.resolve(),

    initFind() {
      this.knownReady = this.loadKnown();
      if ($("search")) {
        this.finder = this.makeFinder($("search"), $("found"), (item, typed) => this.pick(item, typed));
        $("search").addEventListener("paste", (event) => this.pasteSheet(event));
      }
      this.chooser = this.makeFinder($("chooser-query"), $("chooser-found"), (item) => this.chosenItem(item));
      $("chooser-yes").addEventListener("click", () => this.chooserDone());
      $("chooser-pack").addEventListener("keydown", (event) => event.key === "Enter" && this.chooserDone());
    },
    async loadKnown() {
      const url = `${config.urls.known}?facility=${this.form.facility_id}&kind=${this.kind}`;
      try {
        const { body } = await this.send(url, null);
        this.known = body.items.map(prepared);
        this.complete = body.complete;
        for (const item of body.items) if (!this.items.has(item.code)) this.items.set(item.code, item);
      } catch {
        // Looked up one by one then, as soon as there is a connection.
      }
    },

    /** A box to type in with the items found below it; Enter may come before the answer. */
    makeFinder(input, list, picked) {
      const finder = { results: [], active: 0, ahead: null, asked: "" };
      const show = () => {
        const open = Boolean(input.value.trim());
        list.hidden = !open;
        input.setAttribute("aria-expanded", String(open));
        const rows = finder.results.map((item, at) => this.option(item, `${list.id}-${at}`, at === finder.active));
        if (!rows.length) rows.push(make("li", { class: "sub found-none" }, finder.searching ? this.words.searching : this.words.nothing));
        list.replaceChildren(...(open ? rows : []));
        input.setAttribute("aria-activedescendant", finder.results.length ? `${list.id}-${finder.active}` : "");
      };
      finder.close = () => {
        input.value = "";
        finder.results = [];
        show();
      };
      finder.find = () => {
        finder.results = best(this.known, input.value);
        finder.active = 0;
        clearTimeout(finder.timer);
        finder.searching = !this.complete && Boolean(input.value.trim());
        if (finder.searching) finder.timer = setTimeout(() => finder.ask(), 150);
        show();
      };
      finder.ask = async () => {
        clearTimeout(finder.timer);
        const asked = input.value.trim();
        if (!asked) return;
        const found = await this.askItems(asked);
        if (asked !== input.value.trim()) return;
        finder.searching = false;
        const codes = new Set(finder.results.map((item) => item.code));
        finder.results.push(...found.filter((item) => !codes.has(item.code)));
        show();
      };
      /** What is typed while the answer is awaited is the quantity. */
      finder.pickSoon = async () => {
        if (finder.ahead !== null) return;
        finder.ahead = "";
        const asked = input.value.trim();
        if (!this.known.length) await this.knownReady;
        finder.results = best(this.known, asked);
        if (!finder.results.length && !this.complete) await finder.ask();
        const item = finder.results[Math.min(finder.active, finder.results.length - 1)];
        const typed = finder.ahead;
        finder.ahead = null;
        if (item) {
          finder.close();
          picked(item, typed);
        } else if (input.id === "search" && /^\S*\d\S*$/.test(asked) && asked.length >= 5) {
          finder.close();
          this.scan(asked);
        } else show();
      };
      input.addEventListener("input", finder.find);
      input.addEventListener("blur", () => setTimeout(() => (list.hidden = true), 150));
      input.addEventListener("keydown", (event) => this.searchKey(event, finder, input, show));
      list.addEventListener("mousedown", (event) => {
        const option = event.target.closest("[role=option]");
        if (!option) return;
        event.preventDefault();
        finder.close();
        picked(option.supplyItem, "");
      });
      return finder;
    },
    searchKey(event, finder, input, show) {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps && finder.results.length) {
        event.preventDefault();
        finder.active = (finder.active + steps[event.key] + finder.results.length) % finder.results.length;
        show();
      } else if (event.key === "ArrowUp" && !input.value && this.grid.rows.length) {
        event.preventDefault();
        this.grid.focus(this.grid.rows.length - 1, "quantity");
      } else if (event.key === "Escape" && input.value) {
        event.preventDefault();
        finder.close();
      } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        if (input.value.trim()) this.enterTyped(finder, input);
      } else if (finder.ahead !== null && event.key.length === 1) {
        event.preventDefault();
        finder.ahead += event.key;
      }
    },
    /** Enter in the search box: a scanner's text is read as a scan, anything else picks an item. */
    enterTyped(finder, input) {
      if (input.id === "search" && this.looksScanned(input.value)) {
        const text = input.value;
        finder.close();
        this.scan(text);
      } else if (finder.ahead === null) this.picking = finder.pickSoon();
    },
    option(item, id, active) {
      const option = make("li", { role: "option", id, "aria-selected": String(active), class: active ? "on" : "" },
        make("span", { class: "found-name" }, make("b", {}, item.name), " ", make("span", { class: "sub" }, item.code)),
        make("span", { class: "sub num" }, `${group(item.quantity)} ${item.unit}`));
      option.supplyItem = item;
      return option;
    },
    async askItems(text) {
      const query = new URLSearchParams({ q: text, facility: this.form.facility_id, kind: this.kind });
      try {
        const { body } = await this.send(`${config.urls.items}?${query}`, null);
        return body.items.map(prepared);
      } catch (problem) {
        if (!problem.status) this.note(this.words.offline);
        return [];
      }
    },

    // --- an item becomes a line ---------------------------------------------------------------

    pick(item, quantity = "") {
      this.items.set(item.code, item);
      const before = config.form_of.takes
        ? this.grid.rows.findIndex((row) => row.item_code === item.code && !row.lot_number) : -1;
      if (before >= 0) {
        this.grid.focus(before, "quantity");
        return;
      }
      const index = this.grid.rows.length;
      this.grid.insert(index, [this.lineFor(item, { quantity })]);
      this.linesChanged();
      this.loadLots([item.code]);
      this.grid.focus(index, "quantity");
      if (quantity) document.getElementById(this.grid.o.cellId(index, "quantity")).setSelectionRange(99, 99);
    },
    /** A new line of an item, with what its last receipt proposes. */
    lineFor(item, more = {}) {
      const pack = config.form_of.brings ? item.packs.find((p) => p.is_default) : null;
      const row = { ...this.blankLine(), item_code: item.code, name: item.name, unit: item.unit,
        pack_id: pack ? String(pack.id) : "", ...more };
      this.propose(row, item);
      return row;
    },

    // --- pasted lists -------------------------------------------------------------------------

    /** Rows of a spreadsheet pasted into the search box are new lines, from the item's column on. */
    pasteSheet(event) {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      this.finder.close();
      this.grid.pasteText(text, this.grid.rows.length, "item");
    },

    linePasted(row) {
      row.by = row.amount_vnd && !row.unit_price_vnd ? "amount" : "unit";
      this.reprice(row);
    },
    /** Pasted texts become items in one question; what none knows is said at its line. */
    async linesPasted(done) {
      this.linesChanged();
      if (done.undone) return;
      const left = [
        done.skipped ? this.counted("pasted_skipped", done.skipped) : "",
        done.unnamed.length ? this.words.pasted_unnamed.replace("{names}", done.unnamed.join(", ")) : "",
      ];
      this.offerUndo([this.counted("pasted", done.rows.length), ...left].filter(Boolean).join(" "),
        () => this.grid.undoPaste());
      await this.resolveRows(done.rows.filter((row) => row.wanted));
    },
    async resolveRows(rows) {
      const words = [...new Set(rows.map((row) => row.wanted))];
      if (!words.length) return;
      try {
        const { body } = await this.send(config.urls.resolve, { facility_id: this.form.facility_id, kind: this.kind, words });
        for (const row of rows) {
          const item = body.items[body.codes[row.wanted.trim()]];
          if (item) this.setItem(row, item);
          else row.unknown = true;
        }
      } catch (problem) {
        this.refused(problem);
        return;
      }
      this.regroup();
      this.loadLots(this.codesInUse());
      this.grid.refreshAll();
      this.foot();
      this.changed();
    },

    // --- choosing an item for a text or a code ------------------------------------------------

    /** A dialog that asks which item (and pack) is meant. `done(item, packId)`. */
    choose({ text, packs, done }) {
      setText($("chooser-text"), text);
      $("chooser-packs").hidden = true;
      $("chooser-yes").disabled = true;
      $("chooser").dataset.packs = packs ? "1" : "";
      this.choosing = { done, item: null };
      this.chooser.close();
      setText($("chooser-item"), "");
      $("chooser").showModal();
      $("chooser-query").focus();
    },
    chosenItem(item) {
      this.choosing.item = item;
      setText($("chooser-item"), `${item.name} (${item.code})`);
      $("chooser-yes").disabled = false;
      const packs = Boolean($("chooser").dataset.packs) && item.packs.length > 0;
      $("chooser-packs").hidden = !packs;
      $("chooser-pack").replaceChildren(
        ...item.packs.map((pack) => new Option(pack.name, pack.id, pack.is_default, pack.is_default)),
        new Option(this.words.base_unit.replace("{unit}", item.unit), ""));
      (packs ? $("chooser-pack") : $("chooser-yes")).focus();
    },
    chooserDone() {
      const { item, done } = this.choosing;
      $("chooser").close();
      if (item) done(item, $("chooser-packs").hidden ? "" : $("chooser-pack").value);
    },
    chooseFor(row) {
      this.choose({
        text: row.wanted,
        packs: false,
        done: (item) => {
          // The same text on other lines means the same item.
          const text = row.wanted;
          for (const same of this.grid.rows) if (same.unknown && same.wanted === text) this.setItem(same, item);
          this.linesChanged();
          this.loadLots([item.code]);
          this.grid.refreshAll();
        },
      });
    },
    note(text) {
      window.supply?.toast(text);
    },
  });
})();
