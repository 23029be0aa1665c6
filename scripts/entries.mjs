/** The public entries: subpath -> source file. Build, package checks, sizes and docs all read this one list. */
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

const source = (name) => (name === 'laws' ? 'laws/index.ts' : `src/${name}.ts`)

/** Names of the entries, `index` for the root: what package.json exports. */
export const names = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => (path === '.' ? 'index' : path.slice(2)))

/** Entry name -> source file. */
export const sources = Object.fromEntries(names.map((name) => [name, source(name)]))

/** How users import an entry: `adjoint`, `adjoint/nn`. */
export const specifier = (name) => (name === 'index' ? 'adjoint' : `adjoint/${name}`)
