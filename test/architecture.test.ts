import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../src/base/catalogue.ts'

const root = fileURLToPath(new URL('../src/', import.meta.url))

interface Import {
  /** A file of src as a path from there, or the name of a package. */
  readonly to: string
  /** Gone after compilation. `import { type T }` stays, as an import of the module for its effects. */
  readonly typeOnly: boolean
  /** `import()`: loaded when it is asked for. */
  readonly lazy: boolean
}
interface Module {
  readonly text: string
  readonly imports: readonly Import[]
  /** Uses of clocks, dice and the console: what, and on which line. */
  readonly impure: readonly string[]
}

const modules = new Map<string, Module>(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .sort()
    .map((path) => [path, read(path)]),
)

function read(path: string): Module {
  const text = readFileSync(`${root}${path}`, 'utf8')
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  const imports: Import[] = []
  const impure: string[] = []
  const add = (name: ts.Node | undefined, typeOnly: boolean, lazy = false) => {
    if (name === undefined || !ts.isStringLiteralLike(name)) return
    const to = name.text.startsWith('.') ? posix.join(posix.dirname(path), name.text) : name.text
    imports.push({ to, typeOnly, lazy })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true)
    else {
      const use =
        ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)
          ? `${node.expression.text}.${node.name.text}`
          : ts.isNewExpression(node) && ts.isIdentifier(node.expression)
            ? `new ${node.expression.text}`
            : ''
      if (/^(Math\.random|Date\.|performance\.|console\.|new Date)/.test(use))
        impure.push(`${use} on line ${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { text, imports, impure }
}

const roomOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path)

const foundations = ['base', 'numerics']
const nouns = [...foundations, 'network', 'profile']
const parts = [...nouns, 'task', 'crossbar', 'adc', 'decoder']
const learning = [...parts, 'deployment', 'training', 'baselines']

/** What each room may import besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  numerics: ['base'],
  network: foundations,
  profile: foundations,
  task: nouns,
  crossbar: nouns,
  adc: nouns,
  decoder: nouns,
  deployment: parts,
  training: [...nouns, 'task', 'deployment'],
  baselines: [...parts, 'deployment'],
  study: learning,
  emit: learning,
  verify: [...learning, 'study', 'emit'],
  papers: [...learning, 'study', 'emit', 'verify'],
  // Reports read plain results; of where those come from they may know the types.
  report: foundations,
}
const UNBOUND = ['cli', 'index.ts']

describe('rooms', () => {
  it('every file stands in a room of the plan', () => {
    const strangers = [...modules.keys()].filter(
      (path) => !(roomOf(path) in mayImport) && !UNBOUND.includes(roomOf(path)),
    )
    expect(strangers).toEqual([])
  })

  it('every import leads to a file that exists', () => {
    const broken = [...modules].flatMap(([path, { imports }]) =>
      imports.filter(({ to }) => to.endsWith('.ts') && !modules.has(to)).map(({ to }) => `${path} -> ${to}`),
    )
    expect(broken).toEqual([])
  })

  it('a lower room never imports a higher one, not even its types', () => {
    const wrong: string[] = []
    for (const [path, { imports }] of modules) {
      const room = roomOf(path)
      if (UNBOUND.includes(room)) continue
      for (const { to, typeOnly } of imports) {
        if (!modules.has(to) || roomOf(to) === room || mayImport[room]?.includes(roomOf(to))) continue
        if (room === 'report' && typeOnly && !UNBOUND.includes(roomOf(to))) continue
        wrong.push(`${path} -> ${to}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('no circles among the files that load each other (type-only and lazy imports load nothing by themselves)', () => {
    const done = new Set<string>()
    const circles: string[] = []
    const walk = (path: string, above: readonly string[]): void => {
      if (above.includes(path)) circles.push([...above.slice(above.indexOf(path)), path].join(' -> '))
      if (done.has(path) || above.includes(path)) return
      for (const { to, typeOnly, lazy } of modules.get(path)?.imports ?? [])
        if (!typeOnly && !lazy) walk(to, [...above, path])
      done.add(path)
    }
    for (const path of modules.keys()) walk(path, [])
    expect(circles).toEqual([])
  })
})

describe('where the machine is touched', () => {
  const MAY_USE_NODE = [
    /^base\/files\.ts$/,
    /^network\/(read|write|data)\.ts$/,
    /^network\/formats\/(npz|zip)\.ts$/,
    /^profile\/(read|presets|preset-files)\.ts$/,
    /^deployment\/store\.ts$/,
    /^(study|verify|cli)\//,
  ]
  const mayUseNode = (path: string) => MAY_USE_NODE.some((pattern) => pattern.test(path))
  const usesNode = (path: string) => modules.get(path)!.imports.some(({ to }) => to.startsWith('node:'))

  it('node:* only in readers, writers, workers and the command line', () => {
    expect([...modules.keys()].filter((path) => usesNode(path) && !mayUseNode(path))).toEqual([])
  })

  it('the rest runs in a browser: it reaches no file that needs node:*', () => {
    const reaches = (path: string, seen = new Set<string>()): string | null => {
      if (!modules.has(path) || seen.has(path)) return null
      seen.add(path)
      if (usesNode(path)) return path
      for (const { to, typeOnly } of modules.get(path)!.imports) {
        const found = typeOnly ? null : reaches(to, seen)
        if (found !== null) return `${path} -> ${found}`
      }
      return null
    }
    const browser = [...modules.keys()].filter((path) => !mayUseNode(path) && path !== 'index.ts')
    expect(browser.map((path) => reaches(path)).filter((chain) => chain !== null)).toEqual([])
    expect(
      browser.filter((path) => /\b(process\.(env|argv|cwd|stdout)|Buffer\.(from|alloc))/.test(modules.get(path)!.text)),
    ).toEqual([])
  })

  it('no dice, no clock and no console outside the command line', () => {
    const uses = [...modules]
      .filter(([path]) => roomOf(path) !== 'cli')
      .flatMap(([path, { impure }]) => impure.map((use) => `${path}: ${use}`))
    expect(uses).toEqual([])
  })
})

describe('housekeeping', () => {
  it('no file is longer than 400 lines', () => {
    expect([...modules].filter(([, { text }]) => text.split('\n').length > 401).map(([path]) => path)).toEqual([])
  })

  it('every code of the catalogue is used, and none that is not there', () => {
    const used = new Set(
      [...modules]
        .filter(([path]) => path !== 'base/catalogue.ts')
        .flatMap(([, { text }]) => text.match(/(?<=['"`])OHM\d{4}(?=['"`])/g) ?? []),
    )
    expect([...used].filter((code) => !(code in catalogue))).toEqual([])
    expect(Object.keys(catalogue).filter((code) => !used.has(code))).toEqual([])
  })
})
