/* Nine networks on one digit, yours or one of MNIST's: answers, confidence, their average, and a switch that changes
   which batch statistics they use. No weight changes, and a sum over all of them says so.

   facts: {opens: which of the ten test digits is shown first, path: whose statistics are lent first, start: true on the start page and in Chapter 2, where the
   switch says only "A" and "B", and what differs is for later chapters to find}. Needs parts.js, weights.js (pageNetwork),
   engine.js and pad.js. */
"use strict";

play.define("nine", facts => ({
  statistics: facts.start ? ["running", "recalculated"] : ["running", "recalculated", "path"],
  path: [facts.path || "11", ...play.ARCHS.map(arch => arch.join(""))],
  digit: { start: String(facts.opens), fits: text => /^(own|\d)$/.test(text) },
  drawn: { start: "", fits: pad.isWritten },
  centred: ["yes", "no"],
  pen: { start: pad.PEN, min: 1, max: 4.4, step: 0.2 },
}), at => {
  const { tag, button, name, percent, ARCHS } = play;
  const network = engine.load(pageNetwork);
  const tests = pageNetwork.digits.map(({ pixels, ...told }) => (
    { ...told, pixels: Float64Array.from(engine.bytes(pixels), level => level / 255) }));
  const WAYS = at.facts.start ? { running: "A", recalculated: "B" } : { ...play.STATISTICS, path: "of one path" };
  const SIZES = ["1\u00a0layer", "2\u00a0layers", "3\u00a0layers"];
  let before = [];  // the answers that stand on the cards

  /* ---- what the networks are asked, and what they say ---- */

  const own = () => at.state.digit === "own";
  const test = () => tests[at.state.digit];
  const arch = () => [...at.state.path].map(Number);

  /* 28 x 28 numbers from 0 to 1, or null where there is no digit. */
  function pixels() {
    if (!own()) return test().pixels;
    return pad.problem(board.strokes) ? null : pad.picture(board.strokes, at.state.pen, at.state.centred === "yes");
  }

  /* Ten probabilities of each of the nine. */
  function ask(values) {
    const which = at.state.statistics === "path" ? arch() : at.state.statistics;
    return engine.nine(network, engine.prepare(pageNetwork, values), which).map(engine.softmax);
  }

  /* How many weights there are, and a number made of all their bits (FNV-1a), which tells when one of them changes. */
  function checksum() {
    let count = 0, sum = 2166136261;
    for (const part of Object.values(network.weights)) {
      for (const bits of new Uint32Array(part.buffer, part.byteOffset, part.length)) sum = Math.imul(sum ^ bits, 16777619) >>> 0;
      count += part.length;
    }
    return { count, sum: sum.toString(16).padStart(8, "0") };
  }
  const atFirst = checksum().sum;

  /* ---- what is seen ---- */

  /* A picture as ink on clear ground, a canvas of 28 x 28. */
  function paint(canvas, values) {
    const picture = new ImageData(pad.SIZE, pad.SIZE);
    values.forEach((value, k) => { picture.data[4 * k + 3] = Math.round(255 * value); });
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }
  const canvas = () => tag("canvas", { width: pad.SIZE, height: pad.SIZE, "aria-hidden": "true" });

  let over = false, pending = false;
  const board = pad.create({
    label: "A pad to draw a digit on, with a mouse, a pen or a finger. Without one, take a test digit below.",
    begun: () => { if (!own()) board.show([]); },  // after a test digit a new drawing begins
    left: () => { over = true; },
    changed: ended => {
      const state = { digit: "own", drawn: pad.write(board.strokes) };
      if (ended) return at.set(state);
      Object.assign(at.state, state);
      if (!pending) requestAnimationFrame(() => { pending = false; show(true); });
      pending = true;
    },
  });
  const seen = canvas(), seenText = tag("p", { class: "play-hint" });
  const redraw = strokes => { over = false; at.set({ digit: "own", drawn: pad.write(strokes) }); };
  /* The strokes as text, for the explorer in a running notebook: copied, and in sight where copying is not allowed. */
  const text = tag("input", { type: "text", readonly: true, hidden: true, class: "play-copied", "aria-label": "your digit as text" });
  const copy = button("copy for Jupyter", () => {
    const said = words => at.say(`${words} Paste it into the explorer of a running notebook, under “your digit”.`);
    text.value = pad.write(board.strokes);
    Promise.resolve(navigator.clipboard?.writeText(text.value) ?? Promise.reject()).then(() => said("Your digit is copied."), () => {
      text.hidden = false;
      text.select();
      said("Your digit stands as text beside the pad: copy it.");
    });
  });
  const undo = button("undo", () => redraw(board.strokes.slice(0, -1))), clear = button("clear", () => redraw([]));
  const digits = tests.map(({ label, pixels: values }, place) => {
    const picture = canvas();
    paint(picture, values);
    return button("", () => at.set({ digit: String(place) }), { "aria-label": `test digit, a ${label}`, title: `a ${label}` })
      .appendChild(picture).parentNode;
  });

  const yours = button("your digit", () => at.set({ digit: "own" }), { class: "play-nine-own" });

  const cells = ARCHS.map(() => ({
    digit: tag("span", { class: "play-nine-answer" }), sure: tag("span", {}), mark: tag("span", { class: "play-nine-mark" }),
    ink: tag("span", { class: "play-nine-ink" }), node: tag("td", { class: "play-card" }),
  }));
  cells.forEach(({ node, digit, sure, mark, ink }, k) => node.append(
    tag("span", { class: "play-card-title" }, name(ARCHS[k])), mark, digit,
    tag("span", { class: "play-nine-track" }, ink), sure));
  const heads = SIZES.map((size, k) => tag("th", { scope: "col" }, k ? size : `block 2: ${size}`));
  const rows = SIZES.map((size, k) => tag("tr", {}, tag("th", { scope: "row" }, k ? size : `block 1: ${size}`),
    cells.slice(3 * k, 3 * k + 3).map(cell => cell.node)));
  const caption = tag("caption", {});
  const grid = tag("table", { class: "play-nine-grid" },
    caption,
    tag("thead", {}, tag("tr", {}, tag("td", {}), heads)), tag("tbody", {}, rows));
  const together = play.bar("mean of nine"), unchanged = tag("p", { class: "play-hint" });

  const ways = at.choice("statistics", at.facts.start ? "The same weights, used in two ways" : "Batch statistics", WAYS);
  const path = at.facts.start ? null
    : at.select("path", "of path", Object.fromEntries(ARCHS.map(arch => [arch.join(""), name(arch)])));
  const centred = at.choice("centred", "Your digit", { yes: "sized and centred as in MNIST", no: "as you drew it" });
  const pen = at.slider("pen", "Width of your pen", width => `${width.toFixed(1)} px`);
  const drawn = at.facts.start ? null : tag("div", { class: "play-row" }, centred, pen);

  at.add(tag("div", { class: "play-nine" },
    tag("div", { class: "play-nine-draw" }, board.node,
      tag("div", { class: "play-nine-seen" }, seen, seenText)),
    tag("div", {}, tag("div", { class: "play-row" }, ways, path), grid, together.node, at.sentence, unchanged),
    tag("div", { class: "play-nine-more" }, tag("div", {}, undo, clear, copy, text),
      tag("div", { class: "play-nine-digits", role: "group", "aria-label": "Ten of MNIST's test digits, and yours" }, digits, yours))),
  ...[drawn].filter(Boolean));

  /* ---- after every change ---- */

  /* The mark of a network: is it right, where the truth is known; else does it say what all nine say together? */
  function mark(answer, all) {
    if (own()) return answer === all ? ["", ""] : ["≠", `differs from all nine together`];
    return answer === test().label ? ["✓", "right"] : ["✗", "wrong"];
  }

  function blank(words) {
    cells.forEach(({ node, digit, sure, ink, mark: sign }) => {
      [digit, sure, sign].forEach(part => part.replaceChildren());
      ink.style.width = 0;
      node.className = "play-card";
    });
    together.set(0, "");
    seen.getContext("2d").clearRect(0, 0, pad.SIZE, pad.SIZE);
    before = [];
    at.say(words);
  }

  function fillCards(probabilities, all) {
    const answers = probabilities.map(engine.answer);
    cells.forEach(({ node, digit, sure, ink, mark: sign }, k) => {
      const [shape, words] = mark(answers[k], all), share = probabilities[k][answers[k]];
      digit.textContent = answers[k];
      sure.textContent = percent(share, 0);
      ink.style.width = `${100 * share}%`;
      sign.replaceChildren(...(shape ? [tag("span", { "aria-hidden": "true" }, shape), tag("span", { class: "play-nine-words" }, words)] : []));
      const lent = at.state.statistics === "path" && at.state.path === ARCHS[k].join("");
      node.className = `play-card ${shape === "✗" || shape === "≠" ? "wrong" : "right"}${lent ? " lent" : ""}`;
      if (before.length && before[k] !== answers[k]) node.classList.add("turned");
    });
    before = answers;
    return answers;
  }

  function show(quiet = false) {
    if (at.state.drawn !== pad.write(board.strokes)) board.show(pad.read(at.state.drawn));
    const values = pixels();
    board.setPen(at.state.pen);
    board.node.classList.toggle("idle", !own());
    yours.setAttribute("aria-pressed", String(own()));
    digits.forEach((node, place) => node.setAttribute("aria-pressed", String(at.state.digit === String(place))));
    undo.disabled = clear.disabled = copy.disabled = !board.strokes.length;
    if (text.value !== pad.write(board.strokes)) text.hidden = true;
    if (path) path.style.visibility = at.state.statistics === "path" ? "" : "hidden";  // its place is kept: no card moves
    drawn?.querySelectorAll("input").forEach(input => { input.disabled = !own(); });
    drawn?.classList.toggle("play-nine-idle", !own());
    caption.textContent = `What each network says, and how sure it is. ${own() ? "≠:\u00a0not what all nine say together" : "✗:\u00a0wrong"}`;
    seenText.textContent = own() ? "what the networks see" : `what the networks see: test digit ${test().place}, a ${test().label}`;
    if (!values) return blank(pad.problem(board.strokes));
    paint(seen, values);
    const probabilities = ask(values), mean = engine.average(probabilities), all = engine.answer(mean);
    const answers = fillCards(probabilities, all), { count, sum } = checksum();
    together.set(mean[all], `${all}, ${percent(mean[all], 0)}`, own() || all === test().label ? "a" : "b");
    unchanged.textContent = `${sum === atFirst ? "No weight changed" : `Weights changed from checksum ${atFirst}`}. `
      + `Checksum of all ${play.thousands(count)} weights: ${sum}.`;
    const target = own() ? all : test().label, agree = answers.filter(answer => answer === target).length;
    const way = at.state.statistics === "path" ? `Statistics of path ${name(arch())}` : WAYS[at.state.statistics];
    at.say(`${way[0].toUpperCase()}${way.slice(1)}: ${agree} of 9 say ${target}${own() ? "" : ", which is right"}; all nine together say ${all}.`
      + (at.facts.start && at.state.statistics === "running" && agree < 9 ? " Now press B." : "")
      + (own() && over ? " Your line ran over the edge of the pad: it was held there." : ""), quiet);
  }
  show(true);  // the first call is the slow one
  return () => show();
});
