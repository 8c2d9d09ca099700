/** docs/devices.md, made from the tables of device models. */
import type { DriftModel, ProgrammingModel, ReadNoiseModel } from '../profile/profile.ts'
import { driftModels } from './drift.ts'
import { ivModels } from './iv.ts'
import type { ModelFacts } from './model.ts'
import { programmingModels } from './programming.ts'
import { readNoiseModels } from './read-noise.ts'

/** g and sigma in uS, x = g / gMax, t in seconds since programming, m = gMax in uS; g is the target. */
const PROGRAMMING: Readonly<Record<ProgrammingModel, string>> = {
  none: 'exact',
  'pcm-nandakumar': '(m/25) (0.26348 + 1.9650 x - 1.1731 x^2)',
  'pcm-joshi': 'max(0, 0.28638599 + 0.07585724 g - 0.00178767 g^2)',
  'pcm-hermes-1': '(m/10.35) (0.15781817 + 2.32443916 x - 2.16310839 x^2 + 0.68841818 x^3)',
  'pcm-hermes-2': '(m/20.7) (0.16603222 + 4.71806468 x - 8.48101252 x^2 + 4.68961419 x^3)',
  'reram-wan2022-ibm':
    '(m/40) p(x); 1 s: 0.348 + 16.03 x - 43.853 x^2 + 45.393 x^3 - 16.815 x^4; 1 day: 0.701 + 22.086 x - 50.773 x^2 + 47.095 x^3 - 16.458 x^4; 2 days: 0.782 + 20.274 x - 43.507 x^2 + 37.062 x^3 - 11.934 x^4; linear in ln t between, held outside',
  'reram-wan2022-sandia': 'max(0, 1.053 + 0.2374 g - 1.167e-2 g^2 + 1.536e-4 g^3)',
  'reram-milo2021': 'max(0, 4.782321 - 0.009107 g)',
  'reram-cmo-0.2': '0.00081107 + 0.00106879 g',
  'reram-cmo-2': '0.0112185391 + 0.01129027418 g',
  sonos:
    'in nA, I = g x referenceVoltage: A (1 - exp(-I / B)); 0 s: A 19.88665, B 176.3115; 1 day: 25.59102, 186.85544; 5 days: 34.57909, 207.34309; linear in t between, held outside',
  'state-independent': '0.2',
  'normal-independent': 'sigma m',
  'normal-proportional': 'sigma g',
  'uniform-independent': 'sigma m, uniform over +- sqrt(3) sigma m',
  'uniform-proportional': 'sigma g, uniform over +- sqrt(3) sigma g',
  lognormal: 'g exp(sigma xi): sigma is of ln g',
  table: 'shift (mean - target) and standard deviation of the rows, linear in the target between them, held outside',
  'write-verify': 'see below',
}

const DRIFT: Readonly<Record<DriftModel, string>> = {
  none: 'g',
  'pcm-nandakumar':
    't0 20 s; mu = clamp(0.0244 - 0.0155 ln x, 0.049, 0.1); sigma = clamp(-0.0059 - 0.0125 ln x, 0.008, 0.045)',
  'pcm-hermes-1':
    't0 200 s; mu = clamp(-0.0182 - 0.0387 ln x, 0.072, 0.13) for x < 0.0945, else 0.0736 - 0.0126 x - 0.0436 x^2; sigma = clamp(-0.0023 - 0.0120 ln x, 0.0124, 0.04) for x < 0.3039, else 0.0104 + 0.0116 x - 0.0165 x^2',
  'pcm-hermes-2':
    't0 300 s; mu as pcm-hermes-1; sigma = clamp(-0.0057 - 0.0117 ln x, 0.0091, 0.04) for x < 0.3055, else 0.0073 + 0.0093 x - 0.0118 x^2',
  'state-independent': 't0 20 s; mu = 0.1; sigma = 0.05',
  fixed: 't0 = referenceTime; mu = exponent; sigma = exponentSigma',
  'reram-cmo': 'clamp(g - 0.08900206 ln t + (0.04201137 ln t + 0.41183342) xi, 8, 90), t from 1 s',
}

const READ: Readonly<Record<ReadNoiseModel, string>> = {
  none: '0',
  'pcm-nandakumar': 'g min(0.2, 0.0088 / max(x^0.65, 0.001)) F(t + 20 s, 250 ns)',
  'pcm-hermes-1':
    'g Q F(t + 200 s, 512 ns); Q = clamp(0.0038 - 0.0078 ln x, 0.0179, 0.04) for x < 0.1591, else 0.0088 + 0.0768 x - 0.1352 x^2 + 0.0664 x^3',
  'pcm-hermes-2':
    'g Q F(t + 300 s, 512 ns); Q = clamp(-0.0069 - 0.0117 ln x, 0.015, 0.04) for x < 0.16, else 0.0123 + 0.0211 x - 0.0280 x^2 + 0.0069 x^3',
  'reram-cmo': '0.0277316483 log10(max(g, 1)) F(t, 1 us)',
  sonos: 'in nA, I = g x referenceVoltage: 12.58037 (1 - exp(-I / 215.36557))',
  proportional: 'sigma g',
  independent: 'sigma m',
}

