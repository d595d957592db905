/* Chapter 7, build an ensemble: nine toggles. What do the members know together, and on which images do they disagree?

   facts: {of, labels: a digit an image, layers: {layer: [parameters, multiply-adds]}, pictures: {image: 14 x 14 digits of
   base 16}, running, recalculated: {images: [those which some of the nine get wrong], scores: base 64 of 16-bit
   numbers n, for each of them the ten log-probabilities of the nine, -n / 2000}}. All nine are right on the other images, and so is any
   average of theirs. */
"use strict";

(() => {
  /* [image][member][class] log-probabilities. */
  function unpack({ images, scores }) {
    const bytes = atob(scores), number = i => bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1);
    return images.map((_, i) => play.ARCHS.map((_, member) =>
      Array.from({ length: 10 }, (_, digit) => -number(90 * i + 10 * member + digit) / 2000)));
  }

  const best = values => values.indexOf(Math.max(...values));

  /* What members answer together: the class of the highest mean probability, or of the highest mean logit. */
  function together(scores, members, average) {
    const taken = average === "logits" ? value => value : Math.exp;
    return best(scores[0].map((_, digit) => members.reduce((sum, member) => sum + taken(scores[member][digit]), 0)));
  }

  /* {right: of all images, disagree: places in `images` on which not all members say the same}. */
  function result(facts, kind, table, members, average) {
    const { images } = facts[kind], answers = table.map(scores => members.map(member => best(scores[member])));
    const wrong = table.filter((scores, i) => together(scores, members, average) !== Number(facts.labels[images[i]])).length;
    return { right: facts.of - wrong, disagree: images.map((_, i) => i).filter(i => new Set(answers[i]).size > 1) };
  }

  /* Multiply-adds of one image: [each member for itself, with every common prefix computed once]. */
  function work(layers, members) {
    const paths = members.map(member => play.path(play.ARCHS[member]).layers), once = new Map();
    for (const path of paths) path.forEach((layer, i) => once.set(path.slice(0, i + 1).join(), layers[layer][1]));
    const sum = costs => [...costs].reduce((total, cost) => total + cost, 0);
    return [sum(paths.flat().map(layer => layers[layer][1])), sum(once.values())];
  }

  const keys = () => ({
    kind: Object.keys(play.STATISTICS),
    average: ["probabilities", "logits"],
    members: { start: "111111111", fits: text => /^[01]{9}$/.test(text) && text.includes("1") },
  });

  play.define("ensembling", keys, at => {
    const { facts } = at, { tag, svg } = play, tables = { running: unpack(facts.running), recalculated: unpack(facts.recalculated) };
    const toggle = place => {
      const bits = [...at.state.members];
      bits[place] = bits[place] === "1" ? "0" : "1";
      if (bits.includes("1")) at.set({ members: bits.join("") });
      else at.say("One member at least must stay.");
    };
    const nets = play.ARCHS.map((_, place) => tag("button", { type: "button", class: "play-net", onclick: () => toggle(place) }));
    const bars = { together: play.bar("together"), best: play.bar("best member"), mean: play.bar("mean member") };
    const costs = { apart: play.bar("each apart"), once: play.bar("prefixes once") };
    const shown = tag("div", { class: "play-votes" }), title = tag("p", { class: "play-hint" });
    const hint = text => tag("div", { class: "play-hint" }, text);
    const [whole] = work(facts.layers, [...Array(9).keys()]);
    at.add(
      tag("div", { class: "play-row" },
        at.choice("kind", "batch statistics", play.STATISTICS),
        at.choice("average", "average of", { probabilities: "probabilities", logits: "logits" })),
      at.sentence,
      tag("div", { class: "play-columns" },
        tag("div", {}, hint("Press a subnet to take it in or out; below it, its own right answers."),
          tag("div", { class: "play-grid", role: "group", "aria-label": "members" }, nets)),
        tag("div", { style: "--play-label: 7.8em" }, hint(`right answers of ${facts.of} test images`), Object.values(bars).map(bar => bar.node),
          hint("multiply-adds of one image, in millions"), Object.values(costs).map(bar => bar.node))),
      title, shown,
      at.table(["subnet", "member", "right alone"], () => play.ARCHS.map((arch, place) => [play.name(arch),
        at.state.members[place] === "1" ? "yes" : "no", alone(at.state.kind, place)])));

    const alone = (kind, place) => result(facts, kind, tables[kind], [place], "logits").right;

    function picture(image) {
      const ink = [...facts.pictures[image]].map((digit, i) => svg("rect", { x: i % 14, y: Math.floor(i / 14), width: 1.05, height: 1.05,
        "fill-opacity": (parseInt(digit, 16) / 15).toFixed(2) }));
      return svg("svg", { viewBox: "0 0 14 14", role: "img", "aria-label": `a ${facts.labels[image]}`, class: "play-digit" }, ink);
    }

    function votes(place, kind, members) {
      const answers = members.map(member => best(tables[kind][place][member])), image = facts[kind].images[place];
      const counts = [...new Set(answers)].map(answer => [answer, answers.filter(other => other === answer).length]);
      counts.sort((one, other) => other[1] - one[1]);
      const answer = together(tables[kind][place], members, at.state.average), right = answer === Number(facts.labels[image]);
      return tag("div", { class: "play-card" }, picture(image), tag("small", {}, counts.map(([said, n]) => `${n}× ${said}`).join(", ")),
        tag("strong", { class: right ? "ink-a" : "ink-b" }, `→ ${answer} ${right ? "✓" : `✗, a ${facts.labels[image]}`}`));
    }

    return ({ kind, average, members: bits }) => {
      const members = [...bits].flatMap((bit, place) => (bit === "1" ? [place] : []));
      const { right, disagree } = result(facts, kind, tables[kind], members, average), singles = members.map(member => alone(kind, member));
      const top = Math.max(...singles), mean = singles.reduce((a, b) => a + b) / singles.length, million = number => (number / 1e6).toFixed(2);
      nets.forEach((net, place) => {
        net.className = `play-net ${bits[place] === "1" ? "a" : "off"}`;
        net.setAttribute("aria-pressed", String(bits[place] === "1"));
        net.replaceChildren(play.name(play.ARCHS[place]), tag("small", {}, `${alone(kind, place)} right`));
      });
      bars.together.set(right / facts.of, String(right), "a");
      bars.best.set(top / facts.of, String(top), "off");
      bars.mean.set(mean / facts.of, mean.toFixed(1), "off");
      const [apart, once] = work(facts.layers, members);
      costs.apart.set(apart / whole, million(apart), "off");
      costs.once.set(once / whole, million(once), "a");
      const pictured = disagree.filter(place => facts.pictures[facts[kind].images[place]]).slice(0, 12);
      title.textContent = disagree.length ? `Not all members say the same on ${disagree.length} of ${facts.of} test images; ${pictured.length} of these:` : "All members say the same on every image.";
      shown.style.minHeight = `${shown.offsetHeight}px`;  // with fewer pictures the page does not move
      shown.replaceChildren(...pictured.map(place => votes(place, kind, members)));
      const best1 = play.name(play.ARCHS[members[singles.indexOf(top)]]);
      at.say(members.length === 1 ? `One member, ${best1}: ${right} of ${facts.of} test images right. Take in others.` :
        `${members.length} members together have ${right} of ${facts.of} test images right, the best of them alone, ${best1}, ${top}: ` +
        `${right > top ? "together better" : right === top ? "no gain over it" : "worse than it"}. With prefixes computed once, ` +
        `that costs ${million(once)} million multiply-adds instead of ${million(apart)}.`);
    };
  });

  Object.assign(play, { unpack, together, result, work });
})();
