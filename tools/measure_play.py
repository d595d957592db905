"""What the nine networks in the page are worth on digits of other hands: top-1 in JavaScript and in Python, and time.

    python tools/measure_play.py six_digits.csv
    python tools/measure_play.py six_digits.csv --write    # and keep the counts, which Chapter 8 tells

The file has a row a digit: eight points x, y along its one stroke (0 to 100, y upwards), then the class; digits of the
Pen-Based Recognition of Handwritten Digits data (Alpaydin & Alimoglu, UCI, doi 10.24432/C5MG6K) drawn in one stroke.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from kit import nine
from kit.pen import picture

PLAY = nine.SCRIPT.parent
IN_JAVASCRIPT = """
const [pad, e, w] = ['pad', 'engine', 'weights'].map(name => require(process.argv[1] + '/' + name + '.js'));
const strokes = JSON.parse(require('fs').readFileSync(0)), net = e.load(w), said = {running: [], recalculated: []};
const pictures = strokes.map(stroke => e.prepare(w, pad.picture([stroke]))), times = [];
for (const which of Object.keys(said)) for (const picture of pictures) {
  const start = process.hrtime.bigint(), logits = e.nine(net, picture, which);
  times.push(Number(process.hrtime.bigint() - start) / 1e6);
  const shares = logits.map(e.softmax);
  said[which].push([...shares, e.average(shares)].map(e.answer));
}
times.sort((a, b) => a - b);
process.stdout.write(JSON.stringify({said, median: times[times.length >> 1], fastest: times[0]}));
"""


def main(path, write=False):
    rows = np.loadtxt(path, delimiter=",")
    strokes, labels = rows[:, :16].reshape(-1, 8, 2) / 100 * [1, -1] + [0, 1], torch.tensor(rows[:, 16]).long()
    words = ["node", "-e", IN_JAVASCRIPT, str(PLAY)]
    done = subprocess.run(words, input=json.dumps(strokes.tolist()), capture_output=True, text=True, check=True)
    found, (*nets, content) = json.loads(done.stdout), nine.read_script()
    in_python = nine.answers(*nets, np.stack([picture([stroke]) for stroke in strokes]), content)
    print(f"{len(labels):,} digits; top-1 in % of {', '.join(map(str, nets[0].architectures))}; all nine together")
    nine_said, differ = {}, 0
    for which, logits in in_python.items():
        together = logits.softmax(dim=-1).mean(dim=0, keepdim=True)
        python = torch.cat([logits, together]).argmax(dim=-1)
        script = torch.tensor(found["said"][which]).T
        for language, said in (("Python", python), ("JavaScript", script)):
            print(
                f"{which:13}{language:11}", *(f"{share:6.2f}" for share in 100 * (said == labels).float().mean(dim=1))
            )
        nine_said[which] = python[:-1]
        differ += (python != script).sum().item()
        print(f"{which:13}the same answer in both: {(python == script).sum():,} of {python.numel():,}")
    print(f"nine networks on one digit, warm: median {found['median']:.1f} ms, fastest {found['fastest']:.1f} ms")
    if write:
        print("written:", nine.write_pens(labels, nine_said, differ))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] == ["--write"])
