// A session ends with a pause longer than 30 minutes; a pause of exactly 30 does not end it, nor does midnight.

import { keep, random, recall, remove } from "./store.js";

const PAUSE = 30 * 60 * 1000;

// Returns its id, and whether what happens at `time` begins it.
export function session(time) {
  const known = recall("session");
  const begins = !known || time - known.last > PAUSE;
  const now = begins ? { id: random(), last: time } : { id: known.id, last: Math.max(time, known.last) };
  keep("session", now);
  return { id: now.id, begins };
}

export function currentSession() {
  return recall("session")?.id;
}

export function endSession() {
  remove("session");
}
