// Sends what waits. An item leaves the queue only when the collector has answered for it; what is sent again has its first message id.

import { host, key, warn } from "./config.js";
import { batch, done, own } from "./queue.js";
import { names, read, write } from "./store.js";

const ADDRESS = `${host}/v1/batch`;
const LONGEST = 300; // seconds to wait, whatever the server asks or how often it failed
const SETTLE = 100; // ms after which one tab sees what another has removed from the storage
const flying = new Set();
const carried = new Set();
let afterwards = () => {};
let timer;
let due;
let busy = false;
let going = false;
let failures = 0;
let pause = 0; // of this page, after a broken connection; what the server asks for is stored, for all tabs

// `work` is done after each batch that was taken.
export function whenSent(work) {
  afterwards = work;
}

export function soon(wait = 200) {
  if (going) return beacon();
  const at = Date.now() + wait;
  if (timer && due <= at) return;
  clearTimeout(timer);
  due = at;
  timer = setTimeout(send, wait);
}

export async function send() {
  clearTimeout(timer);
  timer = 0;
  if (busy || !navigator.onLine || !names("q:").length) return;
  if (rest() > 0) return soon(rest());
  busy = true;
  try {
    await alone(async () => {
      await new Promise((ready) => setTimeout(ready, SETTLE));
      while (rest() <= 0 && (await one()));
    });
  } finally {
    busy = false;
  }
  if (names("q:").length) soon(Math.max(rest(), 300));
}

// The network is back: a broken connection need not be waited for any longer.
export function online() {
  pause = 0;
  send();
}

// The page is shown again, out of the browser's memory.
export function returned() {
  going = false;
}

// The page goes away and cannot hear answers: its items are handed to the browser, and stay stored until a later page has heard one.
export function beacon() {
  going = true;
  if (!navigator.onLine || rest() > 0) return;
  let mine = [...own].filter((name) => !flying.has(name) && !carried.has(name));
  while (mine.length) {
    const { taken, list } = batch(mine);
    if (!taken.length || !navigator.sendBeacon(ADDRESS, body(list))) return;
    taken.forEach((name) => carried.add(name));
    mine = mine.filter((name) => own.has(name) && !carried.has(name));
  }
}

function rest() {
  return Math.max(pause, +read("until")) - Date.now();
}

// Only one tab sends at a time.
async function alone(work) {
  try {
    await navigator.locks.request(`tilth:${key}`, work);
  } catch {
    await work(); // no locks here: repeats have their message ids
  }
}

async function one() {
  const { taken, list } = batch(names("q:"));
  if (!taken.length) return false;
  taken.forEach((name) => flying.add(name));
  try {
    // Text needs no preflight. A redirect would be followed without the body, and taken for success.
    const answer = await fetch(ADDRESS, { method: "POST", body: body(list), keepalive: true, credentials: "omit", redirect: "error", signal: AbortSignal.timeout?.(30000) });
    if ([408, 410, 429].includes(answer.status) || answer.status > 499) {
      write("until", Date.now() + wait(answer.headers.get("Retry-After")));
      return false;
    }
    if (!answer.ok) warn(`the collector refused ${taken.length} events: ${answer.status} ${await answer.text()}`);
    failures = 0;
    done(taken);
    if (answer.ok) afterwards();
    return true;
  } catch {
    pause = Date.now() + wait();
    return false;
  } finally {
    taken.forEach((name) => flying.delete(name));
  }
}

function wait(asked) {
  failures += 1;
  const seconds = asked ? (isNaN(asked) ? (Date.parse(asked) - Date.now()) / 1000 : +asked) : 2 ** Math.min(failures, 9) * (0.5 + Math.random() / 2);
  return Math.min(Math.max(seconds || 1, 1), LONGEST) * 1000;
}

function body(list) {
  return `{"writeKey":${JSON.stringify(key)},"sentAt":"${new Date().toISOString()}","batch":${list}}`;
}
