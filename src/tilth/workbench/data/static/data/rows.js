// Choosing all rows of a page.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  for (const box of event.target.closest("table").querySelectorAll('tbody input[type="checkbox"]')) box.checked = event.target.checked;
});
