/** Steps that several commands have in common. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { fail } from '../base/errors.ts'
import { kindOfPath, writeAtomic } from '../base/files.ts'
import { sha256Hex } from '../base/hash.ts'
import { deploy } from '../deployment/deploy.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { profileHash, readDeployment } from '../deployment/store.ts'
import type { EmittedTable } from '../emit/index.ts'
import { readMatrix } from '../network/data.ts'
import type { Network } from '../network/network.ts'
import { readNetwork } from '../network/read.ts'
import { parseTask } from '../network/task-format.ts'
import { type Engine, engine, useEngine } from '../numerics/kernels/module.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { setProfileValues } from '../profile/read.ts'
import type { Input, Invocation } from './command.ts'

/** SHA-256 of an input file, for the provenance of a result. */
export async function inputOf(path: string): Promise<Input> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return { path, sha256: hash.digest('hex') }
}

/** The option that must be given. */
export function required(invocation: Invocation, name: string, flag: string): string {
  const value = invocation.options[name]
  if (typeof value !== 'string' || value === '') fail('OHM9001', `${flag} is missing`, { hint: 'see --help' })
  return value as string
}

/** Take the engine of the command line, and say which it is. */
export function engineOf(invocation: Invocation): Engine {
  const wanted = invocation.options['engine'] as Engine | 'auto' | undefined
  if (wanted !== undefined && wanted !== 'auto') useEngine(wanted)
  return engine()
}

/** The seed of the command line, default 0. */
export function seedOf(invocation: Invocation): number {
  return (invocation.options['seed'] as number | undefined) ?? 0
}

/** A network, with the task of the command line if one is given. */
export async function networkOf(path: string, invocation: Invocation): Promise<{ network: Network; input: Input }> {
  const network = await readNetwork(path)
  const task = invocation.options['task'] as string | undefined
  return {
    network: task === undefined ? network : { ...network, task: parseTask(task) },
    input: await inputOf(path),
  }
}

/** --inputs and --truth, both or neither. */
export async function dataOf(
  invocation: Invocation,
): Promise<{ inputs?: Matrix; truth?: Matrix; files: readonly Input[] }> {
  const paths = [invocation.options['inputs'], invocation.options['truth']] as (string | undefined)[]
  if (paths.every((p) => p === undefined)) return { files: [] }
  if (paths[0] === undefined || paths[1] === undefined)
    fail(
      'OHM9001',
      `--inputs and --truth belong together; only ${paths[0] === undefined ? '--truth' : '--inputs'} was given`,
    )
  return {
    inputs: await readMatrix(paths[0]!),
    truth: await readMatrix(paths[1]!),
    files: [await inputOf(paths[0]!), await inputOf(paths[1]!)],
  }
}

/** A deployment folder, re-deployed with --set values on the same signal ranges if there are any. */
export async function deploymentOf(
  folder: string,
  invocation: Invocation,
): Promise<{
  deployment: Deployment
  input: Input
  profile: { id: string; sha256: string }
  set: readonly string[]
}> {
  if ((await kindOfPath(folder)) === 'file') fileInsteadOfFolder(folder)
  let deployment = await readDeployment(folder)
  const changes = (invocation.options['set'] as string[] | undefined) ?? []
  if (changes.length > 0) {
    const profile = await setProfileValues(deployment.profile, changes)
    deployment = deploy(deployment.network, profile, { like: deployment })
  }
  return {
    deployment,
    input: await inputOf(`${folder.replace(/[/\\]+$/, '')}/deployment.json`),
    profile: { id: deployment.profile.id, sha256: profileHash(deployment.profile) },
    set: changes,
  }
}

function fileInsteadOfFolder(path: string): never {
  const name = basename(path)
  return fail('OHM1301', `${path} is a file; this command takes a deployment folder`, {
    at: { file: path },
    hint:
      name === 'deployment.json'
        ? `give the folder it stands in: ${dirname(path)}`
        : name.endsWith('.json')
          ? 'make one with ohmbit deploy NETWORK --profile PROFILE -o DIR'
          : `deploy it first: ohmbit deploy ${path} --profile PROFILE -o DIR`,
  })
}

/** A file name with the ending that its content has. @throws OHM9001 another ending */
export function ending(path: string, wanted: string, what: string): void {
  if (!path.toLowerCase().endsWith(wanted))
    fail('OHM9001', `${path}: ${what} ends in ${wanted}`, {
      hint: `for instance ${path.replace(/(?<=[^/])\.[^./]*$/, '')}${wanted}`,
    })
}

/** Write one file, but never over something ohmbit did not make: its files say so near their beginning or end. */
export async function writeOwn(path: string, content: Uint8Array | string, force: boolean): Promise<void> {
  await mayWrite(path, force)
  await writeAtomic(path, content)
}

/** @throws OHM1006 where something stands that may not be overwritten */
export async function mayWrite(path: string, force: boolean): Promise<void> {
  const there = await kindOfPath(path)
  if (there === 'folder' || there === 'other') fail('OHM1006', `${path} is not a regular file`, { at: { file: path } })
  if (there === 'file' && !force && !(await mentionsOhmbit(path)))
    fail('OHM1006', `${path} exists and was not made by ohmbit`, {
      at: { file: path },
      hint: 'choose another name, or pass --force',
    })
}

async function mentionsOhmbit(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(65536), 0, 65536, 0)
    return bytesRead === 0 || new TextDecoder('latin1').decode(buffer.subarray(0, bytesRead)).includes('ohmbit')
  } finally {
    await handle.close()
  }
}

export interface WrittenFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** A file of a folder of artefacts. */
export interface Artefact {
  readonly name: string
  readonly content: string | Uint8Array
  /** Of words alone, nothing in it says who made it: it is ours beside this file of ours. */
  readonly beside?: string
}

/** Write artefacts into a folder, all checked before the first is written. */
export async function writeArtefacts(
  folder: string,
  files: readonly (Artefact | { readonly name: string; readonly text: string })[],
  force: boolean,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = []
  const ours = async (name: string) =>
    (await kindOfPath(`${folder}/${name}`)) === 'file' && (await mentionsOhmbit(`${folder}/${name}`))
  const replaceable = new Set<string>()
  for (const file of files) {
    const path = `${folder}/${file.name}`
    if (force || (await kindOfPath(path)) !== 'file') continue
    const marked =
      (await ours(file.name)) || ('beside' in file && file.beside !== undefined && (await ours(file.beside)))
    if (!marked)
      fail('OHM1006', `${path} exists and was not made by ohmbit`, { at: { file: path }, hint: 'pass --force' })
    replaceable.add(file.name)
  }
  for (const file of files) {
    const path = `${folder}/${file.name}`
    const content = 'text' in file ? file.text : file.content
    await writeOwn(path, content, force || replaceable.has(file.name))
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    written.push({ path, bytes: bytes.length, sha256: sha256Hex(bytes) })
  }
  return written
}

/** All files of a threshold table. */
export function tableArtefacts({ files, binaries }: EmittedTable): Artefact[] {
  return [
    ...files.map(({ name, text }) => ({ name, content: text })),
    ...binaries.map(({ name, bytes }) => ({ name, content: bytes })),
  ].map((file) => (/\.(hex|bin)$/.test(file.name) ? { ...file, beside: 'adc-table.json' } : file))
}

/** A list of written files, for a person. */
export function filesText(files: readonly WrittenFile[]): string {
  return files.map((f) => `  ${f.path}  (${f.bytes} bytes)`).join('\n')
}
