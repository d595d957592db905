/* Chapter 4, replay: a recorded shared training, epoch by epoch. Nine curves, or one running mean; updates a layer.
   The switches that give away the cause appear when an address asks for one of them, as #replay:view=mean does.

   facts: {of, steps (an epoch), dataset, seeds: [{running, recalculated: [epoch][place] right answers of `of`,
   loss: [epoch], picks: a digit a step, channel, means: [step] mean of the batch in this channel, before the batch
   normalisation of `down`}]}. The picks were drawn again by the module and agree with the record; the means come from
   the same training once more: study/analysis/batch_means.py. */
"use strict";

(() => {
  const KINDS = ["a", "b", "c"];  // by the depth of block 1
  const WIDE = 420, TALL = 240, LEFT = 34, RIGHT = 372, HEAD = 10, FOOT = 204;
  const EPOCHS = 3;  // of the means are seen at once
  const SHAPES = ["m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "m-2.8-2.8h5.6v5.6h-5.6z", "m0-3.8l3.6 6.3h-7.2z"];  // by depth
  const VIEWS = { curves: "nine curves", mean: "a running mean" };

  /* Steps so far that trained each layer: {layer: number}. */
  function updates(picks, steps) {
    const found = Object.fromEntries(play.LAYERS.map(layer => [layer, 0]));
    for (const digit of picks.slice(0, steps)) {
      for (const layer of play.path(play.ARCHS[Number(digit)]).layers) found[layer] += 1;
    }
    return found;
  }

  /* The running mean after each step: batch normalisation takes a tenth of each batch's, beginning at 0. */
  function runningMean(means) {
    let mean = 0;
    return means.map(batch => (mean = 0.9 * mean + 0.1 * batch));
  }

  const average = values => values.reduce((a, b) => a + b, 0) / values.length;

  /* The depth of block 1 on the path of a pick, from 0. */
  const depth = digit => play.ARCHS[Number(digit)][0] - 1;

  const keys = facts => ({
    view: Object.keys(VIEWS),
    kind: Object.keys(play.STATISTICS),
    epoch: { start: 1, min: 1, max: facts.seeds[0].loss.length, step: 1 },
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
    svg("text", { x: (LEFT + RIGHT) / 2, y: FOOT + 34, class: "play-tick" }, "epoch; top-1 on validation, %"));
    function paint(rows, of, epoch) {
      const parts = [svg("path", { d: `M${x(epoch)} ${HEAD}V${FOOT}`, class: "play-border" })];
      play.ARCHS.forEach(([d1, d2], place) => {
        const line = to => rows.slice(0, to).map((row, i) => `${x(i + 1).toFixed(1)} ${y(row[place] / of).toFixed(1)}`).join("L");
        parts.push(svg("path", { d: `M${line(epoch)}`, class: `play-curve ${KINDS[d1 - 1]} depth${d2}` }),
          svg("circle", { cx: x(epoch), cy: y(rows[epoch - 1][place] / of), r: 2.8, class: `ink-${KINDS[d1 - 1]}` }));
      });
      ink.replaceChildren(...parts, ...names(KINDS.map((_, i) => y(average(rows[epoch - 1].slice(3 * i, 3 * i + 3)) / of))));
    }
    return { node, paint };
  }

  /* The names of the three depths at these heights, moved apart where they would meet. */
  function names(heights) {
    let above = -99;
    const placed = heights.map((height, i) => [height, i]).sort(([one], [other]) => one - other)
      .map(([height, i]) => [above = Math.max(height + 4, above + 15), i]);
    const up = Math.max(0, above - FOOT);  // none over the numbers of the axis
    return placed.map(([height, i]) =>
      play.svg("text", { x: RIGHT + 6, y: height - up, class: `play-name start ink-${KINDS[i]}` }, `(${i + 1}, ·)`));
  }

  /* The means of the latest batches as marks, by depth of block 1, and the running mean that they pull to and fro. */
  function pulls(steps) {
    const { svg } = play, ink = svg("g", {}), wide = EPOCHS * steps;
    const node = svg("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, role: "img", class: "play-chart" }, ink);
    function paint({ means, picks, channel }, done) {
      const from = Math.max(0, done - wide), [low, high] = [Math.min(0, ...means), Math.max(0, ...means)];
      const x = step => LEFT + ((step - from) / (wide - 1)) * (RIGHT - LEFT);
      const y = mean => FOOT - ((mean - low) / (high - low)) * (FOOT - HEAD);
      const seen = Array.from({ length: done - from }, (_, i) => from + i), running = runningMean(means);
      const own = KINDS.map((_, i) => average(seen.filter(step => depth(picks[step]) === i).map(step => means[step])));
      const marks = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
      ink.replaceChildren(
        ...marks.flatMap(mean => [svg("path", { d: `M${LEFT} ${y(mean)}H${RIGHT}`, class: "play-rule" }),
          svg("text", { x: LEFT - 5, y: y(mean) + 4, class: "play-tick end" }, String(mean))]),
        ...Array.from({ length: EPOCHS }, (_, i) => svg("text", { x: x(from + (i + 0.5) * steps), y: FOOT + 16, class: "play-tick" },
          String(Math.round(from / steps) + i + 1))),
        svg("text", { x: (LEFT + RIGHT) / 2, y: FOOT + 34, class: "play-tick" }, `epoch; mean in channel ${channel} of down`),
        ...seen.map(step => svg("path", { class: `ink-${KINDS[depth(picks[step])]}`,
          d: `M${x(step).toFixed(1)} ${y(means[step]).toFixed(1)}${SHAPES[depth(picks[step])]}` })),
        svg("path", { d: `M${seen.map(step => `${x(step).toFixed(1)} ${y(running[step]).toFixed(1)}`).join("L")}`, class: "play-curve mean" }),
        ...names(own.map(y)));
      node.setAttribute("aria-label", `Means of the last ${seen.length} batches in one channel, and the running mean that follows them`);
      const last = seen.map(step => running[step]);
      return { own, now: last.at(-1), low: Math.min(...last), high: Math.max(...last), steps: seen.length };
    }
    return { node, paint };
  }

  play.define("replay", keys, at => {
    const { facts } = at, epochs = facts.seeds[0].loss.length;
    const curves = chart(epochs), mean = pulls(facts.steps);
    const panels = [curves, mean].map(({ node }) => play.tag("div", {}, node));
    const drawing = play.drawing({ label: "" });
    const nets = play.ARCHS.map(() => play.tag("div", { class: "play-net" }));
    const draws = play.tag("p", { class: "play-hint" });
    let timer = null;
    const switches = [at.choice("view", "show", VIEWS), at.choice("kind", "batch statistics", play.STATISTICS)];
    let told = false;  // whether the switches are in sight
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
        switches, at.select("seed", "seed", Object.fromEntries(facts.seeds.map((_, seed) => [seed, seed])))),
      play.tag("div", { class: "play-row" }, button, at.slider("epoch", "epoch")),
      at.sentence, ...panels,
      play.tag("div", { class: "play-columns" }, play.tag("div", {}, drawing.node, draws),
        play.tag("div", { class: "play-grid", role: "group", "aria-label": "the nine subnets" }, nets)),
      at.table(["subnet", "top-1, %"], () => facts.seeds[at.state.seed][at.state.kind][at.state.epoch - 1].map((right, place) =>
        [play.name(play.ARCHS[place]), (100 * right / facts.of).toFixed(1)])));

    /* What the running mean does, in words. */
    function pulled(epoch, { own, now, low, high, steps }) {
      const to = value => value.toFixed(2), means = own.map((value, i) => `${to(value)} (${i + 1}, ·)`).join(", ");
      return `Epoch ${epoch}. Each mark is the mean of a batch in one channel: of all channels the one that best tells the depths of ` +
        `block 1 apart. Each mark pulls the line, the one running mean of all nine, a tenth of the way. ` +
        `The marks of the last ${steps} steps average ${means}. ` +
        `The line moved between ${to(low)} and ${to(high)}; it stands at ${to(now)}.`;
    }

    function show({ view, kind, epoch, seed }) {
      told ||= view === "mean" || kind === "recalculated";
      switches.forEach(each => { each.hidden = !told; });
      const run = facts.seeds[seed], row = run[kind][epoch - 1], done = epoch * facts.steps;
      const last = Number(run.picks[done - 1]), counts = updates(run.picks, done);
      curves.paint(run[kind], facts.of, epoch);
      const found = mean.paint(run, done);
      Object.keys(VIEWS).forEach((name, i) => { panels[i].hidden = view !== name; });
      drawing.paint(...play.lit(play.ARCHS[last], KINDS[play.ARCHS[last][0] - 1]), counts);
      drawing.label(`The last step of epoch ${epoch} trained ${play.name(play.ARCHS[last])}`);
      draws.textContent = `In each box: updates so far. Lit: the path of the epoch's last step, ${play.name(play.ARCHS[last])}.`;
      nets.forEach((net, place) => {
        net.className = `play-net ${KINDS[play.ARCHS[place][0] - 1]}`;
        net.replaceChildren(play.name(play.ARCHS[place]), play.tag("small", {}, play.percent(row[place] / facts.of)));
      });
      const low = Math.min(...row), high = Math.max(...row), share = count => play.percent(count / facts.of);
      const named = count => `${share(count)} for ${play.name(play.ARCHS[row.indexOf(count)])}`;
      const reached = low === high ? `all nine have ${share(low)}` : `lowest ${named(low)}, highest ${named(high)}`;
      const ask = epoch === 1 && timer === null ? "Which colour ends lowest? Press play. " : "";
      at.say(view === "mean" ? pulled(epoch, found) : `${ask}Epoch ${epoch}, mean training loss ${run.loss[epoch - 1].toFixed(2)}: ${reached}, on ${facts.of} validation images.` +
        (kind === "running" ? "" : " No weight changed: each path has batch statistics of its own."), timer !== null);
    }
    return show;
  });

  Object.assign(play, { updates, runningMean });
})();
