// Page views, of applications that never load a second page too.

import { route } from "./address.js";
import { automatic, safely } from "./config.js";
import { open, record, view } from "./record.js";

const TITLE_WRITTEN = 100; // ms in which an application writes its new title
const arriving = [];
const leaving = [];
let here;
let pending;

// `arrived` is done when a view has settled, `left` before it ends, by going elsewhere or away.
export function eachView(arrived, left) {
  arriving.push(arrived);
  leaving.push(left);
}

export function leave() {
  settle();
  leaving.forEach((work) => work());
}

export function begin(referrer = document.referrer) {
  here = place();
  open(referrer);
  arrive();
}

function arrive(time) {
  if (automatic("pages")) page(undefined, undefined, time);
  arriving.forEach((work) => work());
}

export function page(name, properties, time) {
  view.page.title = document.title;
  record("page", { name, properties: { ...view.page, ...view.clickIds, view: view.id, ...properties } }, time);
}

export function watchPages() {
  const look = safely(moved);
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...given) {
      const answer = original.apply(this, given);
      // Many applications write filters into the address as one types: only another path counts there.
      if (name === "replaceState" && place().path === here.path) here = place();
      else look();
      return answer;
    };
  }
  addEventListener("popstate", look);
  addEventListener("hashchange", look);
}

function moved() {
  const now = place();
  if (now.path === here.path && now.search === here.search) return;
  leave();
  const referrer = here.url;
  const time = Date.now();
  here = now;
  open(referrer);
  pending = { time, timer: setTimeout(safely(settle), TITLE_WRITTEN) };
}

function settle() {
  if (!pending) return;
  clearTimeout(pending.timer);
  const { time } = pending;
  pending = null;
  arrive(time);
}

function place() {
  return { path: location.pathname + route(location), search: location.search, url: location.href };
}
