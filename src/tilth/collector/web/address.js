// Addresses without what people typed: of a query only campaign marks stay, and the parameters that the site names.

import { queryKept } from "./config.js";

const CLICK_IDS = ["gclid", "wbraid", "gbraid", "fbclid", "msclkid", "ttclid", "twclid", "yclid", "bd_vid", "gdt_vid", "clickid", "qhclickid", "sogouclickid"];

export function clean(address) {
  if (!address) return "";
  const url = new URL(address, location.href);
  return url.origin + url.pathname + search(url) + route(url);
}

export function search(url) {
  const kept = [...url.searchParams].filter(([name]) => queryKept.includes("*") || queryKept.includes(name) || /^utm_/.test(name) || CLICK_IDS.includes(name));
  return kept.length ? `?${new URLSearchParams(kept)}` : "";
}

// "#/cart" is a page of an application that routes by hash; "#prices" is a place on a page.
export function route(url) {
  return /^#!?\//.test(url.hash) ? url.hash.replace(/\?.*/, "") : "";
}

export function campaign(url) {
  return found(url, (name) => name.startsWith("utm_") && name.slice(4).replace("campaign", "name"));
}

export function clickIds(url) {
  return found(url, (name) => CLICK_IDS.includes(name) && name);
}

function found(url, named) {
  const pairs = [...url.searchParams].map(([name, value]) => [named(name), value]).filter(([name, value]) => name && value);
  return pairs.length ? Object.fromEntries(pairs) : undefined;
}
