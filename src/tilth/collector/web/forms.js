// Forms: begun, left behind at which field, submitted. Fields by their names, never what is in them.

import { safely } from "./config.js";
import { pageSize, pathTo } from "./element.js";
import { eachView } from "./pages.js";
import { observe } from "./record.js";

const SILENT = ["hidden", "submit", "button", "reset", "image"];
let begun = new Map();

export function watchForms() {
  addEventListener("input", safely(touched), { capture: true, passive: true });
  addEventListener("change", safely(touched), { capture: true, passive: true });
  addEventListener("submit", safely(submitted), { capture: true, passive: true });
  eachView(() => (begun = new Map()), abandoned);
}

function touched({ target, isTrusted }) {
  const form = target.form || target.closest?.("[data-tilth-form]");
  if (!isTrusted || !form || SILENT.includes(target.type)) return;
  const field = nameOf(target);
  let state = begun.get(form);
  if (!state) {
    begun.set(form, (state = { time: performance.now(), fields: new Set(), form: nameOf(form) }));
    observe("form_start", { form: state.form, field, element: pathTo(target), ...pageSize() });
  }
  state.fields.add(field);
  state.last = field;
  state.element = pathTo(target);
}

function submitted({ target }) {
  const state = begun.get(target);
  begun.delete(target);
  observe("form_submit", { form: nameOf(target), ...(state && progress(state)), element: pathTo(target), ...pageSize() });
}

function abandoned() {
  begun.forEach((state) => observe("form_abandon", { ...progress(state), last_field: state.last, element: state.element, ...pageSize() }));
}

function progress({ time, fields, form }) {
  return { form, fields: [...fields], seconds: Math.round((performance.now() - time) / 100) / 10 };
}

// A form's `name` and `id` may be shadowed by fields of these names: only attributes tell.
function nameOf(element) {
  return element.getAttribute("data-tilth-form") || element.getAttribute("name") || element.getAttribute("id") || pathTo(element);
}
