// Write every generated file from the built library: `npm run generate`. With --check nothing is written and a stale
// file is a failure. Files a person edits are never touched.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const built = async (path) => {
  try {
    return await import(new URL(`../dist/${path}`, import.meta.url))
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    console.error(`dist/${path} is missing: run npm run build first`)
    process.exit(1)
  }
}

/** File, relative to the repository, and its content. */
const files = {
  'schemas/profile.schema.json': async () => {
    const { profileSchema } = await built('profile/schema.js')
    return `${JSON.stringify(profileSchema(), null, 2)}\n`
  },
  'schemas/experiment.schema.json': async () => {
    const { experimentSchema } = await built('training/experiment-schema.js')
    return `${JSON.stringify(experimentSchema(), null, 2)}\n`
  },
  'schemas/study.schema.json': async () => {
    const { studySchema } = await built('study/spec/schema.js')
    return `${JSON.stringify(studySchema(), null, 2)}\n`
  },
  'docs/study-fields.md': async () => (await built('study/spec/schema.js')).studyPage(),
  'docs/experiment-fields.md': async () => (await built('training/experiment-schema.js')).experimentPage(),
  'hardware-profiles/template.json': async () => (await built('profile/template.js')).profileTemplate(),
  'src/emit/spice/cells.generated.ts': async () => (await import('./generate/netlists.mjs')).cellsModule(),
  'docs/commands.md': async () => (await import('./generate/commands.mjs')).commandPages()['docs/commands.md'],
  'docs/glossary.md': async () => (await import('./generate/commands.mjs')).commandPages()['docs/glossary.md'],
  'docs/support.md': async () => (await built('profile/support-page.js')).supportPage(),
  'docs/devices.md': async () => (await built('crossbar/devices-page.js')).devicesPage(),
  ...(await import('./netlists/tanh-pair.mjs')).tanhPairFiles,
  'docs/profile-fields.md': async () => (await built('profile/fields-page.js')).fieldsPage(),
}

const check = process.argv.includes('--check')
let stale = 0
for (const [name, make] of Object.entries(files)) {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url))
  const content = await make()
  const old = (() => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return null
    }
  })()
  if (old === content) console.log(`fresh    ${name}`)
  else if (check) {
    console.error(`stale    ${name}`)
    stale++
  } else {
    writeFileSync(path, content)
    console.log(`written  ${name}`)
  }
}
if (stale > 0) {
  console.error('run npm run generate and commit the result')
  process.exit(1)
}
