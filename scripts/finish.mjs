/**
 * Completes dist, after tsup: the root's namespaces, left as `adjoint/numpy`, become relative imports; CommonJS is made by esbuild
 * from the ES modules, chunk for chunk (tsup's own conversion lowers `??` and `?.` to calls); the seams, which only shape the chunks, go.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Rewrites `./chunk.js` to `./chunk.cjs` in what esbuild reads. */
const extension = {
  name: 'extension',
  setup: (b) => {
    b.onLoad({ filter: /\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/((?:from|import)\s*\(?"\.{1,2}\/[\w./-]+)\.js"/g, '$1.cjs"'),
      loader: 'js',
    }))
  },
}

const folder = fileURLToPath(new URL('../dist', import.meta.url))
rmSync(`${folder}/seam`, { recursive: true, force: true })
for (const file of readdirSync(folder)) if (/\.cjs(\.map)?$/.test(file)) rmSync(`${folder}/${file}`)

for (const file of readdirSync(folder).filter((f) => /\.(js|d\.c?ts)$/.test(f))) {
  const text = readFileSync(`${folder}/${file}`, 'utf8')
  if (text.includes('/seam/')) throw new Error(`${file} imports a seam`)
  const relative = text.replaceAll(/from (["'])adjoint\/(\w+)\1/g, `from "./$2.${file.endsWith('.d.cts') ? 'cjs' : 'js'}"`)
  if (relative !== text) writeFileSync(`${folder}/${file}`, relative)
}

const modules = readdirSync(folder).filter((f) => f.endsWith('.js'))
await build({
  entryPoints: modules.map((f) => `${folder}/${f}`),
  outdir: folder,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  platform: 'neutral',
  target: 'es2022',
  logLevel: 'warning',
  plugins: [extension],
})
