import { fail } from '../base/errors.ts'
import { sha256Hex } from '../base/hash.ts'
import { formatSafetensors } from '../network/formats/safetensors.ts'
import { dimensions } from '../network/network.ts'
import { readNetwork } from '../network/read.ts'
import { formatTask, parseTask } from '../network/task-format.ts'
import type { Input, Run } from './command.ts'
import { ending, inputOf, required, writeOwn } from './shared.ts'

export const run: Run = async (invocation) => {
  const { options } = invocation
  const file = required(invocation, 'output', '-o NETWORK.safetensors')
  ending(file, '.safetensors', 'the native format')
  const parts = Object.fromEntries(
    ['encoder', 'decoder', 'quantizer']
      .filter((p) => typeof options[p] === 'string')
      .map((p) => [p, options[p] as string]),
  )
  const main = invocation.args[0] ?? parts['encoder']
  if (main === undefined)
    fail('OHM9001', 'there is no file to import', { hint: 'give FILE, or --encoder and --decoder' })
  const read = await readNetwork(main, parts)
  const task = options['task'] as string | undefined
  const network = task === undefined ? read : { ...read, task: parseTask(task) }
  const bytes = formatSafetensors(network)
  await writeOwn(file, bytes, options['force'] === true)
  const inputs: Input[] = []
  for (const path of new Set([main, ...Object.values(parts)])) inputs.push(await inputOf(path))
  const d = dimensions(network)
  return {
    result: {
      file: { path: file, bytes: bytes.length, sha256: sha256Hex(bytes) },
      name: network.name,
      ...d,
      task: network.task,
      provenance: network.provenance,
    },
    text: `${network.name}: ${d.inputs} measurements -> ${d.channels} channels of ${d.levels} levels -> ${d.outputs} components, task ${network.task === null ? 'none' : formatTask(network.task)}\nwritten: ${file} (${bytes.length} bytes)`,
    inputs,
  }
}
