// Draws a chart where there is no browser: ECharts' own server-side rendering, in the look of theme.js. Returns the text of an SVG.
globalThis.tilthPicture = (text, { width, height, colours, font, chinese }) => {
  const token = (name) => colours[name];
  const look = tilthTheme({ token, font, chinese });
  const chart = echarts.init(null, look.theme, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ ...look.option(JSON.parse(text), width), backgroundColor: token("card") });
    const drawing = chart.renderToSVGString();
    // Styles for a pointer and the drawing's number: a picture has no use for them, and without them the same chart is the same text.
    return drawing.replace(/<style[^]*?<\/style>\n?/, "").replace(/ class="zr[^"]*"/g, "").replace(/(id="|url\(#)zr\d+-/g, "$1");
  } finally {
    chart.dispose();
  }
};
