// Clicks: on what, and where on it and on the page, so that they can be drawn over the page at any width.

import { clean } from "./address.js";
import { safely } from "./config.js";
import { pageSize, pathTo, rounded } from "./element.js";
import { observe } from "./record.js";

const ACTIVE = "a,button,summary,[role=button],[role=link],[role=tab],[role=menuitem]";
let before = {};

export function watchClicks() {
  addEventListener("click", safely(clicked), { capture: true, passive: true });
}

function clicked(event) {
  const target = event.target;
  if (!event.isTrusted || target.nodeType !== 1 || echoed(event)) return;
  const box = target.getBoundingClientRect();
  // A click by the keyboard has no place: the middle of the element stands for it.
  const keyboard = event.detail === 0 && !event.clientX && !event.clientY;
  const x = keyboard ? box.left + box.width / 2 : event.clientX;
  const y = keyboard ? box.top + box.height / 2 : event.clientY;
  const active = target.closest(ACTIVE);
  const link = target.closest("a[href]");
  observe("click", {
    element: pathTo(target),
    text: active && !target.closest("[data-tilth-private]") ? wording(active) : undefined,
    href: link ? address(link) : undefined,
    x: share(x - box.left, box.width),
    y: share(y - box.top, box.height),
    page_x: Math.round(x + scrollX),
    page_y: Math.round(y + scrollY),
    ...pageSize(),
  });
}

// A click on a label makes the browser click its field too: one gesture, one event.
function echoed(event) {
  const echo = event.timeStamp - before.time < 50 && [...(event.target.labels || [])].some((label) => label.contains(before.target));
  before = { time: event.timeStamp, target: event.target };
  return echo;
}

function wording(element) {
  return element.textContent.trim().replace(/\s+/g, " ").slice(0, 80) || element.getAttribute("aria-label") || undefined;
}

function address(link) {
  return /^https?:$/.test(link.protocol) ? clean(link.href) : link.protocol;
}

function share(part, whole) {
  return whole ? rounded(Math.min(Math.max(part / whole, 0), 1)) : 0.5;
}
