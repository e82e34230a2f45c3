// The shell's own behaviour: navigation on small screens, drawer, pickers, questions that ask again, tables. Content comes from the server by htmx.
(() => {
  // Navigation on small screens
  const side = document.getElementById("side"), opener = document.querySelector("[data-nav]");
  const nav = (open) => { side?.classList.toggle("t-open", open); opener?.setAttribute("aria-expanded", open); };
  opener?.addEventListener("click", (event) => { event.stopPropagation(); nav(!side.classList.contains("t-open")); });

  // The drawer: opens when the server has filled it, gives the focus back when it closes
  const drawer = document.getElementById("drawer");
  let door = null;
  const close = () => { if (drawer && !drawer.hidden) { drawer.hidden = true; drawer.replaceChildren(); door?.focus(); } };
  document.addEventListener("htmx:after:swap", () => {
    if (drawer?.childElementCount && drawer.hidden) { door = document.activeElement; drawer.hidden = false; drawer.querySelector("[data-close], a, button")?.focus(); }
  });

  // Pickers: native popovers, placed below their word
  const place = (pop, word) => {
    const box = word.getBoundingClientRect();
    pop.style.left = `${Math.max(8, Math.min(box.left, innerWidth - pop.offsetWidth - 8))}px`;
    pop.style.top = `${box.bottom + 4 + pop.offsetHeight > innerHeight ? Math.max(8, box.top - pop.offsetHeight - 4) : box.bottom + 4}px`;
  };
  document.addEventListener("toggle", (event) => {
    const pop = event.target, pick = pop.closest?.("[data-pick]");
    if (!pick) return;
    const word = pick.querySelector("[popovertarget]");
    word.setAttribute("aria-expanded", event.newState === "open");
    if (event.newState === "open") {
      place(pop, word);
      (pop.querySelector("[data-filter]") ?? pop.querySelector("input:checked") ?? pop.querySelector("input"))?.focus();
    } else if (pick.dataset.changed) {
      delete pick.dataset.changed;
      ask(pick.closest("form"));
    }
  }, true);
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-filter]")) return;
    const text = event.target.value.trim().toLowerCase();
    for (const label of event.target.closest(".t-pop").querySelectorAll(".t-pop__list label"))
      label.hidden = !`${label.textContent} ${label.firstElementChild.value}`.toLowerCase().includes(text);
  });
  const ask = (form) => { if (form?.matches("[data-ask]")) form.requestSubmit(); };
  document.addEventListener("change", (event) => {
    const field = event.target, pick = field.closest?.("[data-pick]"), form = field.closest?.("form[data-ask]");
    if (field.matches?.("[data-filter], .t-pop__own input")) return;
    if (!pick) { if (form) ask(form); return; }
    pick.dataset.changed = "1";  // asked when the list closes: whoever goes through it with the arrows passes by values that are not meant
    const word = pick.querySelector(".t-picker > span"), label = field.closest("label")?.querySelector("span");
    if (label && !pick.hasAttribute("data-many") && !field.hasAttribute("data-adds")) word.textContent = label.textContent;
  });
  // A list of radio buttons closes when one is clicked, or by Enter after moving with the arrows
  document.addEventListener("click", (event) => {
    const label = event.target.closest?.("[data-pick]:not([data-many]) .t-pop__list label");
    if (label && event.detail) label.closest("[popover]").hidePopover();
    const use = event.target.closest?.("[data-use]");
    if (use) {
      const pop = use.closest("[popover]"), [first, last] = pop.querySelectorAll('input[type="date"]'), own = pop.querySelector("[data-own]");
      if (!first.value || !last.value) return (first.value ? last : first).focus();
      own.value = `${first.value}..${last.value}`; own.checked = true;
      pop.closest("[data-pick]").querySelector(".t-picker > span").textContent = `${first.value} – ${last.value}`;
      pop.hidePopover(); ask(use.closest("form"));
    }
  });

  // Rows that open, and clicks outside
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) close();
    if (side && !side.contains(event.target)) nav(false);
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label") && !getSelection().toString()) location.href = row.dataset.href;
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const text = copy.dataset.copy || [...document.querySelector(copy.dataset.copyTable).rows].map((r) => [...r.cells].map((c) => c.innerText.trim()).join("\t")).join("\n");
      navigator.clipboard?.writeText(text).then(() => { copy.dataset.done = "1"; setTimeout(() => delete copy.dataset.done, 1500); });
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { close(); nav(false); document.querySelector("[data-finds]")?.replaceChildren(); }
    if (event.key === "Enter" && event.target.matches?.("[data-pick] .t-pop__list input")) { event.preventDefault(); event.target.closest("[popover]").hidePopover(); }
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); document.querySelector("[data-find]")?.focus(); }
  });

  // Bars of progress and meters hold data in attributes; widths are set here because markup holds no style
  const dress = (root) => root.querySelectorAll?.("[data-width]").forEach((bar) => { bar.style.width = bar.dataset.width; });
  dress(document);
  document.addEventListener("htmx:after:swap", () => dress(document));
})();
