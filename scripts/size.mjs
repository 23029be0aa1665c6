/** What a bundler makes of one import: minified and gzipped bytes against a ceiling, and names that must not be carried along. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { names, specifier } from './entries.mjs'
import { root } from './packed.mjs'

const kB = 1000
/** Import, ceiling in gzipped bytes, and words of other parts that would show a leak. */
const budgets = [
  { code: `import { grad, np } from 'adjoint'; console.log(grad, np)`, limit: 35 * kB, without: ['conformance', 'fast-check', 'digraph', 'IDX'] },
  { code: `import { grad } from 'adjoint'; console.log(grad)`, limit: 15 * kB, without: ['einsum', 'linspace', 'digraph', 'glorot', 'softmaxCrossEntropy'] },
  { code: `import { sgd } from 'adjoint/optim'; console.log(sgd)`, limit: 15 * kB, without: ['einsum', 'digraph', 'glorot', 'softmaxCrossEntropy'] },
]

const alias = Object.fromEntries(names.map((name) => [specifier(name), join(root, 'dist', `${name}.js`)]))

let failed = 0
for (const { code, limit, without } of budgets) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
    external: ['@viz-js/viz'],
    logLevel: 'error',
    plugins: [{ name: 'dist', setup: (b) => void b.onResolve({ filter: /^adjoint(\/|$)/ }, ({ path }) => ({ path: alias[path], sideEffects: false })) }],
  })
  const text = outputFiles[0].text
  const size = gzipSync(text, { level: 9 }).length
  const leaks = without.filter((word) => text.includes(word))
  const ok = size <= limit && leaks.length === 0
  if (!ok) failed++
  console.log(
    `${ok ? 'ok  ' : 'FAIL'}  ${(size / kB).toFixed(1)} kB gz of ${limit / kB}  (${(text.length / kB).toFixed(1)} kB)  ${code.split(';')[0]}` +
      (leaks.length > 0 ? `  carries: ${leaks.join(', ')}` : ''),
  )
  if (process.argv.includes('--explain')) {
    const parts = Object.values(metafile.outputs)[0].inputs
    for (const [file, { bytesInOutput }] of Object.entries(parts).sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput).slice(0, 12))
      console.log(`        ${(bytesInOutput / kB).toFixed(1)} kB  ${file}`)
  }
}
process.exit(failed === 0 ? 0 : 1)
