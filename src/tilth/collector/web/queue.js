// What waits to be sent: one stored item each, so that tabs never overwrite one another's. Bounded by number, room and age.

import { warn } from "./config.js";
import { names, random, read, remove, write } from "./store.js";

const MOST_ITEMS = 1000;
const MOST_BYTES = 32000; // an event; the collector takes 32,768
const BATCH_ITEMS = 100;
const BATCH_BYTES = 48000; // browsers let 64 kB of requests outlive their page
const OLDEST = 6 * 24 * 3600 * 1000; // the collector recognises repeats for 7 days

const mark = random().slice(0, 6);
const warned = new Set();
let count = 0;
export const own = new Set(); // of this page

// An item is `<time it was first sent>|<message>`, so that a message is never parsed again.
export function put(message) {
  const text = JSON.stringify(message);
  if (bytes(text) > MOST_BYTES) return lose(`${message.event || message.type} is larger than ${MOST_BYTES} bytes`);
  const waiting = names("q:");
  while (waiting.length >= MOST_ITEMS) drop(waiting.shift());
  const name = `q:${Date.now().toString(36)}${(count++).toString(36).padStart(4, "0")}${mark}`;
  while (!write(name, `|${text}`)) {
    if (!waiting.length) return lose("the browser has no room");
    drop(waiting.shift());
  }
  own.add(name);
}

// The oldest items that fit into one request: their names, and the messages as one JSON list.
export function batch(waiting) {
  const taken = [];
  const texts = [];
  let size = 0;
  for (const name of waiting) {
    const item = read(name);
    if (item === null) continue;
    const cut = item.indexOf("|");
    if (cut && Date.now() - item.slice(0, cut) > OLDEST) {
      drop(name);
      continue;
    }
    const text = item.slice(cut + 1);
    size += bytes(text);
    if (taken.length && (size > BATCH_BYTES || taken.length === BATCH_ITEMS)) break;
    taken.push(name);
    texts.push(text);
    if (!cut) write(name, `${Date.now()}|${text}`);
  }
  return { taken, list: `[${texts}]` };
}

export function done(taken) {
  taken.forEach((name) => {
    remove(name);
    own.delete(name);
  });
}

// How many were lost since this was last asked.
export function lost() {
  const number = +read("lost");
  if (number) remove("lost");
  return number;
}

function drop(name) {
  done([name]);
  lose("too many or too old events wait to be sent");
}

function lose(why) {
  if (!warned.has(why)) warn(`an event was dropped: ${why}`);
  warned.add(why);
  write("lost", +read("lost") + 1);
}

function bytes(text) {
  return new Blob([text]).size;
}
