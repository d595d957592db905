/* Nine networks in plain JavaScript: the supernet of the book on one picture, with nothing but arrays of numbers.

   A picture, and what every layer makes of it, is {data, channels, size}: `channels` square planes of size x size
   numbers, one plane after the other, row by row, in one Float32Array. A network is what `load` makes of the file
   weights.js: arrays by PyTorch's names, such as "block1.layers.0.0.weight". The names of layers are "stem",
   "block1.layers.0" ... "block2.layers.2" and "down"; each is a convolution, a batch normalisation and a ReLU.

   nas/supernet.py says the same in PyTorch; tests/kit/test_play_engine.py holds the two together. */
"use strict";

const engine = (() => {
  const DEPTHS = [1, 2, 3];
  const EPSILON = 1e-5;  // PyTorch's, beside the variance

  /* ---- the five operations ---- */

  /* The picture with a row of zeros all around. */
  function pad({ data, channels, size }) {
    const wide = size + 2, padded = new Float32Array(channels * wide * wide);
    for (let row = 0; row < channels * size; row++) {
      const channel = Math.floor(row / size), place = channel * wide * wide + (row % size + 1) * wide + 1;
      padded.set(data.subarray(row * size, (row + 1) * size), place);
    }
    return { data: padded, channels, size: wide };
  }

  /* 3 x 3 convolution. weight: (out, in, 3, 3), flat. With stride 2 every second row and column is left out. */
  function convolve(picture, weight, stride) {
    const input = pad(picture), wide = input.size, size = Math.ceil(picture.size / stride);
    const channels = weight.length / (9 * input.channels), data = new Float32Array(channels * size * size);
    for (let out = 0; out < channels; out++) {
      const plane = data.subarray(out * size * size, (out + 1) * size * size);
      for (let channel = 0; channel < input.channels; channel++) {
        const source = input.data.subarray(channel * wide * wide, (channel + 1) * wide * wide);
        const kernel = weight.subarray((out * input.channels + channel) * 9);
        addConvolved(plane, size, source, wide, kernel, stride);
      }
    }
    return { data, channels, size };
  }

  /* Add one plane of the input, convolved, to one plane of the output. The nine products stand in one line, because
     a loop over them would take twice as long. */
  function addConvolved(plane, size, x, wide, [a, b, c, d, e, f, g, h, i], stride) {
    for (let row = 0; row < size; row++) {
      let top = row * stride * wide, middle = top + wide, bottom = middle + wide;
      for (let place = row * size; place < (row + 1) * size; place++) {
        plane[place] += a * x[top] + b * x[top + 1] + c * x[top + 2]
          + d * x[middle] + e * x[middle + 1] + f * x[middle + 2]
          + g * x[bottom] + h * x[bottom + 1] + i * x[bottom + 2];
        top += stride;
        middle += stride;
        bottom += stride;
      }
    }
  }

  /* Batch normalisation with given statistics, then ReLU: max(0, weight (x - mean) / deviation + bias), in place. Both
     together are one factor and one shift for each channel: that is what "folding" a batch normalisation means. */
  function normalise(picture, { mean, variance, weight, bias }) {
    const area = picture.size ** 2;
    for (let channel = 0; channel < picture.channels; channel++) {
      const factor = weight[channel] / Math.sqrt(variance[channel] + EPSILON);
      const shift = bias[channel] - mean[channel] * factor;
      for (let place = channel * area; place < (channel + 1) * area; place++) {
        picture.data[place] = Math.max(0, picture.data[place] * factor + shift);
      }
    }
    return picture;
  }

  /* The mean of every plane: global average pooling. */
  function pool({ data, channels, size }) {
    const area = size * size, plane = channel => data.subarray(channel * area, (channel + 1) * area);
    return Float32Array.from({ length: channels }, (_, channel) => plane(channel).reduce((a, b) => a + b, 0) / area);
  }

  /* weight (out, in), flat, times values (in), plus bias (out). */
  function linear(values, weight, bias) {
    return bias.map((start, out) => values.reduce((sum, value, k) => sum + value * weight[out * values.length + k], start));
  }

  /* ---- the networks ---- */

  /* The statistics that the batch normalisation of a layer uses on a path of depth d1 in block 1. which: "running", as
     training left them; "recalculated", for the path at hand; or [p1, p2]: for that path, whatever path is at hand. What
     that path does not use has running statistics: there are no others. */
  function statistics(net, layer, d1, which) {
    const own = Array.isArray(which) ? which : [d1, DEPTHS.length];
    const [, block, index] = /^(?:block(\d)\.layers\.(\d)|.*)$/.exec(layer);
    const used = which !== "running" && (!block || Number(index) < own[block - 1]);
    const from = used ? net.recalculated[own[0] - 1] : net.running;
    return { mean: from[`${layer}.mean`], variance: from[`${layer}.variance`] };
  }

  /* Convolution, batch normalisation, ReLU. */
  function apply(net, layer, picture, d1, which, stride = 1) {
    const [weight, bias] = [net.weights[`${layer}.1.weight`], net.weights[`${layer}.1.bias`]];
    const convolved = convolve(picture, net.weights[`${layer}.0.weight`], stride);
    return normalise(convolved, { weight, bias, ...statistics(net, layer, d1, which) });
  }

  /* The ten logits of each of the nine networks, in the order (1, 1), (1, 2), ... (3, 3), on a walk through the tree of
     their prefixes: what two networks have in common is computed once. pixels: 28 x 28 numbers, normalised. */
  function nine(net, pixels, which = "running") {
    const logits = [];
    let x1 = apply(net, "stem", { data: pixels, channels: 1, size: 28 }, 1, which);
    for (const d1 of DEPTHS) {
      x1 = apply(net, `block1.layers.${d1 - 1}`, x1, d1, which);
      let x2 = apply(net, "down", x1, d1, which, 2);
      for (const d2 of DEPTHS) {
        x2 = apply(net, `block2.layers.${d2 - 1}`, x2, d1, which);
        logits.push(linear(pool(x2), net.weights["head.linear.weight"], net.weights["head.linear.bias"]));
      }
    }
    return logits;
  }

  /* ---- what their answers mean ---- */

  /* Ten probabilities from ten logits. */
  function softmax(logits) {
    const highest = Math.max(...logits), powers = Array.from(logits, logit => Math.exp(logit - highest));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map(power => power / sum);
  }

  /* The mean of several lists of probabilities: the answer of an ensemble. */
  const average = lists => lists[0].map((_, k) => lists.reduce((sum, list) => sum + list[k], 0) / lists.length);

  /* The place of the largest number: the digit that is answered. */
  const answer = probabilities => probabilities.indexOf(Math.max(...probabilities));

  /* ---- the file of weights ---- */

  /* Base64 as bytes. */
  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

  /* The network in the object of weights.js: {weights, running, recalculated: [of depth 1, 2, 3 of block 1]}, arrays by
     name. There every array's length stands beside its name, and the numbers of all follow each other in `floats`. */
  function load({ lengths, floats }) {
    const all = new Float32Array(bytes(floats).buffer), net = { weights: {}, running: {}, recalculated: [{}, {}, {}] };
    let start = 0;
    for (const [name, length] of Object.entries(lengths)) {
      const [, group, rest] = /^(\w+)\/(.*)$/.exec(name);
      const home = group in net ? net[group] : net.recalculated[group.at(-1) - 1];
      home[rest] = all.subarray(start, start += length);
    }
    return net;
  }

  /* Pixels from 0 to 1 as the network wants them: less the mean of its training images, by their deviation. */
  const prepare = ({ mean, deviation }, pixels) => Float32Array.from(pixels, pixel => (pixel - mean) / deviation);

  return { convolve, normalise, pool, linear, nine, softmax, average, answer, bytes, load, prepare };
})();
if (typeof module === "object") module.exports = engine;
