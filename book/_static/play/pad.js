/* A pad to draw a digit on, and what is made of the strokes: a picture like MNIST's, 28 x 28 numbers from 0 to 1.

   A stroke is a list of points [x, y] in units of the pad's side, from 0 to 1, y downwards. book/kit/pen.py takes the same
   sums in the same order, and tests/kit/test_play_engine.py holds the two together, to the bit. */
"use strict";

const pad = (() => {
  const SIZE = 28, FINE = 8;  // pixels a side; each is drawn as 8 x 8 dots, whose share of ink is its value
  const LONGEST = 20, MIDDLE = 14;  // MNIST's own: the longest side of the ink, and the index of its centre of mass
  const PEN = 2.2;  // pixels: how wide MNIST's strokes are on average
  const BETWEEN = 8;  // pieces of the curve from one point to the next
  const SMALLEST = 0.05, CLOSE = 0.03;  // of the pad's side: what is smaller is a dot; points so close are thinned out

  /* ---- from strokes to a picture ---- */

  /* The picture of strokes drawn with a round pen of `pen` pixels. centred: as MNIST's authors did it, the ink is scaled
     to 20 pixels at its longest side and moved by whole pixels until its centre of mass lies at index 14. Otherwise the
     pad is the picture. */
  function picture(strokes, pen = PEN, centred = true) {
    const curves = strokes.map(smooth), share = dots => dots.map(count => count / FINE ** 2);
    if (!centred) return share(ink(curves.map(curve => curve.map(([x, y]) => [x * SIZE, y * SIZE])), pen));
    const { low, high, longest } = extent(curves), scale = (LONGEST - pen) / longest;
    const scaled = (value, axis) => (value - (low[axis] + high[axis]) / 2) * scale + SIZE / 2;
    return share(centre(ink(curves.map(curve => curve.map(point => point.map(scaled))), pen)));
  }

  /* The smallest and largest coordinates of all points, and the longest side between them. */
  function extent(strokes) {
    const [xs, ys] = [0, 1].map(axis => strokes.flat().map(point => point[axis]));
    const low = [xs, ys].map(values => values.reduce((a, b) => Math.min(a, b)));
    const high = [xs, ys].map(values => values.reduce((a, b) => Math.max(a, b)));
    return { low, high, longest: Math.max(high[0] - low[0], high[1] - low[1]) };
  }

  /* A curve through the points of a stroke: Catmull & Rom 1974, ends doubled. */
  function smooth(points) {
    const at = place => points[Math.max(0, Math.min(points.length - 1, place))], curve = [];
    const value = (a, b, c, d, t) =>
      b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    for (let k = 0; k < points.length - 1; k++) {
      for (let step = 0; step < BETWEEN; step++) {
        curve.push([0, 1].map(axis => value(...[k - 1, k, k + 1, k + 2].map(n => at(n)[axis]), step / BETWEEN)));
      }
    }
    return [...curve, points.at(-1)];
  }

  /* How many of the 8 x 8 dots of each pixel a round pen blackens on its way along strokes in pixels. */
  function ink(strokes, pen) {
    const side = SIZE * FINE, black = new Uint8Array(side * side), dots = new Array(SIZE * SIZE).fill(0);
    for (const stroke of strokes) {
      const fine = stroke.map(([x, y]) => [x * FINE, y * FINE]);
      fine.forEach((end, k) => blacken(black, side, fine[Math.max(0, k - 1)], end, pen * FINE / 2));
    }
    black.forEach((is, dot) => {
      dots[Math.floor(dot / side / FINE) * SIZE + Math.floor(dot % side / FINE)] += is;
    });
    return dots;
  }

  /* Blacken the dots whose centre is at most `radius` from the line between two points. */
  function blacken(black, side, [x1, y1], [x2, y2], radius) {
    const inside = value => Math.max(0, Math.min(side, value)), across = x2 - x1, down = y2 - y1;
    const [left, right] = [inside(Math.floor(Math.min(x1, x2) - radius)), inside(Math.ceil(Math.max(x1, x2) + radius))];
    const [top, end] = [inside(Math.floor(Math.min(y1, y2) - radius)), inside(Math.ceil(Math.max(y1, y2) + radius))];
    const length = across * across + down * down || 1;
    for (let row = top; row < end; row++) {
      for (let column = left; column < right; column++) {
        const x = column + 0.5, y = row + 0.5;
        const along = Math.max(0, Math.min(1, ((x - x1) * across + (y - y1) * down) / length));
        const aside = x1 + along * across - x, above = y1 + along * down - y;
        if (aside * aside + above * above <= radius * radius) black[row * side + column] = 1;
      }
    }
  }

  /* The picture moved by whole pixels so that its centre of mass lies nearest to index 14; what leaves it is lost. */
  function centre(dots) {
    const all = dots.reduce((a, b) => a + b, 0), moved = new Array(SIZE * SIZE).fill(0);
    const shift = place => Math.floor(MIDDLE - dots.reduce((sum, dot, k) => sum + dot * place(k), 0) / all + 0.5);
    const right = shift(k => k % SIZE), down = shift(k => Math.floor(k / SIZE));
    dots.forEach((dot, k) => {
      const column = k % SIZE + right, row = Math.floor(k / SIZE) + down;
      if (column >= 0 && column < SIZE && row >= 0 && row < SIZE) moved[row * SIZE + column] = dot;
    });
    return moved;
  }

  /* What keeps strokes from being a digit, in words, or null. */
  function problem(strokes) {
    if (!strokes.length) return "The pad is empty: draw a digit, as large as you like.";
    if (extent(strokes).longest < SMALLEST) return "That is a dot, too small to be a digit: draw a line.";
    return null;
  }

  /* ---- strokes as text, for an address ---- */

  const STEPS = 999;  // a coordinate is a number of three digits
  const write = strokes => strokes.map(stroke => stroke.flat()
    .map(value => String(Math.round(value * STEPS)).padStart(3, "0")).join("")).join("-");
  const isWritten = text => /^(\d{6})*(-(\d{6})+)*$/.test(text);
  const read = text => text.split("-").filter(Boolean).map(stroke => stroke.match(/\d{6}/g)
    .map(point => [point.slice(0, 3), point.slice(3)].map(digits => Number(digits) / STEPS)));

  /* ---- the pad ---- */

  /* A pad: {node, strokes, show, setPen}. begun() is called before a stroke, changed(ended) is called as a stroke grows, and when it has ended; left()
     once for each stroke that runs over the edge, where it is held. One finger, pen or mouse draws at a time. Of points
     that lie close together only some are kept: the curve through them is as smooth, and its text stays short. */
  function create({ label, begun, changed, left }) {
    const paths = play.svg("g", {}), strokes = [];
    const hint = play.svg("text", { x: 50, y: 52, class: "play-pad-hint" }, "draw a digit here");
    const node = play.svg("svg", { viewBox: "0 0 100 100", class: "play-pad", role: "img", "aria-label": label }, hint, paths);
    let current = null, over = false;
    const add = event => {
      const box = node.getBoundingClientRect();
      const point = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      if (current.length > 1 && extent([current.slice(-2)]).longest < CLOSE) current.pop();
      current.push(point.map(value => Math.round(STEPS * Math.max(0, Math.min(1, value))) / STEPS));
      if (!over && point.some(value => value < 0 || value > 1)) left(over = true);
    };
    const draw = () => {
      hint.style.display = strokes.length ? "none" : "";
      while (paths.childNodes.length > strokes.length) paths.lastChild.remove();
      while (paths.childNodes.length < strokes.length) paths.append(play.svg("path", {}));
      strokes.forEach((stroke, k) => {
        const curve = smooth(stroke).map(point => point.map(value => (100 * value).toFixed(1)).join(" "));
        paths.childNodes[k].setAttribute("d", `M${curve[0]}L${curve.join("L")}`);
      });
    };
    const begin = event => {
      if (!event.isPrimary || event.button) return;
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      begun();
      strokes.push(current = []);
      over = false;
      move(event);
    };
    const move = event => {
      if (!current || !event.isPrimary) return;
      const all = event.getCoalescedEvents?.() || [];
      (all.length ? all : [event]).forEach(add);
      draw();
      changed(false);
    };
    const end = event => {
      if (!current || !event.isPrimary) return;
      current = null;
      changed(true);
    };
    for (const [name, act] of Object.entries({ down: begin, move, up: end, cancel: end })) {
      node.addEventListener(`pointer${name}`, act);
    }
    const show = others => {
      strokes.splice(0, strokes.length, ...others);
      draw();
    };
    return {
      node,
      strokes,
      show,
      setPen: pen => paths.setAttribute("stroke-width", (100 * pen) / SIZE),
    };
  }

  return { SIZE, PEN, picture, problem, write, isWritten, read, create };
})();
if (typeof module === "object") module.exports = pad;
