/* The parts that all instruments of the book share: state, controls, bars, the drawing of the supernet.

   A page holds boxes, written by book/kit/play.py:

       <div class="play" id="bells" data-play="bells" data-title="Two bells" data-facts='{...}'> picture or table </div>

   What stands inside is for readers without script. data-play names the scripts of an instrument, its own one last;
   book/_ext/play_scripts.py puts them on the page, after this one. An instrument's script says

       play.define("bells", facts => keys, at => show);

   keys: what its state holds, {name: domain}. A domain is a list of strings (the first is where it starts), a range of
   numbers {start, min, max, step}, or {start, fits}, where fits(text) tells whether a text is allowed. The state stands
   in the address, `page.html#bells:gap=2&train=A`, so that one can link to it. A wrong value there is ignored.

   The maker gets `at` and adds to its box once; `show(state)` is called at first and after every change:
     at.facts, at.state, at.set({key: value})      the data; the state; change it
     at.add(...nodes)                              append to the box
     at.slider(key, label, text)                   a range input; text(value) is what stands beside it
     at.choice(key, label, {value: text}, more)    radio buttons that look like buttons; more: changes that go with each
     at.select(key, label, {value: text})          a list, for many options
     at.say(text, quiet)                           the sentence under the controls, read out unless quiet
     at.table(titles, rows)                        the same as a table, folded; rows() gives the rows when it is open
   No node needs more than these and `play.tag`, `play.svg`, `play.button`, `play.bar`, `play.card`, `play.drawing`.
   Classes a, b, c, off, faint colour them: play.css. Nothing here touches the page before an instrument is defined. */
"use strict";

