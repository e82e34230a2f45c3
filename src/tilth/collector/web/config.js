// What the script tag says: data-key, data-host, data-consent, data-query, data-auto.

const tag = document.currentScript || document.querySelector("script[data-key][src*='tilth.js']");
const said = tag ? tag.dataset : {};

export const VERSION = "1.0.0";
export const key = said.key || "";
export const host = (said.host || (tag && tag.src ? new URL(".", tag.src).href : location.origin)).replace(/\/+$/, "");
export const consentRequired = said.consent === "required";
export const queryKept = words(said.query);

const parts = said.auto === undefined ? ["pages", "clicks", "scroll", "forms"] : words(said.auto);

export function automatic(part) {
  return parts.includes(part);
}

export function warn(text) {
  console.warn(`tilth: ${text}`);
}

// Whatever goes wrong here is told, and never reaches the site.
export function safely(work) {
  return (...given) => {
    try {
      return work(...given);
    } catch (fault) {
      warn(fault);
    }
  };
}

function words(text) {
  return (text || "").split(/[\s,]+/).filter(Boolean);
}
