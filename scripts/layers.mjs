/**
 * The floors of the house, checked on the import graph that remains when types are erased.
 * `node scripts/layers.mjs` checks the tree; `--self-test` plants one violation of each kind and expects every one to be caught.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { sources } from './entries.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const lineLimit = 400

/** Floor -> the floors it may import, besides itself. */
export const floors = {
  core: [],
  tree: ['core'],
  kernel: ['core'],
  ir: ['core', 'tree', 'kernel'],
  prim: ['core', 'tree', 'kernel', 'ir'],
  compile: ['core', 'tree', 'kernel', 'ir'],
  'compile/onnx': ['core', 'kernel', 'ir', 'compile'],
  'backend/driver': ['core', 'kernel', 'ir', 'compile'],
  backend: ['core', 'kernel', 'ir', 'compile', 'backend/driver'],
  transforms: ['core', 'tree', 'kernel', 'ir', 'prim'],
  control: ['core', 'tree', 'kernel', 'ir', 'prim', 'compile', 'transforms'],
  device: ['core', 'tree', 'kernel', 'ir', 'prim', 'compile', 'backend', 'transforms', 'control'],
}
const below = ['core', 'tree', 'kernel', 'ir', 'prim', 'transforms', 'control', 'device']
for (const floor of ['numpy', 'random', 'nn', 'losses', 'metrics', 'optim', 'data', 'io', 'viz', 'distributed']) {
  floors[floor] = [...below]
  if (floor === 'io') floors[floor].push('compile/onnx')
  below.push(floor)
}

/** npm package -> where it may be imported. */
const packages = {
  'fp-ts': {
    floors: ['tree', 'device', 'random', 'nn', 'losses', 'metrics', 'optim', 'data', 'io', 'viz', 'laws'],
    form: /^fp-ts\/(lib\/\w+\.js|HKT)$/,
  },
  'fast-check': { floors: ['laws'] },
  '@viz-js/viz': { floors: ['viz'], dynamic: true },
}

/** Entries that are a second view of a floor. */
const views = { lax: 'numpy', special: 'numpy', wasm: 'backend', models: 'nn', onnx: 'io' }

const entryFiles = new Set(Object.values(sources))

/** The floor of a file: `core` ... `viz` (the entry `src/numpy.ts` is on floor `numpy`), `root`, `laws`, `examples`, or null where no rule speaks. */
const floorOf = (file) => {
  if (file.startsWith('laws/')) return 'laws'
  if (file === 'src/index.ts' || file === 'src/extend.ts') return 'root'
  if (entryFiles.has(file)) return views[posix.basename(file, '.ts')] ?? posix.basename(file, '.ts')
  if (file.startsWith('examples/')) return 'examples'
  const [top, floor, rest] = file.split('/')
  if (top !== 'src' || rest === undefined) return null
  // Folders that are floors of their own: what backends share lies below them, the export of models above what compiles.
  return floors[`${floor}/${rest}`] === undefined ? floor : `${floor}/${rest}`
}

/** Imports of one file that survive the erasure of types: `{ specifier, dynamic, line }`. */
const importsOf = (source) => {
  const found = []
  const add = (literal, dynamic) =>
    found.push({ specifier: literal.text, dynamic, line: source.getLineAndCharacterOfPosition(literal.getStart(source)).line + 1 })
  const visit = (node) => {
    if (ts.isImportDeclaration(node) && !node.importClause?.isTypeOnly) add(node.moduleSpecifier, false)
    if (ts.isExportDeclaration(node) && !node.isTypeOnly && node.moduleSpecifier) add(node.moduleSpecifier, false)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && ts.isStringLiteralLike(node.arguments[0]))
      add(node.arguments[0], true)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The file that a relative specifier, or the package by its own name, means. */
const target = (file, specifier) => {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')
  if (specifier === 'adjoint') return 'src/index.ts'
  if (specifier.startsWith('adjoint/')) return sources[specifier.slice('adjoint/'.length)]
  return undefined
}

/** Groups of files that import each other in a circle, by Tarjan's algorithm. */
const circles = (graph) => {
  const index = new Map()
  const low = new Map()
  const stack = []
  const found = []
  const visit = (file) => {
    index.set(file, index.size)
    low.set(file, index.get(file))
    stack.push(file)
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) {
        visit(next)
        low.set(file, Math.min(low.get(file), low.get(next)))
      } else if (stack.includes(next)) low.set(file, Math.min(low.get(file), index.get(next)))
    }
    if (low.get(file) !== index.get(file)) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1 || graph.get(file)?.includes(file)) found.push(group)
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return found
}

