/** The same chips four times: the network they should compute, as deployed, trained through the hardware, adapted. */
import { decode } from '../deployment/decode.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { encode } from '../deployment/encode.ts'
import { fabricate } from '../deployment/fabricate.ts'
import { forward } from '../network/forward.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { mean } from '../numerics/statistics.ts'
import { signed } from '../report/words.ts'
import { type MetricName, score } from '../task/metric.ts'
import { adapt } from '../training/adapt.ts'
import { columns, metricText } from './style.ts'

export interface Rung {
  readonly name: string
  /** Mean over the chips. */
  readonly value: number
  readonly perChip: readonly number[]
}

export interface LadderOptions {
  readonly inputs: Matrix
  readonly truth: Matrix
  readonly metric: MetricName
  readonly chips: number
  readonly seed: number
  /** For each chip. */
  readonly pilots: number
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

/**
 * @param naive  a network that knew nothing of the hardware
 * @param aware  the same network trained on through the hardware
 */
export async function ladder(naive: Deployment, aware: Deployment, options: LadderOptions): Promise<Rung[]> {
  const { inputs, truth, metric, seed, pilots, signal, progress } = options
  const chips = Array.from({ length: options.chips }, (_, chip) => chip)
  const on = (deployment: Deployment, digital: Deployment, chip: number) =>
    score(metric, decode(digital, encode(fabricate(deployment, { seed, chip }), inputs)), truth).value
  const ideal = score(metric, forward(naive.network, inputs).estimate, truth).value
  const adapted: number[] = []
  for (const chip of chips) {
    progress(`adapting chip ${chip + 1} of ${chips.length} ...`)
    const { deployment } = await adapt(aware, { seed, chip }, { count: pilots }, { signal })
    adapted.push(on(aware, deployment, chip))
  }
  const rung = (name: string, perChip: readonly number[]): Rung => ({ name, value: mean(perChip), perChip })
  return [
    rung(
      'ideal network',
      chips.map(() => ideal),
    ),
    rung(
      'deployed as it was trained',
      chips.map((chip) => on(naive, naive, chip)),
    ),
    rung(
      'trained through the hardware',
      chips.map((chip) => on(aware, aware, chip)),
    ),
    rung(`each decoder adapted, ${pilots} pilots`, adapted),
  ]
}

export function ladderText(rungs: readonly Rung[], metric: MetricName): string {
  const unit = metric === 'nmseDb' ? ' dB' : ''
  const ideal = rungs[0]!.value
  return columns(
    rungs.map(({ name, value, perChip }, k) => [
      name,
      metricText(metric, value),
      k === 0 ? '' : `${signed(value - ideal)}${unit}`,
      k === 0 ? '' : `worst ${metricText(metric, Math.max(...perChip))}`,
    ]),
    'lrrr',
  )
}
