// Lists that go on by themselves: asked again every two seconds, while the page is seen and nobody has paused it.
(() => {
  let paused = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pause]");
    if (!button) return;
    paused = !paused;
    button.setAttribute("aria-pressed", paused);
    button.textContent = paused ? button.dataset.go : button.dataset.hold;
  });
  setInterval(() => {
    if (paused || document.hidden) return;
    for (const list of document.querySelectorAll("[data-poll]")) list.dispatchEvent(new CustomEvent("poll"));
  }, 2000);
})();
