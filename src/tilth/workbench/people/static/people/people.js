// People: the choice of rows, panels that close, the timeline's choice of event. Content comes from the server.
(() => {
  const boxes = () => [...document.querySelectorAll('[name="person"][form="bulk"]')];
  const count = () => {
    const all = boxes(), on = all.filter((box) => box.checked).length, head = document.querySelector("[data-all]");
    document.querySelectorAll("[data-chosen]").forEach((place) => { place.textContent = on; });
    if (head) { head.checked = on > 0 && on === all.length; head.indeterminate = on > 0 && on < all.length; }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches('[data-all], [name="person"]')) count();
    if (event.target.matches("[data-only] select")) event.target.form.requestSubmit();
  });
  document.addEventListener("reset", (event) => { if (event.target.id === "bulk") setTimeout(count); });
  count();

  const shut = () => {
    document.getElementById("condition")?.replaceChildren();
    document.querySelectorAll(".p-drop[open]").forEach((drop) => { drop.open = false; });
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-shut]") || !event.target.closest(".p-condition, .p-drop, [hx-target='#condition']")) shut();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") shut(); });
  document.addEventListener("htmx:after:swap", () => document.querySelector("#condition [autofocus]")?.focus());
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-narrow]")) return;
    const text = event.target.value.trim().toLowerCase();
    for (const item of event.target.parentElement.querySelectorAll("li")) item.hidden = !`${item.textContent} ${item.firstElementChild.title}`.toLowerCase().includes(text);
    for (const group of event.target.parentElement.querySelectorAll("section")) group.hidden = !group.querySelector("li:not([hidden])");
  });
})();
