// Tilth's one look for Apache ECharts. Cards and pages (charts.js) and pictures made without a browser (picture.js) draw by it.
// Pure: it knows no document. `token` gives the colour of a name in tokens.css, `font` is a CSS font family.
//   const look = tilthTheme({ token, font, chinese });  echarts.init(box, look.theme).setOption(look.option(option, width));
// An option is data. {"$token": "cat-2"} in it is a colour, {"$": "percent"} one of the functions of `named`:
// objects, so that no name in the data can be mistaken for one. Shares are fractions of 1.
globalThis.tilthTheme = ({ token, font, chinese }) => {
  const ink = token("ink"), ink2 = token("ink-2"), ink3 = token("ink-3"), line = token("line"), strong = token("line-strong"), card = token("card");

  const minus = (text) => text.replace("-", "−");
  const short = (n) => +n.toFixed(1);
  const plain = (v) => Array.isArray(v) ? v[v.length - 1] : v;
  const nothing = (v) => v == null || v === "-" || isNaN(v);
  const count = (v) => nothing(v) ? "—" : minus(Number(v).toLocaleString("en-US", { maximumFractionDigits: 2 }));
  const percent = (v) => nothing(v) ? "—" : minus(`${(v * 100).toFixed(1)}%`);
  const large = (v) => chinese && Math.abs(v) >= 1e8 ? minus(`${short(v / 1e8)}亿`) : chinese && Math.abs(v) >= 1e4 ? minus(`${short(v / 1e4)}万`)
    : !chinese && Math.abs(v) >= 1e6 ? minus(`${short(v / 1e6)}M`) : count(v);
  const yuan = (v, worded) => nothing(v) ? "—" : v < 0 ? `−¥${worded(-v)}` : `¥${worded(v)}`;
  const named = {
    count: (v) => count(plain(v)),
    percent: (v) => percent(plain(v)),
    money: (v) => yuan(plain(v), count),
    axisCount: large,
    axisPercent: (v) => minus(`${short(v * 100)}%`),
    axisMoney: (v) => yuan(v, large),
    labelCount: (p) => count(plain(p.value)),
    labelPercent: (p) => percent(plain(p.value)),
    labelChange: (p) => (plain(p.value) > 0 ? "+" : "") + large(plain(p.value)),
    // An estimate with its interval: value = [row, low, estimate, high].
    interval: (params, api) => {
      const [low, middle, high] = [1, 2, 3].map((k) => api.coord([api.value(k), api.value(0)])), stroke = api.visual("color");
      const stretch = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: 2 } });
      return { type: "group", children: [
        stretch(low[0], low[1], high[0], high[1]), ...[low, high].map(([x, y]) => stretch(x, y - 4, x, y + 4)),
        { type: "circle", shape: { cx: middle[0], cy: middle[1], r: 4.5 }, style: { fill: stroke, stroke: card, lineWidth: 1.5 } } ] };
    },
  };
  const resolved = (x) => Array.isArray(x) ? x.map(resolved)
    : !x || typeof x !== "object" ? x
    : "$token" in x ? token(x.$token)
    : "$" in x ? named[x.$]
    : Object.fromEntries(Object.entries(x).map(([k, v]) => [k, resolved(v)]));

  const axis = { axisLine: { lineStyle: { color: strong } }, axisTick: { show: false }, axisLabel: { color: ink3, fontSize: 12 },
    splitLine: { lineStyle: { color: line } }, splitArea: { areaStyle: { color: ["transparent"] } }, nameTextStyle: { color: ink3, fontSize: 12 } };
  const theme = {
    color: [1, 2, 3, 4, 5, 6, 7, 8].map((k) => token(`cat-${k}`)),
    backgroundColor: "transparent",
    textStyle: { fontFamily: font.replaceAll('"', "'"), fontSize: 12, color: ink2 },
    categoryAxis: { ...axis, axisLabel: { color: ink, fontSize: 12 }, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false }, axisLabel: { ...axis.axisLabel, hideOverlap: true } },
    timeAxis: { ...axis, splitLine: { show: false } },
    legend: { textStyle: { color: ink2, fontSize: 12 }, itemWidth: 12, itemHeight: 8, icon: "rect", left: 0, top: 0, itemGap: 16,
      pageIconColor: ink2, pageIconInactiveColor: strong, pageTextStyle: { color: ink3 } },
    tooltip: { backgroundColor: card, borderColor: line, textStyle: { color: ink, fontSize: 12 }, padding: [8, 12], confine: true,
      axisPointer: { lineStyle: { color: strong }, crossStyle: { color: strong }, shadowStyle: { color: "rgba(120,140,130,.10)" } } },
    visualMap: { inRange: { color: [1, 2, 3, 4, 5, 6, 7, 8].map((k) => token(`heat-${k}`)) }, textStyle: { color: ink3 } },
    markLine: { silent: true, symbol: "none", lineStyle: { color: ink }, label: { color: ink2, fontSize: 12 } },
    line: { symbol: "circle", symbolSize: 5, lineStyle: { width: 2 }, smooth: false, label: { color: ink2 }, endLabel: { color: "inherit", lineHeight: 18 } },
    heatmap: { itemStyle: { borderColor: card, borderWidth: 1 } },
    bar: { itemStyle: { borderRadius: 2 }, label: { color: ink } },
  };

  const wide = (text) => [...String(text)].reduce((sum, sign) => sum + (sign > "⺀" ? 12 : 7), 0);
  const fitted = (axes, room) => [axes ?? []].flat().map((one) => {
    const rows = one.data ?? [], worded = one.axisLabel ?? {};
    if (one.type === "category") {
      if (room === null) return { ...one, axisLabel: { width: 160, overflow: "truncate", interval: 0, ...worded } };
      const each = room / Math.max(rows.length, 1);
      const numbered = rows.every((row) => /\d/.test(row.value ?? row));   // periods: what does not fit is left out evenly, names are broken
      if (each < 40 || numbered) return one;
      const words = rows.flatMap((row) => String(row.value ?? row).split(/[\s⺀-￿]/));   // between the signs of Chinese a line may break anywhere
      const tilted = Math.max(...words.map(wide)) > each - 8;
      const laid = tilted ? { rotate: 40, width: 120, overflow: "truncate" } : { width: each - 8, overflow: "break" };
      return { ...one, axisLabel: { ...laid, interval: 0, ...worded } };
    }
    return one.type === "value" ? { splitNumber: 4, ...one, axisLabel: { formatter: named.axisCount, ...worded } } : one;
  });
  // A cell that takes no colour has ink of its own; the others' ECharts chooses by their colour.
  const uncoloured = (one) => one.type !== "heatmap" ? one
    : { ...one, data: one.data.map((cell) => cell.visualMap === false ? { ...cell, label: { ...cell.label, color: ink2 } } : cell) };
  const told = { axisCount: "count", axisPercent: "percent", axisMoney: "money" };
  // What no registered theme can hold: room for labels of any length, figures worded the same on axes and beside the pointer.
  const option = (given, width) => {
    const made = { animation: false, ...resolved(given) };
    const series = made.series = [made.series ?? []].flat().map(uncoloured);
    if (made.grid && !Array.isArray(made.grid) || made.xAxis) {
      const { containLabel, ...grid } = made.grid ?? {};
      const ends = series.filter((one) => one.endLabel?.show).map((one) => wide(String(one.endLabel.formatter ?? "{a}").replace("{a}", one.name ?? "")));
      if (ends.length) grid.right = Math.min(Math.max(...ends) + 24, width * 0.4);
      made.grid = { left: 4, right: 12, top: 28, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "all", ...grid };
      const beside = [made.yAxis ?? []].flat().some((one) => one.type === "category");
      made.xAxis = fitted(made.xAxis, width - 64 - (beside ? 96 : 0) - (grid.right ?? 0));
      made.yAxis = fitted(made.yAxis, null);
    }
    if (made.tooltip) {   // in the drawing and not in HTML, whose style attributes a strict policy forbids
      const value = [made.yAxis ?? [], made.xAxis ?? []].flat().find((one) => one.type === "value");
      const worded = value?.axisLabel?.formatter ?? made.visualMap?.formatter, name = Object.keys(told).find((key) => named[key] === worded);
      made.tooltip = { renderMode: "richText", ...(name && { valueFormatter: named[told[name]] }), ...made.tooltip };
    }
    return made;
  };
  return { theme, option };
};
