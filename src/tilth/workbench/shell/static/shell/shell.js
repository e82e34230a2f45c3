// The shell's own behaviour: navigation on small screens, the drawer. Content comes from the server by htmx.
(() => {
  const side = document.getElementById("side"), opener = document.querySelector("[data-nav]");
  const nav = (open) => { side.classList.toggle("t-open", open); opener?.setAttribute("aria-expanded", open); };
  opener?.addEventListener("click", (event) => { event.stopPropagation(); nav(!side.classList.contains("t-open")); });
  document.addEventListener("click", (event) => { if (side && !side.contains(event.target)) nav(false); });

  const drawer = document.getElementById("drawer");
  let from = null;
  const close = () => { if (drawer && !drawer.hidden) { drawer.hidden = true; drawer.replaceChildren(); from?.focus(); } };
  document.addEventListener("click", (event) => {
    const door = event.target.closest('[hx-target="#drawer"]');
    if (door) from = door;
    if (event.target.closest("[data-close]")) close();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); nav(false); } });
  document.addEventListener("htmx:after:swap", () => {
    if (drawer?.childElementCount && drawer.hidden) { drawer.hidden = false; drawer.querySelector("h2, button, a")?.focus(); }
  });
})();
