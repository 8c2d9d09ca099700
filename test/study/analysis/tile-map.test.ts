import { describe, expect, it } from 'vitest'
import { deploy } from '../../../src/deployment/deploy.ts'
import { fabricate } from '../../../src/deployment/fabricate.ts'
import { readProfile, setProfileValues } from '../../../src/profile/read.ts'
import { studyTileMap, tileMap } from '../../../src/study/analysis/tile-map.ts'
import { fixtureNetwork } from '../../support/fixture-networks.ts'
import { gridStudy, quickProfile, smallStudy } from '../../support/study.ts'

const network = fixtureNetwork('vqcs_n7_K10_1bit')
const key = { seed: 1, chip: 2 }

const mapOf = async (changes: readonly string[]) => {
  const deployment = deploy(network, await setProfileValues(await readProfile('ideal'), changes))
  return { deployment, map: tileMap(deployment, key) }
}

describe('an array of a chip', () => {
  it('of an ideal profile is as asked for, and has no wires', async () => {
    const { deployment, map } = await mapOf([])
    expect(map.realised).toEqual(map.target)
    expect(map.loss).toBeNull()
    const sizes = deployment.layers.flatMap(({ tiles }) => tiles.map(({ target }) => target.data.length))
    expect(map.target).toHaveLength(Math.max(...sizes))
    expect(map.wordLines * map.bitLines).toBe(map.target.length)
  })

  it('sums to the weights, sign by sign', async () => {
    const { deployment, map } = await mapOf([])
    const layer = deployment.layers[map.layer]!
    const tile = layer.tiles[map.tile]!
    const weights = network.encoder[map.layer]!.weight
    for (const [i, word] of tile.words.entries()) {
      if (word >= weights.cols) continue
      for (const [o, output] of tile.outputs.entries()) {
        const sum = tile.lineOutputs.reduce((s, to, j) => s + (to === o ? map.target[i * map.bitLines + j]! : 0), 0)
        expect(sum).toBeCloseTo(layer.scale * weights.data[output * weights.cols + word]!, 10)
      }
    }
  })

  it('loses in its wires what the chip does not compute with', async () => {
    const wires = [
      'crossbar.wires.wordSegment=20 ohm',
      'crossbar.wires.bitSegment=20 ohm',
      'crossbar.layout=signed-pairs',
    ]
    const { deployment, map } = await mapOf(wires.slice(0, 2))
    const layer = fabricate(deployment, key).layers[map.layer]!
    const tile = deployment.layers[map.layer]!.tiles[map.tile]!
    const { effective } = layer.parts[tile.part]!
    for (const [i, word] of tile.words.entries())
      for (const [o, output] of tile.outputs.entries()) {
        const left = tile.lineOutputs.reduce((s, to, j) => {
          const k = i * map.bitLines + j
          return s + (to === o ? map.realised[k]! - map.loss![k]! : 0)
        }, 0)
        // Other tiles of the layer add to the same entry: here there is one.
        expect(deployment.layers[map.layer]!.tiles).toHaveLength(1)
        expect(Math.abs(left - effective.data[output * effective.cols + word]!)).toBeLessThan(1e-12)
      }
    const total = (values: readonly number[]) => values.reduce((s, x) => s + Math.abs(x), 0)
    const lost = map.loss!.reduce((s, x, k) => s + Math.sign(map.realised[k]!) * x, 0)
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(total(map.realised))
  })

  it('less with less resistance', async () => {
    const lost = async (ohm: number) => {
      const { map } = await mapOf([`crossbar.wires.wordSegment=${ohm} ohm`, `crossbar.wires.bitSegment=${ohm} ohm`])
      return map.loss!.reduce((s, x, k) => s + Math.sign(map.realised[k]!) * x, 0)
    }
    const [little, much] = [await lost(0.01), await lost(1)]
    // Of first order in the resistance.
    expect(much / little).toBeGreaterThan(90)
    expect(much / little).toBeLessThan(101)
  })
})

describe('of a study', () => {
  it('the first chip of the first point', async () => {
    const study = await smallStudy({ firstChip: 7, seed: 3, profile: await quickProfile() })
    const map = studyTileMap(study)
    expect(map).toMatchObject({ seed: 3, chip: 7, network: study.networks[0]!.name, profile: study.profile.id })
    expect(map.realised).not.toEqual(map.target)
    expect(studyTileMap(study)).toEqual(map)
  })

  it('with the values of that point', async () => {
    const study = await gridStudy()
    const spread = (sigma: number) => {
      const points = study.points.map((p) => ({ ...p, values: { ...p.values, 'device.programming.sigma': sigma } }))
      const { target, realised } = studyTileMap({ ...study, points })
      return Math.sqrt(realised.reduce((s, g, k) => s + (g - target[k]!) ** 2, 0))
    }
    expect(spread(0)).toBe(0)
    expect(spread(0.04) / spread(0.02)).toBeCloseTo(2, 1)
  })

  it('of a search, the profile itself', async () => {
    const study = await smallStudy({ points: [] })
    expect(studyTileMap(study).chip).toBe(study.firstChip)
  })
})
