// How far down a view was seen, and for how many seconds it was in sight. Told when it goes out of sight; the deepest of a view counts.

import { pageSize, rounded } from "./element.js";
import { eachView } from "./pages.js";
import { observe, view } from "./record.js";

let of;
let deepest = 0;
let told = 0;
let visible;

export function watchScroll() {
  addEventListener("scroll", look, { passive: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? tell() : look()));
  eachView(look, tell);
}

function look() {
  if (of !== view.id) {
    of = view.id;
    deepest = told = 0;
    visible = null;
  }
  if (document.hidden) return;
  visible ??= performance.now();
  deepest = Math.max(deepest, scrollY + innerHeight);
}

function tell() {
  if (!visible || of !== view.id) return;
  const size = pageSize();
  const depth = Math.min(deepest, size.page_height);
  const seconds = Math.round((performance.now() - visible) / 100) / 10;
  visible = null;
  if (depth <= told && seconds < 1) return;
  told = depth;
  observe("scroll", { depth: rounded(depth / size.page_height), page_y: Math.round(depth), seconds, ...size });
}
