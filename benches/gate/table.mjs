/** Median and, in brackets, the quartiles. */
export function spread(values, digits) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.round((sorted.length - 1) * part)].toFixed(digits);
  return `${at(0.5)} (${at(0.25)}–${at(0.75)})`;
}

const row = (first, ...others) => console.log([first.padEnd(36), ...others.map((text) => text.padEnd(22))].join('').trimEnd());

/** What was measured, each round against the same round of the first variant. */
export function printLoad(title, variants) {
  const [first] = variants;
  console.log(`\n${title}\n`);
  row('', 'requests/s, a = 1', 'CPU, a = 1', 'requests/s', 'CPU in µs');
  for (const { name, samples } of variants) {
    const against = (what) => samples.map((sample, round) => sample[what] / first.samples[round][what]);
    const plain = (what) => samples.map((sample) => sample[what]);
    row(name, spread(against('rate'), 2), spread(against('cpu'), 2), spread(plain('rate'), 0), spread(plain('cpu'), 0));
  }
}

/** Requests a second of each against another of the same round. */
export function printRates(title, pairs) {
  console.log(`\n${title}\n`);
  for (const [one, other] of pairs) {
    row(one.name, spread(one.samples.map(({ rate }, round) => rate / other.samples[round].rate), 2));
  }
}

export function printTimes(title, times) {
  console.log(`\n${title}\n`);
  for (const [name, values] of Object.entries(times)) row(name, spread(values, 1));
}
