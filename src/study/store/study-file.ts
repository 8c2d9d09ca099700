/**
 * study.json and what it names: a study by itself, so that it runs and resumes anywhere. The same study gives the same
 * bytes.
 */
import { createHash } from 'node:crypto'
import { formatSafetensors } from '../../network/formats/safetensors.ts'
import type { Engine } from '../../numerics/kernels/module.ts'
import type { Matrix } from '../../numerics/matrix.ts'
import { formatNpy } from '../../numerics/npy.ts'
import { profileToJson } from '../../profile/read.ts'
import type { Study } from '../study.ts'

export const STUDY_FORMAT = 'ohmbit/study-folder/1'
export const STUDY_FILE = 'study.json'

/** Kernels whose results are the same bits on every machine. */
export type StudyEngine = Exclude<Engine, 'relaxed'>

export const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

const npy = (m: Matrix) => formatNpy([m.rows, m.cols], m.data, 'f8')

/** Every file that a study begins with, by name; study.json is the last. */
export function studyFiles(study: Study, version: string, engine: StudyEngine): Map<string, Uint8Array | string> {
  const files = new Map<string, Uint8Array | string>()
  const byHash = new Map<string, string>()
  // Networks that share vectors share their files.
  const put = (name: string, content: Uint8Array | string) => {
    const hash = sha256(content)
    const same = byHash.get(hash)
    if (same !== undefined) return same
    byHash.set(hash, name)
    files.set(name, content)
    return name
  }
  const profile = put('inputs/profile.json', profileToJson(study.profile))
  const networks = study.networks.map((n, i) => ({
    name: n.name,
    network: put(`inputs/network${i}.safetensors`, formatSafetensors(n.network)),
    scales: n.scales,
    ...(n.adaptedTo === undefined ? {} : { adaptedTo: n.adaptedTo }),
    calibration: put(`inputs/network${i}.calibration.npy`, npy(n.calibration)),
    inputs: put(`inputs/network${i}.inputs.npy`, npy(n.inputs)),
    truth: put(`inputs/network${i}.truth.npy`, npy(n.truth)),
  }))
  const { axes, points, networks: _, profile: __, ...rest } = study
  const index = {
    format: STUDY_FORMAT,
    version,
    engine,
    ...rest,
    profile,
    networks,
    files: Object.fromEntries(
      [...files].map(([name, content]) => [name, { bytes: byteLength(content), sha256: sha256(content) }]),
    ),
    axes,
  }
  const head = JSON.stringify(index, null, 2).replace(/\n\}$/, '')
  const lines = points.map((point) => `    ${JSON.stringify(point)}`).join(',\n')
  files.set(STUDY_FILE, `${head},\n  "points": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`)
  return files
}

const byteLength = (content: Uint8Array | string) =>
  typeof content === 'string' ? new TextEncoder().encode(content).length : content.length
