/** What a bundler makes of one import: minified and gzipped bytes against a ceiling, and words of other parts that would show a leak. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'
import { names, specifier } from './entries.mjs'
import { root } from './packed.mjs'

const kB = 1000
const alias = Object.fromEntries(names.map((name) => [specifier(name), join(root, 'dist', `${name}.js`)]))
const resolve = (path) => alias[path]
/** The chunks of the backends and of what compiles for them, which come with everything that computes and are measured by themselves. */
const backends = readdirSync(join(root, 'dist')).filter(
  (file) =>
    /^chunk-\w+\.js$/.test(file) &&
    JSON.parse(readFileSync(join(root, 'dist', `${file}.map`), 'utf8')).sources.some((source) => source.includes('/src/compile/')),
)
if (backends.length === 0) throw new Error('dist has no chunk of the backends')

/** One chunk of minified ES module text, by bundler. */
const bundlers = {
  esbuild: async (code, apart) => {
    const plugin = {
      name: 'dist',
      setup: (b) => void b.onResolve({ filter: /^adjoint(\/|$)/ }, ({ path }) => ({ path: resolve(path), sideEffects: false })),
    }
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: root },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      external: ['@viz-js/viz', ...(apart ? backends.map((file) => `*/${file}`) : [])],
      logLevel: 'error',
      plugins: [plugin],
    })
    return outputFiles[0].text
  },
  rolldown: async (code, apart) => {
    const plugin = {
      name: 'dist',
      resolveId: (id) => (id === 'entry' ? id : /^adjoint(\/|$)/.test(id) ? resolve(id) : undefined),
      load: (id) => (id === 'entry' ? code : undefined),
    }
    const external = (id) => id === '@viz-js/viz' || (apart && backends.some((file) => id.endsWith(file)))
    const bundle = await rolldown({ input: 'entry', platform: 'browser', external, plugins: [plugin], logLevel: 'silent' })
    const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false })
    return output[0].code
  },
}

const program = (imports) => `${imports}
const f = (x) => np.sum(np.mul(np.tanh(x), np.matmul(x, np.array([[1, 2], [3, 4]]))))
console.log(grad(f)(np.array([1, 2])))`

/**
 * A namespace of another module (`np`) is dropped name by name by rolldown, Rollup and webpack; esbuild keeps it whole, unless it is
 * imported from its own entry.
 */
const budgets = [
  {
    name: `a program of grad and np, backends apart`,
    with: 'rolldown',
    code: program(`import { grad, np } from 'adjoint'`),
    apart: true,
    limit: 26 * kB,
    without: ['linspace', 'digraph', 'glorot', 'softmaxCrossEntropy', 'associativeScan', 'simplify'],
  },
  {
    name: `a program of grad and adjoint/numpy, backends apart`,
    with: 'esbuild',
    code: program(`import { grad } from 'adjoint'\nimport * as np from 'adjoint/numpy'`),
    apart: true,
    limit: 26 * kB,
    without: ['linspace', 'digraph', 'glorot', 'softmaxCrossEntropy', 'associativeScan', 'simplify'],
  },
  {
    name: `a program of grad and np, with the backends`,
    with: 'rolldown',
    code: program(`import { grad, np } from 'adjoint'`),
    limit: 126 * kB,
    without: ['linspace', 'digraph', 'glorot', 'softmaxCrossEntropy', 'associativeScan'],
  },
  {
    name: `{ grad }`,
    with: 'rolldown',
    code: `import { grad } from 'adjoint'; console.log(grad)`,
    limit: 15 * kB,
    without: ['einsum', 'linspace', 'digraph', 'glorot', 'debugNans'],
  },
  {
    name: `{ grad }`,
    with: 'esbuild',
    code: `import { grad } from 'adjoint'; console.log(grad)`,
    limit: 15 * kB,
    without: ['einsum', 'linspace', 'digraph', 'glorot', 'debugNans'],
  },
  {
    name: `{ grad, np }, all of np kept, backends apart`,
    with: 'esbuild',
    code: `import { grad, np } from 'adjoint'; console.log(grad, np)`,
    apart: true,
    limit: 60 * kB,
    without: ['digraph', 'glorot', 'softmaxCrossEntropy'],
  },
]

let failed = 0
for (const { name, with: bundler, code, apart = false, limit, without } of budgets) {
  const text = await bundlers[bundler](code, apart)
  const size = gzipSync(text, { level: 9 }).length
  const leaks = without.filter((word) => text.includes(word))
  const ok = size <= limit && leaks.length === 0
  if (!ok) failed++
  console.log(
    `${ok ? 'ok  ' : 'FAIL'}  ${(size / kB).toFixed(1).padStart(5)} kB of ${limit / kB}  ${name} (${bundler})` +
      (leaks.length > 0 ? `  carries: ${leaks.join(', ')}` : ''),
  )
}
process.exit(failed === 0 ? 0 : 1)
