/**
 * Completes dist, after tsup: the seams, which only shape the chunks, go; Rollup drops needless imports; the root's namespaces, left as
 * `adjoint/numpy`, become relative imports; CommonJS is made by esbuild from the ES modules, chunk for chunk (tsup's own conversion
 * lowers `??` and `?.` to calls).
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { rollup } from 'rollup'
import { names } from './entries.mjs'

/** Rewrites `./chunk.js` to `./chunk.cjs` in what esbuild reads. */
const extension = {
  name: 'extension',
  setup: (b) => {
    b.onLoad({ filter: /\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/((?:from|import)\s*\(?(["'])\.{1,2}\/[\w./-]+)\.js\2/g, '$1.cjs$2'),
      loader: 'js',
    }))
  },
}

const folder = fileURLToPath(new URL('../dist', import.meta.url))
rmSync(`${folder}/seam`, { recursive: true, force: true })
for (const file of readdirSync(folder)) if (/\.cjs(\.map)?$/.test(file)) rmSync(`${folder}/${file}`)

/**
 * esbuild imports every chunk from wherever it may have to run: 878 imports behind the root, which take Node as long to find as to
 * compile. Rollup imports what is used or has effects. (It can join small chunks too. Not these: it does not see that the root's
 * namespaces lead back into them.)
 */
const withMap = (id) => ({ code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(`${id}.map`, 'utf8')) })
const bundle = await rollup({
  input: Object.fromEntries(names.map((name) => [name, `${folder}/${name}.js`])),
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
  treeshake: { moduleSideEffects: 'no-external' },
  plugins: [{ name: 'maps', load: withMap }],
  onLog: (_, { code, message }) => {
    if (code === 'UNRESOLVED_IMPORT' || code === 'MISSING_EXPORT') throw new Error(message)
  },
})
const { output } = await bundle.generate({
  dir: folder,
  format: 'es',
  chunkFileNames: 'chunk-[hash].js',
  hashCharacters: 'base36',
  hoistTransitiveImports: false,
  sourcemap: true,
})
for (const file of readdirSync(folder)) if (/\.js(\.map)?$/.test(file)) rmSync(`${folder}/${file}`)
for (const { type, fileName, ...made } of output) writeFileSync(`${folder}/${fileName}`, type === 'chunk' ? made.code : made.source)

for (const file of readdirSync(folder).filter((f) => /\.(js|d\.c?ts)$/.test(f))) {
  const text = readFileSync(`${folder}/${file}`, 'utf8')
  if (text.includes('/seam/')) throw new Error(`${file} imports a seam`)
  const relative = text.replaceAll(/from (["'])adjoint\/(\w+)\1/g, `from "./$2.${file.endsWith('.d.cts') ? 'cjs' : 'js'}"`)
  if (/(?:from|import) (["'])adjoint\//.test(relative)) throw new Error(`${file} imports the package by its name`)
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
