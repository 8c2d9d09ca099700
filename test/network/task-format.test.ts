import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import type { Task } from '../../src/network/task.ts'
import { formatTask, parseTask } from '../../src/network/task-format.ts'

const sparse: Task = { kind: 'sparse-recovery', N: 20, M: 10, S: 2, noiseVariance: 1e-4, sensing: 'dct' }

const problems = (description: unknown) => {
  try {
    parseTask(description)
  } catch (error) {
    if (error instanceof OhmbitError) {
      expect(error.problems.every((p) => p.code === 'OHM1109')).toBe(true)
      return error.problems
    }
  }
  throw new Error('accepted')
}

describe('task descriptions', () => {
  test('short form, JSON text and object are the same', () => {
    expect(parseTask('sparse-recovery:N=20,M=10,S=2,noiseVariance=1e-4')).toEqual(sparse)
    expect(parseTask('{"kind":"sparse-recovery","N":20,"M":10,"S":2,"noiseVariance":1e-4,"sensing":"dct"}')).toEqual(
      sparse,
    )
    expect(parseTask(sparse)).toEqual(sparse)
  })

  test('ranges', () => {
    const channel = { kind: 'channel-estimation', antennas: 10, users: 4, pilots: 12, snr: [1, 10] }
    expect(parseTask('channel-estimation: antennas=10, users=4, pilots=12, snr=1..10')).toEqual(channel)
    expect(parseTask(channel)).toEqual(channel)
    expect(parseTask('symbol-detection:antennas=12,users=4,snrDb=-2..12.5,csiError=0.2')).toEqual({
      kind: 'symbol-detection',
      antennas: 12,
      users: 4,
      snrDb: [-2, 12.5],
      csiError: 0.2,
    })
  })

  const size = fc.integer({ min: 1, max: 500 })
  const db = fc.double({ min: -200, max: 200, noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)
  const orRange = (one: fc.Arbitrary<number>) =>
    fc.oneof(
      one,
      fc.tuple(one, one).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
    )
  const tasks: fc.Arbitrary<Task> = fc.oneof(
    fc.record({ N: size, M: size, S: size, noiseVariance: fc.double({ min: 0, max: 10, noNaN: true }) }).map((t) => ({
      kind: 'sparse-recovery' as const,
      ...t,
      M: Math.min(t.M, t.N),
      S: Math.min(t.S, t.N),
      sensing: 'gaussian' as const,
    })),
    fc
      .record({
        antennas: size,
        users: size,
        pilots: size,
        snr: orRange(fc.double({ min: 1e-9, max: 1e9, noNaN: true })),
      })
      .map((t) => ({ kind: 'channel-estimation' as const, ...t, users: Math.min(t.users, t.pilots) })),
    fc
      .record(
        {
          antennas: size,
          users: fc.integer({ min: 1, max: 15 }),
          snrDb: orRange(db),
          csiError: fc.double({ min: 0, max: 1, noNaN: true }),
        },
        { requiredKeys: ['antennas', 'users', 'snrDb'] },
      )
      .map((t) => ({ kind: 'symbol-detection' as const, ...t }) as Task),
  )
  property.prop([tasks])('the short form reads back as the same task', (task) => {
    expect(parseTask(formatTask(task))).toEqual(task)
    expect(parseTask(JSON.stringify(task))).toEqual(task)
  })

  test('every problem at once, with suggestions', () => {
    const list = problems('sparse-recovery:N=20,M=30,S=0,noisevariance=1e-4,sensing=dcd')
    expect(list.map((p) => p.at?.pointer).sort()).toEqual([
      'task/M',
      'task/S',
      'task/noiseVariance',
      'task/noisevariance',
      'task/sensing',
    ])
    expect(list.find((p) => p.at?.pointer === 'task/noisevariance')?.hint).toBe('did you mean "noiseVariance"?')
    expect(problems('sparse-recover:N=2')[0]?.hint).toBe('did you mean "sparse-recovery"?')
  })

  test.each([
    [null],
    [[]],
    [''],
    ['{'],
    ['sparse-recovery'],
    ['sparse-recovery:N'],
    ['sparse-recovery:N=20,N=20,M=10,S=2,noiseVariance=0'],
    ['sparse-recovery:N=2e1x,M=10,S=2,noiseVariance=0'],
    [{ ...sparse, N: 20.5 }],
    [{ ...sparse, N: '20' }],
    [{ ...sparse, noiseVariance: Number.NaN }],
    [{ ...sparse, noiseVariance: -1 }],
    [{ ...sparse, S: 21 }],
    ['channel-estimation:antennas=10,users=13,pilots=12,snr=4'],
    ['channel-estimation:antennas=10,users=4,pilots=12,snr=0'],
    ['channel-estimation:antennas=10,users=4,pilots=12,snr=10..1'],
    ['symbol-detection:antennas=12,users=16,snrDb=12'],
    [{ kind: '__proto__' }],
    [JSON.parse('{"kind":"symbol-detection","antennas":1,"users":1,"snrDb":1,"__proto__":{"csiError":1}}')],
  ])('refused: %j', (description) => {
    expect(problems(description).length).toBeGreaterThan(0)
  })
})
