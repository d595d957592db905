/* Chapter 1, two bells: two paths, one running mean. What each path loses to the ReLU when the statistics are shared.

   A channel is standard normal on path A; on path B it has another mean and variance. The running statistics are those
   that PyTorch's batch normalisation has in the end, momentum 0.1, each batch a path's own exact mean and variance. */
"use strict";

(() => {
  const LAST = 1 / 1.9;  // A, B, A, B, ...: what came last weighs 0.1, the one before 0.09, and so on

  const PATHS = (gap, ratio) => ({ A: { mean: 0, deviation: 1 }, B: { mean: gap, deviation: Math.sqrt(ratio) } });

  /* The running normal {mean, deviation} after many batches of "A" only, "B" only, or both in "turn", B last. */
  function running(train, gap, ratio) {
    const { A, B } = PATHS(gap, ratio);
    if (train !== "turn") return train === "A" ? A : B;
    const mix = (a, b) => (1 - LAST) * a + LAST * b;
    return { mean: mix(A.mean, B.mean), deviation: Math.sqrt(mix(A.deviation ** 2, B.deviation ** 2)) };
  }

  /* {A, B}: the share of each path's values that survives the ReLU after normalising by the running statistics. */
  function survives(train, gap, ratio) {
    const border = running(train, gap, ratio).mean, paths = PATHS(gap, ratio);
    return { A: play.above(border, paths.A), B: play.above(border, paths.B) };
  }

  const keys = () => ({
    train: ["turn", "A", "B"],
    gap: { start: 4, min: 0, max: 6, step: 0.1 },
    ratio: { start: 1, min: 0.25, max: 4, step: 0.05 },
  });

  const judged = share => (share < 0.16 ? "nearly nothing" : share > 0.84 ? "nearly all" : share < 0.47 ? "less than half" :
    share > 0.53 ? "more than half" : "half, as in train mode");

  play.define("bells", keys, at => {
    const chart = play.bellChart({ low: -4, high: 11, tallest: 0.5, axis: "what enters the normalisation",
      ticks: [-4, -2, 0, 2, 4, 6, 8, 10], label: "Two bell curves, the running normal and ReLU's border" });
    const survival = play.tag("div", { style: "--play-label: 6.2em" });
    const bars = { A: play.bar("A survives"), B: play.bar("B survives") };
    const back = play.button("start again", () => at.set({ train: "turn", gap: 4, ratio: 1 }));
    at.add(
      play.tag("div", { class: "play-row" },
        at.choice("train", "the layer was trained on", { turn: "A and B in turn", A: "A only", B: "B only" }), back),
      play.tag("div", { class: "play-row" },
        at.slider("gap", "gap: mean of B less mean of A", value => value.toFixed(1)),
        at.slider("ratio", "variance of B over variance of A", value => value.toFixed(2))),
      at.sentence, chart.node, survival,
      play.tag("p", { class: "play-hint" }, "The thin line in the bars: 50 %, what survives in train mode on either path."),
      at.table(["path", "mean", "deviation", "survives"], () => {
        const { train, gap, ratio } = at.state, paths = PATHS(gap, ratio), shares = survives(train, gap, ratio);
        const normal = running(train, gap, ratio);
        return [...["A", "B"].map(path => [path, paths[path].mean.toFixed(2), paths[path].deviation.toFixed(2),
          play.percent(shares[path])]), ["running", normal.mean.toFixed(2), normal.deviation.toFixed(2), "–"]];
      }));
    for (const bar of Object.values(bars)) { survival.append(bar.node); bar.setMark(0.5); }
    return ({ train, gap, ratio }) => {
      const paths = PATHS(gap, ratio), normal = running(train, gap, ratio), shares = survives(train, gap, ratio);
      chart.paint([{ ...paths.A, kind: "a", name: "path A" }, { ...paths.B, kind: "b", name: "path B" },
        { ...normal, kind: "c", name: "running", outline: true }], normal.mean);
      bars.A.set(shares.A, play.percent(shares.A), "a");
      bars.B.set(shares.B, play.percent(shares.B), "b");
      const last = train === "turn" && gap ? " (not half the gap, as the last batch, of B, weighs most)" : "";
      at.say(`Running mean ${normal.mean.toFixed(2)}${last}: there lies ReLU's border. Running deviation ${normal.deviation.toFixed(2)}. ` +
        `In eval mode of A ${play.percent(shares.A)} survives, ${judged(shares.A)}; of B ${play.percent(shares.B)}, ${judged(shares.B)}.`);
    };
  });

  Object.assign(play, { running, survives });
})();
