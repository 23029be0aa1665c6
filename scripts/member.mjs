/**
 * The program of the members of `spmd` as a text: the bundle of src/distributed/member.ts stands in the place of memberSource.ts wherever the
 * library is built or run from source, so that no bundler has to know of another file.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const entry = fileURLToPath(new URL('../src/distributed/member.ts', import.meta.url))
const place = /distributed[\\/]memberSource\.ts$/

let bundled
/** The module that exports the text. */
const memberModule = () =>
  (bundled ??= build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'neutral',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  }).then(({ outputFiles }) => `export const memberSource = ${JSON.stringify(outputFiles[0].text)}\n`))

/** The plugin for esbuild. */
export const member = {
  name: 'member',
  setup: (b) => {
    b.onLoad({ filter: place }, async () => ({ contents: await memberModule(), loader: 'js' }))
  },
}

/** The plugin for Vite. */
export const viteMember = () => ({
  name: 'member',
  load: (id) => (place.test(id) ? memberModule() : undefined),
})
