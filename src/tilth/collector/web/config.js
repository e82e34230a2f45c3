// What the script tag says: its address, data-key, data-host, data-consent, data-query, data-auto; and what the workspace demands.

const DEMANDED = "@consent"; // the collector puts "required" here for a key whose workspace wants it
const tag = document.currentScript || document.querySelector("script[src*='/tilth.js']");
const source = new URL(tag?.src || location.href);
const said = tag ? tag.dataset : {};

export const VERSION = "1.0.0";
export const key = said.key || source.searchParams.get("key") || "";
export const host = (said.host || new URL(".", source).href).replace(/\/+$/, "");
export const consentRequired = [said.consent, DEMANDED].includes("required");
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
