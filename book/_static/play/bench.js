/* Chapters 3, 9 and 9b, sampler bench: which architecture has the next step? Two samplers side by side on the same arms.

   facts: {steps, samplers: [start left, start right, others], start, worlds: {"identical" or "real": {ceilings: top-1 to
   which each of the nine rises, seeds: [{sampler: {picks, leaders}}]}}}. picks: a digit a step, the place of the
   architecture drawn. leaders, of a sampler that learns: [step, place] of each that takes the lead by mean reward, from
   the first step after the warm-up. All of it was drawn and learnt by the module. */
"use strict";

(() => {
  /* {archs: steps of each of the nine, layers: steps in which each layer was trained} after so many steps. */
  function tally(picks, steps) {
    const archs = Array(9).fill(0), layers = Object.fromEntries(play.LAYERS.map(layer => [layer, 0]));
    for (let step = 0; step < steps; step += 1) archs[Number(picks[step])] += 1;
    play.ARCHS.forEach((arch, place) => play.path(arch).layers.forEach(layer => { layers[layer] += archs[place]; }));
    return { archs, layers };
  }

  /* Who leads after so many steps: a place, or null before the warm-up has ended and for a sampler that does not learn. */
  const leader = (leaders, step) => (leaders || []).findLast(([since]) => since <= step)?.[1] ?? null;

  /* How many of the nine are better than the one at a place. */
  const better = (ceilings, place) => ceilings.filter(ceiling => ceiling > ceilings[place]).length;

  const OWN = play.LAYERS.filter(layer => layer.includes("."));
  const expected = layer => play.ARCHS.filter(arch => play.path(arch).layers.includes(layer)).length / 9;

  const seeds = facts => Object.keys(facts.worlds.identical.seeds);

  const keys = facts => ({
    left: facts.samplers,
    right: [facts.samplers[1], ...facts.samplers],
    arms: Object.keys(facts.worlds),
    seed: seeds(facts).map(String),
    step: { start: facts.start, min: 0, max: facts.steps, step: 1 },
  });

  /* One of the two sides: its drawing and bars, shown after so many steps. */
  function side() {
    const drawing = play.drawing({ label: "" }), title = play.tag("div", { class: "play-card-title" });
    const nets = play.ARCHS.map(arch => play.bar(play.name(arch))), layers = OWN.map(layer => play.bar(`layer ${layer[2]}`));
    layers.forEach((bar, place) => bar.setMark(expected(OWN[place])));
    const hint = text => play.tag("div", { class: "play-hint" }, text);
    const node = play.tag("div", { class: "play-side" }, title, drawing.node, hint("steps of each subnet"), nets.map(bar => bar.node),
      [1, 2].map(block => [hint(`steps in block ${block}`), layers.slice(3 * block - 3, 3 * block).map(bar => bar.node)]).flat(2));
    /* scale: the share of the steps that fills a subnet's bar, the same on both sides. */
    function show(sampler, { picks, leaders }, step, scale) {
      const counts = tally(picks, step), total = Math.max(1, step);
      const last = step ? Number(picks[step - 1]) : null;
      const most = Math.max(...counts.archs), first = counts.archs.indexOf(most);
      const leads = leader(leaders, step);
      title.textContent = sampler;
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
    const { facts } = at, sides = [side(), side()], steps = count => (count === 1 ? "1 step" : `${count} steps`);
    const world = () => facts.worlds[at.state.arms];
    const run = where => world().seeds[at.state.seed][at.state[where]];
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
    const go = (every, steps, button) => {
      const pressed = timer !== null && button.textContent === "❚❚ pause";
      if (timer !== null) stop();
      if (pressed) return;
      if (at.state.step === facts.steps) at.set({ step: 0 });
      timer = setInterval(() => advance(steps), every);
      button.textContent = "❚❚ pause";
    };
    const play1 = play.button("▶ play", () => go(250, 1, play1)), fast = play.button("▶▶ fast", () => go(50, 6, fast));
    const learning = play.tag("p", { class: "play-hint" });
    const names = Object.fromEntries(facts.samplers.map(sampler => [sampler, sampler]));
    const arms = Object.keys(facts.worlds).length > 1
      ? at.choice("arms", "arms", { identical: "identical", real: "real" }) : null;
    at.add(
      play.tag("div", { class: "play-row" }, at.select("left", "sampler, left", names), at.select("right", "sampler, right", names),
        seeds(facts).length > 1 ? at.select("seed", "seed", Object.fromEntries(seeds(facts).map(seed => [seed, seed]))) : null, arms),
      play.tag("div", { class: "play-row" }, play.button("from the start", () => { if (timer !== null) stop(); at.set({ step: 0 }); }),
        play.button("one step", () => { if (timer !== null) stop(); advance(1); }), play1, fast,
        at.slider("step", "steps so far", play.thousands)),
      at.sentence, learning, play.tag("div", { class: "play-bench" }, sides.map(({ node }) => node)),
      play.tag("p", { class: "play-hint" }, "A step draws one path and trains its layers. Orange: the last step. Thin lines: equal shares."),
      at.table(["subnet", "rises to", "left", "right"], () => {
        const both = ["left", "right"].map(where => tally(run(where).picks, at.state.step).archs);
        return play.ARCHS.map((arch, place) => [play.name(arch), play.percent(world().ceilings[place]), both[0][place], both[1][place]]);
      }));

    /* What the nine are, in words. */
    function nine(ceilings, identical) {
      if (identical) return `The arms are the nine subnets. Identical arms: each rises to ${play.percent(ceilings[0])} top-1.`;
      const [low, high] = [Math.min(...ceilings), Math.max(...ceilings)];
      const named = ceiling => `${play.percent(ceiling)} for ${play.name(play.ARCHS[ceilings.indexOf(ceiling)])}`;
      return `The arms are the nine subnets. Real arms: they rise to the accuracies of recorded supernets, from ${named(low)} to ${named(high)}.`;
    }

    function show(state) {
      const { ceilings } = world(), identical = state.arms === "identical", places = ["left", "right"];
      const both = places.map(where => Math.max(...tally(run(where).picks, state.step).archs));
      const scale = Math.max(0.3, Math.max(...both) / Math.max(1, state.step));
      const found = places.map((where, place) => sides[place].show(state[where], run(where), state.step, scale));
      learning.textContent = `${nine(ceilings, identical)} ★: the leader by mean reward.`;
      learning.hidden = found.every(({ leads }) => leads == null); // Chapter 3 knows of no rewards yet
      const told = found.map(({ counts, most, first, leads }, place) => {
        const name = state[places[place]], least = Math.min(...counts.archs);
        if (!state.step) return `${name}: no step yet`;
        if (leads == null && least === most) return `${name}: ${steps(most)} for each subnet`;
        if (leads == null) return `${name}: from ${least} to ${steps(most)} for a subnet`;
        const above = better(ceilings, first);
        const worth = identical ? "although no network is better" : above ? `and ${above} of the nine ${above > 1 ? "are" : "is"} better` : "the best of the nine";
        return `${name}: ${play.name(play.ARCHS[leads])} leads by mean reward, and ${play.name(play.ARCHS[first])} has ${play.percent(most / state.step, 0)} of the steps, ${worth}`;
      });
      at.say(`After ${play.thousands(state.step)} of ${play.thousands(facts.steps)} steps. ${told.map(text => text.replace(/^./, c => c.toUpperCase())).join(". ")}.`, timer !== null);
    }
    return show;
  });

  Object.assign(play, { tally, leader });
})();
