/* Chapter 6, rank it yourself: an order of the nine against the order from scratch, with Kendall's tau.

   facts: {parameters: [9], of, scratch, running, recalculated: [seed][place] right answers on test images}. */
"use strict";

(() => {
  /* Kendall's tau-b of two lists of scores: (C - D) / sqrt(pairs untied in the one * pairs untied in the other). */
  function tau(a, b) {
    let sum = 0, [left, right] = [0, 0];
    for (let i = 0; i < a.length; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const [one, other] = [Math.sign(a[i] - a[j]), Math.sign(b[i] - b[j])];
        sum += one * other;
        left += one * one;
        right += other * other;
      }
    }
    return sum / Math.sqrt(left * right);
  }

  const mean = (rows, from, to) => rows[0].map((_, place) =>
    rows.slice(from, to).reduce((total, row) => total + row[place], 0) / (to - from));

  /* Places from the highest score to the lowest; of equal ones the earlier first. */
  const ranked = scores => scores.map((_, place) => place).sort((i, j) => scores[j] - scores[i] || i - j);

  const supernet = kind => `supernet, ${play.STATISTICS[kind]}`;

  /* What is compared: {scores of the order or null, truth, words for both}. A ranking by n seeds from scratch is held
     against the other seeds, since its own would flatter it. */
  function sides(facts, from, n) {
    const seeds = facts.scratch.length, all = `mean of ${seeds} seeds from scratch`;
    const many = n === 1 ? "seed 0" : `mean of seeds 0–${n - 1}`;
    if (from === "scratch") {
      const rest = seeds - n === 1 ? `seed ${seeds - 1}` : `mean of seeds ${n}–${seeds - 1}`;
      return { scores: mean(facts.scratch, 0, n), truth: mean(facts.scratch, n, seeds), text: `${many} from scratch`, against: `${rest} from scratch` };
    }
    const truth = mean(facts.scratch, 0, seeds);
    if (from === "parameters") return { scores: facts.parameters, truth, text: "the parameter count", against: all };
    if (from === "you") return { scores: null, truth, text: "your order", against: all };
    return { scores: mean(facts[from], 0, n), truth, text: `the ${supernet(from)}, ${many}`, against: all };
  }

  const isOrder = text => /^[0-8]{9}$/.test(text) && new Set(text).size === 9;
  const keys = facts => ({
    from: ["you", "parameters", "running", "recalculated", "scratch"],
    order: { start: "012345678", fits: isOrder },
    truth: ["hidden", "shown"],
    n: { start: 1, min: 1, max: facts.scratch.length - 1, step: 1 },
  });

  const ROW = 44;

  /* Where the lines between the two orders cross: [share of the way, height in rows]. */
  function crossings(order, target) {
    const end = order.map(place => target.indexOf(place)), found = [];
    for (let i = 0; i < 9; i += 1) {
      for (let j = 0; j < i; j += 1) {
        if (end[j] > end[i]) {
          const way = (i - j) / (i - j + end[j] - end[i]);
          found.push([way, j + way * (end[j] - j)]);
        }
      }
    }
    return found;
  }

  play.define("ranking", keys, at => {
    const { facts } = at, { tag, svg } = play;
    const list = tag("ol", { class: "play-order", "aria-label": "your order, best first" });
    const lines = svg("svg", { viewBox: `0 0 100 ${9 * ROW}`, preserveAspectRatio: "none", class: "play-lines", "aria-hidden": "true" });
    const dots = tag("div", { class: "play-dots", "aria-hidden": "true" });
    const target = tag("ol", { class: "play-order target", "aria-label": "the order from scratch, best first" });
    const score = tag("div", { class: "play-score" });
    const orderNow = () => [...at.state.order].map(Number);
    const current = () => (at.state.from === "you" ? orderNow() : ranked(sides(facts, at.state.from, at.state.n).scores));

    const move = (place, to) => {
      const order = current().filter(other => other !== place);
      order.splice(Math.max(0, Math.min(8, to)), 0, place);
      at.set({ from: "you", order: order.join("") });
    };
    const cards = play.ARCHS.map((arch, place) => {
      const up = play.button("▲", () => move(place, current().indexOf(place) - 1), { "aria-label": `${play.name(arch)} up` });
      const down = play.button("▼", () => move(place, current().indexOf(place) + 1), { "aria-label": `${play.name(arch)} down` });
      const node = tag("li", { class: "play-rank" }, tag("span", { class: "play-grip", "aria-hidden": "true" }, "⠿"),
        tag("span", { class: "play-rank-name" }, play.name(arch)), up, down);
      node.addEventListener("pointerdown", event => {
        const grip = event.target.closest(".play-grip");  // a finger elsewhere scrolls the page
        if (event.target.closest("button") || event.button || (event.pointerType !== "mouse" && !grip)) return;
        event.preventDefault();
        node.setPointerCapture(event.pointerId);
        node.classList.add("held");
        const drag = moved => {
          const to = Math.floor((moved.clientY - list.getBoundingClientRect().top) / ROW);
          if (current().indexOf(place) !== Math.max(0, Math.min(8, to))) move(place, to);
        };
        node.addEventListener("pointermove", drag);
        for (const end of ["pointerup", "pointercancel"]) {
          node.addEventListener(end, () => { node.removeEventListener("pointermove", drag); node.classList.remove("held"); }, { once: true });
        }
      });
      return node;
    });
    const shown = facts.scratch.length, slider = at.slider("n", "seeds that the ranking is a mean of");
    at.add(
      tag("div", { class: "play-row" }, at.choice("from", "put in an order", { you: "my order", parameters: "parameter count",
        running: supernet("running"), recalculated: supernet("recalculated"), scratch: "other seeds, scratch" }, { truth: "shown" })),
      tag("div", { class: "play-row" }, at.choice("truth", "the true order", { hidden: "hide", shown: "show" }),
        slider,
        play.button("start again", () => at.set({ from: "you", order: "012345678", truth: "hidden" }))),
      at.sentence, score,
      tag("div", { class: "play-ranking" }, list, tag("div", { class: "play-between" }, lines, dots), target),
      tag("p", { class: "play-hint" }, `Drag a card, or use its buttons. True order: test accuracy of each network trained alone, mean of ${shown} seeds; ` +
        "for “other seeds, scratch” the seeds that are left."),
      at.table(["place", "ranked", "true", "accuracy from scratch, %"], () => {
        const { truth } = sides(facts, at.state.from, at.state.n), order = current(), goal = ranked(truth);
        const hidden = at.state.truth === "hidden";
        return order.map((place, i) => [String(i + 1), play.name(play.ARCHS[place]), hidden ? "?" : play.name(play.ARCHS[goal[i]]),
          hidden ? "?" : (100 * truth[goal[i]] / facts.of).toFixed(2)]);
      }));

    return ({ from, n }) => {
      slider.hidden = from === "you" || from === "parameters";  // neither is a mean of seeds
      const { scores, truth, text, against } = sides(facts, from, n), order = current(), goal = ranked(truth);
      const focused = document.activeElement;
      order.forEach((place, i) => {
        if (list.children[i] !== cards[place]) list.insertBefore(cards[place], list.children[i] || null);
        const [up, down] = cards[place].querySelectorAll("button");
        up.disabled = i === 0;
        down.disabled = i === 8;
      });
      if (list.contains(focused) && document.activeElement !== focused) focused.focus();
      if (focused?.disabled) focused.closest("li").querySelector("button:not(:disabled)").focus();
      const shownNow = at.state.truth === "shown", found = crossings(order, goal);
      const value = tau(scores || play.ARCHS.map((_, place) => -order.indexOf(place)), truth);
      target.replaceChildren(...goal.map(place => tag("li", { class: "play-rank" }, tag("span", { class: "play-rank-name" },
        shownNow ? play.name(play.ARCHS[place]) : "?"), tag("small", {}, shownNow ? `${(100 * truth[place] / facts.of).toFixed(2)} %` : ""))));
      lines.replaceChildren(...(shownNow ? order.map((place, i) => svg("path", {
        d: `M0 ${(i + 0.5) * ROW}L100 ${(goal.indexOf(place) + 0.5) * ROW}`,
        class: goal.indexOf(place) === i ? "play-link straight" : "play-link", "vector-effect": "non-scaling-stroke" })) : []));
      dots.replaceChildren(...(shownNow ? found.map(([way, height]) =>
        tag("span", { style: `left:${100 * way}%;top:${((height + 0.5) / 9) * 100}%` })) : []));
      score.replaceChildren(tag("strong", {}, `τ = ${shownNow ? value.toFixed(3) : "?"}`),
        tag("span", {}, shownNow ? `${found.length} crossing${found.length === 1 ? "" : "s"}: pairs of the 36 that the order has the wrong way round` : "36 pairs"));
      at.say(shownNow ? `By ${text}, against ${against}: ${found.length} of 36 pairs the wrong way round, Kendall's tau ${value.toFixed(3)}.`
        : "Which of the nine is best when each is trained alone? Sort them, best first, then show the true order.");
    };
  });

  Object.assign(play, { tau, ranked, sides, crossings });
})();
