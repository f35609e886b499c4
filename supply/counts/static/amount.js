// What a person counting boxes types: a whole number, or a sum of packs, "12x100+30" (12 boxes of 100
// and 30 loose). Digits may be grouped, 1.234; nothing is rounded.
"use strict";

window.supplyAmount = (() => {
  const MOST = 1_000_000_000;
  const whole = (text) => window.supplyNumbers.whole(text);

  /** "12x100+30" -> 1230; null for anything else. */
  function amount(text) {
    let sum = 0;
    for (const part of String(text ?? "").trim().split("+")) {
      const factors = part.trim().split(/\s*[x×*]\s*/i).map(whole);
      if (factors.length > 3 || factors.some((factor) => factor === null)) return null;
      sum += factors.reduce((product, factor) => product * factor, 1);
    }
    return sum <= MOST ? sum : null;
  }

  /** Whether it is more than one number. */
  function isSum(text) {
    return /[x×*+]/i.test(String(text ?? ""));
  }

  return { amount, isSum };
})();
