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

  /* Pairs of two lists of scores: {wrong: the wrong way round, tied: equal in one of the lists}. */
  function pairs(a, b) {
    const found = { wrong: 0, tied: 0 };
    for (let i = 0; i < a.length; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const way = Math.sign(a[i] - a[j]) * Math.sign(b[i] - b[j]);
        found.wrong += way < 0;
        found.tied += way === 0;
      }
    }
    return found;
  }

  /* Places from the highest score to the lowest; of equal ones the one that `order` has first. */
  const ranked = (scores, order = scores.map((_, place) => place)) => [...order].sort((i, j) => scores[j] - scores[i]);

  /* Kendall's tau of each seed's scores with the same seed from scratch, averaged: as the chapter's tables have it. */
  const seedBySeed = (facts, from) => facts.scratch.reduce((sum, truth, seed) =>
    sum + tau(from === "parameters" ? facts.parameters : facts[from][seed], truth), 0) / facts.scratch.length;

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
    const current = () => {
      const { scores, truth } = sides(facts, at.state.from, at.state.n);
      return scores ? ranked(scores, ranked(truth)) : orderNow();  // so no two lines of a tie cross
    };

    let held = null;  // the card that a hand drags: its place among the nine
    let moved = "";  // where the card now stands that was moved last, in words
    const move = (place, to) => {
      const order = current().filter(other => other !== place);
      order.splice(Math.max(0, Math.min(8, to)), 0, place);
      moved = `${play.name(play.ARCHS[place])} is now ${order.indexOf(place) + 1} of 9.`;
      at.set({ from: "you", order: order.join("") });
    };
    const arrow = (place, sign, by) => play.button(sign, () => move(place, current().indexOf(place) + by),
      { "aria-label": `${play.name(play.ARCHS[place])} ${by < 0 ? "up" : "down"}` });
    const cards = play.ARCHS.map((arch, place) => tag("li", { class: "play-rank" },
      tag("span", { class: "play-grip", "aria-hidden": "true" }, "⠿"), tag("span", { class: "play-rank-name" }, play.name(arch)),
      arrow(place, "▲", -1), arrow(place, "▼", 1)));
    /* The list holds the pointer: a card would lose it where it is put elsewhere in the page. */
    list.addEventListener("pointerdown", event => {
      const place = cards.findIndex(card => card.contains(event.target)), grip = event.target.closest(".play-grip");
      if (place < 0 || held != null || event.button || event.target.closest("button")) return;
      if (event.pointerType !== "mouse" && !grip) return;  // a finger elsewhere scrolls the page
      event.preventDefault();
      list.setPointerCapture(event.pointerId);
      held = place;
      cards[held].classList.add("held");
    });
    list.addEventListener("pointermove", event => {
      if (held == null || !list.hasPointerCapture(event.pointerId)) return;
      const to = Math.max(0, Math.min(8, Math.floor((event.clientY - list.getBoundingClientRect().top) / ROW)));
      if (current().indexOf(held) !== to) move(held, to);
    });
    list.addEventListener("lostpointercapture", () => {
      if (held != null) cards[held].classList.remove("held");
      held = null;
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
      const still = order.findIndex(place => place === held || cards[place].contains(document.activeElement));
      list.prepend(...order.slice(0, Math.max(0, still)).map(place => cards[place]));  // others move: this one keeps focus and finger
      list.append(...order.slice(still + 1).map(place => cards[place]));
      order.forEach((place, i) => {
        const [up, down] = cards[place].querySelectorAll("button");
        up.setAttribute("aria-disabled", String(i === 0));
        down.setAttribute("aria-disabled", String(i === 8));
      });
      const shownNow = at.state.truth === "shown", found = crossings(order, goal);
      const mine = scores || play.ARCHS.map((_, place) => -order.indexOf(place));
      const value = tau(mine, truth).toFixed(3), { wrong, tied } = pairs(mine, truth);
      target.replaceChildren(...goal.map(place => tag("li", { class: "play-rank" }, tag("span", { class: "play-rank-name" },
        shownNow ? play.name(play.ARCHS[place]) : "?"), tag("small", {}, shownNow ? `${(100 * truth[place] / facts.of).toFixed(3)}\u00a0%` : ""))));
      lines.replaceChildren(...(shownNow ? order.map((place, i) => svg("path", {
        d: `M0 ${(i + 0.5) * ROW}L100 ${(goal.indexOf(place) + 0.5) * ROW}`,
        class: goal.indexOf(place) === i ? "play-link straight" : "play-link", "vector-effect": "non-scaling-stroke" })) : []));
      dots.replaceChildren(...(shownNow ? found.map(([way, height]) =>
        tag("span", { style: `left:${100 * way}%;top:${((height + 0.5) / 9) * 100}%` })) : []));
      score.replaceChildren(tag("strong", {}, `τ = ${shownNow ? value : "?"}`), tag("span", {}, shownNow
        ? `${wrong} of 36 pairs the wrong way round${tied ? `, ${tied} tied: neither right nor wrong, which is tau-b` : ""}` : "36 pairs"));
      const each = ["parameters", "running", "recalculated"].includes(from)
        ? ` Seed by seed, as this chapter's tables have it, tau is ${seedBySeed(facts, from).toFixed(2)} on average: one seed is noisier than a mean.` : "";
      const told = shownNow ? `By ${text}, against ${against}: ${wrong} of 36 pairs the wrong way round, Kendall's tau ${value}.${each}`
        : moved ? "" : "Which of the nine is best when each is trained alone? Sort them, best first, then show the true order.";
      at.say([moved, told].filter(Boolean).join(" "), held != null);
      moved = "";
    };
  });

  Object.assign(play, { tau, pairs, ranked, seedBySeed, sides, crossings });
})();
