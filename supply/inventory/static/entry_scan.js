// Scanning: a keyboard wedge (fast keys ending in Enter, wherever the caret stands) or the camera.
// The next scan saves the line before; the same lot adds up; a blank overwrites nothing; a code that
// nobody knows is learned once. Mixed into the document of entry.js, whose state these verbs read.
"use strict";

window.supplyEntryScan = (() => {
  const { whole, group } = window.supplyNumbers;
  const $ = (id) => document.getElementById(id);
  const GS = "\u001d";
  const FAST_MS = 50; // between two keys on average: no hand is that fast over a whole code
  const SHORTEST = 6;

  /** What FNC1 arrives as: the character itself, Ctrl+], or a function key some wedges send. */
  function separator(event) {
    if (event.key === GS || event.key === "F8") return true;
    return event.ctrlKey && (event.key === "]" || event.code === "BracketRight");
  }

  return (config) => ({
    burst: null,
    scans: Promise.resolve(),

    initScan() {
      document.addEventListener("keydown", (event) => this.listenToWedge(event), true);
      $("open-camera")?.addEventListener("click", () => this.openCamera());
    },
    /** Follows every key: a run that ends in Enter and can only be a scan is one, and the cell it fell
     *  into gets back what it held before. */
    listenToWedge(event) {
      if (event.target.id === "search") {
        this.separatorInSearch(event);
        return;
      }
      if (event.key === "Enter") {
        if (this.burst && this.isScan(this.burst)) this.endBurst(event);
        this.burst = null;
        return;
      }
      const key = separator(event) ? GS : event.key;
      if (key !== GS && (key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey)) {
        if (!["Shift", "Control"].includes(key)) this.burst = null;
        return;
      }
      const now = performance.now();
      const field = event.target.matches?.("input") ? event.target : null;
      if (!this.burst || this.burst.field !== field) {
        this.burst = { text: "", first: now, field, before: field?.value ?? "" };
      }
      this.burst.text += key;
      this.burst.last = now;
      if (key === GS) event.preventDefault(); // Ctrl+] and F8 mean something to browsers
    },
    /** In the search box a scan is known by what it says, not by its speed; only FNC1 needs help. */
    separatorInSearch(event) {
      if (!separator(event)) return;
      event.preventDefault();
      event.target.setRangeText(GS, event.target.selectionStart, event.target.selectionEnd, "end");
    },
    /** A number's cell takes no barcode, at whatever speed; in other cells only speed tells. */
    isScan({ text, field, first, last }) {
      if (text.length < SHORTEST) return false;
      const barcode = this.looksScanned(text) && !/^\d{8,11}$/.test(text);
      if (field?.inputMode === "numeric" && barcode) return true;
      const fast = (last - first) / (text.length - 1) < FAST_MS;
      return fast && (barcode || (field?.inputMode === "numeric" && /[a-z]/i.test(text)));
    },
    endBurst(event) {
      const { text, field, before } = this.burst;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (field && field.value !== before) {
        field.value = before;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      this.scan(text);
    },
    /** Digits of a barcode's length, a symbology prefix, brackets or a separator: no item's name. */
    looksScanned(text) {
      const bare = text.trim();
      return /^\d{8,}$/.test(bare) || /^\][A-Za-z]\d/.test(bare) || /^\(\d{2}\)/.test(bare) || bare.includes(GS) ||
        /^0[12]\d{14}/.test(bare);
    },

    /** One after the other, in the order they were scanned, however slow the answers are. */
    scan(text) {
      this.scans = this.scans.then(() => this.takeScan(text)).catch((problem) => this.refused(problem));
      return this.scans;
    },
    async takeScan(text) {
      let found;
      try {
        found = (await this.send(config.urls.scan, { facility_id: this.form.facility_id, kind: this.kind, text })).body;
      } catch (problem) {
        this.beep(false);
        if (!problem.status) throw problem;
        this.summaryOfScan(problem.errors[0]?.message ?? problem.title);
        return;
      }
      this.summary("");
      if (found.item) this.scanned(found.item, found.pack_id, found.scan);
      else this.learn(found.scan);
    },
    summaryOfScan(message) {
      this.faults = [];
      this.summary(message);
      this.toSearch();
    },
    /** An unknown code is asked about once; afterwards everybody's scanner knows it. */
    learn(scan) {
      this.beep(false);
      this.choose({
        text: scan.code,
        packs: true,
        done: async (item, packId) => {
          try {
            await this.send(config.urls.codes, { code: scan.code, item_code: item.code, pack_id: packId });
            this.note(this.words.learned.replace("{code}", scan.code).replace("{item}", item.name));
          } catch (problem) {
            this.refused(problem);
          }
          this.items.set(item.code, item);
          this.scanned(item, packId ? Number(packId) : null, scan);
        },
      });
    },

    /** A scan becomes a line, or adds to the one that has its lot. */
    scanned(item, packId, scan) {
      this.beep(true);
      this.items.set(item.code, item);
      if (config.form_of.arrives) {
        this.arrived(item, packId, scan);
        return;
      }
      const units = item.packs.find((pack) => pack.id === packId)?.units_per_pack ?? 1;
      const line = this.lineWith(item, scan);
      if (line) this.addUp(line, packId, units, scan);
      else this.addScanned(item, packId, scan);
    },
    /** The line this scan belongs to: the same item, and the same lot where the scan names one. */
    lineWith(item, scan) {
      const same = this.grid.rows.filter((row) => row.item_code === item.code);
      if (!scan.lot_number) return same.at(-1) ?? null;
      return same.find((row) => row.lot_number === scan.lot_number) ??
        same.find((row) => !row.lot_number && !row.quantity) ?? null;
    },
    addUp(row, packId, units, scan) {
      const count = scan.count ?? 1;
      const mine = this.units(row);
      const before = (whole(row.quantity) ?? 0) * mine;
      const total = before + count * units;
      // Packs stay packs where they divide; otherwise the line goes over to single units.
      if (total % mine === 0) row.quantity = group(total / mine);
      else {
        const price = whole(row.unit_price_vnd);
        row.pack_id = "";
        row.quantity = group(total);
        if (price !== null && row.by === "unit") row.unit_price_vnd = group(price / mine);
      }
      this.fillFromScan(row, scan);
      const index = this.grid.rows.indexOf(row);
      this.lineChanged(row, "quantity", index);
      this.grid.refresh(row);
      this.grid.focus(index, "quantity");
      this.note(this.words.added_up.replace("{item}", row.name).replace("{count}", group(count))
        .replace("{total}", `${row.quantity} ${this.packName(row)}`));
    },
    /** What the code says fills blanks; it never changes what stands, and blanks change nothing. */
    fillFromScan(row, scan) {
      if (scan.lot_number && (!row.lot_number || row.proposed.lot_number)) {
        if (row.lot_number !== scan.lot_number && row.proposed.expiry) row.expiry = "";
        row.lot_number = scan.lot_number;
        delete row.proposed.lot_number;
      }
      if (scan.expiry && (!row.expiry || row.proposed.expiry)) {
        row.expiry = scan.expiry;
        delete row.proposed.expiry;
      } else if (scan.expiry && row.expiry !== scan.expiry) {
        this.note(this.words.expiry_differs.replace("{lot}", row.lot_number).replace("{known}", row.expiry)
          .replace("{scanned}", scan.expiry));
      }
      if (scan.guessed) row.guessed = true;
    },
    addScanned(item, packId, scan) {
      const index = this.grid.rows.length;
      const row = this.lineFor(item, { pack_id: packId ? String(packId) : "", quantity: group(scan.count ?? 1) });
      this.fillFromScan(row, scan);
      this.proposePrice(row);
      this.reprice(row);
      this.grid.insert(index, [row]);
      this.linesChanged();
      this.loadLots([item.code]);
      this.grid.focus(index, "quantity");
    },
    /** Goods that were sent: the scan counts what has come on the line of its lot. */
    arrived(item, packId, scan) {
      const units = item.packs.find((pack) => pack.id === packId)?.units_per_pack ?? 1;
      const rows = this.grid.rows.filter((row) => row.item_code === item.code &&
        (!scan.lot_number || row.lot_number === scan.lot_number));
      const row = rows.find((r) => !r.counted || (whole(r.quantity) ?? 0) < r.on_way) ?? rows[0];
      if (!row) {
        this.note(this.words.not_arriving.replace("{item}", item.name));
        return;
      }
      // The lines come filled with all that was sent; the first scan of a line starts the count.
      const before = row.counted ? whole(row.quantity) ?? 0 : 0;
      row.counted = true;
      row.quantity = group(before + (scan.count ?? 1) * units);
      const index = this.grid.rows.indexOf(row);
      this.lineChanged(row, "quantity", index);
      this.grid.refresh(row);
      this.grid.focus(index, "quantity");
    },
    /** A short sound says without looking whether the scan was taken. */
    beep(good) {
      try {
        this.audio ??= new AudioContext();
        if (this.audio.state === "suspended") return; // not before the person touched the page
        const tone = this.audio.createOscillator();
        const volume = this.audio.createGain();
        tone.frequency.value = good ? 1400 : 300;
        volume.gain.value = 0.05;
        tone.connect(volume).connect(this.audio.destination);
        tone.start();
        tone.stop(this.audio.currentTime + (good ? 0.07 : 0.25));
      } catch {
        // No sound device: the page says the same in words.
      }
    },

    // --- camera -------------------------------------------------------------------------------

    async openCamera() {
      if (!window.supplyCamera) await this.loadScript($("open-camera").dataset.script);
      await window.supplyCamera.open({
        decoder: $("open-camera").dataset.decoder, words: this.words,
        loadScript: (source) => this.loadScript(source), found: (text) => this.scan(text),
      });
    },
    loadScript(source) {
      return new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = source;
        script.onload = resolve;
        script.onerror = () => reject(new Error(source));
        document.head.append(script);
      });
    },
  });
})();
