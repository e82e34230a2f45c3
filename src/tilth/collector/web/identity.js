// Who: an anonymous id until the person changes, a device id that stays, and the user id that the site told.

import { keep, random, recall } from "./store.js";

export function who() {
  const known = recall("who");
  if (known && known.anonymous && known.device) return known;
  return save({ anonymous: random(), device: random() });
}

// Another user than the one before is another person in front of the same screen: the anonymous id is not theirs.
export function recognise(user) {
  const known = who();
  return save({ ...known, anonymous: known.user && known.user !== user ? random() : known.anonymous, user });
}

export function unknown() {
  return save({ anonymous: random(), device: who().device });
}

function save(known) {
  keep("who", known);
  return known;
}
