import { describe, expect, it } from 'vitest'
import { slurmOptions } from '../../../src/study/engine/slurm-options.ts'

const code = (texts: string[]) => {
  try {
    slurmOptions(texts)
    return null
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('what a user may say to Slurm', () => {
  it('has defaults', () => {
    expect(slurmOptions([])).toEqual({ sbatch: {}, tasks: 256, atOnce: 0, retries: 3 })
  })

  it('reads several keys from one text and from several', () => {
    expect(slurmOptions(['partition=short,time=02:00:00,tasks=12', 'at-once=4', 'account=lab', 'retries=0'])).toEqual({
      sbatch: { account: 'lab', partition: 'short', time: '02:00:00' },
      tasks: 12,
      atOnce: 4,
      retries: 0,
    })
  })

  it('a value may hold commas', () => {
    expect(slurmOptions(['exclude=n1,n2,mem=4G', 'gres=gpu:a100:1,tmp:10']).sbatch).toEqual({
      exclude: 'n1,n2',
      gres: 'gpu:a100:1,tmp:10',
      mem: '4G',
    })
  })

  it.each([
    ['unknown key', 'partitoin=short'],
    ['an option that is ohmbit its own', 'array=0-3'],
    ['an option that names a program', 'wrap=ls'],
    ['a dependency', 'dependency=afterok:1'],
    ['no value', 'partition='],
    ['no key', '=short'],
    ['a word', 'short'],
    ['a blank', 'partition=a b'],
    ['a new line', 'partition=a\nb'],
    ['a quote', "partition=a'b"],
    ['a substitution', 'partition=$(id)'],
    ['a key of all objects', 'constructor=1'],
    ['twice', 'mem=1G,mem=2G'],
    ['no tasks', 'tasks=0'],
    ['no whole number', 'tasks=1.5'],
    ['a negative number', 'retries=-1'],
  ])('refuses %s', (_, text) => {
    expect(code([text])).toBe('OHM9001')
  })

  it('says what was meant', () => {
    expect(() => slurmOptions(['partitoin=short'])).toThrow(/did you mean partition/)
  })
})
