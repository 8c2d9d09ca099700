// Verification of a netlist in the embedded circuit simulator: a layer of 32 x 32 weights with wires.
import { deploy, readProfile, setProfileValues } from '../../dist/index.js'
import { openEngine, verifyDeployment } from '../../dist/verify/index.js'
import { add } from './table.mjs'

const LIMIT = { name: 'limit', seconds: 2 }

/** 31 inputs and the bias, 32 outputs, 4 levels: 32 word lines and, a pair an output, 64 bit lines. */
function layer() {
  const matrix = (rows, cols, f) => ({ rows, cols, data: Float64Array.from({ length: rows * cols }, (_, k) => f(k)) })
  return {
    name: 'layer',
    encoder: [{ weight: matrix(32, 31, (k) => Math.sin(1 + 3 * k)), bias: new Float64Array(32), activation: 'tanh' }],
    quantizer: {
      thresholds: Float64Array.of(-0.5, 0, 0.5),
      levels: Float64Array.of(-1, -0.3, 0.3, 1),
      compare: 'gt',
      levelRule: 'given',
    },
    decoder: [{ weight: matrix(1, 32, () => 1), bias: new Float64Array(1), activation: 'linear' }],
    task: null,
    provenance: {},
    calibration: matrix(3, 31, Math.sin),
  }
}

export async function netlistRows() {
  const { calibration, ...network } = layer()
  const wires = ['crossbar.wires.wordSegment=2', 'crossbar.wires.bitSegment=2']
  const ranges = ['device.conductanceMin=1 uS', 'device.conductanceMax=40 uS']
  const profile = await setProfileValues(await readProfile('ideal'), [
    ...wires,
    ...ranges,
    'device.programming.model=reram-wan2022-ibm',
  ])
  const deployment = deploy(network, profile, { calibration })
  const least = async (work, repeats = 5) => {
    let seconds = Number.POSITIVE_INFINITY
    for (let k = 0; k < repeats; k++) {
      const start = performance.now()
      await work()
      seconds = Math.min(seconds, (performance.now() - start) / 1000)
    }
    return seconds
  }
  const verify = (chips) => async () => {
    const { checks } = await verifyDeployment(deployment, { chips, only: ['netlist'] })
    const failed = checks.find(({ status }) => status !== 'pass')
    if (failed !== undefined) throw new Error(`${failed.id}: ${failed.detail}`)
  }
  add('circuit simulator started', await least(async () => (await openEngine('embedded')).close()), null)
  add('verify 32x32 weights, nominal, with the start', await least(verify(0)), LIMIT, { floor: 1 })
  add('verify 32x32 weights, nominal and 3 chips', await least(verify(3)), LIMIT)
}
