// Tables of answers: a click on a heading sorts, totals stay on top; boxes say which columns are shown.
(() => {
  const figure = (cell) => {
    const text = cell.innerText.trim().replaceAll(",", "").replace("−", "-").replace(/^[▲▼¥\s]+/, "");
    return text === "" || text === "—" ? -Infinity : parseFloat(text);
  };
  document.addEventListener("click", (event) => {
    const head = event.target.closest?.("table[data-sorts] thead th");
    if (!head) return;
    const table = head.closest("table"), place = head.cellIndex, body = table.tBodies[0];
    const text = head.hasAttribute("data-text");
    const rows = [...body.rows].filter((row) => !row.classList.contains("t-total"));
    const shown = [...rows];
    rows.sort((a, b) => text ? b.cells[place].innerText.localeCompare(a.cells[place].innerText, document.documentElement.lang, { numeric: true })
      : figure(b.cells[place]) - figure(a.cells[place]));
    const down = rows.some((row, k) => row !== shown[k]);   // as it stood already: the other way round
    if (!down) rows.reverse();
    [...head.parentElement.cells].forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches?.("table[data-sorts] thead th")) event.target.click(); });
  const reach = (root) => root.querySelectorAll("table[data-sorts] thead th").forEach((head) => { head.tabIndex = 0; });
  document.addEventListener("htmx:after:swap", () => reach(document));
  reach(document);
  document.addEventListener("change", (event) => {
    const box = event.target.closest?.("[data-column]");
    if (!box) return;
    event.stopImmediatePropagation();
    for (const row of document.getElementById(box.dataset.of).rows) row.cells[box.dataset.column].hidden = !box.checked;
  }, true);
})();
