// Rows copied from a spreadsheet, into a grid: numbers and dates as people in Vietnam write them,
// columns in the order of the screen or named by a heading row. The last paste can be undone.
"use strict";

window.supplyPaste = (() => {
  const fold = (text) => String(text ?? "").toLowerCase().replace(/đ/g, "d")
    .normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, " ").trim();

  /** Tab-separated text as rows of cells; a quoted cell may hold tabs, line ends and "". */
  function parse(text) {
    const rows = [];
    let row = [];
    let at = 0;
    while (at < text.length) {
      let cell = "";
      if (text[at] === '"') {
        const end = closing(text, at + 1);
        if (end > 0 && /[\t\r\n]|^$/.test(text[end + 1] ?? "")) {
          cell = text.slice(at + 1, end).replaceAll('""', '"');
          at = end + 1;
        } else ({ cell, at } = bare(text, at));
      } else ({ cell, at } = bare(text, at));
      row.push(cell.trim());
      if (text[at] === "\t") {
        at += 1;
        if (at === text.length) row.push("");
        continue;
      }
      if (text[at] === "\r") at += 1;
      if (text[at] === "\n") at += 1;
      rows.push(row);
      row = [];
    }
    if (row.length) rows.push(row);
    while (rows.length && rows[rows.length - 1].every((cell) => !cell)) rows.pop();
    return rows;
  }

  function closing(text, from) {
    let at = from;
    while ((at = text.indexOf('"', at)) >= 0) {
      if (text[at + 1] !== '"') return at;
      at += 2;
    }
    return -1;
  }

  function bare(text, at) {
    let end = at;
    while (end < text.length && !"\t\r\n".includes(text[end])) end += 1;
    return { cell: text.slice(at, end), at: end };
  }

  /** A spreadsheet's number or date as the cell takes it: "35.000,00" -> "35.000", "2025-03-05". */
  function plain(column, text) {
    const value = text.replace(/\u00a0/g, " ").trim();
    if (column.type === "number") return value.replace(/\s*(đ|₫|vnđ|vnd)\.?$/i, "").replace(/,0+$/, "").trim();
    const day = column.type === "date" && /^(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?$/.exec(value);
    return day ? `${day[3]}/${day[2]}/${day[1]}` : value;
  }

  /** The columns a heading row names, by place; null where the first row is no heading. */
  function heading(columns, cells) {
    const named = cells.map((cell) => {
      const words = fold(cell);
      return words ? columns.find((c) => [fold(c.label), ...(c.paste ?? []).map(fold)].includes(words)) ?? null : null;
    });
    return named.filter(Boolean).length >= 2 ? named : null;
  }

  const takes = (column) => column.set || column.type !== "static";

  /**
   * Put `text` into the grid at a cell; rows below the last are added where the grid makes new ones.
   * Works in slices, so that the key that pasted is answered at once. Tells `pasted` at the end, and
   * gives back a promise of the same {rows, added, skipped, unnamed}: the rows touched, how many are
   * new, how many rows of the paste found no place, headings nobody knows.
   */
  async function into(grid, text, index, name) {
    const cells = parse(text);
    const named = cells.length > 1 ? heading(grid.columns, cells[0]) : null;
    const first = named && grid.o.newRow ? grid.rows.length : index; // a whole table: its rows are new
    const usable = grid.columns.filter((c) => takes(c) && !c.below);
    const order = named ?? usable.slice(Math.max(0, usable.findIndex((c) => c.name === name)));
    const wanted = (named ? cells.slice(1) : cells).filter((row) => row.some((cell) => cell));
    const paste = { before: new Map(), fresh: [] };
    const done = { rows: [], added: 0, skipped: 0, unnamed: named ? cells[0].filter((cell, at) => cell && !named[at]) : [] };
    for (let at = 0; at < wanted.length; ) {
      at = slice(grid, wanted, at, first, order, paste, done);
      if (at < wanted.length) await new Promise((resume) => setTimeout(resume));
    }
    done.added = paste.fresh.length;
    grid.lastPaste = paste;
    grid.o.pasted(done);
    grid.refreshAll();
    return done;
  }

  /** As many rows as fit between two pictures; returns the first that is left. */
  function slice(grid, wanted, from, first, order, paste, done) {
    const until = performance.now() + 1.5 * window.supplyGrid.SLICE_MS;
    const fresh = [];
    let at = from;
    for (; at < wanted.length && (at === from || performance.now() < until); at += 1) {
      let row = grid.rows[first + at];
      if (row) paste.before.set(row, { ...row, proposed: { ...row.proposed } });
      else if (grid.o.newRow) fresh.push((row = grid.o.newRow()));
      else {
        done.skipped += 1;
        continue;
      }
      done.rows.push(row);
      fillRow(grid, row, order, wanted[at]);
      grid.o.rowPasted(row);
    }
    grid.insert(grid.rows.length, fresh);
    paste.fresh.push(...fresh);
    return at;
  }

  function fillRow(grid, row, order, values) {
    order.forEach((column, at) => {
      if (!column || values[at] === undefined || values[at] === "") return; // a blank overwrites nothing
      const value = plain(column, values[at]);
      if (column.set) column.set(row, value);
      else row[column.name] = grid.tidy(column, value);
      if (row.proposed) delete row.proposed[column.name];
    });
  }

  function undo(grid) {
    if (!grid.lastPaste) return false;
    const { before, fresh } = grid.lastPaste;
    grid.lastPaste = null;
    const gone = new Set(fresh);
    if (gone.size) {
      const first = grid.rows.findIndex((row) => gone.has(row));
      grid.remove(first, gone.size);
    }
    for (const [row, old] of before) {
      for (const name of Object.keys(row)) delete row[name];
      Object.assign(row, old);
    }
    grid.o.pasted({ rows: [...before.keys()], added: 0, skipped: 0, unnamed: [], undone: true });
    grid.refreshAll();
    return true;
  }

  return { parse, plain, heading, into, undo, fold };
})();
