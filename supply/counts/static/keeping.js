// Keeps what is counted: first on this device, then on the server, in chunks, until it is there.
//
//   const keeping = supplyKeeping({ name, url, saved, refused, closed, told });
//   keeping.put(line, { quantity, poor, spoiled, note, seen });  keeping.pending  keeping.flush()
//
// A lost connection, a reload, a closed phone: what was not sent waits in localStorage and goes with
// the next try. Sending the same twice changes nothing on the server.
"use strict";

window.supplyKeeping = (options) => {
  const CHUNK = 200;
  const SOON = 900;
  const LATER = [3000, 8000, 20000];
  const pending = new Map();
  let sending = false;
  let failures = 0; // in a row
  let timer = 0;

  try {
    for (const [line, tally] of JSON.parse(localStorage.getItem(options.name) ?? "[]")) pending.set(line, tally);
  } catch {
    localStorage.removeItem(options.name);
  }

  function store() {
    try {
      if (pending.size) localStorage.setItem(options.name, JSON.stringify([...pending]));
      else localStorage.removeItem(options.name);
    } catch {
      // A full or forbidden store: the next chunk to the server keeps it all the same.
    }
  }

  function tell() {
    options.told({ pending: pending.size, sending, failed: failures > 0 });
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(flush, wait);
  }

  function put(line, tally) {
    pending.set(line, tally);
    store();
    tell();
    if (!sending && !failures) later(SOON);
  }

  function drop(line) {
    pending.delete(line);
    store();
    tell();
  }

  async function flush() {
    clearTimeout(timer);
    if (sending || !pending.size) return pending.size === 0;
    const chunk = [...pending].slice(0, CHUNK);
    sending = true;
    tell();
    try {
      const answer = await window.supply.call(options.url, {
        json: { tallies: chunk.map(([line, tally]) => ({ line_id: line, ...tally })) },
      });
      failures = 0;
      for (const [line, tally] of chunk) settle(line, tally, answer);
    } catch (error) {
      failures += 1;
      refused(error, chunk);
    } finally {
      sending = false;
      store();
      tell();
    }
    if (pending.size) later(failures ? LATER[Math.min(failures, LATER.length) - 1] : 0);
    return pending.size === 0;
  }

  /** One line of an answer. What was typed over it meanwhile waits for the next chunk. */
  function settle(line, tally, answer) {
    const theirs = answer.conflicts[line];
    const stands = answer.tallies[line];
    const newer = pending.get(line);
    if (newer === tally) pending.delete(line);
    else if (newer && stands) newer.seen = stands.id;
    if (theirs) options.conflict(line, theirs);
    else if (stands) options.saved(line, stands);
  }

  function refused(error, chunk) {
    if (error.status === 409 || error.status === 404 || error.status === 403) options.closed(error);
    else if (error.status === 422) {
      for (const [line] of chunk) pending.delete(line);
      options.refused(chunk.map(([line]) => line), error);
      failures = 0;
    }
  }

  addEventListener("online", () => {
    failures = 0;
    flush();
  });
  return { put, drop, flush, tell, get pending() { return pending; }, get failing() { return failures > 0; } };
};
