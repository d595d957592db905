/* Chapters 3, 9 and 9b, sampler bench: which architecture has the next step? Two samplers side by side on identical arms.

   facts: {steps, warm_up, epsilon, ceiling, samplers: [start left, start right, others], start, seeds: [{sampler: picks}],
   right: [rewards]}, one entry a seed. picks: a digit a step, the place of the architecture drawn. rewards, of
   "epsilon-greedy": two characters of base 36 a step, right answers of `batch`. All were drawn by the module. */
"use strict";

(() => {
  /* {archs: steps of each of the nine, layers: steps in which each layer was trained} after so many steps. */
  function tally(picks, steps) {
    const archs = Array(9).fill(0), layers = Object.fromEntries(play.LAYERS.map(layer => [layer, 0]));
    for (let step = 0; step < steps; step += 1) archs[Number(picks[step])] += 1;
    play.ARCHS.forEach((arch, place) => play.path(arch).layers.forEach(layer => { layers[layer] += archs[place]; }));
    return { archs, layers };
  }

  /* The mean reward of each architecture after so many steps, 0 where it has none: what epsilon-greedy goes by. */
  function means(picks, rewards, batch, steps) {
    const seen = Array(9).fill(0), earned = Array(9).fill(0);
    for (let step = 0; step < steps; step += 1) {
      seen[Number(picks[step])] += 1;
      earned[Number(picks[step])] += parseInt(rewards.slice(2 * step, 2 * step + 2), 36) / batch;
    }
    return earned.map((sum, place) => (seen[place] ? sum / seen[place] : 0));
  }

  const LEARNER = "epsilon-greedy";
  const TITLES = { uniform: "uniform", fair: "fair", sandwich: "sandwich", [LEARNER]: "epsilon-greedy" };
  const OWN = play.LAYERS.filter(layer => layer.includes("."));
  const expected = layer => play.ARCHS.filter(arch => play.path(arch).layers.includes(layer)).length / 9;

  const keys = facts => ({
    left: facts.samplers,
    right: [facts.samplers[1], ...facts.samplers],
    seed: facts.seeds.map((_, seed) => String(seed)),
    step: { start: facts.start, min: 0, max: facts.steps, step: 1 },
  });

  /* One of the two sides: its drawing and bars, shown after so many steps. */
  function side(facts) {
    const drawing = play.drawing({ label: "" }), title = play.tag("div", { class: "play-card-title" });
    const nets = play.ARCHS.map(arch => play.bar(play.name(arch))), layers = OWN.map(layer => play.bar(`layer ${layer[2]}`));
    layers.forEach((bar, place) => bar.setMark(expected(OWN[place])));
    const hint = text => play.tag("div", { class: "play-hint" }, text);
    const node = play.tag("div", { class: "play-side" }, title, drawing.node, hint("steps of each subnet"), nets.map(bar => bar.node),
      [1, 2].map(block => [hint(`steps in block ${block}`), layers.slice(3 * block - 3, 3 * block).map(bar => bar.node)]).flat(2));
    /* scale: the share of the steps that fills a subnet's bar, the same on both sides. */
    function show(sampler, seed, step, scale) {
      const picks = facts.seeds[seed][sampler], counts = tally(picks, step), total = Math.max(1, step);
      const last = step ? Number(picks[step - 1]) : null;
      const most = Math.max(...counts.archs), first = counts.archs.indexOf(most);
      const leads = sampler === LEARNER && step >= facts.warm_up
        ? (found => found.indexOf(Math.max(...found)))(means(picks, facts.right[seed], facts.batch, step)) : null;
      title.textContent = TITLES[sampler];
      const now = last == null ? null : play.ARCHS[last];
      drawing.paint(...(now ? play.lit(now, "b") : [{}, {}]));
      drawing.label(now ? `step ${step} trains ${play.name(now)}` : "nothing trained yet");
      nets.forEach((bar, place) => {
        bar.set(counts.archs[place] / total / scale, `${counts.archs[place]}${place === leads ? " ★" : ""}`, place === last ? "b" : "a");
        bar.setMark(1 / 9 / scale);
      });
      layers.forEach((bar, place) => {
        const count = counts.layers[OWN[place]];
        bar.set(count / total, step ? play.percent(count / total, 0) : "", now && play.path(now).layers.includes(OWN[place]) ? "b" : "a");
      });
      return { counts, most, first, leads };
    }
    return { node, show };
  }

  play.define("bench", keys, at => {
    const { facts } = at, sides = [side(facts), side(facts)];
    let timer = null;
    const advance = steps => {
      const step = Math.min(facts.steps, at.state.step + steps);
      at.set({ step });
      if (step === facts.steps) stop();
    };
    const stop = () => {
      clearInterval(timer);
      timer = null;
      play1.textContent = "▶ play";
      fast.textContent = "▶▶ fast";
      show(at.state);
    };
    const run = (every, steps, button) => {
      const pressed = timer !== null && button.textContent === "❚❚ pause";
      if (timer !== null) stop();
      if (pressed) return;
      if (at.state.step === facts.steps) at.set({ step: 0 });
      timer = setInterval(() => advance(steps), every);
      button.textContent = "❚❚ pause";
    };
    const play1 = play.button("▶ play", () => run(250, 1, play1)), fast = play.button("▶▶ fast", () => run(50, 6, fast));
    const learning = play.tag("p", { class: "play-hint" }, "★: the leader by mean reward. " +
      `All nine are equal here, as “identical arms” of a bandit: each rises to ${play.percent(facts.ceiling)} top-1.`);
    const names = Object.fromEntries(facts.samplers.map(sampler => [sampler, TITLES[sampler]]));
    at.add(
      play.tag("div", { class: "play-row" }, at.select("left", "left", names), at.select("right", "right", names),
        at.select("seed", "seed", Object.fromEntries(facts.seeds.map((_, seed) => [seed, seed])))),
      play.tag("div", { class: "play-row" }, play.button("from the start", () => { if (timer !== null) stop(); at.set({ step: 0 }); }),
        play.button("one step", () => { if (timer !== null) stop(); advance(1); }), play1, fast,
        at.slider("step", "steps so far", play.thousands)),
      at.sentence, play.tag("div", { class: "play-bench" }, sides.map(({ node }) => node)),
      play.tag("p", { class: "play-hint" }, "A step draws one path and trains its layers. Orange: the last step. Thin lines: equal shares."), learning,
      at.table(["subnet", "left", "right"], () => {
        const both = ["left", "right"].map(where => tally(facts.seeds[at.state.seed][at.state[where]], at.state.step).archs);
        return play.ARCHS.map((arch, place) => [play.name(arch), both[0][place], both[1][place]]);
      }));

    function show(state) {
      const both = ["left", "right"].map(where => Math.max(...tally(facts.seeds[state.seed][state[where]], state.step).archs));
      const scale = Math.max(0.3, Math.max(...both) / Math.max(1, state.step));
      const found = ["left", "right"].map((where, place) => sides[place].show(state[where], state.seed, state.step, scale));
      learning.hidden = found.every(({ leads }) => leads == null); // Chapter 3 knows of no rewards yet
      const told = found.map(({ most, first, leads }, place) => {
        const name = TITLES[state[["left", "right"][place]]];
        if (!state.step) return `${name}: no step yet`;
        const share = play.percent(most / state.step, 0);
        const least = Math.min(...found[place].counts.archs);
        if (leads == null && least === most) return `${name}: ${most} for each subnet`;
        return leads == null ? `${name}: from ${least} to ${most} for a subnet`
          : `${name}: ${play.name(play.ARCHS[leads])} leads by mean reward, and ${play.name(play.ARCHS[first])} has ${share} of the steps, although no network is better`;
      });
      at.say(`After ${play.thousands(state.step)} of ${play.thousands(facts.steps)} steps. ${told.map(text => text.replace(/^./, c => c.toUpperCase())).join(". ")}.`, timer !== null);
    }
    return show;
  });

  Object.assign(play, { tally, means });
})();
