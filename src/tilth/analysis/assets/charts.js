// Draws every chart of the page that has not been drawn: an Apache ECharts option as JSON inside [data-tilth-chart].
// In an option {"$token": "cat-2"} is a colour of cards.css and {"$": "percent"} one of the functions below, so that options stay data.
(function () {
  const minus = (text) => text.replace("-", "−");
  const count = (n) => n == null ? "—" : minus(Number(n).toLocaleString("en-US"));
  const plain = (v) => Array.isArray(v) ? v[v.length - 1] : v;
  const percent = (v) => v == null || isNaN(v) ? "—" : minus((Number(v) * 100).toFixed(1) + "%");
  const chinese = () => (document.documentElement.lang || "").startsWith("zh");
  const named = {
    count: (v) => count(plain(v)),
    percent: (v) => percent(plain(v)),
    axisPercent: (v) => minus(+(v * 100).toFixed(1) + "%"),
    axisCount: (v) => chinese() && Math.abs(v) >= 10000 ? minus(+(v / 10000).toFixed(1) + "万") : count(v),
    labelPercent: (p) => percent(plain(p.value)),
    labelCount: (p) => count(plain(p.value)),
  };
  const token = (box, name) => {
    const probe = box.appendChild(document.createElement("i"));
    probe.style.color = "var(--t-" + name + ")";
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const resolve = (x, box) => Array.isArray(x) ? x.map((y) => resolve(y, box))
    : x && typeof x === "object" && "$token" in x ? token(box, x.$token)
    : x && typeof x === "object" && "$" in x ? named[x.$]
    : x && typeof x === "object" ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, resolve(v, box)]))
    : x;

  const theme = (box) => {
    const t = (name) => token(box, name), ink2 = t("ink-2"), ink3 = t("ink-3"), line = t("line"), strong = t("line-strong");
    const axis = { axisLine: { lineStyle: { color: strong } }, axisTick: { show: false }, axisLabel: { color: ink3, fontSize: 12 },
      splitLine: { lineStyle: { color: line } }, nameTextStyle: { color: ink3, fontSize: 12 } };
    return {
      color: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => t("cat-" + i)),
      backgroundColor: "transparent",
      textStyle: { fontFamily: getComputedStyle(box).fontFamily, fontSize: 12, color: ink2 },
      categoryAxis: { ...axis, axisLabel: { color: t("ink"), fontSize: 12 }, splitLine: { show: false } },
      valueAxis: { ...axis, axisLine: { show: false } },
      legend: { textStyle: { color: ink2, fontSize: 12 }, itemWidth: 12, itemHeight: 8, icon: "rect", left: 0, top: 0, itemGap: 16 },
      tooltip: { backgroundColor: t("card"), borderColor: line, textStyle: { color: t("ink"), fontSize: 12 }, padding: [8, 12], confine: true,
        axisPointer: { lineStyle: { color: strong }, crossStyle: { color: strong }, shadowStyle: { color: "rgba(120,140,130,.10)" } } },
      line: { symbol: "circle", symbolSize: 5, showSymbol: true, lineStyle: { width: 2 }, smooth: false, endLabel: { color: "inherit" } },
      bar: { itemStyle: { borderRadius: 2 }, label: { color: t("ink") } },
    };
  };

  const drawn = new Set();
  const paint = (box) => {
    const chart = echarts.getInstanceByDom(box) || echarts.init(box, theme(box), { renderer: "svg" });
    chart.setOption({ animation: false, ...resolve(box.tilthOption, box) }, true);
    return chart;
  };
  const draw = () => document.querySelectorAll("[data-tilth-chart]:not([data-drawn])").forEach((box) => {
    const source = box.querySelector("script");
    if (!source) return;
    box.tilthOption = JSON.parse(source.textContent);
    box.dataset.drawn = "";
    box.style.height = box.dataset.tilthChart + "px";
    const chart = paint(box);
    drawn.add(box);
    new ResizeObserver(() => { if (!chart.isDisposed()) chart.resize(); }).observe(box);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((box) => {
    if (!box.isConnected) { drawn.delete(box); return; }
    echarts.getInstanceByDom(box).setTheme(theme(box));
    paint(box);
  }));
  // A notebook may put an output into the page after its scripts ran.
  window.tilth = { draw: () => { draw(); setTimeout(draw, 100); } };
})();
