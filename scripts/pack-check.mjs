/** The packed tarball in an empty folder: every entry in ESM, CommonJS and the type checker; two copies together; publint and attw. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { names, specifier } from './entries.mjs'
import { packed, pinned, root, run, tool } from './packed.mjs'

const results = []
const check = (name, f) => {
  try {
    const note = f()
    results.push(true)
    console.log(`ok    ${name}${note ? `: ${note}` : ''}`)
  } catch (e) {
    results.push(false)
    console.log(`FAIL  ${name}\n${e.message.replace(/^/gm, '      ')}`)
  }
}

const { folder, tarball, add } = packed()
let files = 0
const node = (text, extension = 'mjs') => {
  const file = join(folder, `check${files++}.${extension}`)
  writeFileSync(file, text)
  return run(process.execPath, [file], { cwd: folder })
}
const inside = join(folder, 'node_modules', 'adjoint')
const bare = names.filter((n) => n !== 'laws')

check('contents', () => {
  for (const file of ['README.md', 'LICENSE', 'package.json', 'dist/index.js'])
    if (!existsSync(join(inside, file))) throw new Error(`${file} is missing`)
  const entries = readdirSync(inside, { recursive: true })
  const stray = entries.filter((f) => !/^(dist($|\/)|README\.md$|LICENSE$|package\.json$)/.test(String(f)))
  if (stray.length > 0) throw new Error(`not for users: ${stray.join(', ')}`)
  for (const f of entries.filter((f) => /\.(c?js|d\.c?ts|map)$/.test(String(f))))
    if (readFileSync(join(inside, String(f)), 'utf8').includes(root)) throw new Error(`${String(f)} names a folder of this machine`)
  return `${entries.length} files`
})
check('dependencies: fp-ts alone', () => {
  const got = readdirSync(join(folder, 'node_modules'))
    .filter((f) => !f.startsWith('.'))
    .sort()
    .join(' ')
  if (got !== 'adjoint fp-ts') throw new Error(`installed: ${got}`)
})
for (const name of bare) {
  check(
    `import ${specifier(name)}`,
    () => void node(`import * as m from '${specifier(name)}'\nif (Object.keys(m).length === 0) throw new Error('no exports')`),
  )
  check(
    `require ${specifier(name)}`,
    () => void node(`const m = require('${specifier(name)}')\nif (Object.keys(m).length === 0) throw new Error('no exports')`, 'cjs'),
  )
}
check(
  'both formats export the same names',
  () =>
    void node(`import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
for (const s of ${JSON.stringify(bare.map(specifier))}) {
  const [a, b] = [await import(s), require(s)].map((m) => Object.keys(m).filter((k) => !['default', '__esModule', 'module.exports'].includes(k)).sort().join(' '))
  if (a !== b) throw new Error(s + ': ' + a + ' | ' + b)
}`),
)
check(
  'one copy within a format: adjoint/numpy is np',
  () =>
    void node(`import { np } from 'adjoint'
import * as numpy from 'adjoint/numpy'
if (np.add !== numpy.add) throw new Error('two copies')`),
)
check(
  'two copies work together',
  () =>
    void node(`import { createRequire } from 'node:module'
import assert from 'node:assert'
import * as esm from 'adjoint'
const cjs = createRequire(import.meta.url)('adjoint')
assert.notStrictEqual(esm.grad, cjs.grad)
const square = ({ np }) => (x) => np.sum(np.mul(x, x))
for (const [a, b] of [[esm, cjs], [cjs, esm]]) {
  const x = a.np.array([1, 2, 3])
  assert.deepStrictEqual(b.grad(square(b))(x).toArray(), [2, 4, 6])
  assert.deepStrictEqual(b.grad(square(a))(x).toArray(), [2, 4, 6])
  assert.deepStrictEqual(b.grad((y) => a.np.sum(b.grad(square(a))(y)))(x).toArray(), [2, 2, 2])
  assert.deepStrictEqual(b.jit(b.vmap(a.grad((y) => b.np.mul(y, y))))(x).toArray(), [2, 4, 6])
}`),
)
check(
  'functions keep the names that summaries print',
  () =>
    void node(`import { nn, np } from 'adjoint'
for (const [space, names] of [[nn, ['sigmoid', 'silu', 'softplus', 'relu', 'gelu', 'softmax', 'flatten', 'glu', 'mish']], [np, ['tanh', 'exp', 'abs', 'floor']]])
  for (const name of names) if (space[name].name !== name) throw new Error(name + ' is called ' + space[name].name)`),
)
check('no Node built-in for a browser bundle', () => {
  const text = `import * as all from 'adjoint'\nconsole.log(all)`
  const file = join(folder, 'browser.mjs')
  writeFileSync(file, text)
  run(tool('esbuild'), [
    file,
    '--bundle',
    '--platform=browser',
    '--format=esm',
    `--outfile=${join(folder, 'browser.out.mjs')}`,
    '--log-level=warning',
  ])
})

const typecheck = (name, extension, options) =>
  check(`types, ${name}`, () => {
    const file = join(folder, `types.${extension}`)
    writeFileSync(
      file,
      `import { grad, np } from 'adjoint'\nimport type { Tensor } from 'adjoint'\n` +
        names.map((n, i) => `import * as m${i} from '${specifier(n)}'\n`).join('') +
        `export const all = [${names.map((_, i) => `m${i}`).join(', ')}]\n` +
        `export const d: Tensor = grad((x: Tensor) => np.sum(np.tanh(x)))(np.array([1, 2]))\n`,
    )
    run(tool('tsc'), ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--lib', 'es2022', ...options, file], {
      cwd: folder,
    })
  })

check('adjoint/laws needs fast-check, and says so', () => {
  let message = ''
  try {
    node(`import 'adjoint/laws'`)
  } catch (e) {
    message = e.message
  }
  if (!message.includes('fast-check')) throw new Error(`expected an error that names fast-check, got: ${message || 'none'}`)
})
add([tarball, pinned('fast-check'), pinned('@viz-js/viz')])
check(
  'import adjoint/laws',
  () =>
    void node(`import * as laws from 'adjoint/laws'
import { np } from 'adjoint'
laws.checkGrads((x) => np.sum(np.tanh(x)), [np.array([1, 2])], { order: 2 })
let caught = false
const wrong = (await import('adjoint')).customVjp((x) => np.mul(x, x), { fwd: (x) => [np.mul(x, x), x], bwd: (x, c) => [np.mul(c, x)] })
try { laws.checkGrads(wrong, [np.array(3)]) } catch { caught = true }
if (!caught) throw new Error('checkGrads accepts a wrong derivative')`),
)
check(
  'require adjoint/laws',
  () => void node(`if (typeof require('adjoint/laws').checkGrads !== 'function') throw new Error('no checkGrads')`, 'cjs'),
)
typecheck('ESM, node16', 'mts', ['--module', 'node16', '--moduleResolution', 'node16'])
typecheck('CommonJS, node16', 'cts', ['--module', 'node16', '--moduleResolution', 'node16'])
typecheck('bundler', 'ts', ['--module', 'esnext', '--moduleResolution', 'bundler'])
typecheck('node10', 'ts', ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0', '--skipLibCheck'])
check('declarations of a package in which fp-ts cannot be named, as pnpm lays it out', () => {
  const app = join(folder, 'pnpm')
  const store = join(app, 'node_modules', '.pnpm', 'adjoint', 'node_modules')
  mkdirSync(store, { recursive: true })
  cpSync(inside, join(store, 'adjoint'), { recursive: true })
  cpSync(join(folder, 'node_modules', 'fp-ts'), join(app, 'node_modules', '.pnpm', 'fp-ts', 'node_modules', 'fp-ts'), { recursive: true })
  symlinkSync('../../fp-ts/node_modules/fp-ts', join(store, 'fp-ts'))
  symlinkSync('.pnpm/adjoint/node_modules/adjoint', join(app, 'node_modules', 'adjoint'))
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', type: 'module' }))
  const body = (io, viz, data) => `export const save = (t: unknown) => ${io}.saveSafetensors('x', { t })
export const load = async (path: string) => ${io}.loadSafetensors(path)()
export const draw = ${viz}.toSvg
export const picture = (file: Uint8Array) => ${data}.decodeImage(file)\n`
  writeFileSync(join(app, 'root.ts'), `import { data, io, viz } from 'adjoint'\n${body('io', 'viz', 'data')}`)
  writeFileSync(
    join(app, 'entries.ts'),
    `import * as io from 'adjoint/io'\nimport * as viz from 'adjoint/viz'\nimport * as data from 'adjoint/data'\n${body('io', 'viz', 'data')}`,
  )
  const options = [
    '--strict',
    '--declaration',
    '--emitDeclarationOnly',
    '--outDir',
    'out',
    '--target',
    'es2022',
    '--module',
    'node16',
    '--skipLibCheck',
  ]
  run(tool('tsc'), [...options, 'root.ts', 'entries.ts'], { cwd: app })
})
check('publint', () => void run(tool('publint'), ['run', inside, '--strict', '--pack', 'false']))
check('attw', () => void run(tool('attw'), [tarball, '--profile', 'node16']))

const failed = results.filter((ok) => !ok).length
console.log(`pack-check: ${results.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
