// Draws a chart where there is no browser: ECharts' own server-side rendering, in the look of theme.js. Returns the text of an SVG.
globalThis.tilthPicture = (text, { width, height, colours, font, chinese }) => {
  const token = (name) => colours[name];
  const look = tilthTheme({ token, font, chinese });
  const chart = echarts.init(null, look.theme, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ ...look.option(JSON.parse(text), width), backgroundColor: token("card") });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
};
