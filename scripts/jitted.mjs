/**
 * The suite's jit mode, as a Vite plugin: what tests and laws import from the root entry is the library with the
 * functions of its namespaces, and the application of single primitives, evaluated through `jit` (test/jitted.ts).
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url))
const entry = path('src/index.ts')
const wrapper = path('test/jitted.ts')
/** Exports that are replaced; all others are the library's own, so that both copies share every tensor and interpreter. */
const replaced = ['np', 'lax', 'special', 'nn', 'losses', 'optim', 'bind', 'bindAll']
const virtual = '\0jitted'

/** The names that the root entry exports. */
const exported = async () => {
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
    if (!/^adjoint$|\/src\/index\.(js|ts)$/.test(source)) return null
    return virtual
  },
  async load(id) {
    if (id !== virtual) return null
    const names = await exported()
    const same = names.filter((name) => !replaced.includes(name))
    return [
      `import * as library from ${JSON.stringify(entry)}`,
      `import { jitted } from ${JSON.stringify(wrapper)}`,
      `export { ${same.join(', ')} } from ${JSON.stringify(entry)}`,
      ...replaced.map((name) => `export const ${name} = jitted(library.${name})`),
    ].join('\n')
  },
})
