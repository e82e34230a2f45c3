// Whether anything may be kept or sent. A browser's signal (Do Not Track, Global Privacy Control) is a no that nothing here overrules.

import { consentRequired } from "./config.js";
import { keep, names, recall, remove } from "./store.js";

const refused = navigator.doNotTrack === "1" || navigator.globalPrivacyControl === true;
let answer = recall("consent");

// "signal", "granted", "denied", or "unknown" while the person has not been asked.
export function consented() {
  if (refused) return "signal";
  return answer ? answer.state : "unknown";
}

export function allowed() {
  const state = consented();
  return state === "granted" || (state === "unknown" && !consentRequired);
}

// Returns whether this is another answer than the one before.
export function decide(state, version) {
  if (answer && answer.state === state && answer.version === version) return false;
  answer = { state, version, at: new Date().toISOString() };
  if (!refused) keep("consent", answer);
  return true;
}

export function forget() {
  names("").forEach((name) => name !== "consent" && remove(name));
}

// Another tab of the same site may have been asked.
export function reconsider() {
  answer = recall("consent");
}
