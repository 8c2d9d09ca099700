import type { RelaxationModel } from '../profile.ts'
import type { FieldPath, FieldsOf } from './field.ts'
import { anyOf, GENERIC_SPREADS, is, isNot } from './need.ts'

const RELAXATION: Readonly<Record<RelaxationModel, string>> = {
  none: 'stays where it was accepted',
  'pcm-nandakumar': 'PCM (Nandakumar et al. 2020)',
  'pcm-joshi': 'PCM (Joshi et al. 2020)',
  'pcm-hermes-1': 'PCM, HERMES core, one device a side',
  'pcm-hermes-2': 'PCM, HERMES core, two devices a side',
  'reram-wan2022-ibm': 'HfOx (Wan et al. 2022, fit of aihwkit)',
  'reram-wan2022-sandia': 'HfOx (Wan et al. 2022, fit of CrossSim)',
  'reram-milo2021': 'ReRAM (Milo et al. 2021)',
  'reram-cmo-0.2': 'CMO/HfOx, accepted within 0.2 %',
  'reram-cmo-2': 'CMO/HfOx, accepted within 2 %',
  sonos: 'SONOS (CrossSim)',
  'state-independent': '0.2 uS whatever the state',
}

/** Spread of the models without measured constants. */
export const GENERIC = 'spread of the generic models (measured ones bring their own), as a share'

type Programming = Extract<FieldPath, `device.programming.${string}`>

/** How a write misses its target. */
export const programmingFields: Pick<FieldsOf<'device'>, Programming> = {
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
      table: 'mean and spread measured at given targets, interpolated (programming.table)',
      'write-verify': 'a loop of pulses and reads until the read is close enough (programming.writeVerify)',
    },
    meaning: 'spread of the conductance after a write, drawn once a device',
    source: 'measured tables by name; normal-proportional for your own first guess',
    usedWhen: [anyOf(isNot('device.programming.model', ...GENERIC_SPREADS), isNot('device.programming.sigma', 0))],
  },
  'device.programming.scale': {
    kind: 'number',
    default: 1,
    min: 0,
    max: 1000,
    meaning: 'factor on what a write misses its target by; 0 switches it off',
    source: '1: the model as published',
    usedWhen: [isNot('device.programming.model', 'none')],
  },
  'device.programming.sigma': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 100,
    meaning: `${GENERIC} of conductanceMax (independent) or of g (proportional); of ln g for lognormal`,
    source: '0.01 to 0.1 for multi-level cells',
    usedWhen: [is('device.programming.model', ...GENERIC_SPREADS)],
  },
  'device.programming.referenceVoltage': {
    kind: 'quantity',
    unit: 'V',
    default: 0.1,
    above: 0,
    max: 100,
    meaning: 'voltage at which the sonos models (programming and read noise), given as currents, become conductances',
    source: '0.1 V: 1600 nA are 16 uS, the scale of CrossSim',
    usedWhen: [
      anyOf(
        is('device.programming.model', 'sonos'),
        is('device.programming.writeVerify.relaxation', 'sonos'),
        is('device.readNoise.model', 'sonos'),
      ),
    ],
  },

  'device.programming.table': {
    kind: 'table',
    default: null,
    maxRows: 4096,
    most: 1,
    meaning:
      'for model table: rows of target, mean (the conductance that devices end at, not the shift) and standard deviation, ascending targets; or the name of a CSV file',
    source: 'your own measurement',
    usedWhen: [is('device.programming.model', 'table')],
  },
  'device.programming.writeVerify.tolerance': {
    kind: 'number',
    default: 0.01,
    above: 0,
    max: 1,
    meaning: 'share of conductanceMax within which a verifying read is accepted',
    source: '0.01 (MemTorch)',
    usedWhen: [is('device.programming.model', 'write-verify')],
  },
  'device.programming.writeVerify.maximumPulses': {
    kind: 'integer',
    default: 1000,
    min: 1,
    max: 100_000,
    meaning: 'pulses after which a device is given up and counted',
    source: '1000 (MemTorch)',
    usedWhen: [is('device.programming.model', 'write-verify')],
  },
  'device.programming.writeVerify.fullRangePulses': {
    kind: 'integer',
    default: 100,
    min: 1,
    max: 100_000,
    meaning: 'equal pulses from conductanceMin to conductanceMax',
    source: '100 (NeuroSim)',
    usedWhen: [is('device.programming.model', 'write-verify')],
  },
  'device.programming.writeVerify.curvature': {
    kind: 'number',
    default: 1,
    above: 0,
    max: 1000,
    meaning:
      'A of the pulse response G = B (1 - exp(-P / A)) + gMin, in units of fullRangePulses; larger is straighter',
    source: '1; NeuroSim device tables',
    usedWhen: [is('device.programming.model', 'write-verify')],
  },
  'device.programming.writeVerify.pulseSigma': {
    kind: 'number',
    default: 0.035,
    min: 0,
    max: 10,
    meaning: 'spread of a step, as a share of the range times the root of the pulses',
    source: '0.035 (NeuroSim)',
    usedWhen: [is('device.programming.model', 'write-verify')],
  },
  'device.programming.writeVerify.readSigma': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 1,
    meaning: 'spread of a verifying read, as a share of conductanceMax',
    source: '0: averaged reads (default)',
    usedWhen: [is('device.programming.model', 'write-verify')],
  },
  'device.programming.writeVerify.relaxation': {
    kind: 'word',
    default: 'none',
    words: RELAXATION,
    meaning: 'what moves an accepted device afterwards',
    source: 'a measured spread by name',
    usedWhen: [is('device.programming.model', 'write-verify')],
  },
}