/** The page as Markdown. */
export function devicesPage(): string {
  return [
    '<!-- Made by `npm run generate` from src/crossbar. Change it there. -->',
    '',
    '# Device models',
    '',
    'Every model with its equation, its source and the range it was fitted in. Conductances g and standard deviations are in',
    'uS, x = g / gMax, m = gMax in uS, t in seconds since programming, ln the natural logarithm, xi standard normal,',
    'clamp(a, low, high) = min(max(a, low), high). A model used outside its range runs, with a warning that counts the',
    'devices (OHM2001). Conductances are never negative. Every static draw belongs to a device of a chip: the key (seed, chip,',
    'layer, tile, mechanism, row, column) gives it, whatever else is switched on.',
    '',
    'The order: write; drift and retention up to the age; temperature; faults, which override all of them; read noise at each',
    'use.',
    '',
    '## Programming',
    '',
    'g = max(0, target + scale sigma(target) xi), sigma at the target. `scale` 0 is the target, bit for bit.',
    '',
    ...table(programmingModels, PROGRAMMING, 'sigma'),
    '',
    'The two fits of Wan et al. 2022 disagree, by 7 to 77 % of the spread; presets `wan2022-1s` and `wan2022-sandia` hold one',
    'each.',
    '',
    '`table` takes its rows from the profile or from a CSV file beside it, named in place of the rows: header',
    '`target_uS,mean_uS,sigma_uS` (or `target,mean,sigma` in siemens), ascending targets, at most 4096 rows. A row is the',
    'conductance asked for, the mean conductance that devices then hold and their standard deviation: the mean is that',
    'conductance itself, not its distance from the target, which is worked out from it. Here `scale` multiplies that shift',
    'as well. Means far from most targets are warned of (OHM1208), entries above 1 S refused.',
    '',
    '### Write-verify',
    '',
    'From gMin: read; stop when |read - target| <= tolerance gMax; else one pulse towards the target; at most maximumPulses.',
    '',
    '- set: G(P) = B (1 - exp(-P / A)) + gMin, A = curvature fullRangePulses, B = (gMax - gMin) / (1 - exp(-fullRangePulses /',
    '  A)); reset: its mirror image, G(P) = gMax - B (1 - exp(-P / A)). One pulse is one step of P from where the device is.',
    '- each step gets pulseSigma (gMax - gMin) sqrt(|dP|) xi, dP = 1, and ends within [gMin, gMax];',
    '- a read gets readSigma gMax xi;',
    '- what is accepted (or given up) then relaxes by the named model, its sigma taken at the target.',
    '',
    'The error is that of the window, truncated, plus the relaxation. `scale` multiplies it. Pulses and devices given up are',
    'counted (`writePulses`, `meanWritePulses`, `mostWritePulses`, `writeFailures` of `simulate`; warning OHM2007). Pulse',
    'response and spread as in NeuroSim, tolerance and largest number of pulses as in MemTorch; mirrored reset and erased start',
    'are choices of this project.',
    '',
    '## Drift',
    '',
    'g(t) = g ((t + t0) / t0)^(-scale nu), nu = |mu + sigma xi|, x of the target, drawn once a device: ageing a chip is a',
    'trajectory. `fabricate(deployment, { seed, chip, seconds })` is the same chip at another age:',
    '',
    '```ts',
    'const ages = [1, 3600, 86400, 30 * 86400]',
    'const chips = ages.map((seconds) => fabricate(deployment, { seed: 0, chip: 3, seconds }))',
    '```',
    '',
    ...table(driftModels, DRIFT, 'law'),
    '',
    'Every power law falls monotonically. `reram-cmo` relaxes to either side.',
    '',
    '## Retention, temperature',
    '',
    '- Retention `stretched-exponential`: g(t) = e + (g - e) exp(-(t / timeConstant)^stretch), e = gMin + end (gMax - gMin)',
    '  [textbook]. Monotone towards e.',
    '- g(T) = g max(0, 1 + coefficient (T - reference)) [textbook].',
    '- Drift and retention run exp(Ea / k (1 / reference - 1 / T)) times as fast [textbook]. Read noise and the time tables of',
    '  programming models are not accelerated.',
    '',
    'No public simulator gives constants for these: they are off until a profile brings its own.',
    '',
    '## Faults',
    '',
    'One draw a device, cut into disjoint classes: stuck at gMin, gMax or the middle, or never formed (open). One draw a word',
    'or bit line: dead (open). Clustered: any place of a line may start a run of clusterLength devices of one class; the share',
    'of faulty devices is the stated probability, at the ends of lines too. Where runs meet, the class that comes first holds.',
    '',
    '## Read noise',
    '',
    'Drawn at each use, once an output and vector: independent devices add up to a normal current of variance sum(sigma^2 v^2).',
    'F(t, r) = sqrt(ln((t + r) / (2 r))) is 1/f noise accumulated since programming for a read of length r.',
    '',
    ...table(readNoiseModels, READ, 'sigma'),
    '',
    'With `periphery.tia.bandwidth` B an output also gets 4 k T B sum(w^2 g) over the devices of its bit lines, w what a line',
    'counts, and with `shotNoise` 2 q B sum(w^2 g |v|). Ohmic devices have no shot noise of their own: leave it off for them',
    '[textbook].',
    '',
    '## Current against voltage',
    '',
    '| model | equation, source | fitted in |',
    '|---|---|---|',
    ...Object.entries(ivModels).map(([name, facts]) => row([`\`${name}\``, facts.source, range(facts)])),
    '',
    'g is what programming, drift and faults act on: the slope at 0 V, for `power-law` the chord I / V at V0. Milo: with',
    'L = log10(g / S), NL2 = 1.388e-4 L^3 + 1.541e-3 L^2 + 5.711e-3 L + 7.063e-3 A/V^2 and NL3 = 8.871e-5 L^2 +',
    '6.7919e-4 L + 1.2968e-3 A/V^3; outside 50-225 uS, where the polynomials run away, NL2 / g and NL3 / g of the nearer end.',
    'Beyond the voltage a formula covers (0.5 V for Milo, the turning point of a cubic, 20 V0 for sinh) the current goes on',
    'along its tangent, so that it never falls; the devices are counted (OHM2001).',
    '',
    'An access transistor of resistance R in series makes g / (1 + g R) of an ohmic device; for others x + R I(x) = V is solved',
    'to 1e-14. Weights are mapped to g, the device alone: leave R at 0 where conductances are those of whole cells.',
    '',
    'Arrays of devices that are not linear have no matrix. Every vector is solved for its operating point, wires included, by',
    "Newton's method until devices and wires agree to 1e-12 of the largest current, or OHM2004. Pulses are exact too: between",
    'two ends of pulses the array is one circuit, and the read averages as many operating points as there are lengths.',
    'Against ngspice, 16 x 16 with wires and every law: within 1e-8 of the largest current.',
    '',
    '`periphery.input.encoding` pulse-width does not make a curved device ohmic: it sees one voltage only, but there its current is',
    'not g V. Where every device errs by the same factor (sinh, cubic, power-law), that is a gain error, which the scale of the',
    'next stage does not know. vqcs_n20_I4, profile `ideal`, NMSE in dB (-11.03 with linear devices):',
    '',
    '| device.iv | amplitude | with output calibration | pulse-width | with output calibration |',
    '|---|---:|---:|---:|---:|',
    '| sinh, V0 0.2 V | -3.19 | -4.39 | -2.19 | -11.03, the same codes |',
    '| cubic, 1 / V^2 | -9.89 | -9.93 | -8.75 | -11.03, the same codes |',
    '| milo2021, 50-225 uS | -3.87 | -5.84 | -2.74 | -5.46 |',
    '',
    '```',
    'ohmbit deploy model.onnx --profile ideal --calibrate test_y.npy -o ideal',
    'ohmbit simulate ideal --chips 1 --inputs test_y.npy --truth test_x.npy --set device.iv.model=sinh \\',
    '  --set periphery.input.encoding=pulse-width --set crossbar.outputCalibration.kind=gain-and-offset',
    '```',
    '',
    'So use pulses together with `crossbar.outputCalibration`. The curve of Milo depends on conductance and sign: no gain undoes it.',
    'Devices beyond the voltage that their model covers are counted by `simulate` (`beyondDeviceCurve`, OHM2001).',
    '',
    '## What a chip does about it',
    '',
    '- `crossbar.driftCompensation`: gain of an amplifier x mean |one-hot reads right after programming, at the reference',
    '  temperature| / mean |one-hot reads now|, over the layer (`global`) or the output; `measured` reads carry read noise.',
    '  A read below 1e-4 of its reference changes nothing and is counted (as aihwkit).',
    '- `crossbar.outputCalibration`: least squares of offset, or gain and offset, of each amplifier on kept calibration vectors,',
    '  layer after layer, against the ideal pre-activations; saturated vectors are left out (as MemTorch tunes layers). An',
    '  output without a signal keeps its gain and is counted (`untrimmedOutputs`, OHM2008).',
    '',
    'Both end in gain and offset of the amplifiers, which netlists carry.',
    '',
  ].join('\n')
}

function table(
  models: Readonly<Record<string, ModelFacts>>,
  equations: Readonly<Record<string, string>>,
  what: string,
): string[] {
  return [
    `| model | ${what} | fitted in | source |`,
    '|---|---|---|---|',
    ...Object.entries(models).map(([name, facts]) =>
      row([`\`${name}\``, equations[name]!, range(facts), facts.source]),
    ),
  ]
}

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

function range({ valid, validSeconds }: ModelFacts): string {
  const parts = Number.isFinite(valid.high) ? [`${valid.low}-${valid.high} uS`] : []
  if (validSeconds !== undefined)
    parts.push(
      Number.isFinite(validSeconds.high) ? `${validSeconds.low}-${validSeconds.high} s` : `from ${validSeconds.low} s`,
    )
  return parts.join(', ')
}