/** Everything wrong with `files` (path -> text), one line each. */
const violations = (files) => {
  const found = []
  const graph = new Map()
  for (const [file, text] of files) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
    const floor = floorOf(file)
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    if (/^(src|laws)\//.test(file) && lines > lineLimit)
      found.push(`${file}: ${lines} lines, more than ${lineLimit}: two ideas in one file`)
    if (file.startsWith('src/') && floor === null) found.push(`${file}: neither on a floor nor an entry of package.json`)
    if (floor !== null && file.startsWith('src/') && floor !== 'root' && floors[floor] === undefined)
      found.push(`${file}: there is no floor called ${floor}`)
    if (entryFiles.has(file) && file.startsWith('src/'))
      for (const statement of source.statements)
        if (!ts.isExportDeclaration(statement))
          found.push(`${file}: an entry holds re-exports only: ${statement.getText(source).split('\n')[0]}`)

    const targets = []
    for (const { specifier, dynamic, line } of importsOf(source)) {
      const at = `${file}:${line}`
      const to = target(file, specifier)
      if (to === undefined) {
        if (!/^(src|laws)\//.test(file)) continue
        const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]
        const rule = packages[name]
        if (specifier.startsWith('node:'))
          found.push(`${at}: ${specifier}: no Node built-in is imported in src; take it as a capability, or from process.getBuiltinModule`)
        else if (rule === undefined) found.push(`${at}: ${specifier} is not a dependency`)
        else if (!rule.floors.includes(floor)) found.push(`${at}: ${floor} must not import ${name}`)
        else if (rule.dynamic && !dynamic) found.push(`${at}: ${name} is optional: import() it where it is used`)
        else if (rule.form && !rule.form.test(specifier)) found.push(`${at}: write ${specifier} as fp-ts/lib/X.js`)
        continue
      }
      if (!files.has(to)) found.push(`${at}: ${specifier} is not a file`)
      if (!dynamic) targets.push(to)
      const toFloor = floorOf(to)
      if (floor === null || floor === 'root') continue
      if (floor === 'laws' || floor === 'examples') {
        if (toFloor !== floor && !entryFiles.has(to)) found.push(`${at}: ${floor} imports public entries only, not ${to}`)
      } else if (toFloor !== floor && !floors[floor]?.includes(toFloor)) found.push(`${at}: ${floor} must not import ${toFloor} (${to})`)
    }
    graph.set(file, targets)
  }
  for (const group of circles(graph)) found.push(`circle: ${group.sort().join(' <-> ')}`)
  return found
}

/** Every TypeScript file below `folder`. */
const read = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && e.name.endsWith('.ts'))
    .map((e) => relative(root, join(e.parentPath, e.name)).replaceAll('\\', '/'))
    .map((file) => [file, readFileSync(join(root, file), 'utf8')])

/** A small tree without fault. */
const clean = new Map([
  ['src/index.ts', `export * as np from './numpy.js'\nexport { a } from './core/a.js'\n`],
  ['src/numpy.ts', `export { add } from './numpy/add.js'\n`],
  ['src/core/a.ts', `import type { B } from '../ir/b.js'\nexport const a = 1\nexport type C = B\n`],
  ['src/ir/b.ts', `import { a } from '../core/a.js'\nexport type B = number\nexport const b = a\n`],
  ['src/prim/p.ts', `import { b } from '../ir/b.js'\nexport const p = b\n`],
  ['src/numpy/add.ts', `import { p } from '../prim/p.js'\nexport const add = p\n`],
  [
    'src/optim/chain.ts',
    `import { concatAll } from 'fp-ts/lib/Monoid.js'\nimport * as np from '../numpy.js'\nexport const chain = [np, concatAll]\n`,
  ],
  ['src/viz/svg.ts', `export const svg = async () => import('@viz-js/viz')\n`],
  ['laws/index.ts', `import fc from 'fast-check'\nimport { np } from '../src/index.js'\nexport const laws = [fc, np]\n`],
])

