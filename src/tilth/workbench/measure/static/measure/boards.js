// Dashboards: arranging by pointer and by keyboard, and the wall (full screen, asked anew every five minutes).
(() => {
  const grid = document.getElementById("tiles"), url = grid?.dataset.arrange, said = document.getElementById("arranged");
  const place = (tile) => ["x", "y", "width", "height"].reduce((all, name) => ({ ...all, [name]: +tile.dataset[name] }), { key: +tile.dataset.key });
  const put = (tile, at) => {
    Object.assign(tile.dataset, { x: at.x, y: at.y, width: at.width, height: at.height });
    tile.style.gridArea = `${at.y + 1}/${at.x + 1}/span ${at.height}/span ${at.width}`;
  };
  const send = async (moved, from) => {
    const tiles = [...grid.children], token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const told = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token, "Content-Type": "application/json" },
      body: JSON.stringify({ moved: +moved.dataset.key, version: +grid.dataset.version, tiles: tiles.map(place) }) }).then((answer) => answer.json()).catch(() => ({ fault: grid.dataset.refused }));
    if (told.overtaken) {
      const note = document.getElementById("overtaken");
      note.querySelector("span").textContent = told.fault;
      note.hidden = false;
      note.scrollIntoView({ block: "nearest" });
    }
    if (told.version) {   // what this page itself changed does not overtake it
      grid.dataset.version = told.version;
      document.querySelectorAll("input[name=version]").forEach((field) => { field.value = told.version; });
    }
    if (told.fault) put(moved, from);   // as it was: the arrangement that is kept has it there
    for (const at of told.tiles ?? []) put(tiles.find((tile) => +tile.dataset.key === at.key), at);
    said.textContent = told.fault ?? grid.dataset.moved.replace("{x}", +moved.dataset.x + 1).replace("{y}", +moved.dataset.y + 1)
      .replace("{width}", moved.dataset.width).replace("{height}", moved.dataset.height);
    dispatchEvent(new Event("resize"));
  };
  if (url) {
    const step = () => ({ across: (grid.clientWidth + 16) / 12, down: 24 + 16 });
    grid.addEventListener("pointerdown", (event) => {
      const corner = event.target.closest(".b-corner"), head = event.target.closest(".b-head"), tile = event.target.closest(".b-tile");
      if (!tile || event.button || event.target.closest("details") || !(corner || head)) return;
      event.preventDefault();
      const from = place(tile), { across, down } = step(), x0 = event.clientX, y0 = event.clientY;
      tile.classList.add("b-dragged");
      const move = (to) => {
        const dx = Math.round((to.clientX - x0) / across), dy = Math.round((to.clientY - y0) / down);
        put(tile, corner
          ? { ...from, width: Math.min(12 - from.x, Math.max(2, from.width + dx)), height: Math.max(2, from.height + dy) }
          : { ...from, x: Math.min(12 - from.width, Math.max(0, from.x + dx)), y: Math.max(0, from.y + dy) });
      };
      const end = () => {
        removeEventListener("pointermove", move); removeEventListener("pointerup", end); removeEventListener("pointercancel", end);
        tile.classList.remove("b-dragged");
        if (JSON.stringify(place(tile)) !== JSON.stringify(from)) send(tile, from);
      };
      addEventListener("pointermove", move); addEventListener("pointerup", end); addEventListener("pointercancel", end);
    });
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    grid.addEventListener("keydown", (event) => {
      const tile = event.target, by = keys[event.key];
      if (!by || !tile.classList.contains("b-tile")) return;
      event.preventDefault();
      const at = place(tile);
      put(tile, event.shiftKey
        ? { ...at, width: Math.min(12 - at.x, Math.max(2, at.width + by[0])), height: Math.max(2, at.height + by[1]) }
        : { ...at, x: Math.min(12 - at.width, Math.max(0, at.x + by[0])), y: Math.max(0, at.y + by[1] * 3) });
      send(tile, at);
    });
  }

  // A table that goes on to the right or below fades there
  const fade = (wrap) => {
    wrap.classList.toggle("b-more-right", wrap.scrollLeft + wrap.clientWidth < wrap.scrollWidth - 2);
    wrap.classList.toggle("b-more-below", wrap.scrollTop + wrap.clientHeight < wrap.scrollHeight - 2);
  };
  const fades = () => document.querySelectorAll(".b-table .t-table-wrap").forEach(fade);
  document.addEventListener("scroll", (event) => { if (event.target.closest?.(".b-table")) fade(event.target); }, true);
  document.addEventListener("htmx:after:swap", fades);
  addEventListener("resize", fades);
  fades();

  // The wall
  let again = 0;
  document.querySelector("[data-wall]")?.addEventListener("click", () => document.documentElement.requestFullscreen());
  document.addEventListener("fullscreenchange", () => {
    const wall = Boolean(document.fullscreenElement);
    document.body.classList.toggle("t-wall", wall);
    clearInterval(again);
    if (wall) again = setInterval(() => {
      for (const body of document.querySelectorAll(".b-body")) {
        const tile = body.closest(".b-tile");
        if (tile.dataset.url) htmx.ajax("GET", tile.dataset.url, { target: body, swap: "innerHTML" });
      }
    }, 5 * 60 * 1000);
  });
})();
