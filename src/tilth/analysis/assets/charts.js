// Draws charts in a page, wherever they come from: cards in notebooks, reports, workbench pages and what htmx swaps into them.
// A chart is data: a <div class="t-chart" data-chart role="img" aria-label="…"> with an ECharts option in a script of type application/json;
// data-chart may say its height in pixels. Its look is theme.js with the colours of tokens.css that hold where the element stands.
//   tilth.draw(root)     draws what is not drawn yet          tilth.repaint()        draws all anew, after a change of theme
//   tilth.png(box)       saves a chart as a picture           <button data-chart-png="id of the box"> does so too
// A figure of the option may say whom it counts ("people"): a click on it, or Enter where the arrows are, sends the event tilth:people with that.
(() => {
  const drawn = new Map();   // element → { text, option, width, watch }

  const colour = (probe) => (name) => { probe.style.color = `var(--t-${name})`; return getComputedStyle(probe).color; };
  const look = (box, use) => {
    const probe = box.appendChild(document.createElement("i"));
    probe.hidden = true;
    const token = colour(probe), font = getComputedStyle(box).fontFamily;
    const made = use(tilthTheme({ token, font, chinese: /^zh/.test(document.documentElement.lang) }), token);
    probe.remove();
    return made;
  };

  const count = (box, figure) => figure?.people && box.dispatchEvent(new CustomEvent("tilth:people", { bubbles: true, detail: figure.people }));

  const paint = (box) => {
    const known = drawn.get(box), width = box.clientWidth;
    if (!width || !box.clientHeight) return;   // not laid out yet: the observer calls again
    look(box, (look) => {
      let chart = echarts.getInstanceByDom(box);
      if (chart) {
        chart.setTheme(look.theme, { silent: true });
        chart.resize({ silent: true });
      } else {
        chart = echarts.init(box, look.theme, { renderer: "svg" });
        chart.on("click", ({ data }) => count(box, data));
      }
      chart.setOption(look.option(known.option, width), true);
    });
    known.width = width;
  };

  const forget = (box) => {
    drawn.get(box).watch.disconnect();
    drawn.delete(box);
    echarts.getInstanceByDom(box)?.dispose();
  };

  const draw = (root = document) => {
    [...drawn.keys()].forEach((box) => { if (!box.isConnected) forget(box); });
    [...(root.matches?.("[data-chart]") ? [root] : []), ...root.querySelectorAll("[data-chart]")].forEach((box) => {
      const text = box.querySelector(':scope > script[type="application/json"]')?.textContent;
      if (text === undefined || (drawn.get(box)?.text === text && box.querySelector("svg"))) return;
      if (drawn.has(box)) forget(box);
      if (box.dataset.chart) box.style.height = `${box.dataset.chart}px`;
      box.dataset.drawn = "";
      box.tabIndex = 0;
      const watch = new ResizeObserver(() => { if (box.clientWidth !== drawn.get(box)?.width) paint(box); });
      drawn.set(box, { text, option: JSON.parse(text), watch, at: -1 });
      paint(box);
      watch.observe(box);
    });
  };
  const repaint = () => drawn.forEach((_known, box) => paint(box));

  const png = (box) => drawn.has(box) && look(box, (look, token) => {
    const size = { width: box.clientWidth, height: box.clientHeight };
    const copy = echarts.init(document.createElement("div"), look.theme, { renderer: "canvas", ...size });
    copy.setOption(look.option(drawn.get(box).option, size.width));
    const link = document.createElement("a");
    link.href = copy.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: token("card") });
    link.download = `${box.dataset.name || box.getAttribute("aria-label") || "chart"}.png`;
    link.click();
    copy.dispose();
  });

  // By keyboard, the arrows walk through the figures as a pointer would.
  const places = ({ series = [], tooltip }) => {
    const told = series.map((one, k) => ({ k, root: one.type === "treemap" ? 1 : 0, size: one.silent || one.tooltip?.show === false ? 0 : one.data?.length ?? 0 }));
    const longest = told.reduce((most, one) => one.size > most.size ? one : most, { size: 0 });
    const walked = tooltip?.trigger === "axis" && longest.size > 1 ? [longest] : told;
    return walked.flatMap(({ k, root, size }) => Array.from({ length: size }, (_one, n) => ({ seriesIndex: k, dataIndex: n + root, figure: series[k].data[n] })));
  };
  document.addEventListener("keydown", (event) => {
    const known = drawn.get(event.target), chart = known && echarts.getInstanceByDom(event.target);
    if (!chart) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && known.at >= 0) count(event.target, places(known.option)[known.at]?.figure);
    if (event.key === "Escape") chart.dispatchAction({ type: "hideTip" });
    if (!step) return;
    const all = places(known.option);
    known.at = Math.min(Math.max(known.at + step, 0), all.length - 1);
    chart.dispatchAction({ type: "showTip", ...all[known.at] });
    event.preventDefault();
  });
  document.addEventListener("focusout", (event) => { if (drawn.has(event.target)) echarts.getInstanceByDom(event.target)?.dispatchAction({ type: "hideTip" }); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-chart-png]");
    if (button) png(document.getElementById(button.dataset.chartPng));
  });
  document.addEventListener("htmx:after:swap", () => draw());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  globalThis.tilth = { draw, repaint, png };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => draw()); else draw();
})();
