/* Chapter 2, who shares what: the subnets that use a layer; what two subnets have in common, and what that saves.

   facts: {width: channels of block 1, layers: {layer: [parameters, multiply-adds of one image]}}, layers by the names of play.LAYERS. */
"use strict";

(() => {
  const users = layer => play.ARCHS.filter(arch => play.path(arch).layers.includes(layer));
  const sum = (facts, layers, which) => layers.reduce((total, layer) => total + facts.layers[layer][which], 0);

  /* The layers that two paths share, and those of them with the same input on both: to be computed only once. */
  function common(one, other) {
    const [a, b] = [play.path(one).layers, play.path(other).layers];
    const end = a.findIndex((layer, i) => layer !== b[i]);
    return { shared: a.filter(layer => b.includes(layer)), prefix: end < 0 ? a : a.slice(0, end) };
  }

  const NAMES = play.ARCHS.map(arch => arch.join(""));
  const archOf = text => [Number(text[0]), Number(text[1])];
  const keys = () => ({ view: ["layer", "pair"], layer: ["1.2", ...play.LAYERS], a: ["13", ...NAMES], b: ["31", ...NAMES] });

  play.define("sharing", keys, at => {
    const { facts } = at;
    let peeked = null;
    const drawing = play.drawing({ label: "The supernet", pick: layer => at.set({ view: "layer", layer }),
      peek: layer => { peeked = layer; if (at.state.view === "layer") show({ ...at.state, layer: layer || at.state.layer }, true); } });
    const nets = play.ARCHS.map((arch, place) => play.tag("button", { type: "button", class: "play-net",
      onclick: () => press(NAMES[place]) }));
    const press = name => at.set(at.state.view === "pair" && name !== at.state.b ? { a: at.state.b, b: name } : { view: "pair", b: name });
    at.add(
      play.tag("div", { class: "play-row" }, at.choice("view", "look at", { layer: "a layer", pair: "two subnets" })),
      at.sentence,
      play.tag("div", { class: "play-columns wide-first" }, play.tag("div", {}, drawing.node),
        play.tag("div", {}, play.tag("div", { class: "play-grid", role: "group", "aria-label": "the nine subnets" }, nets))),
      at.table(["layer", "parameters", "multiply-adds", "subnets"], () => play.LAYERS.map(layer =>
        [play.said(layer), ...facts.layers[layer].map(play.thousands), `${users(layer).length} of 9`])));

    function showLayer({ layer }, quiet) {
      const using = users(layer), [layers, links] = [{}, {}];
      for (const arch of using) {
        for (const name of play.path(arch).layers) layers[name] = "";
        for (const link of play.path(arch).links) links[link] = "a";
      }
      layers[layer] = "a picked";
      drawing.paint(layers, links);
      drawing.label(`The supernet; ${play.said(layer)} is chosen`);
      play.ARCHS.forEach((arch, place) => net(place, using.includes(arch) ? "a" : "off", using.includes(arch) ? "uses it" : "without"));
      const [weights, work] = facts.layers[layer].map(play.thousands);
      at.say(`${play.said(layer).replace(/^./, c => c.toUpperCase())}: ${weights} parameters, ${work} multiply-adds an image (here W = ${facts.width}). ` +
        (using.length === 9 ? "All 9 subnets use it" : `${using.length} of 9 subnets use it`) +
        ": a training step with any of them moves its weights.", quiet);
    }

    function showPair({ a, b }) {
      const [one, other] = [archOf(a), archOf(b)], { shared, prefix } = common(one, other);
      const [layers, links, notes] = [{}, {}, {}], paths = [[one, "a"], [other, "b"]];
      for (const [arch, kind] of paths) {
        for (const name of play.path(arch).layers) layers[name] = shared.includes(name) ? "c" : kind;
        for (const link of play.path(arch).links) links[link] = links[link] ? "c" : kind;
      }
      for (const name of prefix) notes[name] = "once";
      drawing.paint(layers, links, notes);
      drawing.label(`The paths of ${play.name(one)} and ${play.name(other)}`);
      play.ARCHS.forEach((arch, place) => net(place, NAMES[place] === a ? "a" : NAMES[place] === b ? "b" : "off",
        NAMES[place] === a ? "first" : NAMES[place] === b ? "second" : ""));
      const apart = paths.reduce((total, [arch]) => total + sum(facts, play.path(arch).layers, 1), 0);
      const saved = sum(facts, prefix, 1);
      at.say(a === b ? "Press another subnet, to have two." :
        `${play.name(one)} and ${play.name(other)} share ${shared.length} layers, ${play.thousands(sum(facts, shared, 0))} parameters. ` +
        `In ${prefix.length} of them the same image gives the same numbers: computed once, that saves ` +
        `${play.thousands(saved)} of ${play.thousands(apart)} multiply-adds (${play.percent(saved / apart, 0)}).`);
    }

    function net(place, kind, note) {
      nets[place].className = `play-net ${kind}`;
      nets[place].setAttribute("aria-pressed", String(kind !== "off"));
      nets[place].replaceChildren(play.name(play.ARCHS[place]), play.tag("small", {}, note || " "));
    }

    const show = (state, quiet) => (state.view === "layer" ? showLayer(state, quiet) : showPair(state));
    return show;
  });

  Object.assign(play, { users, common });
})();
