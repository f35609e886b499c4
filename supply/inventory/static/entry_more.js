// Templates, and what a back-dated document would change: asked before posting, shown in words.
// Mixed into the document of entry.js, whose state these verbs read as `this`.
"use strict";

window.supplyEntryMore = (() => {
  const { make, setText } = window.supplyGrid;
  const { iso, group, dmy } = window.supplyNumbers;
  const $ = (id) => document.getElementById(id);
  const SHOWN = 12;

  return (config) => ({
    initMore() {
      $("template-save")?.addEventListener("click", () => this.saveTemplate());
      $("template-name")?.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        event.stopPropagation();
        this.saveTemplate();
      });
      for (const button of document.querySelectorAll("[data-template-delete]")) {
        button.addEventListener("click", () => this.deleteTemplate(button));
      }
      this.lookAhead();
    },
    async saveTemplate() {
      const said = $("template-said");
      try {
        const { body } = await this.send(config.urls.save_template, { ...this.typed(), name: $("template-name").value });
        setText(said, body.said);
        said.className = "notice good";
        $("template-name").value = "";
      } catch (problem) {
        setText(said, problem.errors?.[0]?.message ?? problem.title ?? this.words.lost);
        said.className = "notice danger";
      }
      said.hidden = false;
    },
    async deleteTemplate(button) {
      try {
        await this.send(`${config.urls.templates}${button.dataset.templateDelete}/delete`, {});
        button.closest("li").remove();
      } catch (problem) {
        this.note(problem.title ?? this.words.lost);
      }
    },

    // --- a day that is past -------------------------------------------------------------------

    /** A document of an earlier day changes what was known since: asked once the hand rests. */
    lookAhead() {
      clearTimeout(this.aheadTimer);
      const on = iso(this.form.happened_on);
      const past = Boolean(on && on < config.today && this.grid.rows.length && this.state === "writing");
      if (!past) {
        $("ahead").hidden = true;
        this.aheadAsked = "";
        return;
      }
      this.aheadTimer = setTimeout(() => this.askAhead(), 900);
    },
    async askAhead() {
      const typed = this.typed();
      const content = JSON.stringify({ ...typed, stamp: null, draft_id: null });
      if (content === this.aheadAsked || this.stuck().length) return;
      this.aheadAsked = content;
      try {
        const { body } = await this.send(config.urls.preview, typed);
        if (content === this.aheadAsked) this.showAhead(body.sentence, this.effects(body), false);
      } catch (problem) {
        // Still being written, or no connection: posting says the same, and refuses it the same way.
        if (!problem.refused) $("ahead").hidden = true;
        else this.showAhead(problem.refused, problem.errors.map((f) => f.message), true);
      }
    },
    showAhead(title, lines, refused) {
      $("ahead").hidden = !title;
      $("ahead").classList.toggle("danger", refused);
      $("ahead").classList.toggle("warning", !refused);
      setText($("ahead-title"), title);
      const more = lines.length - SHOWN;
      const shown = lines.slice(0, SHOWN).concat(more > 0 ? [this.words.and_more.replace("{count}", group(more))] : []);
      $("ahead-list").replaceChildren(...shown.map((line) => make("li", {}, line)));
    },
    /** One line for each item: what the day would close with, what lies there now, the least since. */
    effects(body) {
      return body.items.map((item) => this.words.ahead_item
        .replace("{item}", item.name)
        .replace("{day_before}", group(item.day_before)).replace("{day_after}", group(item.day_after))
        .replace("{now_before}", group(item.now_before)).replace("{now_after}", `${group(item.now_after)} ${item.unit}`)
        .replace("{lowest}", group(item.lowest_after)).replace("{lowest_on}", dmy(item.lowest_on)));
    },
  });
})();
