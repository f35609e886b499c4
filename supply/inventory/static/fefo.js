// Which lots a line would take: first expired, first out. A look ahead in the page; the ledger
// chooses again, under its locks, when the document is posted.
"use strict";

window.supplyFefo = (() => {
  /** What earlier lines of the same item leave of each lot, as a map consignment -> quantity. */
  function left(lots, takenBefore) {
    const rest = new Map(lots.map((lot) => [lot.consignment_id, lot.quantity]));
    for (const taken of takenBefore) {
      for (const part of taken) {
        rest.set(part.consignment_id, (rest.get(part.consignment_id) ?? 0) - part.quantity);
      }
    }
    return rest;
  }

  /**
   * Take `wanted` base units from `lots` (in the order they expire).
   * `day`: lots that expired before it are left alone (null: any lot may go); `blocked`: recalled
   * lots may go too. Returns {parts, available, short}.
   */
  function take(lots, wanted, { day = null, lotNumber = "", takenBefore = [], blocked = false } = {}) {
    const rest = left(lots, takenBefore);
    const usable = lots.filter(
      (lot) =>
        (!lotNumber || lot.lot_number === lotNumber) &&
        (!day || !lot.expiry || lot.expiry >= day) &&
        (blocked || !lot.blocked) &&
        rest.get(lot.consignment_id) > 0,
    );
    const available = usable.reduce((sum, lot) => sum + rest.get(lot.consignment_id), 0);
    const parts = [];
    let need = wanted;
    for (const lot of usable) {
      if (need <= 0) break;
      const quantity = Math.min(need, rest.get(lot.consignment_id));
      parts.push({ ...lot, quantity, value: (lot.amount_vnd * quantity) / lot.quantity });
      need -= quantity;
    }
    return { parts, available, short: Math.max(0, need) };
  }

  /** Parts of the same lot as one, for showing. */
  function byLot(parts) {
    const seen = new Map();
    for (const part of parts) {
      const before = seen.get(part.lot_number);
      if (before) before.quantity += part.quantity;
      else seen.set(part.lot_number, { ...part });
    }
    return [...seen.values()];
  }

  /**
   * The lot that should have gone before `chosen` and would still lie there: usable, expiring
   * earlier, not used up by `taken` (parts of every line of the item). null where there is none.
   */
  function passedOver(lots, chosen, taken, { day = null } = {}) {
    const mine = lots.find((lot) => lot.lot_number === chosen);
    if (!mine) return null;
    const rest = left(lots, taken);
    const last = "9999-12-31";
    return lots.find((lot) =>
      lot.lot_number !== chosen && !lot.blocked && (!day || !lot.expiry || lot.expiry >= day) &&
      (lot.expiry ?? last) < (mine.expiry ?? last) && rest.get(lot.consignment_id) > 0) ?? null;
  }

  return { take, byLot, passedOver };
})();
