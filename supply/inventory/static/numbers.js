// Numbers and dates as people in Vietnam type them. The server's parsers decide; these only show.
"use strict";

window.supplyNumbers = (() => {
  const PLAIN = /^\d{1,15}$/;
  const GROUPED = /^\d{1,3}([. \u00a0]\d{3}){1,5}$/;

  /** "1.234" -> 1234; null for anything that is not a whole number. */
  function whole(text) {
    const bare = String(text ?? "").trim();
    return PLAIN.test(bare) || GROUPED.test(bare) ? Number(bare.replace(/\D/g, "")) : null;
  }

  /** 1234567 -> "1.234.567". */
  function group(number) {
    return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ".");
  }

  /** Digits typed in a row become dd/mm/yyyy as they come; a month and year ("03/2025", as printed
   *  on boxes) stays: no month is above 12. */
  function mask(text, previous) {
    const bare = text.trim();
    if (bare.length < (previous ?? "").length || !/^[\d/]*$/.test(bare)) return text;
    const slashes = (bare.match(/\//g) ?? []).length;
    if (slashes === 0 && bare.length > 2) return mask(`${bare.slice(0, 2)}/${bare.slice(2)}`);
    const parts = bare.split("/");
    if (slashes === 1 && parts[1].length > 2 && Number(parts[1].slice(0, 2)) <= 12) {
      return `${parts[0]}/${parts[1].slice(0, 2)}/${parts[1].slice(2, 6)}`;
    }
    return bare.slice(0, 10);
  }

  /** A finished date or month made whole: "5/3/25" -> "05/03/2025", "03/2025" -> "31/03/2025". */
  function date(text) {
    const bare = text.trim();
    const month = /^(\d{1,2})[/.-](\d{4})$/.exec(bare);
    if (month && Number(month[1]) >= 1 && Number(month[1]) <= 12) {
      const last = new Date(Number(month[2]), Number(month[1]), 0).getDate();
      return `${two(last)}/${two(month[1])}/${month[2]}`;
    }
    const full = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$/.exec(bare);
    if (!full) return bare;
    const year = full[3].length === 2 ? `20${full[3]}` : full[3];
    return `${two(full[1])}/${two(full[2])}/${year}`;
  }

  /** "05/03/2025" -> "2025-03-05", for comparing; null where there is no such day. */
  function iso(text) {
    const full = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(date(text));
    if (!full) return null;
    const day = new Date(Date.UTC(Number(full[3]), Number(full[2]) - 1, Number(full[1])));
    const found = day.toISOString().slice(0, 10);
    return found === `${full[3]}-${full[2]}-${full[1]}` ? found : null;
  }

  /** "2025-03-05" -> "05/03/2025". */
  function dmy(isoDate) {
    return isoDate ? isoDate.split("-").reverse().join("/") : "";
  }

  function two(value) {
    return String(Number(value)).padStart(2, "0");
  }

  return { whole, group, mask, date, iso, dmy };
})();
