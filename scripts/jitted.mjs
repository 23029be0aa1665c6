/**
 * The suite's jit mode, as a Vite plugin: what tests and laws import from the root entry and adjoint/extend is the library with the
 * functions of its namespaces, and the application of single primitives, evaluated through `jit` (test/jitted.ts).
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url))
const wrapper = path('test/jitted.ts')
/** Entries with exports that are replaced; all others are the library's own, so that both copies share every tensor and interpreter. */
const entries = {
  index: { file: path('src/index.ts'), replaced: ['np', 'lax', 'special', 'nn', 'losses', 'optim'] },
  extend: { file: path('src/extend.ts'), replaced: ['bind', 'bindAll'] },
}
const virtual = (name) => `\0jitted ${name}`

/** The names that an entry exports. */
const exportedBy = async (entry) => {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    format: 'esm',
  })
  return Object.values(metafile.outputs)[0].exports
}

export const jitted = () => ({
  name: 'jitted',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (importer === undefined || importer === wrapper || !/\/(test|laws)\//.test(importer)) return null
    if (/^adjoint$|\/src\/index\.(js|ts)$/.test(source)) return virtual('index')
    return /^adjoint\/extend$|\/src\/extend\.(js|ts)$/.test(source) ? virtual('extend') : null
  },
  async load(id) {
    const found = Object.entries(entries).find(([name]) => id === virtual(name))
    if (found === undefined) return null
    const [, { file, replaced }] = found
    const same = (await exportedBy(file)).filter((name) => !replaced.includes(name))
    return [
      `import * as library from ${JSON.stringify(file)}`,
      `import { jitted } from ${JSON.stringify(wrapper)}`,
      `export { ${same.join(', ')} } from ${JSON.stringify(file)}`,
      ...replaced.map((name) => `export const ${name} = jitted(library.${name})`),
    ].join('\n')
  },
})