const play = (() => {
  const LAYERS = ["stem", "1.1", "1.2", "1.3", "down", "2.1", "2.2", "2.3", "head"];
  const ARCHS = [1, 2, 3].flatMap(d1 => [1, 2, 3].map(d2 => [d1, d2]));
  const STATISTICS = { running: "as trained", recalculated: "recalculated" };  // what records call them, and readers

  /* ---- nodes ---- */

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter(child => child != null));
    return node;
  }
  const tag = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
  const svg = (name, attributes, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

  /* A button; action is called on a press. */
  const button = (text, action, attributes) => tag("button", { type: "button", onclick: action, ...attributes }, text);

  /* A box with a name above what it holds. */
  const card = (title, ...children) =>
    tag("div", { class: "play-card" }, tag("div", { class: "play-card-title" }, title), children);

  /* A labelled bar: set(share in [0, 1], text, class). mark: a share at which a thin line stands, set by setMark. */
  function bar(label) {
    const ink = tag("span", { class: "play-bar-ink" }), text = tag("span", { class: "play-bar-text" });
    const mark = tag("span", { class: "play-bar-mark", hidden: true });
    const node = tag("div", { class: "play-bar" }, tag("span", { class: "play-bar-label" }, label),
      tag("span", { class: "play-bar-track" }, ink, mark), text);
    return {
      node,
      set(share, words, kind = "a") {
        ink.style.width = `${100 * Math.max(0, Math.min(1, share))}%`;
        text.textContent = words;
        node.className = `play-bar ${kind}`;
      },
      setMark(share) {
        mark.hidden = share == null;
        mark.style.left = `${100 * share}%`;
      },
    };
  }

  /* ---- the supernet ---- */

  /* The layers and the links between them on the path of an architecture [d1, d2]. */
  function path([d1, d2]) {
    const layers = ["stem", ...[1, 2, 3].slice(0, d1).map(i => `1.${i}`), "down",
      ...[1, 2, 3].slice(0, d2).map(i => `2.${i}`), "head"];
    return { layers, links: layers.slice(1).map((layer, i) => `${layers[i]}>${layer}`) };
  }

  const WIDE = 68, HIGH = 40, STEP = 86, TOPS = [24, 122];
  const corner = layer => {
    const [block, place] = layer.split(".").map(Number);
    if (layer === "head") return [2 + 4 * STEP, TOPS[1]];
    return place ? [2 + place * STEP, TOPS[block - 1]] : [2, TOPS[layer === "stem" ? 0 : 1]];
  };
  const named = layer => (layer.includes(".") ? `layer ${layer[2]}` : layer);
  const said = layer => (layer.includes(".") ? `block ${layer[0]}, layer ${layer[2]}` : layer);

  function route(link) {
    const [from, to] = link.split(">"), [x, y] = corner(from), [u, v] = corner(to);
    if (y === v && to !== "head") return `M${x + WIDE} ${y + HIGH / 2}H${u - 2}`;
    const out = x + WIDE / 2, rail = y + HIGH + (to === "head" ? 16 : 20);
    const into = to === "head" ? `V${v + HIGH + 2}` : `V${v - 2}`;
    return `M${out} ${y + HIGH}V${rail}H${u + WIDE / 2}${into}`;
  }

  /* The supernet: paint({layer: class}, {link: class}, {layer: second line of text}). What has no class is faint.
     pick(layer): makes its layers buttons; peek(layer or null): on pointing and focus. label: for screen readers. */
  function drawing({ label, pick, peek }) {
    const links = {}, boxes = {}, notes = {};
    const wires = svg("g", { class: "play-wires" }), cells = svg("g", {});
    for (const link of new Set(ARCHS.flatMap(arch => path(arch).links))) {
      links[link] = wires.appendChild(svg("path", { d: route(link) }));
    }
    for (const layer of LAYERS) {
      const [x, y] = corner(layer), middle = x + WIDE / 2;
      const control = pick && { role: "button", tabindex: 0, "aria-label": said(layer),
        onclick: () => pick(layer), onkeydown: event => {
          if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(layer); }
        } };
      const look = peek && { onpointerenter: e => e.pointerType === "mouse" && peek(layer),
        onpointerleave: e => e.pointerType === "mouse" && peek(null),
        onfocus: () => peek(layer), onblur: () => peek(null) };
      notes[layer] = svg("text", { x: middle, y: y + 32, class: "play-note" });
      boxes[layer] = cells.appendChild(svg("g", { ...control, ...look },
        svg("rect", { x, y, width: WIDE, height: HIGH, rx: 7 }),
        svg("text", { x: middle, y: y + 25 }, named(layer)), notes[layer]));
    }
    const frames = [1, 2].map(block => svg("g", { class: "play-frame" },
      svg("rect", { x: STEP - 7, y: TOPS[block - 1] - 21, width: 3 * STEP, height: HIGH + 29, rx: 10 }),
      svg("text", { x: STEP + 2, y: TOPS[block - 1] - 7 }, `block ${block}`)));
    const node = svg("svg", { viewBox: "0 0 418 192", class: "play-drawing", role: pick ? "group" : "img",
      "aria-label": label }, frames, wires, cells);
    return {
      node,
      label(text) { node.setAttribute("aria-label", text); },
      paint(layers, lines = {}, texts = {}) {
        for (const layer of LAYERS) {
          boxes[layer].setAttribute("class", `play-layer ${layers[layer] || "faint"}`);
          if (pick) boxes[layer].setAttribute("aria-pressed", String(Boolean(layers[layer]?.includes("picked"))));
          notes[layer].textContent = texts[layer] ?? "";
          notes[layer].previousSibling.setAttribute("y", corner(layer)[1] + (texts[layer] == null ? 25 : 17));
        }
        for (const [link, wire] of Object.entries(links)) wire.setAttribute("class", lines[link] || "faint");
        wires.append(...Object.values(links).filter(wire => wire.getAttribute("class") !== "faint"));
      },
    };
  }

  /* {layer: kind} and {link: kind} of a path, ready for paint. */
  function lit(arch, kind = "a") {
    const found = path(arch), all = names => Object.fromEntries(names.map(name => [name, kind]));
    return [all(found.layers), all(found.links)];
  }

  const name = arch => `(${arch[0]}, ${arch[1]})`;
  const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}\u00a0%`;
  const thousands = number => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

  /* ---- state ---- */

  const startOf = domain => (Array.isArray(domain) ? domain[0] : domain.start);

  /* The value that a text from the address stands for, or undefined if the domain does not hold it. */
  function read(domain, text) {
    if (Array.isArray(domain)) return domain.includes(text) ? text : undefined;
    if (domain.fits) return domain.fits(text) ? text : undefined;
    const number = text.trim() === "" ? NaN : Number(text);
    return number >= domain.min && number <= domain.max ? number : undefined;
  }

  /* The state that a hash `#id:key=value&...` asks for, or null if it is not about this instrument. */
  function fromHash(hash, id, keys) {
    const [, owner, rest] = /^#([^:]+):(.*)$/.exec(hash) || [];
    if (owner !== id) return null;
    const state = Object.fromEntries(Object.entries(keys).map(([key, domain]) => [key, startOf(domain)]));
    for (const [key, text] of new URLSearchParams(rest)) {
      const value = keys[key] && read(keys[key], text);
      if (value !== undefined && Object.hasOwn(keys, key)) state[key] = value;
    }
    return state;
  }

  function toHash(id, keys, state) {
    const changed = Object.keys(keys).filter(key => state[key] !== startOf(keys[key]));
    return `#${id}:${changed.map(key => `${key}=${encodeURIComponent(state[key])}`).join("&")}`;
  }

  /* ---- an instrument in its box ---- */

  function start(box, keysOf, make) {
    const facts = JSON.parse(box.dataset.facts || "{}"), id = box.id, keys = keysOf(facts);
    const updates = [], nodes = [];
    const sentence = tag("p", { class: "play-said", role: "status", "aria-live": "polite" });
    let writing = 0, show = () => {};
    const at = { facts, id, box, state: fromHash(location.hash, id, keys) || fromHash(`#${id}:`, id, keys) };
    const refresh = () => { updates.forEach(update => update(at.state)); show(at.state); };
    at.add = (...added) => nodes.push(...added);
    at.set = changes => {
      Object.assign(at.state, changes);
      refresh();
      clearTimeout(writing);  // an address may be changed a few times a second only
      writing = setTimeout(() => history.replaceState(null, "", toHash(id, keys, at.state)), 250);
    };
    at.say = (words, quiet) => {
      const text = words.replace(/\((\S), /g, "($1,\u00a0");  // no line ends inside (1, 1)
      sentence.setAttribute("aria-live", quiet ? "off" : "polite");
      if (sentence.textContent !== text) sentence.textContent = text;
    };
    at.sentence = sentence;
    at.slider = (key, label, text = String) => {
      const { min, max, step } = keys[key], shown = tag("output", { for: `${id}-${key}`, "aria-live": "off" });
      const input = tag("input", { type: "range", id: `${id}-${key}`, min, max, step, autocomplete: "off",
        oninput: () => at.set({ [key]: Number(input.value) }) });
      updates.push(state => {
        input.value = state[key];
        shown.textContent = text(state[key]);
        input.setAttribute("aria-valuetext", text(state[key]));
      });
      return tag("div", { class: "play-slider" }, tag("label", { for: `${id}-${key}` }, label), input, shown);
    };
    at.choice = (key, label, texts, more = {}) => {
      const radios = Object.entries(texts).map(([value, text]) => {
        const input = tag("input", { type: "radio", name: `${id}-${key}`, value, autocomplete: "off",
          onchange: () => at.set({ [key]: value, ...more }) });
        updates.push(state => { input.checked = String(state[key]) === value; });
        return tag("label", {}, input, tag("span", {}, text));
      });
      return tag("fieldset", { class: "play-choice" }, tag("legend", {}, label), tag("div", {}, radios));
    };
    at.select = (key, label, texts) => {
      const options = Object.entries(texts).map(([value, text]) => tag("option", { value }, text));
      const list = tag("select", { id: `${id}-${key}`, autocomplete: "off",
        onchange: () => at.set({ [key]: list.value }) }, options);
      updates.push(state => { list.value = state[key]; });
      return tag("div", { class: "play-select" }, tag("label", { for: `${id}-${key}` }, label), list);
    };
    at.table = (titles, rows) => {
      const body = tag("tbody", {}), heads = titles.map(title => tag("th", { scope: "col" }, title));
      const scroll = tag("div", { class: "play-scroll", tabindex: 0, role: "group", "aria-label": "table" },
        tag("table", { class: "play-table dataframe" }, tag("thead", {}, tag("tr", {}, heads)), body));
      const fold = tag("details", { class: "play-fold", ontoggle: () => renew() },
        tag("summary", {}, "The same as a table"), scroll);
      const renew = () => fold.open && body.replaceChildren(...rows().map(([first, ...rest]) =>
        tag("tr", {}, tag("th", { scope: "row" }, first), rest.map(cell => tag("td", {}, String(cell))))));
      updates.push(() => queueMicrotask(renew));  // after show
      return fold;
    };
    show = make(at);
    refresh();
    const heading = box.dataset.title && tag("div", { class: "play-title" }, box.dataset.title);
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.dataset.title || id);
    box.classList.add("play-live");
    box.replaceChildren(...[heading].filter(Boolean), ...nodes);
    const follow = () => {
      const asked = fromHash(location.hash || `#${id}:`, id, keys);  // back to no hash: to the state at first
      if (!asked) return;
      Object.assign(at.state, asked);
      refresh();
      if (location.hash) box.scrollIntoView({ block: "start" });
    };
    addEventListener("hashchange", follow);
    if (location.hash.startsWith(`#${id}:`)) addEventListener("load", () => box.scrollIntoView({ block: "start" }));
  }

  /* See the top of this file. If an instrument fails, its picture for readers without script stays. */
  function define(instrument, keysOf, make) {
    if (typeof document === "undefined") return;
    for (const box of document.querySelectorAll("[data-play]")) {
      if (box.dataset.play.split(" ").at(-1) !== instrument) continue;
      try {
        start(box, keysOf, make);
      } catch (error) {
        console.error(`${instrument}: ${error.stack}`);
      }
    }
  }

  return { tag, svg, button, card, bar, drawing, path, lit, name, said, percent, thousands, define, fromHash, toHash,
    LAYERS, ARCHS, STATISTICS };
})();
globalThis.play = play;  // for Node, where tests read these files
