// Makes messages in Segment's form, and puts them into the queue.

import { campaign, clean, clickIds, search } from "./address.js";
import { VERSION } from "./config.js";
import { allowed } from "./consent.js";
import { who } from "./identity.js";
import { put } from "./queue.js";
import { soon } from "./send.js";
import { session } from "./session.js";
import { random } from "./store.js";

// The view of a page: from the moment it opens, or a single-page application shows another, until it is left.
export const view = {};
let landing = new URL(location.href); // kept in memory: consent may come after an application has dropped the campaign from the address

export function open(referrer) {
  const url = new URL(location.href);
  const page = { path: url.pathname, referrer: clean(referrer), search: search(url), title: document.title, url: clean(url) };
  Object.assign(view, { id: random().slice(0, 16), page, campaign: marks(campaign, url), clickIds: marks(clickIds, url) });
  landing = null;
}

function marks(found, url) {
  return found(url) || (landing && found(landing)) || undefined;
}

export function record(type, fields, time = Date.now()) {
  if (!allowed()) return;
  put(message(type, fields, time));
  soon();
}

export function track(event, properties, time) {
  record("track", { event, properties }, time);
}

// An event of the page itself; `view` says of which view.
export function observe(event, properties, time) {
  track(event, { view: view.id, ...properties }, time);
}

export function message(type, fields, time) {
  const { anonymous, device, user } = who();
  const { id, begins } = session(time);
  const context = {
    library: { name: "tilth.js", version: VERSION },
    page: { ...view.page },
    campaign: view.campaign,
    clickIds: view.clickIds,
    device: { id: device },
    sessionId: id,
    sessionStart: begins || undefined,
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: { width: screen.width, height: screen.height, density: devicePixelRatio },
    ...fields.context,
  };
  return { type, messageId: random(), timestamp: new Date(time).toISOString(), anonymousId: anonymous, userId: user, ...fields, context };
}
