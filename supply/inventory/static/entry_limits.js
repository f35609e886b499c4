// What is left of each item by what others allow (an allocation plan's quotas), said beside the line as
// it is typed. Going over is warned of, with room for the reason; nothing is refused. Mixed into the
// document of entry.js, whose state these verbs read as `this`.
"use strict";

window.supplyEntryLimits = (() => {
  const { group, dmy } = window.supplyNumbers;
  const NOT_USE = ["loan", "loan_return"]; // lent goods are not used here

  return (config) => ({
    limits: new Map(),

    /** Ask once for the store and the day; without an answer the page says less. */
    async loadLimits() {
      if (!config.form_of.limited || !this.form.facility_id) return;
      const day = encodeURIComponent(this.form.happened_on);
      try {
        const { body } = await this.send(
          `${config.urls.limits}?facility=${this.form.facility_id}&kind=${this.kind}&day=${day}`, null);
        this.limits = new Map(body.limits.map((limit) => [limit.item_code, limit]));
      } catch {
        return;
      }
      this.grid.refreshAll();
    },
    limitOf(row) {
      return NOT_USE.includes(this.form.purpose) ? null : this.limits.get(row.item_code) ?? null;
    },
    /** Units of an item on all lines of the document. */
    writtenOf(row) {
      let sum = 0;
      for (const line of this.byItem.get(row.item_code) ?? [row]) sum += this.base(line) ?? 0;
      return sum;
    },
    overLimit(row) {
      const limit = this.limitOf(row);
      return Boolean(limit) && this.writtenOf(row) > Math.max(0, limit.left_to_day);
    },
    limitNotes(row) {
      const limit = this.limitOf(row);
      if (!limit) return [];
      const unit = row.unit || "";
      const fill = (text, figures) => Object.entries(figures).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);
      const notes = [{
        text: fill(this.words.limit_left, {
          left: `${group(Math.max(0, limit.left_to_day))} ${unit}`, all: group(Math.max(0, limit.left)),
          until: dmy(limit.until), details: limit.details, source: limit.source,
        }),
        tone: "",
      }];
      const written = this.writtenOf(row);
      if (written > Math.max(0, limit.left)) {
        notes.push({ text: fill(this.words.over_limit, { over: `${group(written - Math.max(0, limit.left))} ${unit}` }), tone: "danger" });
      } else if (written > Math.max(0, limit.left_to_day)) {
        notes.push({ text: fill(this.words.ahead_of_limit, { over: `${group(written - Math.max(0, limit.left_to_day))} ${unit}` }), tone: "warning" });
      }
      return notes;
    },
  });
})();
