/**
 * Completes dist: CommonJS made by esbuild from the ES modules, chunk for chunk (tsup's own conversion lowers `??` and `?.` to calls),
 * and without the seams, which only shape the chunks.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
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

/** Replaces every .cjs below `folder`. */
export const commonjs = async (folder) => {
  rmSync(`${folder}/seam`, { recursive: true, force: true })
  const files = readdirSync(folder)
  for (const file of files) if (/\.cjs(\.map)?$/.test(file)) rmSync(`${folder}/${file}`)
  const modules = files.filter((f) => f.endsWith('.js'))
  for (const file of modules)
    if (readFileSync(`${folder}/${file}`, 'utf8').includes('/seam/')) throw new Error(`${file} imports a seam`)
  await build({
    entryPoints: modules.map((f) => `${folder}/${f}`),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [extension],
  })
}
