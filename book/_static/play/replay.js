/* Chapter 4, replay: a recorded shared training, epoch by epoch. Nine curves, the draws of the epoch, updates a layer.

   facts: {of, steps (an epoch), dataset, seeds: [{running, recalculated: [epoch][place] right answers of `of`,
   loss: [epoch], picks: a digit a step}]}. The picks were drawn again by the module and agree with the record. */
"use strict";

(() => {
  const KINDS = ["a", "b", "c"];  // by the depth of block 1
  const WIDE = 420, TALL = 236, LEFT = 34, RIGHT = 372, HEAD = 10, FOOT = 204;

  /* Steps so far that trained each layer: {layer: number}. */
  function updates(picks, steps) {
    const found = Object.fromEntries(play.LAYERS.map(layer => [layer, 0]));
    for (const digit of picks.slice(0, steps)) {
      for (const layer of play.path(play.ARCHS[Number(digit)]).layers) found[layer] += 1;
    }
    return found;
  }

  const keys = facts => ({
    kind: Object.keys(play.STATISTICS),
    epoch: { start: facts.seeds[0].loss.length, min: 1, max: facts.seeds[0].loss.length, step: 1 },
    seed: facts.seeds.map((_, seed) => String(seed)),
  });

  function chart(epochs) {
    const { svg } = play, ink = svg("g", {});
    const x = epoch => LEFT + ((epoch - 1) / Math.max(1, epochs - 1)) * (RIGHT - LEFT);
    const y = share => FOOT - share * (FOOT - HEAD);
    const grid = [0, 0.25, 0.5, 0.75, 1].map(share => svg("g", {},
      svg("path", { d: `M${LEFT} ${y(share)}H${RIGHT}`, class: "play-rule" }),
      svg("text", { x: LEFT - 5, y: y(share) + 4, class: "play-tick end" }, String(100 * share))));
    const ticks = [1, ...[1, 2, 3, 4, 5, 6].map(i => Math.round((i * epochs) / 6))].filter((t, i, all) => all.indexOf(t) === i)
      .map(epoch => svg("text", { x: x(epoch), y: FOOT + 16, class: "play-tick" }, String(epoch)));
    const node = svg("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, role: "img", class: "play-chart",
      "aria-label": "Validation top-1 of the nine subnets, by epoch" }, grid, ticks, ink,
    svg("text", { x: (LEFT + RIGHT) / 2, y: FOOT + 30, class: "play-tick" }, "epoch; top-1 on validation, %"));
    function paint(rows, of, epoch) {
      const parts = [svg("path", { d: `M${x(epoch)} ${HEAD}V${FOOT}`, class: "play-border" })];
      play.ARCHS.forEach(([d1, d2], place) => {
        const line = to => rows.slice(0, to).map((row, i) => `${x(i + 1).toFixed(1)} ${y(row[place] / of).toFixed(1)}`).join("L");
        parts.push(svg("path", { d: `M${line(rows.length)}`, class: `play-curve ${KINDS[d1 - 1]} later` }),
          svg("path", { d: `M${line(epoch)}`, class: `play-curve ${KINDS[d1 - 1]} depth${d2}` }),
          svg("circle", { cx: x(epoch), cy: y(rows[epoch - 1][place] / of), r: 2.8, class: `ink-${KINDS[d1 - 1]}` }));
      });
      const ends = KINDS.map((kind, i) => [kind, i + 1, y(rows.at(-1).slice(3 * i, 3 * i + 3).reduce((a, b) => a + b) / 3 / of)]);
      ends.sort((one, other) => one[2] - other[2]);
      let above = -99;
      for (const [kind, depth, height] of ends) {
        above = Math.max(height + 4, above + 15);
        parts.push(svg("text", { x: RIGHT + 6, y: above, class: `play-name start ink-${kind}` }, `(${depth}, ·)`));
      }
      ink.replaceChildren(...parts);
    }
    return { node, paint };
  }

  play.define("replay", keys, at => {
    const { facts } = at, epochs = facts.seeds[0].loss.length, curves = chart(epochs);
    const drawing = play.drawing({ label: "" });
    const nets = play.ARCHS.map(() => play.tag("div", { class: "play-net" }));
    const draws = play.tag("p", { class: "play-hint" });
    let timer = null;
    const stop = () => { clearInterval(timer); timer = null; button.textContent = "▶ play"; };
    const button = play.button("▶ play", () => {
      if (timer !== null) { stop(); show(at.state); return; }
      if (at.state.epoch === epochs) at.set({ epoch: 1 });
      button.textContent = "❚❚ pause";
      timer = setInterval(() => {
        at.set({ epoch: Math.min(epochs, at.state.epoch + 1) });
        if (at.state.epoch === epochs) { stop(); show(at.state); }
      }, 500);
    });
    at.add(
      play.tag("div", { class: "play-row" },
        at.choice("kind", "batch statistics", play.STATISTICS),
        at.select("seed", "seed", Object.fromEntries(facts.seeds.map((_, seed) => [seed, seed])))),
      play.tag("div", { class: "play-row" }, button, at.slider("epoch", "epoch")),
      at.sentence,
      play.tag("div", { class: "play-columns" }, curves.node, play.tag("div", {}, drawing.node, draws,
        play.tag("div", { class: "play-grid", role: "group", "aria-label": "the nine subnets" }, nets))),
      at.table(["subnet", ...Object.values(play.STATISTICS).map(words => `${words}, %`)], () => {
        const run = facts.seeds[at.state.seed], row = kind => run[kind][at.state.epoch - 1];
        return play.ARCHS.map((arch, place) => [play.name(arch), ...Object.keys(play.STATISTICS).map(kind =>
          (100 * row(kind)[place] / facts.of).toFixed(1))]);
      }));

    function show({ kind, epoch, seed }) {
      const run = facts.seeds[seed], row = run[kind][epoch - 1], done = epoch * facts.steps;
      const last = Number(run.picks[done - 1]), counts = updates(run.picks, done);
      curves.paint(run[kind], facts.of, epoch);
      drawing.paint(...play.lit(play.ARCHS[last], KINDS[play.ARCHS[last][0] - 1]), counts);
      drawing.label(`The last step of epoch ${epoch} trained ${play.name(play.ARCHS[last])}`);
      draws.textContent = `In each box: updates so far. Lit: the path of the epoch's last step, ${play.name(play.ARCHS[last])}.`;
      nets.forEach((net, place) => {
        net.className = `play-net ${KINDS[play.ARCHS[place][0] - 1]}`;
        net.replaceChildren(play.name(play.ARCHS[place]), play.tag("small", {}, play.percent(row[place] / facts.of)));
      });
      const low = Math.min(...row), high = Math.max(...row), share = count => play.percent(count / facts.of);
      const named = count => `${share(count)} for ${play.name(play.ARCHS[row.indexOf(count)])}`;
      const reached = low === high ? `all nine have ${share(low)}` : `from ${named(low)} to ${named(high)}`;
      at.say(`Epoch ${epoch}, mean training loss ${run.loss[epoch - 1].toFixed(2)}: ${reached}, on ${facts.of} validation images. ` +
        (kind === "running" ? "The weights are the same in both views; only the batch statistics differ." : "No weight changed: the statistics are those of each path."), timer !== null);
    }
    return show;
  });

  Object.assign(play, { updates });
})();
