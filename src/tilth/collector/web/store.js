// What survives a reload: localStorage under names of this write key; where a browser refuses it, the memory of this page.

import { key } from "./config.js";

const prefix = `tilth:${key}:`;
const memory = new Map();
let shelf;

try {
  shelf = window.localStorage;
  shelf.length; // some browsers refuse only here
} catch {
  shelf = null;
}

export function read(name) {
  return shelf ? shelf.getItem(prefix + name) : (memory.get(prefix + name) ?? null);
}

// Returns whether there was room for it.
export function write(name, text) {
  try {
    if (shelf) shelf.setItem(prefix + name, text);
    else memory.set(prefix + name, text);
    return true;
  } catch {
    return false;
  }
}

export function remove(name) {
  if (shelf) shelf.removeItem(prefix + name);
  else memory.delete(prefix + name);
}

// Names that begin with `start`, in their order.
export function names(start) {
  const all = shelf ? Object.keys(shelf) : [...memory.keys()];
  return all.filter((name) => name.startsWith(prefix + start)).map((name) => name.slice(prefix.length)).sort();
}

export function recall(name) {
  try {
    return JSON.parse(read(name));
  } catch {
    return null; // whatever else wrote here, it was not us
  }
}

export function keep(name, value) {
  return write(name, JSON.stringify(value));
}

export function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
