import type { FieldsOf } from './field.ts'

const GENERIC = 'spread of the generic models (measured ones bring their own), as a share'

/** A hundred years. */
const LONGEST = 36500 * 86400

/** What one device can hold, and how it misses it. */
export const deviceFields: FieldsOf<'device'> = {
  'device.conductanceMin': {
    kind: 'quantity',
    unit: 'S',
    default: 1e-6,
    min: 0,
    max: 1,
    meaning: 'lowest conductance a device is programmed to',
    source: '1 uS: HfOx range of Wan et al. 2022; 0 for an ideal off state',
  },
  'device.conductanceMax': {
    kind: 'quantity',
    unit: 'S',
    default: 1e-4,
    above: 0,
    max: 1,
    meaning: 'highest conductance; the largest weight of a layer is mapped to it',
    source: '25 uS (PCM), 40 uS (HfOx, Wan et al. 2022), 90 uS (CMO/HfOx)',
  },
  'device.levels': {
    kind: 'levels',
    default: null,
    maxCount: 65536,
    maxList: 4096,
    meaning:
      'programmable levels: a number of evenly spaced ones from min to max, an ascending list of conductances, or null for continuous',
    source: 'null with write-and-verify; the remaining error is the programming model',
  },
  'device.devicesPerSide': {
    kind: 'integer',
    default: 1,
    min: 1,
    max: 256,
    meaning: 'equal devices in parallel on each side of a differential pair; their errors average',
    source: '1; 2 in the HERMES core',
  },

  'device.programming.model': {
    kind: 'word',
    default: 'none',
    words: {
      none: 'exact writes',
      'pcm-nandakumar': 'PCM, 0-25 uS (Nandakumar et al. 2020)',
      'pcm-joshi': 'PCM, up to 25 uS (Joshi et al. 2020)',
      'pcm-hermes-1': 'PCM, HERMES core, one device a side, up to 10.35 uS',
      'pcm-hermes-2': 'PCM, HERMES core, two devices a side, up to 20.7 uS',
      'reram-wan2022-ibm': 'HfOx at 1 s to 2 days (Wan et al. 2022, fit of aihwkit), scaled by gMax / 40 uS',
      'reram-wan2022-sandia': 'HfOx, up to 39 uS (Wan et al. 2022, fit of CrossSim)',
      'reram-milo2021': 'ReRAM, 50-225 uS (Milo et al. 2021)',
      'reram-cmo-0.2': 'CMO/HfOx, 8-90 uS, accepted within 0.2 %',
      'reram-cmo-2': 'CMO/HfOx, 8-90 uS, accepted within 2 %',
      sonos: 'SONOS charge trap, in the current domain (CrossSim)',
      'state-independent': '0.2 uS whatever the state',
      'normal-independent': 'normal, sigma x conductanceMax',
      'normal-proportional': 'normal, sigma x g',
      'uniform-independent': 'uniform with standard deviation sigma x conductanceMax',
      'uniform-proportional': 'uniform with standard deviation sigma x g',
      lognormal: 'g exp(sigma xi)',
    },
    meaning: 'spread of the conductance after a write, drawn once a device',
    source: 'measured tables by name; normal-proportional for your own first guess',
  },
  'device.programming.scale': {
    kind: 'number',
    default: 1,
    min: 0,
    max: 1000,
    meaning: "factor on the programming model's standard deviation; 0 switches it off",
    source: '1: the model as published',
  },
  'device.programming.sigma': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 100,
    meaning: `${GENERIC} of conductanceMax (independent) or of g (proportional); of ln g for lognormal`,
    source: '0.01 to 0.1 for multi-level cells',
  },
  'device.programming.referenceVoltage': {
    kind: 'quantity',
    unit: 'V',
    default: 0.1,
    above: 0,
    max: 100,
    meaning: 'voltage at which the sonos models (programming and read noise), given as currents, become conductances',
    source: '0.1 V: 1600 nA are 16 uS, the scale of CrossSim',
  },

  'device.drift.model': {
    kind: 'word',
    default: 'none',
    words: {
      none: 'no drift',
      'pcm-nandakumar': 'PCM, power law with state-dependent exponent (Nandakumar et al. 2020)',
      'pcm-hermes-1': 'PCM, HERMES core, one device a side',
      'pcm-hermes-2': 'PCM, HERMES core, two devices a side',
      'state-independent': 'power law, exponent 0.1 +- 0.05',
      fixed: 'power law with exponent, exponentSigma and referenceTime below',
      'reram-cmo': 'CMO/HfOx, relaxation with ln t, clamped to 8-90 uS',
    },
    meaning: 'change of the conductance with time, exponent drawn once a device',
    source: 'measured tables by name; PCM exponents are 0.05 to 0.1',
  },
  'device.drift.scale': {
    kind: 'number',
    default: 1,
    min: 0,
    max: 1000,
    meaning: 'factor on the exponent (on the shift for reram-cmo); 0 switches drift off',
    source: '1: the model as published',
  },
  'device.drift.exponent': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10,
    meaning: 'mean exponent nu of model fixed: g(t) = g (1 + t / referenceTime)^-nu',
    source: '0.1 for PCM (MemTorch)',
  },
  'device.drift.exponentSigma': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10,
    meaning: 'standard deviation of the exponent of model fixed from device to device',
    source: '0: the same for all',
  },
  'device.drift.referenceTime': {
    kind: 'quantity',
    unit: 's',
    default: 1,
    above: 0,
    max: LONGEST,
    meaning: 'time t0 of model fixed',
    source: '20 s for PCM (aihwkit)',
  },

  'device.readNoise.model': {
    kind: 'word',
    default: 'none',
    words: {
      none: 'noiseless reads',
      'pcm-nandakumar': 'PCM 1/f noise accumulated since programming (Nandakumar et al. 2020)',
      'pcm-hermes-1': 'PCM, HERMES core, one device a side',
      'pcm-hermes-2': 'PCM, HERMES core, two devices a side',
      'reram-cmo': 'CMO/HfOx 1/f noise',
      sonos: 'SONOS charge trap, in the current domain (CrossSim)',
      proportional: 'sigma x g',
      independent: 'sigma x conductanceMax',
    },
    meaning: 'noise of the conductance from read to read',
    source: 'measured tables by name; "about 1 %" for ReRAM (aihwkit)',
  },
  'device.readNoise.scale': {
    kind: 'number',
    default: 1,
    min: 0,
    max: 1000,
    meaning: "factor on the read noise model's standard deviation; 0 switches it off",
    source: '1: the model as published',
  },
  'device.readNoise.sigma': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 100,
    meaning: `${GENERIC} of g (proportional) or of conductanceMax (independent)`,
    source: '0.01 for ReRAM (aihwkit), 0.05 (MemIntelli)',
  },

  ...faults({
    stuckAtMin: ['a device is stuck at conductanceMin', '0.1 % (MNSIM 2.0)'],
    stuckAtMax: ['a device is stuck at conductanceMax', '0.1 % (MNSIM 2.0, MemIntelli)'],
    stuckAtMid: ['a device is stuck half-way between min and max', '0'],
    formingFailure: ['a device never formed and does not conduct at all', '0; up to 10 % on immature HfOx'],
    deadWordLine: ['a word line of an array is open', '0'],
    deadBitLine: ['a bit line of an array is open', '0'],
  }),
}

type Faults = 'stuckAtMin' | 'stuckAtMax' | 'stuckAtMid' | 'formingFailure' | 'deadWordLine' | 'deadBitLine'

function faults<K extends Faults>(texts: Readonly<Record<K, readonly [string, string]>>) {
  return Object.fromEntries(
    (Object.keys(texts) as K[]).map((kind) => [
      `device.faults.${kind}`,
      {
        kind: 'number',
        default: 0,
        min: 0,
        max: 1,
        meaning: `probability that ${texts[kind][0]}`,
        source: texts[kind][1],
      },
    ]),
  ) as Pick<FieldsOf<'device'>, `device.faults.${K}`>
}
