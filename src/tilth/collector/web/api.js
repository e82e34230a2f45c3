// What a site calls: `tilth.track`, `page`, `identify`, `reset`, `consent`, `ids`; and the beginning of it all.

import { watchClicks } from "./clicks.js";
import { automatic, key, safely, VERSION, warn } from "./config.js";
import { allowed, consented, decide, forget, reconsider } from "./consent.js";
import { watchForms } from "./forms.js";
import { recognise, unknown, who } from "./identity.js";
import { begin, leave, page, watchPages } from "./pages.js";
import { lost, put } from "./queue.js";
import { message, record, track } from "./record.js";
import { watchScroll } from "./scroll.js";
import { beacon, online, returned, send, soon, whenSent } from "./send.js";
import { currentSession, endSession } from "./session.js";

let running = false;
let watching = false;
const calls = {
  track(event, properties, time) {
    if (typeof event !== "string" || !event) return warn("track needs the event's name");
    track(event, properties, time);
  },

  page(name, properties, time) {
    if (allowed()) page(name, properties, time);
  },

  // `user` may be left out; `ids` are further ids of the same person, such as {member: "M1024"}.
  identify(user, traits, ids, time) {
    if (!allowed()) return;
    if (user && typeof user === "object") return calls.identify(undefined, user, traits, time);
    if (user) recognise(String(user));
    const externalIds = Object.entries(ids || {}).map(([type, id]) => ({ type, id: String(id), collection: "users", encoding: "none" }));
    record("identify", { traits, context: externalIds.length ? { externalIds } : {} }, time);
  },

  reset() {
    if (!allowed()) return;
    unknown();
    endSession();
  },

  // The person's answer, and which version of the wording they answered; without arguments, what holds now.
  consent(answer, details) {
    if (answer === undefined) return consented();
    const version = details?.version;
    const fields = { event: "consent", properties: { ...details, granted: !!answer } };
    if (answer) {
      const changed = decide("granted", version);
      start();
      if (changed) record("track", fields);
    } else {
      const last = allowed() && message("track", fields, Date.now());
      decide("denied", version);
      forget();
      running = false;
      // All that stays is the proof that it was withdrawn, until it has been delivered.
      if (last) put(last);
      send();
    }
    return consented();
  },

  ids() {
    if (!allowed()) return {};
    const { anonymous, device, user } = who();
    return { anonymousId: anonymous, deviceId: device, userId: user, sessionId: currentSession() };
  },
};

function start() {
  if (running || !allowed()) return;
  running = true;
  if (watching) return begin();
  watching = true;
  if (automatic("clicks")) watchClicks();
  if (automatic("scroll")) watchScroll();
  if (automatic("forms")) watchForms();
  begin();
  watchPages();
  addEventListener("pagehide", safely(() => (leave(), beacon())));
  addEventListener("pageshow", safely(({ persisted }) => persisted && (returned(), begin(""))));
}

function answeredElsewhere() {
  reconsider();
  running &&= allowed();
  start();
}

function call([name, ...given], time) {
  const place = { track: 2, page: 2, identify: 3 }[name];
  if (!Object.keys(calls).includes(name)) return warn(`there is no ${name}`);
  if (place) given[place] = time;
  return calls[name](...given);
}

function load() {
  const early = Array.isArray(window.tilth) ? window.tilth : [];
  window.tilth = { version: VERSION, push: (...all) => all.forEach(safely(call)) };
  for (const name of Object.keys(calls)) window.tilth[name] = safely((...given) => call([name, ...given]));
  if (!key) return warn("the script's address has no key: tilth.js?key=...");
  if (!allowed() && consented() !== "denied") forget();
  whenSent(() => {
    const number = lost();
    if (number) track("events_dropped", { number });
  });
  start();
  early.forEach((given) => safely(call)(given, given.time));
  addEventListener("online", online);
  addEventListener("storage", safely(({ key: name }) => name?.endsWith(":consent") && answeredElsewhere()));
  document.addEventListener("visibilitychange", () => document.hidden && send());
  soon();
}

if (!window.tilth?.version) document.prerendering ? document.addEventListener("prerenderingchange", load, { once: true }) : load();
