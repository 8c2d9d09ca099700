import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseJsonObject } from '../../src/network/formats/json-object.ts'
import { parseManifest } from '../../src/network/formats/manifest.ts'
import { operators } from '../../src/network/formats/onnx/evaluate.ts'
import { parseQuantizerJson } from '../../src/network/formats/quantizer-json.ts'
import { parseTask } from '../../src/network/task-format.ts'

const page = readFileSync(fileURLToPath(new URL('../../docs/files.md', import.meta.url)), 'utf8')

test('docs/files.md lists exactly the operators that are read', () => {
  const listed = /<!-- operators -->\n([\s\S]*?)<!-- \/operators -->/.exec(page)![1]!
  expect([...listed.matchAll(/`(\w+)`/g)].map((m) => m[1])).toEqual([...operators.keys()].sort())
})

test('its examples are read', () => {
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((m) => m[1]!)
  const [native, hard, soft, manifest] = examples.slice(0, 4)
  expect(parseTask(JSON.parse(native!).task)).toMatchObject({ kind: 'sparse-recovery' })
  expect(parseQuantizerJson(hard!).levels).toHaveLength(4)
  expect(parseQuantizerJson(soft!).levelRule).toBe('saturated')
  expect(parseManifest(parseJsonObject(manifest!, 'example')).task).toMatchObject({ N: 7 })
  expect(parseTask(/--task (\S+)/.exec(page)![1]!)).toMatchObject({ N: 20 })
})
