// While a changed question is on its way, the old answer stays, greyed, with a way to give up; afterwards the focus is where it was.
(() => {
  const slow = 350;   // milliseconds before progress is shown
  let timer = 0, used = "";
  const waiting = (on) => {
    const answer = document.getElementById("answer"), working = document.getElementById("working");
    clearTimeout(timer);
    answer?.classList.toggle("t-stale", on);
    answer?.setAttribute("aria-busy", on);
    if (working) working.hidden = true;
    if (on) timer = setTimeout(() => { if (working?.isConnected) working.hidden = false; }, slow);
  };
  const mine = (event) => event.target.matches?.("#ask, [data-view]");
  document.addEventListener("change", (event) => { if (event.target.form?.id === "ask") used = event.target.name; }, true);
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-view]")) used = "[data-view]"; }, true);
  document.addEventListener("htmx:before:request", (event) => { if (mine(event)) waiting(true); });
  document.addEventListener("htmx:finally:request", (event) => { if (mine(event)) waiting(false); });
  document.addEventListener("htmx:after:swap", () => {
    const field = used && document.querySelector(`#ask [name="${CSS.escape(used)}"]`);
    (field && field.closest("[data-pick]")?.querySelector("[popovertarget]") || field)?.focus?.();
    if (used === "[data-view]") document.querySelector("[data-view][aria-current]")?.focus();
    used = "";
  });
  document.addEventListener("tilth:people", (event) => {
    const address = event.target.closest("form[hx-get]").getAttribute("hx-get");
    const cell = `cell=${encodeURIComponent(JSON.stringify(event.detail))}`;
    htmx.ajax("GET", `${address}${address.includes("?") ? "&" : "?"}${cell}`, { target: "#drawer", swap: "innerHTML" });
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-give-up]")) {
      document.getElementById("ask").dispatchEvent(new CustomEvent("htmx:abort"));
      htmx.ajax("GET", location.pathname + location.search, { target: "#question", swap: "innerHTML" });
    }
    for (const open of document.querySelectorAll("details.m-drop[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.m-drop[open]").forEach((open) => { open.open = false; open.querySelector("summary").focus(); });
  });
})();
