/* Bell curves: the normal distribution, and a chart of bells with ReLU's border. For the instruments that draw them. */
"use strict";

(() => {
  /* P(Z <= z) of a standard normal Z, to 1.5e-7: Abramowitz & Stegun 1964, 7.1.26. */
  function below(z) {
    const x = Math.abs(z) / Math.SQRT2, t = 1 / (1 + 0.3275911 * x);
    const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    const tail = (series * Math.exp(-x * x)) / 2;
    return z > 0 ? 1 - tail : tail;
  }

  const density = (x, { mean, deviation }) =>
    Math.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));

  /* The share of a bell's values above a border: what ReLU lets through. */
  const above = (border, { mean, deviation }) => below((mean - border) / deviation);

  const WIDE = 420, TALL = 214, FOOT = 176, HEAD = 26;

  /* A chart from low to high; paint(bells, border) draws bells {mean, deviation, kind, name, outline} and the border. */
  function bellChart({ low, high, tallest, label, axis, ticks }) {
    const { svg } = play, ink = svg("g", {});
    const x = value => 8 + ((value - low) / (high - low)) * (WIDE - 16);
    const y = value => FOOT - Math.min(value / tallest, 1.06) * (FOOT - HEAD - 16);
    const points = (bell, from) => {
      const steps = 140, start = Math.min(high, Math.max(low, from));
      return Array.from({ length: steps + 1 }, (_, i) => start + ((high - start) * i) / steps)
        .map(value => `${x(value).toFixed(1)} ${y(density(value, bell)).toFixed(1)}`);
    };
    const area = (bell, from) => `M${x(Math.max(low, from))} ${FOOT}L${points(bell, from).join("L")}V${FOOT}Z`;
    const marks = ticks.map(value => svg("g", {}, svg("path", { d: `M${x(value)} ${FOOT}v4`, class: "play-axis" }),
      svg("text", { x: x(value), y: FOOT + 17, class: "play-tick" }, String(value))));
    const node = svg("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, role: "img", "aria-label": label, class: "play-chart" },
      ink, svg("path", { d: `M8 ${FOOT}H${WIDE - 8}`, class: "play-axis" }), marks,
      svg("text", { x: WIDE / 2, y: FOOT + 36, class: "play-tick" }, axis));
    function paint(bells, border) {
      const parts = [svg("rect", { class: "play-lost", x: 8, y: HEAD - 8, width: Math.max(0, x(border) - 8),
        height: FOOT - HEAD + 8 })];
      for (const bell of bells) {
        if (!bell.outline) parts.push(svg("path", { d: area(bell, low), class: `play-fill ${bell.kind}` }),
          svg("path", { d: area(bell, border), class: `play-fill ${bell.kind} kept` }));
        parts.push(svg("path", { d: `M${points(bell, low).join("L")}`,
          class: `play-curve ${bell.kind} ${bell.outline ? "outline" : ""}` }));
      }
      const labels = bells.map(bell => [bell, x(bell.mean), y(density(bell.mean, bell)) - 7]);
      labels.sort((one, other) => one[2] - other[2]);
      const taken = [], names = [];
      for (const [bell, at, top] of labels) {  // two names that would lie on each other: the lower one moves up
        let height = Math.max(top, HEAD + 4);
        while (taken.some(([left, up]) => Math.abs(left - at) < 78 && Math.abs(up - height) < 14)) height -= 14;
        taken.push([at, height]);
        names.push(svg("text", { x: Math.min(WIDE - 44, Math.max(44, at)), y: height, class: `play-name ink-${bell.kind}` },
          bell.name));
      }
      const edge = x(border);
      parts.push(svg("path", { d: `M${edge} ${HEAD - 8}V${FOOT + 6}`, class: "play-border" }),
        svg("text", { x: Math.max(100, Math.min(WIDE - 100, edge)), y: 11, class: "play-tick" }, "becomes zero ← border → survives"), ...names);
      ink.replaceChildren(...parts);
    }
    return { node, paint };
  }

  Object.assign(play, { below, density, above, bellChart });
})();
