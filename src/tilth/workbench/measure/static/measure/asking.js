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
  const mine = (event) => event.target.id === "ask";
  document.addEventListener("htmx:before:request", (event) => {
    if (!mine(event)) return;
    used = document.activeElement?.closest?.("[data-pick]")?.querySelector("[popovertarget]")?.getAttribute("popovertarget") ?? "";
    waiting(true);
  });
  document.addEventListener("htmx:finally:request", (event) => { if (mine(event)) waiting(false); });
  document.addEventListener("htmx:after:swap", () => {
    if (used) document.querySelector(`[popovertarget="${CSS.escape(used)}"]`)?.focus();
    used = "";
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