/** One planted violation of each kind, and a word that its report must contain. */
const planted = {
  'upward import': [{ 'src/core/a.ts': `import { b } from '../ir/b.js'\nexport const a = () => b\n` }, 'core must not import ir'],
  'sideways import': [{ 'src/backend/r.ts': `import { p } from '../prim/p.js'\nexport const r = p\n` }, 'backend must not import prim'],
  'upward re-export': [{ 'src/core/a.ts': `export { b as a } from '../ir/b.js'\n` }, 'core must not import ir'],
  'entry of a higher floor': [
    { 'src/core/a.ts': `import * as np from '../numpy.js'\nexport const a = () => np\n` },
    'core must not import numpy',
  ],
  'root inside': [{ 'src/optim/r.ts': `import { a } from '../index.js'\nexport const r = a\n` }, 'optim must not import root'],
  'entry that reaches up': [{ 'src/numpy.ts': `export { chain } from './optim/chain.js'\n` }, 'numpy must not import optim'],
  'upward dynamic import': [{ 'src/core/a.ts': `export const a = () => import('../ir/b.js')\n` }, 'core must not import ir'],
  circle: [
    { 'src/ir/c.ts': `export { d } from './d.js'\n`, 'src/ir/d.ts': `export { c as d } from './c.js'\n` },
    'circle: src/ir/c.ts <-> src/ir/d.ts',
  ],
  'long file': [{ 'src/core/long.ts': `export const x = 1\n`.repeat(lineLimit + 1) }, `${lineLimit + 1} lines`],
  'long file in laws': [{ 'laws/long.ts': `export const x = 1\n`.repeat(lineLimit + 1) }, `${lineLimit + 1} lines`],
  'npm package': [{ 'src/core/n.ts': `import _ from 'lodash'\nexport const n = _\n` }, 'lodash is not a dependency'],
  'fp-ts in the tape': [
    { 'src/transforms/t.ts': `import { pipe } from 'fp-ts/lib/function.js'\nexport const t = pipe\n` },
    'transforms must not import fp-ts',
  ],
  'bare fp-ts': [{ 'src/optim/e.ts': `import { left } from 'fp-ts/Either'\nexport const e = left\n` }, 'write fp-ts/Either'],
  'what compiles, from an export': [
    {
      'src/compile/onnx/m.ts': `export const m = 1\n`,
      'src/compile/c.ts': `export { m as c } from './onnx/m.js'\n`,
    },
    'compile must not import compile/onnx',
  ],
  'static optional peer': [{ 'src/viz/v.ts': `import { instance } from '@viz-js/viz'\nexport const v = instance\n` }, 'is optional'],
  'fast-check outside laws': [{ 'src/nn/f.ts': `import fc from 'fast-check'\nexport const f = fc\n` }, 'nn must not import fast-check'],
  'Node built-in': [{ 'src/data/f.ts': `export const f = () => import('node:fs')\n` }, 'no Node built-in'],
  'laws inside': [{ 'laws/x.ts': `import { b } from '../src/ir/b.js'\nexport const x = b\n` }, 'laws imports public entries only'],
  'examples inside': [
    { 'examples/x.ts': `import { b } from '../src/ir/b.js'\nexport const x = b\n` },
    'examples imports public entries only',
  ],
  'code in an entry': [{ 'src/numpy.ts': `export const one = 1\n` }, 're-exports only'],
  'file without floor': [{ 'src/stray.ts': `export const one = 1\n` }, 'neither on a floor nor an entry'],
  'folder without floor': [{ 'src/utils/x.ts': `export const one = 1\n` }, 'no floor called utils'],
  'missing file': [{ 'src/core/m.ts': `export { x } from './gone.js'\n` }, 'is not a file'],
}

const selfTest = () => {
  const failures = violations(clean).map((v) => `the clean tree is reported: ${v}`)
  for (const [name, [change, word]] of Object.entries(planted)) {
    const caught = violations(new Map([...clean, ...Object.entries(change)]))
    if (!caught.some((v) => v.includes(word))) failures.push(`not caught: ${name}; got: ${caught.join('; ') || 'nothing'}`)
  }
  return failures
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const test = process.argv.includes('--self-test')
  const files = new Map(['src', 'laws', 'examples'].flatMap(read))
  const found = test ? selfTest() : violations(files)
  for (const line of found) console.error(line)
  if (found.length > 0) {
    console.error(`layers: ${found.length} violations`)
    process.exit(1)
  }
  if (test) console.log(`layers self-test: ${Object.keys(planted).length} planted violations caught`)
  else {
    const sizes = [...files]
      .filter(([f]) => /^(src|laws)\//.test(f))
      .map(([, text]) => text.split('\n').length)
      .sort((a, b) => a - b)
    console.log(
      `layers: ${files.size} files, no violations; ${sizes.reduce((a, b) => a + b, 0)} lines in src and laws, median ${sizes[sizes.length >> 1]}, longest ${sizes.at(-1)}`,
    )
  }
}
