/* Chapter 8, whose statistics? Nine subnets, and the batch statistics recalculated for each of them.

   facts: {of, rows: [10][9] right answers, the first row with running statistics, then those of each subnet;
   channels: {"1", "2", "3": [[shift, ratio] of each channel of what `down` normalises, by the depth of block 1]}, shift in
   running standard deviations, ratio of variances, both against the running statistics; borders: of each channel, how many
   deviations from the mean its ReLU cuts (-beta / gamma; below it values become zero)}. */
"use strict";

(() => {
  /* {layer: "own" | "foreign" | "running"} on the path of a subnet, with the statistics of another (null: running). */
  function served(net, owner) {
    const found = {}, layers = play.path(net).layers.slice(0, -1);  // the head normalises nothing
    const theirs = owner ? play.path(owner).layers : [];
    let same = true;  // has the input of this layer met the same layers on both paths?
    layers.forEach((layer, i) => {
      same = same && layers.slice(0, i + 1).every((name, j) => name === theirs[j]);
      found[layer] = !theirs.includes(layer) ? "running" : same ? "own" : "foreign";
    });
    return found;
  }

  const WORDS = { own: "own", foreign: "foreign", running: play.STATISTICS.running }, KIND = { own: "a", foreign: "b", running: "c" };
  const ROWS = ["0", ...play.ARCHS.map(arch => arch.join(""))];
  const archOf = text => (text === "0" ? null : [Number(text[0]), Number(text[1])]);
  /* The place of the channel that depth 1 moves farthest from the running mean. */
  const farthest = channels => channels.reduce((best, [shift], i) => (Math.abs(shift) > Math.abs(channels[best][0]) ? i : best), 0);
  const keys = facts => ({
    net: ["11", ...ROWS.slice(1)],
    of: ROWS,
    channel: { start: 1 + farthest(facts.channels[1]), min: 1, max: facts.channels[1].length, step: 1 },
  });

  play.define("whose", keys, at => {
    const { facts } = at, { tag } = play, buttons = {};
    const drawing = play.drawing({ label: "" });
    const chart = play.bellChart({ low: -4, high: 4, tallest: 0.7, ticks: [-4, -3, -2, -1, 0, 1, 2, 3, 4],
      axis: "what “down” normalises, in running deviations", label: "Two bells of one channel" });
    /* Arrow keys walk over the matrix, which is one stop of the Tab key. */
    const walk = (event, row, column) => {
      const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] || [];
      const next = down != null && buttons[`${ROWS[row + down]} ${ROWS[column + right + 1]}`];
      if (!next) return;
      event.preventDefault();
      Object.values(buttons).forEach(button => { button.tabIndex = button === next ? 0 : -1; });
      next.focus();
    };
    const cell = (row, column) => {
      const share = facts.rows[row][column] / facts.of;
      const button = play.button((100 * share).toFixed(0), () => at.set({ of: ROWS[row], net: ROWS[column + 1] }),
        { "aria-label": `network ${play.name(play.ARCHS[column])}, statistics ${row ? `of ${play.name(play.ARCHS[row - 1])}` : WORDS.running}: ${play.percent(share)}`,
          style: `--share:${Math.round(100 * share)}%`, onkeydown: event => walk(event, row, column) });
      buttons[`${ROWS[row]} ${ROWS[column + 1]}`] = button;
      return tag("td", {}, button);
    };
    const matrix = tag("table", { class: "play-matrix" },
      tag("caption", {}, `Press a number, or walk with the arrow keys: top-1 of ${facts.of} validation images in %. Row: whose statistics; column: which network`),
      tag("thead", {}, tag("tr", {}, tag("td", {}), play.ARCHS.map(arch => tag("th", { scope: "col" }, arch.join(","))))),
      tag("tbody", {}, ROWS.map((row, i) => tag("tr", {}, tag("th", { scope: "row" }, i ? play.ARCHS[i - 1].join(",") : WORDS.running),
        play.ARCHS.map((_, column) => cell(i, column))))));
    const top1 = play.bar("top-1"), own = play.bar("with its own"), lives = play.tag("p", { class: "play-hint" });
    at.add(at.sentence,
      tag("div", { class: "play-columns matrix" },
        tag("div", { class: "play-scroll", role: "group", "aria-label": "top-1 of nine networks with each other's statistics" }, matrix),
        tag("div", {}, drawing.node, tag("p", { class: "play-hint legend" }, tag("span", { class: "ink-a" }, "▭ own"), tag("span", { class: "ink-b" }, "▭ foreign mean and variance"),
          tag("span", { class: "ink-c" }, `▭ ${WORDS.running}, a mixture of all`)), chart.node, at.slider("channel", "channel of “down”"), lives,
        tag("div", { style: "--play-label: 7em" }, top1.node, own.node))));

    return ({ net, of, channel }) => {
      const [arch, owner] = [archOf(net), archOf(of)], kinds = served(arch, owner), names = Object.keys(kinds);
      const row = facts.rows[ROWS.indexOf(of)], column = ROWS.indexOf(net) - 1, share = row[column] / facts.of;
      const best = facts.rows[column + 1][column] / facts.of;
      for (const [key, button] of Object.entries(buttons)) {
        button.setAttribute("aria-pressed", String(key === `${of} ${net}`));
        button.tabIndex = key === `${of} ${net}` ? 0 : -1;
      }
      const paint = Object.fromEntries(names.map(name => [name, KIND[kinds[name]]]));
      drawing.paint({ ...paint, head: "plain" }, play.lit(arch, "on")[1], Object.fromEntries(names.map(name => [name, WORDS[kinds[name]]])));
      drawing.label(`Path ${play.name(arch)}: ${names.map(name => `${play.said(name)} ${WORDS[kinds[name]]}`).join(", ")}`);
      const bell = stats => ({ mean: stats[0], deviation: Math.sqrt(stats[1]) });
      const used = owner ? bell(facts.channels[owner[0]][channel - 1]) : { mean: 0, deviation: 1 };
      const real = bell(facts.channels[arch[0]][channel - 1]);
      const border = ({ mean, deviation }) => mean + facts.borders[channel - 1] * deviation;
      chart.paint([{ ...used, kind: kinds.down === "own" ? "a" : kinds.down === "foreign" ? "b" : "c", name: "assumed", outline: true },
        { ...real, kind: "a", name: `real, ${play.name(arch)}` }], border(used));
      lives.textContent = `In channel ${channel} of “down”, ${play.percent(play.above(border(used), real), 0)} of the values survive the ReLU; ` +
        `with the path's own statistics ${play.percent(play.above(border(real), real), 0)} (as normal curves).`;
      top1.set(share, play.percent(share), share > best - 0.02 ? "a" : "b");
      own.set(best, play.percent(best), "a");
      const wrong = names.filter(name => kinds[name] === "foreign").length, mixed = names.filter(name => kinds[name] === "running").length;
      at.say(`${play.name(arch)} ${owner ? `with the statistics of ${play.name(owner)}` : WORDS.running}: ${play.percent(share)} top-1 of ${facts.of} validation images; with statistics of its own ${play.percent(best)}. ` +
        (owner ? `Of its ${names.length} normalisations ${wrong} get foreign statistics and ${mixed} keep those ${WORDS.running}.` :
          `All ${names.length} normalisations use a mixture of the paths that share them.`) + " No weight changed.");
    };
  });

  Object.assign(play, { served });
})();
