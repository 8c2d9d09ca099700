import { CELLS, type Cell, type CostRow, estimateCost, NODES, type Node } from '../deployment/cost.ts'
import type { Run } from './command.ts'
import { deploymentOf } from './shared.ts'
import { columns, quantityText, wrap } from './style.ts'

export const run: Run = async (invocation) => {
  const { options, style } = invocation
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const estimate = estimateCost(deployment, {
    node: NODES.find((node) => String(node) === options['node']) ?? (130 satisfies Node),
    cell: CELLS.find((cell) => cell === options['cell']) ?? ('1T1R' satisfies Cell),
  })
  const { rows, total } = estimate
  const joule = (x: number | null) => (x === null ? '-' : `${Number((x * 1e12).toPrecision(4))} pJ`)
  const second = (x: number | null) => (x === null ? '-' : quantityText(x, 's'))
  const area = (x: number | null) => (x === null ? '-' : `${Number((x * 1e12).toPrecision(4))} um^2`)
  const line = (name: string, row: Pick<CostRow, 'energyJoules' | 'seconds' | 'squareMetres'>, mark: string) => [
    name,
    joule(row.energyJoules),
    second(row.seconds),
    area(row.squareMetres),
    mark,
  ]
  return {
    result: estimate,
    text: [
      `one encode of ${deployment.network.name} on ${deployment.profile.id}, estimates at ${estimate.node} nm with ${estimate.cell} cells`,
      columns(
        [
          ['part', 'energy', 'time', 'area', ''],
          ...rows.map((row, n) =>
            line(
              row.part,
              row,
              `[${n + 1}]${row.energyJoules === null ? ' no model' : row.outsideRange ? ' outside its model' : ''}`,
            ),
          ),
          line('sum of what is known', total, ''),
        ],
        'lrrrl',
      ),
      wrap(
        `Only cells and the energy of converters follow --node; areas of converters and all numbers of input DACs are those of their tables.`,
        style.columns,
        '',
      ),
      ...rows.map((row, n) => wrap(`[${n + 1}] ${row.note}. Source: ${row.source}`, style.columns, '  ')),
    ].join('\n'),
    inputs: [input],
    set: (options['set'] as string[] | undefined) ?? [],
    profile,
  }
}
