import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { presetIds } from '../../src/profile/preset-files.ts'
import { emptyFolder, ohmbit } from '../support/cli.ts'

const folder = emptyFolder()
const noBash = spawnSync('bash', ['-c', 'type compgen']).status !== 0

beforeAll(async () => {
  writeFileSync(join(folder, 'ohmbit.bash'), (await ohmbit(['completion', 'bash'])).stdout)
  writeFileSync(join(folder, 'my network.onnx'), '')
})

/** What bash offers for the last of the words. */
function offered(...words: string[]): string[] {
  const list = ['ohmbit', ...words].map((w) => `'${w}'`).join(' ')
  const script = `. ./ohmbit.bash; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _ohmbit; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}
/** Bash lists files in no order. */
const files = ['my network.onnx', 'ohmbit.bash']

describe.skipIf(noBash)('bash completion', () => {
  it('commands, commands of a group, options', () => {
    expect(offered('cross')).toEqual(['crossbar'])
    expect(offered('profiles', '')).toEqual(['list', 'show', 'check', 'new'])
    expect(offered('deploy', '--ca')).toEqual(['--calibrate'])
    expect(offered('profiles', 'new', '--fr')).toEqual(['--from'])
  })

  it('values of options', async () => {
    const ids = await presetIds()
    expect(offered('deploy', '--profile', '').sort()).toEqual([...ids, ...files].sort())
    expect(offered('profiles', 'new', 'mine', '--from', 'reram')).toEqual(ids.filter((id) => id.startsWith('reram')))
    expect(offered('simulate', 'd', '--metric', '')).toEqual(['nmseDb', 'mse', 'ber'])
    expect(offered('simulate', 'd', '--set', 'device.lev')).toEqual(['device.levels='])
    expect(offered('evaluate', 'n', '--inputs', 'my')).toEqual(['my network.onnx'])
  })

  it('arguments', async () => {
    expect(offered('profiles', 'show', 'so')).toEqual(['sonos'])
    expect(offered('explain', 'OHM120')).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'].map((n) => `OHM120${n}`))
    const term = offered('explain', 'serial')[0]!
    expect((await ohmbit(['explain', term])).status).toBe(0)
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(offered('inspect', '').sort()).toEqual(files)
  })

  it('files only where a file is taken', () => {
    for (const words of [
      ['simulate', 'd', '--chips', ''],
      ['simulate', 'd', '--seed', ''],
      ['profiles', 'new', ''],
      ['doctor', ''],
      ['explain', 'my'],
      ['my'],
    ])
      expect(offered(...words)).toEqual([])
  })
})

describe('fish completion', () => {
  it('offers presets, choices and codes, and files where one is taken', async () => {
    const { stdout } = await ohmbit(['completion', 'fish'])
    const line = (...parts: string[]) => stdout.split('\n').find((l) => parts.every((part) => l.includes(part)))
    expect(line('seen_subcommand_from deploy', '-l profile')).toMatch(/-r -F -a '.*\bpcm\b/)
    expect(line('seen_subcommand_from simulate', '-l metric')).toContain("-r -f -a 'nmseDb mse ber'")
    expect(line('seen_subcommand_from simulate', '-l chips')).toContain('-r -f -d')
    expect(line('seen_subcommand_from import', '-l output')).toContain('-s o -l output -r -F')
    expect(line('seen_subcommand_from explain')).toContain('OHM1001')
  })
})
